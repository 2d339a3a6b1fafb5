import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { aPack, phone, refused, server } from "../../tests/store";
import { sosRaise, sosWayKeep } from "@/safety/sos";
import { db, settingDrop, settingGet, settingPut, type Sealed } from "@/store/db";
import { eventsOf, recordEvent } from "@/store/events";
import { keyHold } from "@/store/sealed";
import { countsRead, syncNow } from "@/sync/engine";
import { syncState } from "@/sync/state";
import type { DoorEvent } from "@/types";

const CHANGES = { cursor: "5", now: "", revision: null, changes: [], events: [], conflicts: [], timers: [] };

/** A server of which single addresses fail; the order of what was asked of it. */
function office(fails: Record<string, number> = {}, changes: object = CHANGES): string[] {
  const order: string[] = [];
  server((path, body) => {
    const name = path.replace("/field/api/", "").split("/")[0]!;
    order.push(name);
    const status = fails[name];
    if (status !== undefined) return refused(status, `${name.toUpperCase()}_FAILS`);
    if (name === "changes") return changes;
    if (name === "day") return aPack({ sos: { address: "/sos/", token: "t" } });
    const events = (body as { events?: DoorEvent[] }).events ?? [];
    return { results: events.map(({ id }) => ({ id, state: "applied" })) };
  });
  return order;
}

async function busyPhone(): Promise<void> {
  await phone();
  vi.stubGlobal("navigator", {});
  office({ sos: 503 });
  await sosRaise({ visit: 7 });
  await settingPut("pin_verifier", { salt: "", iterations: 1, hash: "" });
  await recordEvent({ visit: 7, kind: "note", body: {} });
}

describe("a round", () => {
  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    await busyPhone();
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("brings calls for help first, then hears what changed, then sends", async () => {
    const order = office();
    await syncNow();
    expect(order).toEqual(["sos", "changes", "pin", "events", "day"]);
    expect([syncState.code, syncState.waiting]).toEqual(["", 0]);
  });

  it.each([["sos"], ["changes"], ["pin"], ["events"], ["day"]])("goes on when %s fails, and says so", async (name) => {
    const order = office({ [name]: 409 });
    await syncNow();
    expect(order).toEqual(["sos", "changes", "pin", "events", "day"]);
    expect([syncState.code, syncState.online]).toEqual([`${name.toUpperCase()}_FAILS`, true]);
  });

  it("says the first of several faults", async () => {
    office({ changes: 503, events: 409 });
    await syncNow();
    expect([syncState.code, syncState.online]).toEqual(["CHANGES_FAILS", false]);
  });

  it("brings only calls for help while locked, and without a binding", async () => {
    keyHold(null);
    await settingDrop("device");
    await sosWayKeep({ address: "/sos/", token: "t" });
    const asked: string[] = [];
    vi.stubGlobal("fetch", async (path: string) => {
      asked.push(path);
      return new Response("{}");
    });
    await syncNow();
    await syncNow();
    expect([asked, await db.sos.count()]).toEqual([["/sos/"], 0]);
  });

  it("takes what was settled together with the events it is about", async () => {
    const own = await recordEvent({ visit: 7, kind: "step", topic: "step:debt", body: {} });
    const theirs = { ...own, id: "00000000-0000-4000-8000-0000000000aa", number: 1 };
    const settled = [{ visit: 7, topic: "step:debt", kept: theirs.id, aside: [own.id] }];
    office({}, { ...CHANGES, events: [theirs], settled });
    await syncNow();
    const states = (await eventsOf(7)).map(({ event, state }) => [event.id, state]);
    expect(Object.fromEntries(states)).toMatchObject({ [own.id]: "settled", [theirs.id]: "applied" });
  });

  it("keeps where a call for help goes without a signature", async () => {
    office();
    await syncNow();
    expect((await settingGet<Sealed>("sos_way"))?.length).toBeGreaterThan(0);
  });
});

describe("what is not sent yet", () => {
  beforeEach(async () => {
    vi.stubGlobal("navigator", {});
    await phone();
  });
  afterEach(() => vi.unstubAllGlobals());

  const recording = (id: string, state: string) => db.recordings.put({ id, visit: 7, state });
  const segment = (of: string, seq: number, sent: 0 | 1) => db.segments.put({ recording: of, seq, sent, body: new Uint8Array(0) });

  it("counts pieces and ends of recordings and calls for help, beside events", async () => {
    await countsRead();
    expect(syncState.waiting).toBe(0);
    await recording("a", "running");
    await segment("a", 0, 1);
    await segment("a", 1, 0);
    await countsRead();
    expect(syncState.waiting).toBe(1);
    await recording("b", "ended");
    await segment("b", 0, 0);
    await db.sos.put({ key: "x", sealed: new Uint8Array(0) });
    await recordEvent({ visit: 7, kind: "note", body: {} });
    await countsRead();
    expect(syncState.waiting).toBe(5);
  });

  it("does not count what the office refused or has: that is for a person, or done", async () => {
    await recording("a", "refused");
    await segment("a", 0, 0);
    await recording("b", "sent");
    await countsRead();
    expect([syncState.waiting, syncState.troubled]).toEqual([0, 1]);
  });
});
