/** How far each stop of the day is, from the events of the crew's phones. */
import { onScopeDispose, shallowRef, watch, type ShallowRef } from "vue";
import { eventsTick } from "@/store/events";
import { eventsOf, useStore } from "@/store/index";
import { notices } from "@/sync/changes";
import type { KnownEvent, Stop } from "@/types";
import { withdrawalOf } from "@/visit/withdrawn";

export type Progress = "planned" | "on_the_way" | "at_door" | "reported" | "left" | "withdrawn";

/** A visit under way or reported stays what it is, even where it was withdrawn afterwards. */
export function progressOf(events: readonly KnownEvent[], void_: boolean): Progress {
  const told = events.filter(({ state }) => state !== "refused").map(({ event }) => event);
  if (told.some((event) => event.kind === "report")) return "reported";
  if (told.some((event) => event.kind === "leave_now")) return "left";
  const done = (topic: string) => told.some((event) => event.topic === topic && event.body["how"] === "done");
  if (done("step:arrive")) return "at_door";
  if (void_) return "withdrawn";
  return done("step:on_my_way") ? "on_the_way" : "planned";
}

export function useProgress(): ShallowRef<ReadonlyMap<number, Progress>> {
  const found = shallowRef<ReadonlyMap<number, Progress>>(new Map());
  const { pack } = useStore();
  let gone = false;
  const look = async (stops: readonly Stop[]) => {
    const each = stops.map(async (stop) => {
      const events = await eventsOf(stop.visit).catch(() => []);
      return [stop.visit, progressOf(events, isWithdrawn(stop))] as const;
    });
    const rows = await Promise.all(each);
    if (!gone) found.value = new Map(rows);
  };
  const stop = watch([pack, eventsTick, notices], () => void look(pack.value?.stops ?? []), { immediate: true });
  onScopeDispose(() => {
    gone = true;
    stop();
  });
  return found;
}

export function isWithdrawn(stop: Stop): boolean {
  return withdrawalOf(stop.visit) !== null || stop.state === "cancelled" || stop.state === "withdrawn";
}
