/**
 * What happened, as it happened: own events with what the server made of them, and those of the
 * crew's other phones.
 *
 *   await recordEvent({ visit, kind, topic, body })   dated, numbered, chained to what was known of
 *                                                     its topic, stored, and sent when possible
 *   await eventsOf(visit)                             KnownEvent[] in the order they became known
 *   useEvents(visit)                                  the same as a ref that keeps itself current
 */
import { onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef } from "vue";
import { corrected, iso, own } from "@/api/clock";
import { db, settingGet, settingPut, type EventRow } from "@/store/db";
import { exclusive } from "@/store/exclusive";
import { numbersOf } from "@/store/pack";
import { seal, unseal } from "@/store/sealed";
import type {
  Conflict, DoorEvent, EventBody, EventKind, EventResult, EventState, Iso, KnownEvent, Settled,
} from "@/types";

/** Counts up with each change of the events, so that views read anew. */
export const eventsTick = ref(0);

let wake: () => void = () => undefined;

/** What sends the outbox; set once by the sync engine. */
export function onRecorded(act: () => void): void {
  wake = act;
}

/** The server could not take it just now: it stays in the outbox. */
export const AGAIN = "TRY_AGAIN";

export interface Recorded {
  visit: number;
  kind: EventKind;
  topic?: string;
  body: EventBody;
}

/** Without a topic the event only adds up (`kind:<its id>`) and never conflicts. */
export async function recordEvent({ visit, kind, topic, body }: Recorded): Promise<DoorEvent> {
  const event = await exclusive("record", async () => {
    const id = crypto.randomUUID();
    const about = topic ?? `${kind}:${id}`;
    const number = ((await settingGet<number>("event_number")) ?? 0) + 1;
    const made: DoorEvent = {
      id, visit, kind, topic: about, after: await headOf(visit, about),
      at: iso(corrected()), clock_at: iso(own()), number, body,
    };
    const sealed = await seal(`event:${id}`, made);
    await db.transaction("rw", db.events, db.settings, async () => {
      await settingPut("event_number", number);
      await db.events.add(rowOf(made, sealed, { own: 1, order: await nextOrder() }));
    });
    return made;
  });
  eventsTick.value += 1;
  wake();
  return event;
}

function rowOf(
  event: DoorEvent, sealed: EventRow["sealed"], { own: mine, order }: { own: 0 | 1; order: number },
): EventRow {
  return {
    id: event.id, number: mine ? event.number : 0, visit: event.visit, topic: event.topic, own: mine,
    state: mine ? "waiting" : "applied", order, code: "", message: "", sealed,
  };
}

async function nextOrder(): Promise<number> {
  return ((await db.events.orderBy("order").last())?.order ?? 0) + 1;
}

/** The latest event of a topic that counts; one in conflict only where there is no other. */
async function headOf(visit: number, topic: string): Promise<string | null> {
  const keys = numbersOf(visit).map((number) => [number, topic]);
  const rows = await db.events.where("[visit+topic]").anyOf(keys).sortBy("order");
  const counts = rows.filter((row) => row.state === "applied" || row.state === "waiting");
  return (counts.at(-1) ?? rows.filter((row) => row.state === "conflict").at(-1))?.id ?? null;
}

export async function eventsOf(visit: number): Promise<KnownEvent[]> {
  return Promise.all((await db.events.where("visit").anyOf(numbersOf(visit)).sortBy("order")).map(known));
}

async function known(row: EventRow): Promise<KnownEvent> {
  return {
    event: await unseal<DoorEvent>(`event:${row.id}`, row.sealed),
    own: row.own === 1, state: row.state, code: row.code, message: row.message,
  };
}

export function useEvents(visit: Ref<number> | number): ShallowRef<KnownEvent[]> {
  const list = shallowRef<KnownEvent[]>([]);
  const which = typeof visit === "number" ? ref(visit) : visit;
  let gone = false;
  const stop = watch([which, eventsTick], async ([id]) => {
    const found = await eventsOf(id).catch(() => []);
    if (!gone) list.value = found;
  }, { immediate: true });
  onScopeDispose(() => {
    gone = true;
    stop();
  });
  return list;
}

/** Own events not yet sent, in the order in which they were made. */
export async function waitingEvents(most: number): Promise<DoorEvent[]> {
  const rows = (await db.events.where({ state: "waiting" }).sortBy("number")).slice(0, most);
  return Promise.all(rows.map((row) => unseal<DoorEvent>(`event:${row.id}`, row.sealed)));
}

/** Whether an own event is still to be sent. */
export async function isWaiting(id: string): Promise<boolean> {
  return (await db.events.get(id))?.state === "waiting";
}

export async function resultsTake(results: readonly EventResult[]): Promise<void> {
  await db.transaction("rw", db.events, async () => {
    for (const result of results) {
      if (result.code === AGAIN) continue;
      const state = result.state === "already" ? "applied" : result.state;
      const { code = "", message = "" } = result;
      await db.events.where({ id: result.id }).and((row) => row.state === "waiting")
        .modify({ state, code, message });
    }
  });
  eventsTick.value += 1;
}

/** Events of the crew's other phones; one that is known already stays as it is. */
export async function othersTake(events: readonly DoorEvent[]): Promise<void> {
  const sealed = await Promise.all(
    events.map(async (event) => ({ event, bytes: await seal(`event:${event.id}`, event) })),
  );
  await db.transaction("rw", db.events, async () => {
    for (const { event, bytes } of sealed) {
      if (await db.events.get(event.id)) continue;
      await db.events.add(rowOf(event, bytes, { own: 0, order: await nextOrder() }));
    }
  });
  if (events.length) eventsTick.value += 1;
}

/** What persons settled, the oldest first: the kept event counts and those put aside do not,
 * whatever they were here. */
export async function settledTake(settled: readonly Settled[]): Promise<void> {
  await db.transaction("rw", db.events, async () => {
    for (const { kept, aside } of settled) {
      await db.events.where("id").anyOf(aside).modify({ state: "settled" });
      await db.events.update(kept, { state: "applied", code: "", message: "" });
    }
  });
  if (settled.length) eventsTick.value += 1;
}

/** Keeps which conflicts of the crew's day are open: often this phone's own event stands in them. */
export async function conflictsTake(conflicts: readonly Conflict[]): Promise<void> {
  await settingPut("conflicts", conflicts);
  eventsTick.value += 1;
}

/** What a person must look at; of events this phone does not know only visit and topic are told. */
export interface Troubled {
  id: string;
  visit: number;
  topic: string;
  at: Iso | null;
  state: "conflict" | "refused";
  message: string;
}

/** Own events that were refused, and every topic on which phones of the crew differ. */
export async function troubled(): Promise<Troubled[]> {
  const rows = await troubledRows();
  const own = await Promise.all(rows.map(async (row) => troubledOf(row, row.state)));
  return [...own, ...(await Promise.all((await conflictsBeside(rows)).map(conflictOf)))];
}

export async function troubledCount(): Promise<number> {
  const rows = await troubledRows();
  return rows.length + (await conflictsBeside(rows)).length;
}

function troubledRows(): Promise<EventRow[]> {
  return db.events.where("state").anyOf("conflict", "refused").sortBy("order");
}

/** Open conflicts in which none of these rows is. */
async function conflictsBeside(rows: readonly EventRow[]): Promise<Conflict[]> {
  const shown = new Set(rows.map((row) => row.id));
  const open = (await settingGet<Conflict[]>("conflicts")) ?? [];
  return open.filter(({ ids }) => !ids.some((id) => shown.has(id)));
}

async function conflictOf({ ids, visit, topic }: Conflict): Promise<Troubled> {
  const row = await db.events.where("id").anyOf(ids).first();
  const id = ids.join("|");
  if (row) return { ...(await troubledOf(row, "conflict")), id };
  return { id, visit, topic, at: null, state: "conflict", message: "" };
}

async function troubledOf(row: EventRow, state: EventState): Promise<Troubled> {
  const { event, message } = await known(row);
  const { id, visit, topic, at } = event;
  return { id, visit, topic, at, state: state === "refused" ? "refused" : "conflict", message };
}

export async function waitingCount(): Promise<number> {
  return db.events.where({ state: "waiting" }).count();
}
