// May we ring? Offline the phone answers from the visit's signed pass alone, and refuses whatever it
// does not know. Online the server is asked and its answer counts.

import { joined, textOf, unb64, utf8 } from "@/crypto/bytes";
import { signatureHolds } from "@/crypto/device";
import { metres } from "@/safety/place";
import type { Pass, PassFacts } from "@/types";

export interface Position {
  latitude: number;
  longitude: number;
  accuracy_m: number;
}

export type Reason =
  | "NO_PASS"
  | "BAD_SIGNATURE"
  | "OTHER_VISIT"
  | "WITHDRAWN"
  | "TOO_OLD"
  | "NOT_YET_ISSUED"
  | "OUTSIDE_HOURS"
  | "PLACE_UNKNOWN"
  | "OTHER_PLACE"
  | "ALONE"
  | "OTHER_PAIR";

export interface Verdict {
  may: boolean;
  why: Reason[];
  /** How long this answer holds, ISO; null when it is no. */
  until: string | null;
}

const PREFIX = utf8("doorstep-pass/1\n");
const CLOCK_SLACK_MS = 120_000;
const ANSWER_HOLDS_MS = 60_000;

/** Whether an answer that was given at `at` still counts: for a minute, and never past its end. */
export function stillHolds(answer: { at: number; until: string | null }, now: number): boolean {
  if (answer.until !== null && now >= Date.parse(answer.until)) return false;
  return now - answer.at <= ANSWER_HOLDS_MS;
}

/** The pass as the server wrote it; null unless its signature holds for these very bytes. */
export async function passOpen(pass: Pass, serverKey: string): Promise<PassFacts | null> {
  try {
    const bytes = unb64(pass.payload);
    const holds = await signatureHolds(serverKey, pass.signature, joined(PREFIX, bytes));
    return holds ? (JSON.parse(textOf(bytes)) as PassFacts) : null;
  } catch {
    return null;
  }
}

/** What the phone knows when it asks. `now` corrected, milliseconds; `crew` who is here, this agent
 * included; `withdrawn` whether a withdrawal or a change was heard of. */
export interface AtDoor {
  visit: number;
  pass: Pass | null;
  serverKey: string;
  now: number;
  here: Position | null;
  crew: readonly number[];
  withdrawn: boolean;
}

/** The phone's own answer. Everything must hold; every reason against it is named. */
export async function clearOffline(door: AtDoor): Promise<Verdict> {
  if (door.withdrawn) return no("WITHDRAWN");
  if (!door.pass) return no("NO_PASS");
  const payload = await passOpen(door.pass, door.serverKey);
  if (!payload || payload.v !== 1 || payload.kind !== "visit-pass") return no("BAD_SIGNATURE");
  if (payload.visit !== door.visit) return no("OTHER_VISIT");
  const why = [...timeFaults(payload, door.now), ...placeFaults(payload, door.here)];
  why.push(...pairFaults(payload, door.crew));
  if (why.length) return no(...why);
  return { may: true, why: [], until: endOf(payload, door.now) };
}

function no(...why: Reason[]): Verdict {
  return { may: false, why, until: null };
}

function timeFaults(payload: PassFacts, now: number): Reason[] {
  const why: Reason[] = [];
  if (!(now < Date.parse(payload.lives_until))) why.push("TOO_OLD");
  if (!(now >= Date.parse(payload.issued_at) - CLOCK_SLACK_MS)) why.push("NOT_YET_ISSUED");
  if (!windowNow(payload, now)) why.push("OUTSIDE_HOURS");
  return why;
}

function windowNow(payload: PassFacts, now: number): [string, string] | undefined {
  return payload.windows.find(([from, until]) => Date.parse(from) <= now && now < Date.parse(until));
}

function endOf(payload: PassFacts, now: number): string | null {
  const until = windowNow(payload, now)?.[1];
  if (!until) return null;
  return Date.parse(until) < Date.parse(payload.lives_until) ? until : payload.lives_until;
}

function placeFaults(payload: PassFacts, here: Position | null): Reason[] {
  const { latitude, longitude } = payload;
  if (!here || latitude === null || longitude === null) return ["PLACE_UNKNOWN"];
  return metres(here, { latitude, longitude }) <= payload.tolerance_m ? [] : ["OTHER_PLACE"];
}

function pairFaults(payload: PassFacts, crew: readonly number[]): Reason[] {
  const here = new Set(crew);
  if ([...here].some((staff) => !payload.members.includes(staff))) return ["OTHER_PAIR"];
  return here.size >= 2 ? [] : ["ALONE"];
}
