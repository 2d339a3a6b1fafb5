/** The day's pack in memory, while the phone is open. */
import { shallowRef } from "vue";
import type { DayPack, Stop } from "@/types";

export const pack = shallowRef<DayPack | null>(null);

/** The stop by its visit, also by an older number it had before the plan was made anew. */
export function stopOf(visit: number): Stop | null {
  return pack.value?.stops.find((stop) => stop.visit === visit || stop.was?.includes(visit)) ?? null;
}

/** All numbers of a visit, the given one first. */
export function numbersOf(visit: number): number[] {
  const stop = stopOf(visit);
  return stop ? [...new Set([visit, stop.visit, ...(stop.was ?? [])])] : [visit];
}
