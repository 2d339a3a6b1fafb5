import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { aPack, phone, refused, server } from "../../tests/store";
import { call } from "@/api/client";
import { bind, lock, session, sessionStart, unlock } from "@/app/session";
import { TRIES, vaultMade, WrongPin } from "@/crypto/vault";
import { db, settingGet, settingPut } from "@/store/db";
import { recordEvent } from "@/store/events";
import { packTake, useStore } from "@/store/index";
import { keyHeld } from "@/store/sealed";
import type { Me } from "@/types";

vi.mock("@/recording/live", () => ({ recordingStart: async () => undefined }));

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
  afterEach(() => vi.unstubAllGlobals());

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

async function boundAgain(): Promise<void> {
  await settingPut("me", { ...aMe(5), expires_at: "2020-01-01T00:00:00Z" });
  await sessionStart();
  expect([session.phase, session.ended]).toEqual(["unbound", "DEVICE_EXPIRED"]);
  server((path) => (path.endsWith("devices/") ? aMe(5) : refused(503, "DOWN")));
  await bind({ csrf: "x", name: "phone" });
}
