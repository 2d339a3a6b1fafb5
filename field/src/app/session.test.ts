import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { aPack, phone, refused, server } from "../../tests/store";
import { call } from "@/api/client";
import { bind, duty, lock, session, sessionStart, signOut, unlock } from "@/app/session";
import { TRIES, vaultMade, WrongPin } from "@/crypto/vault";
import { db, settingGet, settingPut } from "@/store/db";
import { recordEvent } from "@/store/events";
import { packTake, useStore } from "@/store/index";
import { keyHeld } from "@/store/sealed";
import { running } from "@/safety/timer";
import type { Me } from "@/types";

const recordEnd = vi.hoisted(() => vi.fn(async (): Promise<void> => undefined));
vi.mock("@/recording/live", () => ({ recordingStart: async () => undefined, recordEnd }));

function aMe(id: number, hours = 8): Me & { device: string } {
  const now = new Date();
  return {
    device: `00000000-0000-4000-8000-00000000000${id}`,
    staff: { id, name: "高立诚", username: "gao", work_id: "W1", role: "field_agent" },
    expires_at: new Date(now.getTime() + hours * 3_600_000).toISOString(), now: now.toISOString(),
    time_zone: "Asia/Shanghai", language: "zh-Hans", keys: { server: "", recording: "" },
    numbers: [["110", "110"]], desk: "13900000009", pin: { least: 6, idle_seconds: 300 },
  };
}

async function boundPhone(hours = 8): Promise<void> {
  await phone();
  server((path) => (path.endsWith("devices/") ? aMe(5, hours) : refused(503, "DOWN")));
  await bind({ csrf: "x", name: "phone" });
}

describe("whose phone it is", () => {
  beforeEach(async () => {
    vi.stubGlobal("navigator", {});
    await boundPhone();
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    running.value = null;
    duty.recording = "off";
  });

  it("asks for the PIN after a start, and opens with it", async () => {
    await packTake(aPack());
    await sessionStart();
    expect(session.phase).toBe("locked");
    expect(session.me?.staff).toBeNull();
    expect(session.me?.desk).toBe("13900000009");
    await unlock("402713");
    expect(session.phase).toBe("open");
    lock();
    expect([session.phase, keyHeld(), useStore().pack.value]).toEqual(["locked", false, null]);
  });

  it("is wiped after too many wrong PINs", async () => {
    await recordEvent({ visit: 7, kind: "note", body: {} });
    for (let left = TRIES - 1; left >= 0; left -= 1) await expect(unlock("402714")).rejects.toEqual(new WrongPin(left));
    expect([session.phase, session.ended]).toEqual(["unbound", "WRONG_PIN"]);
    for (const table of db.tables) expect(await table.count()).toBe(0);
  });

  it("is wiped when the office shuts it off", async () => {
    await recordEvent({ visit: 7, kind: "note", body: {} });
    await sessionStart();
    server(() => refused(401, "DEVICE_REVOKED"));
    await expect(call({ path: "me/" })).rejects.toMatchObject({ code: "DEVICE_REVOKED" });
    expect([session.phase, session.ended, await db.events.count()]).toEqual(["unbound", "DEVICE_REVOKED", 0]);
  });

  it.each([
    ["DEVICE_REVOKED", () => call({ path: "me/" }).catch(() => undefined)],
    ["SIGNED_OUT", () => signOut()],
  ])("ends a recording before it is wiped (%s)", async (why, deed) => {
    await sessionStart();
    let bound: unknown;
    recordEnd.mockImplementationOnce(async () => void (bound = await settingGet("device")));
    server((path) => (path.endsWith("self/") ? {} : refused(401, "DEVICE_REVOKED")));
    await deed();
    expect([bound, session.ended, await settingGet("device")]).toEqual([aMe(5).device, why, undefined]);
  });

  it("knows whom to call also after the binding ran out, but not after signing out", async () => {
    const help = { desk: "13900000009", numbers: [["110", "110"]] };
    await boundAgain();
    expect(session.help).toEqual(help);
    await settingPut("me", { ...aMe(5), expires_at: "2020-01-01T00:00:00Z" });
    await sessionStart();
    Object.assign(session, { help: null });
    await sessionStart();
    expect([session.phase, session.me, session.help]).toEqual(["unbound", null, help]);
    await signOut();
    expect(session.help).toBeNull();
  });

  it("is not ended by its hour at a door of today, but is at one of yesterday or with none", async () => {
    await sessionStart();
    await unlock("402713");
    const expired = () => call({ path: "me/" }).catch(() => undefined);
    server(() => refused(401, "DEVICE_EXPIRED"));
    running.value = timer(Date.now());
    await expired();
    expect([session.phase, await settingGet("device")]).toEqual(["open", aMe(5).device]);
    lock();
    expect(running.value?.visit).toBe(7);
    await expired();
    expect(session.phase).toBe("locked");
    running.value = timer(Date.now() - 24 * 3_600_000);
    await expired();
    expect([session.phase, session.ended, running.value]).toEqual(["unbound", "DEVICE_EXPIRED", null]);
  });

  it("is not ended by its hour while a recording runs", async () => {
    await sessionStart();
    await unlock("402713");
    server(() => refused(401, "DEVICE_EXPIRED"));
    duty.recording = "paused";
    await call({ path: "me/" }).catch(() => undefined);
    expect(session.phase).toBe("open");
    duty.recording = "off";
    await call({ path: "me/" }).catch(() => undefined);
    expect(session.phase).toBe("unbound");
  });

  it("keeps what was not sent for the same person when the binding runs out", async () => {
    const event = await recordEvent({ visit: 7, kind: "note", body: {} });
    await boundAgain();
    expect(session.phase).toBe("locked");
    await unlock("402713");
    expect((await useStore().eventsOf(7)).map((known) => known.event.id)).toEqual([event.id]);
  });

  it("is not given to another person before what waits is sent or dropped", async () => {
    await recordEvent({ visit: 7, kind: "note", body: {} });
    server(() => aMe(6));
    await expect(bind({ csrf: "x", name: "phone" })).rejects.toMatchObject({ code: "OTHERS_WORK" });
    await db.events.clear();
    const key = await settingGet("device_key");
    await bind({ csrf: "x", name: "phone" });
    expect([session.phase, await vaultMade(), await settingGet("owner")]).toEqual(["no_pin", false, 6]);
    expect(await settingGet("device_key")).toStrictEqual(key);
  });
});

const timer = (arrivedAt: number) => ({ visit: 7, arrivedAt, dueAt: arrivedAt, alarmAt: arrivedAt, wells: 0, mayWell: true });

async function boundAgain(): Promise<void> {
  await settingPut("me", { ...aMe(5), expires_at: "2020-01-01T00:00:00Z" });
  await sessionStart();
  expect([session.phase, session.ended]).toEqual(["unbound", "DEVICE_EXPIRED"]);
  server((path) => (path.endsWith("devices/") ? aMe(5) : refused(503, "DOWN")));
  await bind({ csrf: "x", name: "phone" });
}
