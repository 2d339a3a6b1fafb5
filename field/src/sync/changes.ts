/** What changed elsewhere: withdrawn and new stops, the crew's other phones, conflicts. */
import { shallowRef } from "vue";
import { call } from "@/api/client";
import { corrected, iso } from "@/api/clock";
import { db, settingGet, settingPut } from "@/store/db";
import { conflictsTake, othersTake, settledTake } from "@/store/events";
import { seal, unseal } from "@/store/sealed";
import type { Change, Changes } from "@/types";

/** Changes of today, the latest first, as a person is shown them. */
export const notices = shallowRef<Change[]>([]);

/** Timers that run at the server, by visit, in milliseconds since 1970. */
export const timersServed = shallowRef<ReadonlyMap<number, { dueAt: number; alarmAt: number }>>(new Map());

/** Answers the revision the server has of the day. */
export async function changesTake(): Promise<string | null> {
  const after = (await settingGet<string>("cursor")) ?? "";
  const found = await call<Changes>({ path: `changes/?after=${encodeURIComponent(after)}` });
  await othersTake(found.events ?? []);
  await settledTake(found.settled ?? []);
  await conflictsTake(found.conflicts ?? []);
  for (const change of found.changes ?? []) {
    const id = `${change.visit ?? ""}|${change.what}|${change.at}`;
    await db.notices.put({ id, sealed: await seal("notice", change) });
  }
  await settingPut("cursor", String(found.cursor ?? ""));
  if (found.changes?.length) await noticesOpen();
  timersServed.value = new Map((found.timers ?? []).map(({ visit, due_at, alarm_at }) =>
    [visit, { dueAt: Date.parse(due_at), alarmAt: Date.parse(alarm_at) }]));
  return found.revision === null || found.revision === undefined ? null : String(found.revision);
}

/** Reads them after unlocking; those of other days go. */
export async function noticesOpen(hours = 16): Promise<void> {
  const since = iso(new Date(corrected().getTime() - hours * 3_600_000));
  const rows = await db.notices.toArray();
  const read = await Promise.all(
    rows.map(async (row) => ({ id: row.id, change: await unseal<Change>("notice", row.sealed) })),
  );
  const old = read.filter(({ change }) => change.at < since);
  await db.notices.bulkDelete(old.map(({ id }) => id));
  const now = read.filter(({ change }) => change.at >= since).map(({ change }) => change);
  notices.value = now.sort((a, b) => b.at.localeCompare(a.at));
}

export function noticesClose(): void {
  notices.value = [];
  timersServed.value = new Map();
}
