/**
 * A visit as its screens see it: the stop, the state worked out from the events of all phones, and
 * the deeds that write events. Nothing is kept here: after a kill the same events say the same.
 */
import { computed, ref, watch, type ComputedRef, type Ref } from "vue";
import { session } from "@/app/session";
import { recordEvent, useEvents, useStore } from "@/store";
import type { DoorEvent, EventBody, KnownEvent, Member, Stop } from "@/types";
import {
  counting, deedFault, missingBeforeClose, settledBy, visitState, type How, type StepKind, type VisitState, type Who,
} from "@/visit/machine";
import { withdrawalOf } from "@/visit/withdrawn";

export interface Visit {
  id: number;
  /** What the office calls it now: a plan made anew gives a visit another number. */
  number: ComputedRef<number>;
  stop: ComputedRef<Stop | null>;
  kinds: ComputedRef<StepKind[]>;
  /** The events that count: applied, or on their way. */
  events: ComputedRef<DoorEvent[]>;
  known: Readonly<Ref<KnownEvent[]>>;
  /** Whether the events have been read; before that the state says nothing. */
  loaded: Readonly<Ref<boolean>>;
  state: ComputedRef<VisitState>;
  me: ComputedRef<number | null>;
  partners: ComputedRef<Member[]>;
  /** Why the office took this visit back; null while it stands. */
  withdrawnWhy: ComputedRef<string | null>;
  settle(step: string, how: How, facts?: EventBody): Promise<DoorEvent>;
  whoIsThere(who: Who, facts?: EventBody): Promise<void>;
  /** Leaves out what is open before taking leave. */
  cutShort(why: string): Promise<void>;
}

export function useVisit(id: number): Visit {
  const store = useStore();
  const stop = computed(() => store.stop(id));
  const number = computed(() => stop.value?.visit ?? id);
  const known = useEvents(number);
  const loaded = ref(false);
  watch(known, () => (loaded.value = true), { once: true, flush: "sync" });
  const kinds = computed<StepKind[]>(() => store.pack.value?.steps ?? []);
  const events = computed(() => counting(known.value));
  const state = computed(() => visitState(kinds.value, events.value));
  const me = computed(() => session.me?.staff?.id ?? null);
  const partners = computed(() =>
    (store.pack.value?.crew?.members ?? []).filter((member) => member.id !== me.value));
  const withdrawnWhy = computed(() => withdrawalOf(id)?.why ?? null);

  async function settle(step: string, how: How, facts: EventBody = {}): Promise<DoorEvent> {
    const why = String(facts["why"] ?? "");
    const fault = deedFault(state.value, kinds.value, { step, how, why });
    if (fault) throw new Error(`${step}: ${fault}`);
    return write(step, how, { ...facts, why });
  }

  function write(step: string, how: How, facts: EventBody): Promise<DoorEvent> {
    return recordEvent({ visit: id, kind: "step", topic: `step:${step}`, body: { ...facts, step, how } });
  }

  async function whoIsThere(who: Who, facts: EventBody = {}): Promise<void> {
    await settle("who_is_there", "done", { ...facts, who });
    for (const step of settledBy(who, kinds.value)) await write(step, "not_needed", { why: who });
  }

  async function cutShort(why: string): Promise<void> {
    for (const missing of missingBeforeClose(state.value, { recording: false })) {
      if (missing.what === "step") await write(missing.code, "not_needed", { why });
    }
  }

  return {
    id, number, stop, kinds, events, known, loaded, state, me, partners, withdrawnWhy,
    settle, whoIsThere, cutShort,
  };
}
