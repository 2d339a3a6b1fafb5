/**
 * The phone's store as views use it; everything personal is encrypted at rest.
 *
 *   const store = useStore()
 *   store.pack.value                        DayPack | null of today
 *   store.stop(visit)                       Stop | null, by visit id
 *   await store.draftGet<T>(visit, name)    T | null: what was being written, per visit and name
 *   await store.draftPut(visit, name, value)
 *   await store.draftDrop(visit, name)
 *   await store.eventsOf(visit)             KnownEvent[], own and others'
 *   recordEvent({ visit, kind, topic, body }), useEvents(visit): see store/events.ts
 *   db: Dexie tables; `recordings` and `segments` are src/recording's
 */
import { shallowReadonly, type ShallowRef } from "vue";
import { db, type PackRow } from "@/store/db";
import { eventsOf, eventsTick } from "@/store/events";
import { numbersOf, pack, stopOf } from "@/store/pack";
import { seal, unseal } from "@/store/sealed";
import type { DayPack, EventState, KnownEvent, Stop } from "@/types";

export { db } from "@/store/db";
export { eventsOf, recordEvent, useEvents } from "@/store/events";

export interface Store {
  readonly pack: Readonly<ShallowRef<DayPack | null>>;
  stop(visit: number): Stop | null;
  draftGet<T>(visit: number, name: string): Promise<T | null>;
  draftPut(visit: number, name: string, value: unknown): Promise<void>;
  draftDrop(visit: number, name: string): Promise<void>;
  eventsOf(visit: number): Promise<KnownEvent[]>;
}

const store: Store = {
  pack: shallowReadonly(pack),
  stop: stopOf,
  draftGet,
  draftPut,
  draftDrop: (visit, name) => db.drafts.bulkDelete(numbersOf(visit).map((number) => [number, name])),
  eventsOf,
};

export function useStore(): Store {
  return store;
}

async function draftGet<T>(visit: number, name: string): Promise<T | null> {
  for (const number of numbersOf(visit)) {
    const row = await db.drafts.get([number, name]);
    if (row) return unseal<T>(`draft:${number}:${name}`, row.sealed);
  }
  return null;
}

async function draftPut(visit: number, name: string, value: unknown): Promise<void> {
  await db.drafts.put({ visit, name, sealed: await seal(`draft:${visit}:${name}`, value) });
}

/**
 * Keeps the day's pack and forgets what belongs to other days: drafts of visits that are not in
 * it, and events the server has. What is not yet sent stays until it is.
 */
export async function packTake(taken: DayPack): Promise<void> {
  const sealed = await seal("pack", taken);
  const row: PackRow = { key: "pack", day: taken.day, revision: String(taken.revision), sealed };
  const visits = new Set(taken.stops.flatMap((stop) => [stop.visit, ...(stop.was ?? [])]));
  await db.transaction("rw", db.packs, db.drafts, db.events, async () => {
    const before = await db.packs.get("pack");
    await db.packs.put(row);
    if (before?.day === taken.day) return;
    await db.drafts.filter((draft) => !visits.has(draft.visit)).delete();
    await db.events.filter((event) => !visits.has(event.visit) && isThere(event.state)).delete();
  });
  pack.value = taken;
}

function isThere(state: EventState): boolean {
  return state !== "waiting" && state !== "refused";
}

/** Reads the pack after unlocking, and lets views read anew; one of another day is deleted. */
export async function packOpen(today: string): Promise<void> {
  const row = await db.packs.get("pack");
  if (row && row.day !== today) await db.packs.delete("pack");
  pack.value = row && row.day === today ? await unseal<DayPack>("pack", row.sealed) : null;
  eventsTick.value += 1;
}

/** Out of memory, as when the phone locks; it stays on the disk, encrypted. */
export function packClose(): void {
  pack.value = null;
}
