// Recordings on the phone: rows of sealed bytes. Every segment is written down together with the
// chain's new head, so that a killed phone never loses its place.

import { hex, type Bytes } from "@/crypto/bytes";
import { db } from "@/store/db";
import type { Table } from "dexie";

import { chainGrows, unhex } from "./chain";

/** A stretch in which nothing, or not everything, was recorded: milliseconds since 1970, and why. */
export type Gap = [from_ms: number, until_ms: number, why: GapWhy];
export type GapWhy =
  | "paused"
  | "interrupted"
  | "hidden"
  | "killed"
  | "track_ended"
  | "frozen"
  | "no_space"
  | "consent_withdrawn";

/** `sent`: the office has it all, and only what the receipt says is left here. `refused`: the office
 * holds something else under this name; a person must look. */
export type RecordingState = "running" | "ended" | "sent" | "refused";

/** A recording; `head` and `last_ms` are those after `count` segments. */
export interface RecordingKept {
  id: string;
  visit: number;
  state: RecordingState;
  nonce: string;
  wrapped: string;
  media_type: string;
  started_at: string;
  consent: string;
  head: string;
  count: number;
  last_ms: number;
  gaps: Gap[];
  signature: string;
  fault: string;
}

export interface SegmentKept {
  recording: string;
  seq: number;
  sent: 0 | 1;
  sha: string;
  started_ms: number;
  length_ms: number;
  body: Bytes;
}

export const recordings = db.recordings as unknown as Table<RecordingKept, string>;
export const segments = db.segments as unknown as Table<SegmentKept, [string, number]>;

/** Write a finished segment and the chain's new head, both or neither. */
export async function segmentKeep(segment: SegmentKept): Promise<void> {
  const before = await recordings.get(segment.recording);
  if (before?.state !== "running" || before.count !== segment.seq) {
    throw new Error(`segment ${segment.seq} has no place in recording ${segment.recording}`);
  }
  const head = hex(await chainGrows(unhex(before.head), { ...segment, sha: unhex(segment.sha) }));
  const last_ms = segment.started_ms + segment.length_ms;
  await db.transaction("rw", recordings, segments, async () => {
    await segments.add(segment);
    await recordings.update(segment.recording, { head, count: segment.seq + 1, last_ms });
  });
}

export async function gapKeep(recording: string, gap: Gap): Promise<void> {
  await recordings.where({ id: recording }).modify((row: RecordingKept) => {
    row.gaps.push(gap);
  });
}

/** The office has it all: the bytes go, what the receipt says stays. */
export async function recordingSent(id: string): Promise<void> {
  await db.transaction("rw", recordings, segments, async () => {
    await segments.where({ recording: id }).delete();
    await recordings.update(id, { state: "sent" });
  });
}

/** How much the office does not have yet: segments, and ends of recordings. */
export async function recordingsWaiting(): Promise<number> {
  const rows = await recordings.where("state").anyOf("running", "ended").toArray();
  const keys = rows.map(({ id }) => [id, 0]);
  const ends = rows.filter(({ state }) => state === "ended").length;
  return ends + (await segments.where("[recording+sent]").anyOf(keys).count());
}

/** Those the office did not take, which a person must look at. */
export function recordingsRefused(): Promise<RecordingKept[]> {
  return recordings.where({ state: "refused" }).sortBy("started_at");
}

export async function recordingsOf(visit: number): Promise<RecordingKept[]> {
  const rows = await recordings.where({ visit }).toArray();
  return rows.sort((one, two) => one.started_at.localeCompare(two.started_at));
}
