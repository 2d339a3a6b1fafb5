// The recording that runs on this phone now, as screens see it, and the sender behind it.

import { reactive, readonly, watch } from "vue";

import { call } from "@/api/client";
import { corrected, steadyClock } from "@/api/clock";
import { duty } from "@/app/session";
import { deviceSign } from "@/crypto/device";
import { eventsTick, recordEvent } from "@/store/events";
import { countsRead } from "@/sync/engine";

import {
  recordingBegin,
  recordingsRecover,
  type Occasion,
  type Recording,
  type RecorderPorts,
} from "./recorder";
import type { GapWhy } from "./shelf";
import { Sender } from "./upload";

interface Live {
  /** The visit that is being recorded; null when none is. */
  visit: number | null;
  /** Camera and microphone are being opened. */
  starting: boolean;
  since: number;
  paused: boolean;
  gap: GapWhy | null;
  /** Why the last one ended by itself; null when a person ended it. */
  brokenOff: GapWhy | null;
}

const state = reactive<Live>({
  visit: null,
  starting: false,
  since: 0,
  paused: false,
  gap: null,
  brokenOff: null,
});

export const live = readonly(state);

const sender = new Sender((asked) => call(asked));
sender.changed = () => void countsRead();
let running: Recording | null = null;
let started = false;

const ports: RecorderPorts = {
  now: () => corrected().getTime(),
  clock: steadyClock,
  tell: (kind, visit, body) => {
    const { recording, what } = body as { recording: string; what?: string };
    const topic = kind === "recording" ? `recording:${recording}.${what}` : undefined;
    return recordEvent({ visit, kind, topic, body: { ...body } });
  },
  sign: deviceSign,
  kept: () => {
    void countsRead();
    void sender.now();
  },
};

/** After each unlocking: end what a killed phone left, and go on sending. */
export async function recordingStart(): Promise<void> {
  await recordingsRecover(ports);
  if (!started) {
    addEventListener("online", () => void sender.now());
    watch(eventsTick, () => sender.outboxMoved());
  }
  started = true;
  void sender.now();
}

/** Begin to record a visit; raises RecordingRefused. */
export async function recordBegin(occasion: Occasion): Promise<void> {
  if (running) await recordEnd();
  state.starting = true;
  const recording = await recordingBegin(occasion, ports).finally(() => (state.starting = false));
  running = recording;
  recording.changed = () => show(recording);
  recording.ended = (why) => {
    if (running === recording) state.brokenOff = why;
    over(recording);
  };
  Object.assign(state, { visit: occasion.visit, since: ports.now(), brokenOff: null });
  show(recording);
}

function show(recording: Recording): void {
  state.paused = recording.paused;
  state.gap = recording.gapNow;
  duty.recording = state.paused ? "paused" : state.gap ? "gap" : "on";
}

function over(recording: Recording): void {
  if (running !== recording) return;
  running = null;
  Object.assign(state, { visit: null, paused: false, gap: null });
  duty.recording = "off";
}

export function recordPause(): void {
  running?.pause();
}

export function recordResume(): void {
  running?.resume();
}

/** End the running recording, if there is one, however often it is asked; `why` when the consent
 * was taken back. */
export async function recordEnd(why: GapWhy | null = null): Promise<void> {
  const recording = running;
  if (!recording) return;
  await recording.end(why);
  over(recording);
}
