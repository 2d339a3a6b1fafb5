// The visit step by step as plain rules over events: what was done, by whom and when, what comes
// next, what is missing. It holds no state of its own, so that a killed phone, and the partner's
// phone, read the same from the same events.

import type { DoorEvent, KnownEvent, StepText } from "@/types";

/** What the rules read of an event, own or of the partner's phone. */
export type VisitEvent = Pick<DoorEvent, "id" | "kind" | "topic" | "at" | "body" | "staff">;
export type StepKind = Pick<StepText, "code" | "may_skip">;

export type How = "done" | "skipped" | "not_needed";
export type Who = "borrower" | "third_party" | "nobody";
/** `left`: the crew left before it; `waits`: something before it is open. */
export type Status = How | "open" | "waits" | "left";

export interface StepState {
  code: string;
  status: Status;
  at: string | null;
  why: string;
  event: VisitEvent | null;
}

export interface VisitState {
  steps: StepState[];
  /** The step to do now; null when nothing is left. */
  next: string | null;
  who: Who | null;
  /** The answers to the two questions; null while not asked. */
  record: boolean | null;
  enter: boolean | null;
  left: boolean;
  begun: boolean;
  /** The crew stands at the door, or this phone's owner does. */
  there: boolean;
  over: boolean;
}

/** What is not for other ears: with a third party or nobody there these are not needed. */
export const FOR_THE_BORROWER: readonly string[] = [
  "purpose",
  "consent_record",
  "consent_enter",
  "debt",
  "listen",
  "options",
  "agreement",
  "warning",
];
const DEBT = ["debt", "listen", "options", "agreement"];

/** The events that count: applied, or on their way. */
export function counting(known: readonly KnownEvent[]): DoorEvent[] {
  return known.filter(({ state }) => state !== "refused" && state !== "settled").map(({ event }) => event);
}

function last<Event extends VisitEvent>(
  events: readonly Event[], fits: (event: Event) => boolean,
): Event | null {
  let found: Event | null = null;
  for (const event of events) {
    if (fits(event) && (!found || event.at >= found.at)) found = event;
  }
  return found;
}

function latest(events: readonly VisitEvent[], topic: string): VisitEvent | null {
  return last(events, (event) => event.topic === topic);
}

/** The agreement that stands: signed, and not declined afterwards. */
export function agreementOf<Event extends VisitEvent>(events: readonly Event[]): Event | null {
  const found = last(events, ({ kind }) => kind === "agreement" || kind === "declined");
  return found?.kind === "agreement" ? found : null;
}

function settled(status: Status): boolean {
  return status === "done" || status === "skipped" || status === "not_needed" || status === "left";
}

function consent(event: VisitEvent | null): boolean | null {
  if (!event) return null;
  return event.body["how"] === "done" && event.body["given"] === true;
}

/** Where a visit stands, from its events alone. */
export function visitState(
  kinds: readonly Pick<StepText, "code">[],
  events: readonly VisitEvent[],
): VisitState {
  const left = events.some((event) => event.kind === "leave_now");
  const report = latest(events, "report");
  const who = (latest(events, "step:who_is_there")?.body["who"] as Who | undefined) ?? null;
  const steps: StepState[] = [];
  let next: string | null = null;
  for (const { code } of kinds) {
    const event = code === "report" ? report : latest(events, `step:${code}`);
    const status = statusOf(code, event, { left, who, free: next === null });
    if (!settled(status)) next ??= code;
    const why = String(event?.body["why"] ?? "");
    steps.push({ code, status, at: event?.at ?? null, why, event });
  }
  return {
    steps,
    next,
    who,
    record: consent(latest(events, "step:consent_record")),
    enter: consent(latest(events, "step:consent_enter")),
    left,
    begun: steps.some((step) => step.event !== null),
    there: latest(events, "step:arrive") !== null || events.some(isOwnArrival),
    over: report !== null,
  };
}

/** Events of other phones name who made them. */
function isOwnArrival({ kind, body, staff }: VisitEvent): boolean {
  return kind === "check_in" && body["what"] === "arrived" && staff === undefined;
}

function notForThem(code: string, who: Who | null): boolean {
  return who !== null && who !== "borrower" && FOR_THE_BORROWER.includes(code);
}

function statusOf(
  code: string,
  event: VisitEvent | null,
  so: { left: boolean; who: Who | null; free: boolean },
): Status {
  if (event) return code === "report" ? "done" : (event.body["how"] as How);
  if (notForThem(code, so.who)) return "not_needed";
  if (so.left && code !== "report") return "left";
  return so.free ? "open" : "waits";
}

export function stepOf(state: VisitState, code: string): StepState | null {
  return state.steps.find((step) => step.code === code) ?? null;
}

/** Whether a step's screen may be opened: settled ones to look at, the open one to do. */
export function mayOpen(state: VisitState, code: string): boolean {
  const step = stepOf(state, code);
  if (!step || step.status === "waits") return false;
  return !notForThem(code, state.who);
}

/** Whether nothing about the debt may be shown: from the arrival until the borrower stands there. On
 * the way there the crew prepares itself. */
export function debtLocked(state: VisitState): boolean {
  return state.there && state.who !== "borrower";
}

/** Whether the bill can be challenged: from the debt step on until the report. */
export function mayDispute(state: VisitState): boolean {
  const debt = stepOf(state, "debt");
  return state.who === "borrower" && !state.over && debt !== null && debt.status === "done";
}

/** Who is at the door, this agent among them: whoever wrote the arrival down, and their partner. */
export function crewThere(state: VisitState, me: number | null): number[] {
  const arrival = stepOf(state, "arrive")?.event;
  const partner = (arrival?.body["partner"] as { staff?: number } | undefined)?.staff;
  return [...new Set([me, arrival?.staff, partner].filter((staff) => staff != null))];
}

/** What the answer to "who is there" settles by itself, to be written down step by step. */
export function settledBy(who: Who, kinds: readonly Pick<StepText, "code">[]): string[] {
  if (who === "borrower") return [];
  return kinds.map((kind) => kind.code).filter((code) => FOR_THE_BORROWER.includes(code));
}

export interface StepDeed {
  step: string;
  how: How;
  why?: string;
}

export type DeedFault = "NOT_THIS_STEP" | "WAITS" | "MAY_NOT_SKIP" | "WHY_MISSING" | "OVER";

/** What speaks against writing this down; null when nothing does. */
export function deedFault(
  state: VisitState,
  kinds: readonly StepKind[],
  deed: StepDeed,
): DeedFault | null {
  const kind = kinds.find((each) => each.code === deed.step);
  const step = stepOf(state, deed.step);
  if (!kind || !step || deed.step === "report") return "NOT_THIS_STEP";
  if (state.over || state.left) return "OVER";
  if (step.status === "waits" && deed.how !== "not_needed") return "WAITS";
  if (deed.how === "skipped" && !kind.may_skip) return "MAY_NOT_SKIP";
  if (deed.how === "skipped" && !deed.why?.trim()) return "WHY_MISSING";
  return null;
}

export type Missing = { what: "step"; code: string } | { what: "recording" };

/** What must be done before `close`: open steps, a running recording. */
export function missingBeforeClose(
  state: VisitState,
  facts: { recording: boolean },
): Missing[] {
  const before = state.steps.slice(0, state.steps.findIndex((step) => step.code === "close"));
  const open = before.filter((step) => !settled(step.status));
  const missing: Missing[] = open.map((step) => ({ what: "step", code: step.code }));
  if (facts.recording) missing.push({ what: "recording" });
  return missing;
}

/** When the crew came to the door and when it left, from the same events on every phone. */
export function onSite(
  state: VisitState,
  events: readonly VisitEvent[],
): { since: string | null; until: string | null } {
  const arrived = stepOf(state, "arrive")?.at ?? null;
  const leaves = events.find((event) => event.kind === "leave_now")?.at ?? null;
  return { since: arrived, until: stepOf(state, "close")?.at ?? leaves };
}

export type Outcome =
  | "agreed"
  | "promised"
  | "declined"
  | "not_met"
  | "third_party"
  | "refused_talk"
  | "left_early";

/** The outcome the events speak for; the agents may correct it. */
export function outcomeOf(state: VisitState, events: readonly VisitEvent[]): Outcome {
  if (state.left) return "left_early";
  if (state.who === "nobody") return "not_met";
  if (state.who === "third_party") return "third_party";
  if (agreementOf(events)) return "agreed";
  const listened = stepOf(state, "listen")?.status === "done";
  const talked = DEBT.some((code) => stepOf(state, code)?.status === "done");
  return listened || talked ? "declined" : "refused_talk";
}
