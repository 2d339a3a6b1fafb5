// The recording that runs, as the screens are told of it.

import { beforeEach, describe, expect, it, vi } from "vitest";

import { duty } from "@/app/session";
import { live, recordBegin, recordEnd } from "@/recording/live";
import type { Occasion } from "@/recording/recorder";

const made = vi.hoisted(() => [] as FakeRecording[]);

class FakeRecording {
  paused = false;
  gapNow = null;
  ended: (why: string) => void = () => {};
  changed = () => {};
  asked: unknown[] = [];
  finish: () => void = () => {};
  private readonly over = new Promise<void>((done) => (this.finish = done));
  end(why: unknown): Promise<void> {
    this.asked.push(why);
    return this.over;
  }
}

vi.mock("@/recording/recorder", () => ({
  recordingsRecover: async () => 0,
  recordingBegin: async () => {
    const recording = new FakeRecording();
    made.push(recording);
    return recording;
  },
}));

const at = (visit: number) => ({ visit }) as Occasion;

describe("ending", () => {
  beforeEach(() => {
    made.length = 0;
  });

  it("is told once it is over, to everybody who asked, and again to nobody", async () => {
    await recordBegin(at(7));
    const ends = [recordEnd(), recordEnd("consent_withdrawn")];
    expect([live.visit, duty.recording]).toEqual([7, "on"]);
    made[0]!.finish();
    await Promise.all(ends);
    expect([live.visit, duty.recording]).toEqual([null, "off"]);
    await recordEnd();
    expect(made[0]!.asked).toHaveLength(2);
  });

  it("of one recording leaves the next alone", async () => {
    await recordBegin(at(7));
    const [ending, beginning] = [recordEnd(), recordBegin(at(8))];
    made[0]!.finish();
    await Promise.all([ending, beginning]);
    made[0]!.ended("track_ended");
    expect([live.visit, live.brokenOff, duty.recording]).toEqual([8, null, "on"]);
    made[1]!.finish();
    await recordEnd();
  });
});
