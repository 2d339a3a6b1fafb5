/**
 * The server's clock as this phone knows it: the phone's own clock plus an offset learnt from the
 * server's answers. `corrected()` is what events are dated with; `own()` is kept beside it.
 */
import { settingGet, settingPut } from "@/store/db";

const SLEPT_MS = 1000;
let offset = 0;

export async function clockRead(): Promise<void> {
  offset = (await settingGet<number>("clock_offset")) ?? 0;
}

/**
 * Learns from the server's `now`, said somewhere within an answer that took so long: a difference
 * that the way there and back may explain is none.
 */
export async function clockLearn(now: string, tookMs: number): Promise<void> {
  const found = Date.parse(now) + tookMs / 2 - Date.now();
  if (!(Math.abs(found - offset) > Math.max(1000, tookMs / 2))) return;
  offset = Math.round(found);
  await settingPut("clock_offset", offset);
}

export function clockOffset(): number {
  return offset;
}

export function corrected(): Date {
  return new Date(Date.now() + offset);
}

/**
 * The corrected time from now on, by a clock that never steps back, whatever is learnt or set
 * meanwhile. What the phone's clock goes on beyond the ticks is sleep, in which nothing ticks.
 */
export function steadyClock(): () => number {
  let at = corrected().getTime();
  let [wall, tick] = [Date.now(), performance.now()];
  return () => {
    const [wallNow, tickNow] = [Date.now(), performance.now()];
    const ticked = tickNow - tick;
    const slept = wallNow - wall - ticked;
    at += ticked + (slept > SLEPT_MS ? slept : 0);
    [wall, tick] = [wallNow, tickNow];
    return at;
  };
}

export function own(): Date {
  return new Date();
}

/** Milliseconds are kept, the zone is Z. */
export function iso(at: Date): string {
  return at.toISOString();
}
