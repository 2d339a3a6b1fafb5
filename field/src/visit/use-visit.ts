/**
 * A visit as its screens see it: the stop, the state worked out from the events of all phones, and
 * the deeds that write events. Nothing is kept here: after a kill the same events say the same.
 */
import { computed, onScopeDispose, shallowRef, watch, type ComputedRef } from "vue";
import { session } from "@/app/session";
import { eventsOf, recordEvent, useStore } from "@/store";
import { eventsTick } from "@/store/events";
import { notices, withdrawn } from "@/sync/changes";
import type { DoorEvent, EventBody, KnownEvent, Member, Stop } from "@/types";
import {
  deedFault, settledBy, visitState, type How, type StepKind, type VisitState, type Who,
} from "@/visit/machine";

export interface Visit {
  id: number;
  stop: ComputedRef<Stop | null>;
  kinds: ComputedRef<StepKind[]>;
  /** The events that count: applied, or on their way. */
  events: ComputedRef<DoorEvent[]>;
  known: ComputedRef<KnownEvent[]>;
  state: ComputedRef<VisitState>;
  me: ComputedRef<number | null>;
  partners: ComputedRef<Member[]>;
  /** Why the office took this visit back; null while it stands. */
  withdrawnWhy: ComputedRef<string | null>;
  settle(step: string, how: How, facts?: EventBody): Promise<DoorEvent>;
  whoIsThere(who: Who, facts?: EventBody): Promise<void>;
}

/** A plan made anew on the way gives a visit another number; its events are those of all of them. */
function useAllEvents(id: number, stop: ComputedRef<Stop | null>): ComputedRef<KnownEvent[]> {
  const list = shallowRef<KnownEvent[]>([]);
  let gone = false;
  const stopWatch = watch([stop, eventsTick], async () => {
    const ids = [...(stop.value?.was ?? []), id];
    const found = await Promise.all(ids.map((each) => eventsOf(each))).catch(() => null);
    if (found && !gone) list.value = found.flat();
  }, { immediate: true });
  onScopeDispose(() => {
    gone = true;
    stopWatch();
  });
  return computed(() => list.value);
}

export function useVisit(id: number): Visit {
  const store = useStore();
  const stop = computed(() => store.stop(id));
  const known = useAllEvents(id, stop);
  const kinds = computed<StepKind[]>(() => store.pack.value?.steps ?? []);
  const events = computed(() =>
    known.value.filter(({ state }) => state !== "refused" && state !== "settled").map(({ event }) => event));
  const state = computed(() => visitState(kinds.value, events.value));
  const me = computed(() => session.me?.staff?.id ?? null);
  const partners = computed(() =>
    (store.pack.value?.crew?.members ?? []).filter((member) => member.id !== me.value));
  const withdrawnWhy = computed(() => {
    if (!withdrawn.value.has(id)) return null;
    return notices.value.find((each) => each.visit === id && each.what !== "fact")?.why ?? "";
  });

  async function settle(step: string, how: How, facts: EventBody = {}): Promise<DoorEvent> {
    const why = String(facts["why"] ?? "");
    const fault = deedFault(state.value, kinds.value, { step, how, why });
    if (fault) throw new Error(`${step}: ${fault}`);
    return recordEvent({ visit: id, kind: "step", topic: `step:${step}`, body: { ...facts, step, how, why } });
  }

  async function whoIsThere(who: Who, facts: EventBody = {}): Promise<void> {
    await settle("who_is_there", "done", { ...facts, who });
    for (const step of settledBy(who, kinds.value)) {
      const body = { step, how: "not_needed", why: who };
      await recordEvent({ visit: id, kind: "step", topic: `step:${step}`, body });
    }
  }

  return { id, stop, kinds, events, known, state, me, partners, withdrawnWhy, settle, whoIsThere };
}
