/** The lender's time zone and how days and times are said in it. */
import { ref } from "vue";

export const zone = ref("Asia/Shanghai");

/** The calendar day in the lender's zone, as YYYY-MM-DD. */
export function dayOf(at: Date): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone: zone.value, year: "numeric", month: "2-digit", day: "2-digit" }).format(at);
}

/** HH:MM in the lender's zone; "–" where there is none. */
export function clock(at: string | Date | null | undefined): string {
  if (!at) return "–";
  const when = typeof at === "string" ? new Date(at) : at;
  if (Number.isNaN(when.getTime())) return "–";
  return new Intl.DateTimeFormat("en-GB", { timeZone: zone.value, hour: "2-digit", minute: "2-digit" }).format(when);
}
