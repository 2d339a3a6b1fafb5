// From consent to the office with a recorder, a network and a clock that the test drives.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Trouble } from "@/api/errors";
import { b64, hex, unb64 } from "@/crypto/bytes";
import { chainBegins, chainGrows, unhex } from "@/recording/chain";
import {
  LEAST_FREE_BYTES,
  recordingBegin,
  recordingsRecover,
  type Occasion,
  type Recording,
  type RecorderPorts,
} from "@/recording/recorder";
import { recordings, recordingsRefused, recordingsWaiting, segments } from "@/recording/shelf";
import { recordingSend, Sender, type Ask } from "@/recording/upload";
import { db, type EventRow } from "@/store/db";
import { resultsTake } from "@/store/events";

class Track extends EventTarget {
  stopped = false;
  stop(): void {
    this.stopped = true;
  }
}

class Media extends EventTarget {
  state = "inactive";
  constructor(readonly stream: { getTracks(): Track[] }) {
    super();
  }
  start(): void {
    this.state = "recording";
  }
  pause(): void {
    this.state = "paused";
  }
  resume(): void {
    this.state = "recording";
  }
  requestData(): void {
    this.slice("rest");
  }
  stop(): void {
    this.state = "inactive";
    this.slice("last");
    this.dispatchEvent(new Event("stop"));
  }
  slice(words: string): void {
    const event = Object.assign(new Event("dataavailable"), { data: new Blob([words]) });
    this.dispatchEvent(event);
  }
}

const nonce = b64(crypto.getRandomValues(new Uint8Array(16)));
let key = "";
let free = Infinity;
let now = 0;
let told: { kind: string; body: Record<string, unknown> }[] = [];
let track: Track;
let media: Media;
const locks = new Set<string>();

const ports: RecorderPorts = {
  now: () => now,
  clock: () => () => now,
  tell: async (kind, _visit, body) => told.push({ kind, body: body as Record<string, unknown> }),
  sign: async (text) => `signed ${text.length}`,
  kept: () => {},
};

beforeEach(async () => {
  const pair = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, true, [
    "deriveBits",
  ]);
  key = b64(new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey)));
  [free, now, told, track] = [1e12, Date.parse("2026-11-23T02:00:00Z"), [], new Track()];
  locks.clear();
  vi.stubGlobal("document", Object.assign(new EventTarget(), { visibilityState: "visible" }));
  vi.stubGlobal("MediaRecorder", { isTypeSupported: (type: string) => type.includes("vp9") });
  vi.stubGlobal("navigator", {
    storage: { estimate: async () => ({ quota: free, usage: 0 }) },
    mediaDevices: { getUserMedia: async () => ({ getTracks: () => [track] }) },
    locks: {
      request: async (name: string, how: unknown, deed?: (lock: unknown) => unknown) => {
        if (deed) return deed(locks.has(name) ? null : { name });
        locks.add(name);
        return (how as () => Promise<void>)().then(() => locks.delete(name));
      },
    },
  });
});

afterEach(async () => {
  await Promise.all([recordings.clear(), segments.clear(), db.events.clear()]);
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

async function begin(changed: Partial<Occasion> = {}): Promise<Recording> {
  const consent = { event: crypto.randomUUID(), given: true };
  const occasion = { visit: 7, nonce, key, consent, wanted: "video" as const, ...changed };
  return recordingBegin(occasion, ports, (stream) => {
    media = new Media(stream as unknown as { getTracks(): Track[] });
    return media as unknown as MediaRecorder;
  });
}

async function slices(recording: Recording, count: number): Promise<void> {
  for (let each = 0; each < count; each++) {
    now += 8_000;
    media.slice(`slice ${each}`);
  }
  await vi.waitFor(async () => {
    expect((await recordings.get(recording.id))?.count).toBeGreaterThanOrEqual(count);
  });
}

describe("beginning", () => {
  it.each([
    ["NO_CONSENT", { consent: null }],
    ["NO_CONSENT", { consent: { event: "e", given: false } }],
  ])("is refused without consent (%s)", async (code, changed) => {
    await expect(begin(changed)).rejects.toMatchObject({ code });
    expect(await recordings.count()).toBe(0);
  });

  it("is refused with a byte too little space, and not with just enough", async () => {
    free = LEAST_FREE_BYTES - 1;
    await expect(begin()).rejects.toMatchObject({ code: "NO_SPACE" });
    free = LEAST_FREE_BYTES;
    await (await begin()).end();
  });

  it("takes the first type the browser knows and says so when there is none", async () => {
    await (await begin()).end();
    expect((await recordings.toArray())[0]?.media_type).toBe("video/webm;codecs=vp9,opus");
    vi.stubGlobal("MediaRecorder", { isTypeSupported: (type: string) => type === "video/mp4" });
    const other = await begin();
    expect((await recordings.get(other.id))?.media_type).toBe("video/mp4");
    await other.end();
    vi.stubGlobal("MediaRecorder", { isTypeSupported: () => false });
    await expect(begin()).rejects.toMatchObject({ code: "NOT_SUPPORTED" });
  });

  it("lets go of camera and microphone where it does not come about", async () => {
    await expect(begin({ key: "AAAA" })).rejects.toThrow();
    expect([track.stopped, await recordings.count()]).toEqual([true, 0]);
    track.stopped = false;
    vi.spyOn(Media.prototype, "start").mockImplementationOnce(() => {
      throw new DOMException("no", "NotSupportedError");
    });
    await expect(begin()).rejects.toThrow("no");
    expect([track.stopped, locks.size]).toEqual([true, 0]);
    track.stopped = false;
    vi.spyOn(ports, "tell").mockRejectedValueOnce(new Error("full"));
    await expect(begin()).rejects.toThrow("full");
    expect([track.stopped, media.state]).toEqual([true, "inactive"]);
  });
});

describe("recording", () => {
  it("writes each slice sealed and chained, and signs the head at the end", async () => {
    const recording = await begin();
    await slices(recording, 3);
    now += 2_000;
    await recording.end();
    const row = (await recordings.get(recording.id))!;
    const kept = await segments.toArray();
    expect(kept.map((each) => each.seq)).toEqual([0, 1, 2, 3]);
    expect(kept.every((each) => each.length_ms <= 10_000)).toBe(true);
    let head = await chainBegins({ visit: 7, id: row.id, nonce: unb64(nonce) });
    for (const each of kept) head = await chainGrows(head, { ...each, sha: unhex(each.sha) });
    expect(row).toMatchObject({ state: "ended", count: 4, head: hex(head) });
    expect(row.signature).toMatch(/^signed/);
    expect(told.map((each) => each.body["what"])).toEqual(["begun", "ended"]);
      const stored = new TextDecoder().decode(kept[0]!.body);
    expect(stored).not.toContain("slice");
  });

  it("says what each gap is: a pause, a call, a hidden app, a frozen phone", async () => {
    const recording = await begin();
    await slices(recording, 1);
    recording.pause();
    expect(recording.gapNow).toBe("paused");
    now += 60_000;
    recording.resume();
    track.dispatchEvent(new Event("mute"));
    now += 5_000;
    track.dispatchEvent(new Event("unmute"));
    Object.assign(document, { visibilityState: "hidden" });
    document.dispatchEvent(new Event("visibilitychange"));
    now += 3_000;
    Object.assign(document, { visibilityState: "visible" });
    document.dispatchEvent(new Event("visibilitychange"));
    now += 100_000;
    media.slice("after a long freeze");
    await recording.end();
    const row = (await recordings.get(recording.id))!;
    expect(row.gaps.map(([from, until, why]) => [until - from, why])).toEqual([
      [60_000, "paused"],
      [5_000, "interrupted"],
      [3_000, "hidden"],
      [98_000, "frozen"],
    ]);
    const gaps = told.filter((each) => each.kind === "recording_gap");
    expect(gaps.map((each) => each.body["why"])).toEqual(row.gaps.map((gap) => gap[2]));
  });

  it.each([
    [10_000, []],
    [10_001, [[10_000, 10_001, "frozen"]]],
    [17_000, [[10_000, 17_000, "frozen"]]],
  ])("says what a late slice leaves out (%i ms)", async (late, gaps) => {
    const begun = now;
    const recording = await begin();
    now += late;
    media.slice("late");
    await recording.end();
    const row = (await recordings.get(recording.id))!;
    expect((await segments.get([recording.id, 0]))?.length_ms).toBe(10_000);
    expect(row.gaps.map(([from, until, why]) => [from - begun, until - begun, why])).toEqual(gaps);
  });

  it("tells no gap and no piece that ends before it begins when the clock steps back", async () => {
    const recording = await begin();
    await slices(recording, 1);
    track.dispatchEvent(new Event("mute"));
    now -= 3_600_000;
    track.dispatchEvent(new Event("unmute"));
    media.slice("after the step");
    await recording.end();
    const row = (await recordings.get(recording.id))!;
    expect(row.gaps.map(([from, until, why]) => [until - from, why])).toEqual([[0, "interrupted"]]);
    const [one, two] = await segments.toArray();
    expect(two!.started_ms).toBe(one!.started_ms + one!.length_ms);
    expect(two!.length_ms).toBe(1);
  });

  it("tells no gap backwards of a phone that was killed before its clock stepped back", async () => {
    const recording = await begin();
    await slices(recording, 1);
    const last = now;
    now -= 3_600_000;
    locks.clear();
    await recordingsRecover(ports);
    expect((await recordings.get(recording.id))!.gaps).toEqual([[last, last, "killed"]]);
  });

  it("ends once, however often it is asked, and each asker waits for the end", async () => {
    const recording = await begin();
    await slices(recording, 1);
    await Promise.all([recording.end(), recording.end("consent_withdrawn")]);
    expect((await recordings.get(recording.id))?.state).toBe("ended");
    expect(told.filter(({ body }) => body["what"] === "ended")).toHaveLength(1);
    expect(track.stopped).toBe(true);
  });

  it("ends, lets go and says so when nothing can be written any more", async () => {
    const recording = await begin();
    const over = new Promise((tell) => (recording.ended = tell));
    await slices(recording, 1);
    vi.spyOn(ports, "tell").mockRejectedValue(new Error("full"));
    track.dispatchEvent(new Event("mute"));
    track.dispatchEvent(new Event("ended"));
    expect(await over).toBe("track_ended");
    await expect(recording.end()).resolves.toBeUndefined();
    await vi.waitFor(() => expect(locks.size).toBe(0));
    expect(track.stopped).toBe(true);
  });

  it("ends by itself, with the reason, when the track or the space ends", async () => {
    for (const why of ["track_ended", "no_space"]) {
      const recording = await begin();
      const over = new Promise((tell) => (recording.ended = tell));
      await slices(recording, 1);
      if (why === "track_ended") track.dispatchEvent(new Event("ended"));
      else {
        free = 1024;
        now += 8_000;
        media.slice("the last that fits");
      }
      expect(await over).toBe(why);
      expect((await recordings.get(recording.id))?.gaps.at(-1)?.[2]).toBe(why);
    }
  });

  it("keeps every finished segment of a killed phone and says from when it was dead", async () => {
    const recording = await begin();
    await slices(recording, 4);
    expect(await recordingsRecover(ports)).toBe(0); // it lives: its lock is held
    locks.clear();
    now += 300_000;
    expect(await recordingsRecover(ports)).toBe(1);
    expect(await recordingsRecover(ports)).toBe(0);
    const row = (await recordings.get(recording.id))!;
    expect(row).toMatchObject({ state: "ended", count: 4 });
    expect(row.gaps).toEqual([[now - 300_000, now, "killed"]]);
    expect(told.at(-1)!.body).toMatchObject({ what: "ended" });
    const after = await begin();
    expect(after.id).not.toBe(recording.id);
    await after.end();
  });
});

/** A server that keeps what it is sent, and a network that can break anywhere. */
class Office {
  held = new Map<string, string>();
  ended: Record<string, unknown>[] = [];
  asked: string[] = [];
  left = Infinity;
  hides = false;

  readonly ask: Ask = async ({ method = "GET", path, body }) => {
    this.left -= 1;
    if (this.left < 0) throw new Trouble("OFFLINE");
    this.asked.push(`${method} ${path}`);
    const answer = this.answer(method, path, body);
    if (this.left === 0) throw new Trouble("OFFLINE"); // it was done, and the answer was lost
    return answer;
  };

  private answer(method: string, path: string, body: unknown): unknown {
    const [, rest = ""] = /recordings\/[^/]+\/(.*)/.exec(path) ?? [];
    if (method === "GET") {
      const held = [...this.held.keys()].map(Number).sort((one, two) => one - two);
      return { held: this.hides ? [] : held, ended: this.ended.length > 0 };
    }
    if (rest.startsWith("segments/")) {
      const [, seq = "", sha = ""] = rest.split("/");
      if ((this.held.get(seq) ?? sha) !== sha) throw new Trouble("OTHER", 409);
      this.held.set(seq, sha);
    } else if (rest === "end/") this.ended.push(body as Record<string, unknown>);
    return {};
  }
}

async function recorded(): Promise<string> {
  const recording = await begin();
  await slices(recording, 4);
  await recording.end();
  return recording.id;
}

describe("sending", () => {
  it("brings everything once, whatever request the network breaks at", async () => {
    const id = await recorded();
    const office = new Office();
    for (let breaks = 0; (await recordings.get(id))?.state !== "sent"; breaks++) {
      office.left = breaks;
      await recordingSend(office.ask, id).catch(() => {});
      expect(breaks).toBeLessThan(20);
      const left = await segments.count();
      expect(left === 5 || office.ended.length > 0).toBe(true);
    }
    expect([...office.held.keys()]).toEqual(["0", "1", "2", "3", "4"]);
    expect(office.ended[0]).toMatchObject({ count: 5, gaps: [] });
    expect(await segments.count()).toBe(0);
    });

  it("sends what is finished while the recording still runs, and deletes nothing", async () => {
    const recording = await begin();
    await slices(recording, 2);
    const office = new Office();
    expect(await recordingSend(office.ask, recording.id)).toBe(false);
    expect(office.held.size).toBe(2);
    expect(await segments.count()).toBe(2);
    await slices(recording, 3);
    await recording.end();
    expect(await recordingSend(office.ask, recording.id)).toBe(true);
    const puts = office.asked.filter((each) => each.includes("/segments/"));
    expect(new Set(puts).size).toBe(puts.length);
  });

  it("ends at the office once the outbox has sent the consent, at once, and not before", async () => {
    const id = await recorded();
    const consent = (await recordings.get(id))!.consent;
    await db.events.add({ id: consent, number: 1, state: "waiting" } as EventRow);
    const office = new Office();
    const sender = new Sender(office.ask);
    await sender.now();
    expect([office.held.size, office.ended]).toEqual([5, []]);
    expect(await recordings.get(id)).toMatchObject({ state: "ended", fault: "" });
    await resultsTake([{ id: consent, state: "applied" }]);
    sender.outboxMoved();
    await vi.waitFor(async () => expect((await recordings.get(id))?.state).toBe("sent"));
    expect(office.ended).toHaveLength(1);
    sender.stop();
  });

  it("asks nothing when the outbox moves and no end waited for it", async () => {
    const id = await recorded();
    const office = new Office();
    const sender = new Sender(office.ask);
    await sender.now();
    const asked = office.asked.length;
    await recordings.update(id, { state: "running" });
    sender.outboxMoved();
    await sender.now();
    expect(office.asked.length).toBe(asked + 2);
  });

  it("waits longer after each failure and begins anew once it went well", async () => {
    const id = await recorded();
    const office = new Office();
    office.left = 0;
    const sender = new Sender(office.ask);
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    await sender.now();
    expect(vi.getTimerCount()).toBe(1);
    office.left = Infinity;
    await vi.advanceTimersByTimeAsync(1_999);
    expect(office.asked).toEqual([]);
    vi.advanceTimersByTime(1);
    vi.useRealTimers();
    await vi.waitFor(async () => expect((await recordings.get(id))?.state).toBe("sent"));
    sender.stop();
  });

  it.each([
    [400, "BAD_FIELD", "refused"],
    [413, "TOO_LARGE", "refused"],
    [400, "SHA_WRONG", "ended"],
    [425, "SEGMENTS_MISSING", "ended"],
    [404, "NO_VISIT", "ended"],
    [503, "STORE_BROKEN", "ended"],
  ])("gives up what can never be taken, and tries again what can (%i %s)", async (status, code, state) => {
    const id = await recorded();
    const office = new Office();
    const ask: Ask = async (asked) => {
      if (asked.path.endsWith("end/")) throw new Trouble(code, status);
      return office.ask(asked);
    };
    const sender = new Sender(ask);
    await sender.now();
    sender.stop();
    const fault = state === "refused" ? code : "";
    expect(await recordings.get(id)).toMatchObject({ state, fault });
    expect((await recordingsRefused()).map((row) => row.id)).toEqual(fault ? [id] : []);
    expect(await recordingsWaiting()).toBe(fault ? 0 : 1);
    expect(await segments.count()).toBe(5);
  });

  it("keeps a recording the office holds otherwise, and does not press it further", async () => {
    const id = await recorded();
    const office = new Office();
    await office.ask({ method: "PUT", path: `visits/7/recordings/${id}/segments/2/another/` });
    office.hides = true; // it does not say what it holds
    const sender = new Sender(office.ask);
    await sender.now();
    expect(await recordings.get(id)).toMatchObject({ state: "refused", fault: "OTHER" });
    const asked = office.asked.length;
    await sender.now();
    expect(office.asked.length).toBe(asked);
    expect(await segments.count()).toBe(5);
  });
});
