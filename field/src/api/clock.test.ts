import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { clockLearn, clockOffset, clockRead, corrected, steadyClock } from "@/api/clock";
import { db } from "@/store/db";

const START = Date.parse("2026-11-23T02:00:00Z");
const HOUR = 3_600_000;
let tick = 0;

beforeEach(async () => {
  await db.settings.clear();
  await clockRead();
  tick = 0;
  vi.useFakeTimers({ toFake: ["Date"], now: START });
  vi.spyOn(performance, "now").mockImplementation(() => tick);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const serverAt = (ms: number) => new Date(START + ms).toISOString();

describe("what is learnt of the server's clock", () => {
  it("is the middle of the way there and back", async () => {
    await clockLearn(serverAt(HOUR), 400);
    expect(clockOffset()).toBe(HOUR + 200);
  });

  it("is nothing where a slow answer explains the difference", async () => {
    await clockLearn(serverAt(-19_000), 40_000);
    expect(clockOffset()).toBe(0);
    await clockLearn(serverAt(-40_001), 40_000);
    expect(clockOffset()).toBe(-20_001);
  });

  it("is nothing up to a second, and nothing from what is no time", async () => {
    await clockLearn(serverAt(1000), 0);
    await clockLearn("soon", 0);
    expect(clockOffset()).toBe(0);
    await clockLearn(serverAt(1001), 0);
    expect(clockOffset()).toBe(1001);
  });
});

describe("the clock within a recording", () => {
  const passes = (wall: number, ticks: number) => {
    vi.setSystemTime(Date.now() + wall);
    tick += ticks;
  };

  it("goes on when the phone's clock is set back or the server's is learnt", async () => {
    const clock = steadyClock();
    passes(-HOUR, 8_000);
    expect(clock() - START).toBe(8_000);
    await clockLearn(serverAt(-2 * HOUR), 0);
    passes(1_000, 1_000);
    expect(clock() - START).toBe(9_000);
    expect(corrected().getTime()).toBeLessThan(START);
  });

  it("counts the sleep in which nothing ticked", () => {
    const clock = steadyClock();
    passes(100_000, 2_000);
    expect(clock() - START).toBe(100_000);
  });
});
