import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { phone, refused, server } from "../../tests/store";
import { call, onDeviceGone } from "@/api/client";
import { clockOffset } from "@/api/clock";
import { hex, sha256, unb64, utf8 } from "@/crypto/bytes";
import { devicePublicKey, signatureHolds } from "@/crypto/device";
import {
  conflictsTake, eventsOf, othersTake, recordEvent, resultsTake, settledTake, troubled, troubledCount, waitingCount,
} from "@/store/events";
import { backOff } from "@/sync/engine";
import { BATCH, outboxSend } from "@/sync/outbox";
import type { DoorEvent } from "@/types";

type Sent = { events: DoorEvent[] };
const applied = (body: unknown) => ({ results: (body as Sent).events.map(({ id }) => ({ id, state: "applied" })) });
const step = (code: string, how = "done") => recordEvent({ visit: 7, kind: "step", topic: `step:${code}`, body: { step: code, how } });

describe("the outbox", () => {
  beforeEach(phone);
  afterEach(() => vi.unstubAllGlobals());

  it("sends in the order of what happened, each once", async () => {
    const made = [await step("on_my_way"), await step("arrive"), await step("identity")];
    expect(made.map(({ number }) => number)).toEqual([1, 2, 3]);
    let got: DoorEvent[] = [];
    const { asked } = server((_path, body) => {
      got = (body as Sent).events;
      return applied(body);
    });
    expect(await outboxSend()).toBe(3);
    expect(got).toEqual(made);
    expect(await outboxSend()).toBe(0);
    expect(asked).toHaveLength(1);
  });

  it("numbers without gaps when several happen at once", async () => {
    const made = await Promise.all(Array.from({ length: 12 }, () => recordEvent({ visit: 7, kind: "note", body: {} })));
    expect(made.map(({ number }) => number).sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, at) => at + 1));
  });

  it("keeps an event whose answer was lost and sends the very same again", async () => {
    const event = await step("arrive");
    const seen: DoorEvent[] = [];
    let lost = true;
    server((_path, body) => {
      seen.push(...(body as Sent).events);
      if (lost) throw new TypeError("network");
      return { results: [{ id: event.id, state: "already" }] };
    });
    await expect(outboxSend()).rejects.toMatchObject({ code: "OFFLINE" });
    expect(await waitingCount()).toBe(1);
    lost = false;
    await outboxSend();
    expect(seen).toEqual([event, event]);
    expect((await eventsOf(7))[0]?.state).toBe("applied");
  });

  it("takes what the server answered and leaves the rest waiting", async () => {
    const [one, two, three] = [await step("on_my_way"), await step("arrive"), await step("identity")];
    server(() => ({ results: [{ id: one.id, state: "applied" }, { id: two.id, state: "refused", code: "TRY_AGAIN" }] }));
    await expect(outboxSend()).rejects.toMatchObject({ code: "TRY_AGAIN" });
    const states = Object.fromEntries((await eventsOf(7)).map(({ event, state }) => [event.id, state]));
    expect(states).toEqual({ [one.id]: "applied", [two.id]: "waiting", [three.id]: "waiting" });
  });

  it("shows conflicts and refusals to a person and never sends them again", async () => {
    const [one, two] = [await step("arrive"), await recordEvent({ visit: 7, kind: "report", topic: "report", body: {} })];
    const { asked } = server(() => ({
      results: [{ id: one.id, state: "conflict", message: "另一部手机" }, { id: two.id, state: "refused", code: "NO_VISIT" }],
    }));
    await outboxSend();
    await outboxSend();
    expect(asked).toHaveLength(1);
    const shown = async () => (await troubled()).map(({ id, state, message }) => [id, state, message]);
    const both = [[one.id, "conflict", "另一部手机"], [two.id, "refused", ""]];
    expect(await shown()).toEqual(both);
    await conflictsTake([{ topic: "step:arrive", visit: 7, ids: [one.id, "x"] }]);
    expect([await shown(), await troubledCount()]).toEqual([both, 2]);
  });

  it("shows a conflict in which this phone's own event stands, and one it knows nothing of", async () => {
    const own = await step("arrive");
    await resultsTake([{ id: own.id, state: "applied" }]);
    await conflictsTake([
      { topic: "step:arrive", visit: 7, ids: [own.id, "x"] },
      { topic: "report", visit: 8, ids: ["y", "z"] },
    ]);
    expect(await troubled()).toMatchObject([
      { visit: 7, topic: "step:arrive", state: "conflict", at: own.at },
      { visit: 8, topic: "report", state: "conflict", at: null },
    ]);
    expect(await troubledCount()).toBe(2);
    expect((await eventsOf(7))[0]?.state).toBe("applied");
    await conflictsTake([]);
    expect([await troubled(), await troubledCount()]).toEqual([[], 0]);
  });

  describe("once a person settled what two phones told", () => {
    const states = async () => Object.fromEntries((await eventsOf(7)).map(({ event, state }) => [event.id, state]));
    let own: DoorEvent;
    let theirs: DoorEvent;
    const settled = (kept: DoorEvent, aside: DoorEvent) => ({ visit: 7, topic: "step:debt", kept: kept.id, aside: [aside.id] });
    beforeEach(async () => {
      own = await step("debt");
      theirs = { ...own, id: "00000000-0000-4000-8000-0000000000aa", after: null };
      await othersTake([theirs]);
    });

    it("counts the own event that was kept, and not the other that stood", async () => {
      await resultsTake([{ id: own.id, state: "conflict" }]);
      await settledTake([settled(own, theirs)]);
      expect(await states()).toEqual({ [own.id]: "applied", [theirs.id]: "settled" });
      expect([await troubled(), (await step("debt")).after]).toEqual([[], own.id]);
    });

    it("counts the other's event that was kept, and not the own that stood", async () => {
      await resultsTake([{ id: own.id, state: "applied" }]);
      await settledTake([settled(theirs, own)]);
      expect(await states()).toEqual({ [own.id]: "settled", [theirs.id]: "applied" });
    });

    it("counts the latest word, however often the list is told", async () => {
      await resultsTake([{ id: own.id, state: "conflict" }]);
      for (const _time of [1, 2]) await settledTake([settled(own, theirs), settled(theirs, own)]);
      expect(await states()).toEqual({ [own.id]: "settled", [theirs.id]: "applied" });
      await settledTake([settled(theirs, own), settled(own, theirs)]);
      expect(await states()).toEqual({ [own.id]: "applied", [theirs.id]: "settled" });
    });

    it("leaves a conflict alone of which nobody said anything", async () => {
      await resultsTake([{ id: own.id, state: "conflict" }]);
      await settledTake([]);
      await settledTake([{ visit: 8, topic: "report", kept: "y", aside: ["z"] }]);
      expect(await states()).toEqual({ [own.id]: "conflict", [theirs.id]: "applied" });
    });
  });

  it("chains a topic to the latest that was known of it, own or not", async () => {
    const own = await step("listen");
    expect(own.after).toBeNull();
    expect((await step("listen")).after).toBe(own.id);
    const theirs: DoorEvent = { ...own, id: "00000000-0000-4000-8000-0000000000aa", topic: "step:debt", after: null };
    await othersTake([theirs]);
    await othersTake([theirs]);
    expect((await eventsOf(7)).filter((known) => !known.own)).toHaveLength(1);
    expect((await step("debt")).after).toBe(theirs.id);
    const note = await recordEvent({ visit: 7, kind: "note", body: {} });
    expect([note.topic, note.after]).toEqual([`note:${note.id}`, null]);
  });

  it("sends more than one request holds", async () => {
    await Promise.all(Array.from({ length: BATCH + 5 }, () => recordEvent({ visit: 7, kind: "note", body: {} })));
    const { asked } = server((_path, body) => applied(body));
    expect(await outboxSend()).toBe(BATCH + 5);
    expect(asked).toHaveLength(2);
  }, 30_000);
});

describe("a signed request", () => {
  beforeEach(phone);
  afterEach(() => vi.unstubAllGlobals());

  it("signs method, path, body and time with the device's key", async () => {
    let header = "";
    server((_path, _body, request) => {
      header = (request.headers as Record<string, string>)["Authorization"]!;
      expect(request.credentials).toBe("omit");
      return {};
    });
    await call({ method: "POST", path: "position/?x=1", body: { latitude: 1 } });
    const [device, seconds, signature] = header.replace("Device ", "").split(".") as [string, string, string];
    expect(device).toBe("00000000-0000-4000-8000-000000000001");
    const digest = hex(await sha256(utf8('{"latitude":1}')));
    const text = `doorstep-request/1\nPOST\n/field/api/position/?x=1\n${digest}\n${seconds}`;
    expect(unb64(signature)).toHaveLength(64);
    expect(await signatureHolds(await devicePublicKey(), signature, utf8(text))).toBe(true);
  });

  it.each([3_600_000, -7 * 3_600_000, 150_000])("learns a clock that is %i ms off and dates what follows rightly", async (off) => {
    const now = () => new Date(Date.now() + off).toISOString();
    server((_path, _body, request) => {
      const seconds = Number((request.headers as Record<string, string>)["Authorization"]!.split(".")[1]);
      return Math.abs(seconds * 1000 - Date.parse(now())) > 120_000 ? refused(401, "CLOCK_WRONG", { now: now() }) : { now: now() };
    });
    await call({ path: "me/" });
    expect(Math.abs(clockOffset() - off)).toBeLessThan(2000);
    const event = await step("arrive");
    expect(Math.abs(Date.parse(event.at) - Date.parse(event.clock_at) - off)).toBeLessThan(2000);
  });

  it("tells who acts when the device is no longer known, and only then", async () => {
    const gone: string[] = [];
    onDeviceGone(async (code) => void gone.push(code));
    server((path) => refused(path.endsWith("me/") ? 401 : 404, path.endsWith("me/") ? "DEVICE_REVOKED" : "NO_VISIT"));
    await expect(call({ path: "visits/1/clear/" })).rejects.toMatchObject({ code: "NO_VISIT", status: 404 });
    await expect(call({ path: "me/" })).rejects.toMatchObject({ code: "DEVICE_REVOKED" });
    expect(gone).toEqual(["DEVICE_REVOKED"]);
  });

  it("takes an answer that is no JSON for no network", async () => {
    server(() => new Response("<html>sign in to the hotel's network", { status: 200 }));
    await expect(call({ path: "me/" })).rejects.toMatchObject({ code: "OFFLINE" });
  });

  it("waits longer each time, up to five minutes and a bit", () => {
    expect([1, 2, 3].map((times) => backOff(times, 0.5))).toEqual([2000, 4000, 8000]);
    expect(backOff(40, 0.5)).toBe(300_000);
    expect(backOff(40, 1)).toBeLessThanOrEqual(375_000);
  });

});
