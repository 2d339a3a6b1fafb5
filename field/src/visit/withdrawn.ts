// Whether the office took a visit back, under any of the numbers it had before its day was planned anew.

import { numbersOf } from "@/store/pack";
import { notices } from "@/sync/changes";
import type { Change } from "@/types";

/** The office's last word on a visit, where that took it back; null while the visit stands. */
export function withdrawalOf(visit: number): Change | null {
  const numbers = numbersOf(visit);
  const said = notices.value.find(({ visit: about, what }) =>
    what !== "fact" && about !== null && numbers.includes(about));
  return said && ["withdrawn", "taken"].includes(said.what) ? said : null;
}
