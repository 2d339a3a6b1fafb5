/**
 * The server's clock as this phone knows it: the phone's own clock plus an offset learnt from the
 * server's answers. `corrected()` is what events are dated with; `own()` is kept beside it.
 */
import { settingGet, settingPut } from "@/store/db";

let offset = 0;

export async function clockRead(): Promise<void> {
  offset = (await settingGet<number>("clock_offset")) ?? 0;
}

/** Learns from the server's `now`; answers how far off the phone is, in milliseconds. */
export async function clockLearn(now: string): Promise<number> {
  const server = Date.parse(now);
  if (!Number.isFinite(server)) return offset;
  const found = server - Date.now();
  if (Math.abs(found - offset) > 1000) {
    offset = found;
    await settingPut("clock_offset", offset);
  }
  return offset;
}

export function clockOffset(): number {
  return offset;
}

export function corrected(): Date {
  return new Date(Date.now() + offset);
}

export function own(): Date {
  return new Date();
}

/** Milliseconds are kept, the zone is Z. */
export function iso(at: Date): string {
  return at.toISOString();
}
