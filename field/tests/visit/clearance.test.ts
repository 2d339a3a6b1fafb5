import { beforeAll, describe, expect, it } from "vitest";

import { b64, joined, utf8 } from "@/crypto/bytes";
import { metres } from "@/safety/place";
import type { Pass, PassFacts } from "@/types";
import { clearOffline, stillHolds, type AtDoor } from "@/visit/clearance";

const AT = Date.parse("2026-11-23T02:00:00Z");
const iso = (minutes: number): string => new Date(AT + minutes * 60_000).toISOString();
const FACTS: PassFacts = {
  v: 1,
  kind: "visit-pass",
  visit: 7,
  case: 3,
  members: [11, 12],
  latitude: 31.2,
  longitude: 121.5,
  tolerance_m: 200,
  windows: [[iso(-30), iso(90)]],
  issued_at: iso(-60),
  lives_until: iso(180),
  revision: 1,
};
let keys: CryptoKeyPair;
let serverKey: string;

beforeAll(async () => {
  keys = (await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"])) as CryptoKeyPair;
  serverKey = b64(new Uint8Array(await crypto.subtle.exportKey("raw", keys.publicKey)));
});

async function passOf(facts: object, prefix = "doorstep-pass/1\n"): Promise<Pass> {
  const bytes = utf8(JSON.stringify(facts));
  const whole = joined(utf8(prefix), bytes);
  const signature = new Uint8Array(await crypto.subtle.sign("Ed25519", keys.privateKey, whole));
  return { payload: b64(bytes), signature: b64(signature) };
}

async function ask(changed: Partial<AtDoor> = {}, facts: object = FACTS): Promise<string[]> {
  const verdict = await clearOffline({
    visit: 7,
    pass: await passOf(facts),
    serverKey,
    now: AT,
    here: { latitude: 31.2005, longitude: 121.5, accuracy_m: 20 },
    crew: [11, 12],
    withdrawn: false,
    ...changed,
  });
  expect(verdict.may).toBe(verdict.why.length === 0);
  return verdict.why;
}

describe("ringing offline", () => {
  it("is allowed by a good pass, until its window or its life ends", async () => {
    expect(await ask()).toEqual([]);
    const here = { latitude: 31.2, longitude: 121.5, accuracy_m: 5 };
    const door = { visit: 7, serverKey, now: AT, here, crew: [11, 12], withdrawn: false };
    const open = await clearOffline({ ...door, pass: await passOf(FACTS) });
    expect(open.until).toBe(iso(90));
    const short = await clearOffline({
      ...door,
      pass: await passOf({ ...FACTS, lives_until: iso(10) }),
    });
    expect(short.until).toBe(iso(10));
  });

  it("holds up to the last moment and no longer", async () => {
    expect(await ask({ now: AT + 90 * 60_000 - 1 })).toEqual([]);
    expect(await ask({ now: AT + 90 * 60_000 })).toEqual(["OUTSIDE_HOURS"]);
    expect(await ask({ now: AT - 30 * 60_000 })).toEqual([]);
    expect(await ask({ now: AT - 30 * 60_000 - 1 })).toEqual(["OUTSIDE_HOURS"]);
    const short = { ...FACTS, lives_until: iso(0) };
    expect(await ask({ now: AT - 1 }, short)).toEqual([]);
    expect(await ask({ now: AT }, short)).toEqual(["TOO_OLD"]);
    const early = { ...FACTS, issued_at: iso(3) };
    expect(await ask({}, early)).toEqual(["NOT_YET_ISSUED"]);
  });

  it("is refused at another place, or where the place is not known", async () => {
    const far = { latitude: 31.2019, longitude: 121.5, accuracy_m: 5 };
    expect(Math.round(metres(far, { latitude: 31.2, longitude: 121.5 }))).toBe(211);
    expect(await ask({ here: far })).toEqual(["OTHER_PLACE"]);
    expect(await ask({ here: null })).toEqual(["PLACE_UNKNOWN"]);
    expect(await ask({}, { ...FACTS, latitude: null })).toEqual(["PLACE_UNKNOWN"]);
  });

  it("is refused to one agent alone and to anybody the pass does not name", async () => {
    expect(await ask({ crew: [11] })).toEqual(["ALONE"]);
    expect(await ask({ crew: [11, 11] })).toEqual(["ALONE"]);
    expect(await ask({ crew: [11, 13] })).toEqual(["OTHER_PAIR"]);
  });

  it("is refused by a withdrawal, before anything else is looked at", async () => {
    expect(await ask({ withdrawn: true })).toEqual(["WITHDRAWN"]);
    expect(await ask({ withdrawn: true, pass: null })).toEqual(["WITHDRAWN"]);
  });

  it("is refused by every altered, borrowed or missing pass", async () => {
    const pass = await passOf(FACTS);
    expect(await ask({ pass: null })).toEqual(["NO_PASS"]);
    expect(await ask({}, { ...FACTS, visit: 8 })).toEqual(["OTHER_VISIT"]);
    expect(await ask({}, { ...FACTS, kind: "other" })).toEqual(["BAD_SIGNATURE"]);
    const other = await passOf(FACTS, "doorstep-door/1\n");
    const swapped = { ...pass, payload: (await passOf({ ...FACTS, visit: 9 })).payload };
    const broken = { payload: "%%%", signature: pass.signature };
    for (const bad of [other, swapped, broken, { ...pass, signature: "" }]) {
      expect(await ask({ pass: bad })).toEqual(["BAD_SIGNATURE"]);
    }
    expect(await ask({ serverKey: b64(new Uint8Array(32)) })).toEqual(["BAD_SIGNATURE"]);
  });
});

describe("an answer", () => {
  it("counts for a minute, and never past its end", () => {
    const answer = { at: AT, until: null };
    expect(stillHolds(answer, AT + 60_000)).toBe(true);
    expect(stillHolds(answer, AT + 60_001)).toBe(false);
    const ends = { at: AT, until: new Date(AT + 20_000).toISOString() };
    expect(stillHolds(ends, AT + 19_999)).toBe(true);
    expect(stillHolds(ends, AT + 20_000)).toBe(false);
  });
});
