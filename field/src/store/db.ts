/**
 * The tables of the phone. Rows with personal data hold them only in `sealed` (see sealed.ts);
 * beside it stand numbers and states that say nothing about a person. `recordings` and `segments`
 * belong to src/recording: segments are encrypted to the server before they are put here.
 */
import Dexie, { type Table } from "dexie";
import type { EventState } from "@/types";

export type Sealed = Uint8Array<ArrayBuffer>;

export interface SettingRow {
  key: string;
  value: unknown;
}

export interface PackRow {
  key: "pack";
  day: string;
  revision: string;
  sealed: Sealed;
}

export interface DraftRow {
  visit: number;
  name: string;
  sealed: Sealed;
}

/** `number` is the device's running number of an own event, 0 of another device's. */
export interface EventRow {
  id: string;
  number: number;
  visit: number;
  topic: string;
  own: 0 | 1;
  state: EventState;
  order: number;
  code: string;
  message: string;
  sealed: Sealed;
}

/** `id` tells visit, what and when: the server may say the same twice. */
export interface NoticeRow {
  id: string;
  sealed: Sealed;
}

export interface SosRow {
  key: string;
  sealed: Sealed;
}

/** Free for src/recording: more fields may be put, only the keys are fixed. */
export interface RecordingRow {
  id: string;
  visit: number;
  state: string;
  [more: string]: unknown;
}

export interface SegmentRow {
  recording: string;
  seq: number;
  sent: 0 | 1;
  body: Blob | ArrayBuffer | Uint8Array;
  [more: string]: unknown;
}

export class FieldDb extends Dexie {
  settings!: Table<SettingRow, string>;
  packs!: Table<PackRow, string>;
  drafts!: Table<DraftRow, [number, string]>;
  events!: Table<EventRow, string>;
  notices!: Table<NoticeRow, string>;
  sos!: Table<SosRow, string>;
  recordings!: Table<RecordingRow, string>;
  segments!: Table<SegmentRow, [string, number]>;

  constructor(name = "doorstep-field") {
    super(name);
    this.version(1).stores({
      settings: "key",
      packs: "key",
      drafts: "[visit+name], visit",
      events: "id, number, visit, state, order, [visit+topic]",
      notices: "id",
      sos: "key",
      recordings: "id, visit, state",
      segments: "[recording+seq], recording, sent, [recording+sent]",
    });
  }
}

export const db = new FieldDb();

export async function settingGet<T>(key: string): Promise<T | undefined> {
  return (await db.settings.get(key))?.value as T | undefined;
}

export async function settingPut(key: string, value: unknown): Promise<void> {
  await db.settings.put({ key, value });
}

export async function settingDrop(key: string): Promise<void> {
  await db.settings.delete(key);
}
