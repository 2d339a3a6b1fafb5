/**
 * The check-in timer as the server counts it (visits/safety.py), so that it is shown without a
 * network too: from arrival the planned time and some slack, after "we are well" some more, never
 * earlier than it was.
 */
import { shallowRef, watch } from "vue";
import { useStore, eventsOf } from "@/store/index";
import { eventsTick } from "@/store/events";
import { keyHeld } from "@/store/sealed";
import { corrected } from "@/api/clock";
import { timersServed } from "@/sync/changes";
import type { DayPack, KnownEvent, Stop, TimerRules } from "@/types";

export interface Running {
  visit: number;
  arrivedAt: number;
  dueAt: number;
  alarmAt: number;
  wells: number;
  mayWell: boolean;
}

const MINUTE = 60_000;
export const USUAL: TimerRules = { slack: 10, short: 15, grace: 5, well: 20, most_well: 6 };

/** null while the crew is not at this door. All times in milliseconds since 1970. */
export function timerOf(
  { visit, minutes, short, rules, events }:
  { visit: number; minutes: number; short: boolean; rules: TimerRules; events: readonly KnownEvent[] },
): Running | null {
  const told = events.filter(({ state }) => state !== "refused").map(({ event }) => event);
  const said = (what: string) => told.filter((event) => event.kind === "check_in" && event.body["what"] === what);
  const arrivals = [...said("arrived"), ...told.filter((event) => event.topic === "step:arrive" && event.body["how"] === "done")];
  if (!arrivals.length || said("left").length) return null;
  const arrivedAt = Math.min(...arrivals.map((event) => Date.parse(event.at)));
  const span = (minutes + rules.slack) * MINUTE;
  let dueAt = arrivedAt + (short ? Math.min(span, rules.short * MINUTE) : span);
  const more = (short ? Math.min(rules.well, rules.short) : rules.well) * MINUTE;
  const wells = said("well").map((event) => Date.parse(event.at)).sort((a, b) => a - b).slice(0, rules.most_well);
  for (const at of wells) dueAt = Math.max(dueAt, at + more);
  return {
    visit, arrivedAt, dueAt, alarmAt: dueAt + rules.grace * MINUTE,
    wells: wells.length, mayWell: wells.length < rules.most_well,
  };
}

export const running = shallowRef<Running | null>(null);

function minutesOf(stop: Stop): number {
  const { begins_at: from, ends_at: until } = stop.planned;
  if (stop.planned.minutes !== undefined) return stop.planned.minutes;
  return from && until ? (Date.parse(until) - Date.parse(from)) / MINUTE : 30;
}

/** The later of what phone and server say; the server alone counts where it began without us. */
function served(stop: Stop, own: Running | null, gone: boolean): Running | null {
  const kept = stop.timer;
  const told = timersServed.value.get(stop.visit)
    ?? (kept ? { dueAt: Date.parse(kept.due_at), alarmAt: Date.parse(kept.alarm_at) } : null);
  if (!told || gone) return own;
  if (own) return told.dueAt > own.dueAt ? { ...own, ...told } : own;
  const arrivedAt = kept ? Date.parse(kept.began_at) : corrected().getTime();
  return { visit: stop.visit, arrivedAt, ...told, wells: 0, mayWell: true };
}

const hasLeft = (events: readonly KnownEvent[]) =>
  events.some(({ event }) => (event.kind === "check_in" && event.body["what"] === "left") || event.kind === "report");

/** While the phone is locked nothing can be read, and what runs goes on. */
async function look(pack: DayPack | null): Promise<void> {
  const rules = pack?.timer ?? USUAL;
  let found: Running | null = null;
  for (const stop of pack?.stops ?? []) {
    const events = await eventsOf(stop.visit).catch(() => []);
    const short = stop.risk.short_timer === true;
    const own = timerOf({ visit: stop.visit, minutes: minutesOf(stop), short, rules, events });
    const mine = served(stop, own, hasLeft(events));
    if (mine && (!found || mine.arrivedAt > found.arrivedAt)) found = mine;
  }
  if (keyHeld()) running.value = found;
}

/** Watches the day's events from the start of the app on. */
export function timerWatch(): void {
  const { pack } = useStore();
  watch([eventsTick, pack, timersServed], () => void look(pack.value), { immediate: true });
}
