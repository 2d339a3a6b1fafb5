// One recording, from the consent to its end. The browser's recorder runs through without a restart
// and hands out slices; each is sealed, chained and written down at once, and nothing is kept in
// memory. What was not recorded is written down as a gap, with its reason.

import { b64, hex, unb64 } from "@/crypto/bytes";

import { chainBegins, headText, unhex } from "./chain";
import { sealMake, segmentSeal, type Seal } from "./seal";
import {
  gapKeep,
  recordings,
  segmentKeep,
  type Gap,
  type GapWhy,
  type RecordingKept,
} from "./shelf";

const SLICE_MS = 8_000;
const LONGEST_MS = 10_000;
export const LEAST_FREE_BYTES = 300 * 1024 * 1024;
const STOP_FREE_BYTES = 30 * 1024 * 1024;
const BITS = { audioBitsPerSecond: 32_000, videoBitsPerSecond: 400_000 };
const TYPES = {
  video: [
    "video/webm;codecs=vp9,opus",
    "video/webm;codecs=vp8,opus",
    "video/webm",
    "video/mp4;codecs=avc1.42E01E,mp4a.40.2",
    "video/mp4",
  ],
  audio: ["audio/webm;codecs=opus", "audio/webm", "audio/mp4;codecs=mp4a.40.2", "audio/mp4"],
} as const;

export type Wanted = "audio" | "video";
export type RefusedCode = "NO_CONSENT" | "NO_SPACE" | "NOT_SUPPORTED" | "NO_DEVICE";

/** Why no recording began; the screen says it and offers the written record instead. */
export class RecordingRefused extends Error {
  constructor(readonly code: RefusedCode) {
    super(code);
  }
}

/** What the recorder needs of the rest of the phone. */
export interface RecorderPorts {
  /** The corrected clock, milliseconds since 1970. */
  now(): number;
  /** The same from now on, never stepping back: the time within one recording. */
  clock(): () => number;
  /** Put an event into the outbox. */
  tell(kind: "recording" | "recording_gap", visit: number, body: object): Promise<unknown>;
  /** Ed25519 by the device key, base64url. */
  sign(text: string): Promise<string>;
  /** Something new can be sent. */
  kept(): void;
}

/** What a recording is made for: `nonce` and `key` (server, P-256) as base64url. */
export interface Occasion {
  visit: number;
  nonce: string;
  key: string;
  consent: { event: string; given: boolean } | null;
  wanted: Wanted;
}

/** The first type this browser can record; throws NOT_SUPPORTED. */
function mediaType(wanted: Wanted): string {
  const found = TYPES[wanted].find((type) => MediaRecorder.isTypeSupported(type));
  if (!found) throw new RecordingRefused("NOT_SUPPORTED");
  return found;
}

/** Free bytes as the browser estimates them; unknown counts as enough. */
async function freeBytes(): Promise<number> {
  const { quota, usage } = (await navigator.storage?.estimate?.()) ?? {};
  return quota === undefined ? Infinity : quota - (usage ?? 0);
}

async function mayBegin(occasion: Occasion): Promise<void> {
  if (!occasion.consent?.given) throw new RecordingRefused("NO_CONSENT");
  if ((await freeBytes()) < LEAST_FREE_BYTES) throw new RecordingRefused("NO_SPACE");
}

async function openStream(wanted: Wanted): Promise<MediaStream> {
  const video = { facingMode: "environment", width: { ideal: 640 }, frameRate: { ideal: 15 } };
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: true,
      video: wanted === "video" ? video : false,
    });
  } catch {
    throw new RecordingRefused("NO_DEVICE");
  }
}

/** A running recording. Made by `recordingBegin`. */
export class Recording {
  private work: Promise<unknown> = Promise.resolve();
  private seq = 0;
  private from: number;
  private open = new Map<GapWhy, number>();
  private release: () => void = () => {};
  private readonly now: () => number;
  private ending: Promise<void> | null = null;
  /** Told when it ends by itself: no track or no space left. */
  ended: (why: GapWhy) => void = () => {};
  /** Told when a gap opens or closes. */
  changed: () => void = () => {};

  constructor(
    readonly id: string,
    readonly visit: number,
    private readonly seal: Seal,
    private readonly media: MediaRecorder,
    private readonly ports: RecorderPorts,
  ) {
    this.now = ports.clock();
    this.from = this.now();
  }

  private get over(): boolean {
    return this.ending !== null;
  }

  get paused(): boolean {
    return this.open.has("paused");
  }

  get gapNow(): GapWhy | null {
    return [...this.open.keys()].at(-1) ?? null;
  }

  start(): void {
    this.media.addEventListener("dataavailable", (event) => this.take(event.data));
    for (const track of this.media.stream.getTracks()) {
      track.addEventListener("mute", () => this.gapOpens("interrupted"));
      track.addEventListener("unmute", () => this.gapCloses("interrupted"));
      track.addEventListener("ended", () => void this.endFor("track_ended"));
    }
    this.from = this.now();
    this.media.start(SLICE_MS);
    document.addEventListener("visibilitychange", this.seen);
    this.holdLock();
  }

  pause(): void {
    if (this.over || this.media.state !== "recording") return;
    this.media.requestData();
    this.media.pause();
    this.gapOpens("paused");
  }

  resume(): void {
    if (this.over || this.media.state !== "paused") return;
    this.media.resume();
    this.gapCloses("paused");
    this.from = this.now();
  }

  /**
   * Stop, write the last segment down, sign the head. The recording then only waits to be sent.
   * Never raises: what could not be closed is closed by `recordingsRecover`. Asked again, it is the
   * same end.
   */
  end(why: GapWhy | null = null): Promise<void> {
    this.ending ??= Promise.resolve().then(() => this.finish(why)).catch(() => undefined);
    return this.ending;
  }

  private async finish(why: GapWhy | null): Promise<void> {
    document.removeEventListener("visibilitychange", this.seen);
    for (const open of this.open.keys()) this.gapCloses(open);
    try {
      await this.mediaStops();
      if (why) this.gapIs([this.now(), this.now(), why]);
      await this.work.catch(() => undefined);
      await recordingClose(this.id, this.ports);
    } finally {
      this.release();
    }
  }

  private async mediaStops(): Promise<void> {
    try {
      if (this.media.state === "inactive") return;
      const last = new Promise((done) => this.media.addEventListener("stop", done, { once: true }));
      this.media.stop();
      await last;
    } finally {
      tracksStop(this.media.stream);
    }
  }

  private async endFor(why: GapWhy): Promise<void> {
    if (this.over) return;
    await this.end(why);
    this.ended(why);
  }

  private readonly seen = (): void => {
    if (document.visibilityState === "hidden") this.gapOpens("hidden");
    else this.gapCloses("hidden");
  };

  private gapOpens(why: GapWhy): void {
    if (this.over || this.open.has(why)) return;
    this.open.set(why, this.now());
    this.changed();
  }

  private gapCloses(why: GapWhy): void {
    const since = this.open.get(why);
    if (since === undefined) return;
    this.open.delete(why);
    this.gapIs([since, this.now(), why]);
    this.changed();
  }

  private gapIs(gap: Gap): void {
    this.queue(() => gapTell(this.id, this.visit, gap, this.ports));
  }

  private queue(deed: () => Promise<unknown>): void {
    this.work = this.work.then(deed, deed);
  }

  private take(data: Blob): void {
    const started = this.from;
    const until = Math.max(started, this.now());
    this.from = until;
    if (!data.size) return;
    const length = Math.min(Math.max(1, Math.round(until - started)), LONGEST_MS);
    const seq = this.seq++;
    if (until - started > LONGEST_MS) {
      this.gapIs([Math.round(started + LONGEST_MS), Math.round(until), "frozen"]);
    }
    const times = { started_ms: Math.round(started), length_ms: length };
    this.queue(async () => {
      try {
        await this.keep(data, seq, times);
      } catch {
        void this.endFor("no_space");
      }
    });
  }

  private async keep(
    data: Blob,
    seq: number,
    times: { started_ms: number; length_ms: number },
  ): Promise<void> {
    const place = { recording: this.id, seq };
    const { body, sha } = await segmentSeal(this.seal.key, place, await data.arrayBuffer());
    await segmentKeep({ ...place, ...times, sent: 0, sha: hex(sha), body });
    this.ports.kept();
    if ((await freeBytes()) < STOP_FREE_BYTES) void this.endFor("no_space");
  }

  // While the lock is held, nobody takes this recording for a killed one.
  private holdLock(): void {
    void navigator.locks?.request(
      lockOf(this.id),
      () => new Promise<void>((done) => (this.release = done)),
    );
  }
}

function tracksStop(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

function lockOf(id: string): string {
  return `doorstep-recording-${id}`;
}

async function gapTell(
  id: string,
  visit: number,
  gap: Gap,
  ports: RecorderPorts,
): Promise<void> {
  const [since, until] = [Math.round(gap[0]), Math.round(gap[1])];
  const whole: Gap = [since, Math.max(since, until), gap[2]];
  await gapKeep(id, whole);
  const [from_ms, until_ms, why] = whole;
  await ports.tell("recording_gap", visit, { recording: id, from_ms, until_ms, why });
}

/** Begin to record. Throws RecordingRefused without consent, space, a type or a device. */
export async function recordingBegin(
  occasion: Occasion,
  ports: RecorderPorts,
  make: (stream: MediaStream, type: string) => MediaRecorder = (stream, mimeType) =>
    new MediaRecorder(stream, { mimeType, ...BITS }),
): Promise<Recording> {
  await mayBegin(occasion);
  const type = mediaType(occasion.wanted);
  const stream = await openStream(occasion.wanted);
  try {
    return await recordingOf(occasion, ports, make(stream, type), type);
  } catch (error) {
    tracksStop(stream);
    throw error;
  }
}

async function recordingOf(
  occasion: Occasion,
  ports: RecorderPorts,
  media: MediaRecorder,
  type: string,
): Promise<Recording> {
  const seal = await sealMake(unb64(occasion.key));
  const row = await rowOf(occasion, type, seal, ports.now());
  await recordings.add(row);
  const recording = new Recording(row.id, row.visit, seal, media, ports);
  recording.start();
  try {
    await ports.tell("recording", row.visit, { recording: row.id, what: "begun" });
  } catch (error) {
    await recording.end();
    throw error;
  }
  return recording;
}

async function rowOf(
  occasion: Occasion,
  type: string,
  seal: Seal,
  now: number,
): Promise<RecordingKept> {
  const id = crypto.randomUUID();
  const nonce = unb64(occasion.nonce);
  return {
    id,
    visit: occasion.visit,
    state: "running",
    nonce: occasion.nonce,
    wrapped: b64(seal.wrapped),
    media_type: type,
    started_at: new Date(now).toISOString(),
    consent: occasion.consent?.event ?? "",
    head: hex(await chainBegins({ visit: occasion.visit, id, nonce })),
    count: 0,
    last_ms: Math.round(now),
    gaps: [],
    signature: "",
    fault: "",
  };
}

/** Sign what is there and mark the recording ended; the receipt stays when the media is gone. */
async function recordingClose(
  id: string,
  ports: Pick<RecorderPorts, "tell" | "sign" | "kept">,
): Promise<void> {
  const row = await recordings.get(id);
  if (row?.state !== "running") return;
  const signature = await ports.sign(headText(row, row.count, unhex(row.head)));
  await recordings.update(id, { state: "ended", signature });
  await ports.tell("recording", row.visit, { recording: id, what: "ended" });
  ports.kept();
}

/** End what a killed phone left behind, with the gap said; how many there were. The key is gone with
 * the memory: what follows is a new recording. */
export async function recordingsRecover(ports: RecorderPorts): Promise<number> {
  const rows = await recordings.where({ state: "running" }).toArray();
  const found = await Promise.all(rows.map((row) => ifAbandoned(row, ports)));
  return found.filter(Boolean).length;
}

async function ifAbandoned(row: RecordingKept, ports: RecorderPorts): Promise<boolean> {
  const close = async (): Promise<boolean> => {
    await gapTell(row.id, row.visit, [row.last_ms, ports.now(), "killed"], ports);
    await recordingClose(row.id, ports);
    return true;
  };
  if (!navigator.locks) return close();
  return navigator.locks.request(lockOf(row.id), { ifAvailable: true }, (lock) =>
    lock ? close() : false,
  );
}
