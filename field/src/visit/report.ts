// The report as it is drawn up from what happened, for the agents to complete in their own words. Pure.

import { minorFrom } from "@/arithmetic/written";
import type { DoorEvent, EventBody, Stop } from "@/types";
import { outcomeOf, stepOf, type Outcome, type VisitState } from "@/visit/machine";

export interface Draft {
  outcome: Outcome;
  said: string;
  reasons: string[];
  situation: string;
  promised: boolean;
  loan: string;
  amount: string;
  due_on: string;
  hardship: string;
  hardship_note: string;
  place: "" | "verified" | "wrong";
  shown: string[];
  people: string;
  mood: string;
  uncleared_why: string;
  without_agreement: string;
}

export const OUTCOMES: readonly Outcome[] = [
  "agreed", "promised", "declined", "not_met", "third_party", "refused_talk", "left_early",
];
export const MOODS = ["calm", "tense", "hard"] as const;

/** What is known already: the outcome, the people, what was shown, what the borrower told. */
export function draftOf(
  state: VisitState,
  events: readonly DoorEvent[],
  facts: { stop: Stop; people: readonly string[] },
): Draft {
  const heard = stepOf(state, "listen")?.event?.body ?? {};
  const met = state.who === "borrower";
  const clearance = stepOf(state, "clearance");
  return {
    outcome: outcomeOf(state, events),
    said: "",
    reasons: (heard["reasons"] as string[] | undefined) ?? [],
    situation: String(heard["situation"] ?? ""),
    promised: false,
    loan: facts.stop.loans[0]?.loan_id ?? "",
    amount: "",
    due_on: "",
    hardship: "",
    hardship_note: "",
    place: met ? "verified" : "",
    shown: shownOf(state),
    people: [...(met ? [facts.stop.who] : []), ...facts.people].join("\n"),
    mood: "",
    uncleared_why: clearance?.status === "skipped" ? clearance.why : "",
    without_agreement: "",
  };
}

function shownOf(state: VisitState): string[] {
  const shown = stepOf(state, "identity")?.event?.body["shown"];
  const papers = Array.isArray(shown) ? shown.map(String) : [];
  return stepOf(state, "debt")?.status === "done" ? [...papers, "bill"] : papers;
}

/** What was promised, in minor units; null for what is no amount. */
function amountOf(typed: string, currency: string): number | null {
  return minorFrom(typed, currency) || null;
}

export type DraftFault = "SAID" | "AMOUNT" | "DUE_ON" | "OUTCOME" | "UNCLEARED" | "SIGNATURES" | "AGREEMENT";

/** What is missing before the report can be sent. `today` as YYYY-MM-DD. */
export function draftFaults(
  draft: Draft,
  facts: { currency: string; today: string; signed: number; agreed: boolean; recorded: boolean; cleared: boolean },
): DraftFault[] {
  const faults: DraftFault[] = [];
  if (draft.said.trim().length < (facts.recorded ? 1 : 10)) faults.push("SAID");
  if (draft.outcome === "promised" && !draft.promised) faults.push("OUTCOME");
  if (draft.promised && amountOf(draft.amount, facts.currency) === null) faults.push("AMOUNT");
  if (draft.promised && !(draft.due_on >= facts.today)) faults.push("DUE_ON");
  if (!facts.cleared && !draft.uncleared_why.trim()) faults.push("UNCLEARED");
  if (facts.agreed && draft.outcome !== "agreed" && !draft.without_agreement.trim()) faults.push("AGREEMENT");
  if (facts.signed < 2) faults.push("SIGNATURES");
  return faults;
}

/** The event's body. `say` puts a code into words: the record is read by people. */
export function reportBody(
  draft: Draft,
  facts: { stop: Stop; signatures: { staff: number; png: string }[]; currency: string },
  say: (key: string) => string,
): EventBody {
  const lines = (text: string): string[] => text.split("\n").map((line) => line.trim()).filter(Boolean);
  const body: EventBody = {
    outcome: draft.outcome,
    said: draft.said.trim(),
    reasons: draft.reasons.map((cause) => say(`cause.${cause}`)),
    situation: draft.situation.trim(),
    promise: draft.promised ? promiseOf(draft, facts.currency) : null,
    hardship: draft.hardship ? { cause: draft.hardship, note: draft.hardship_note.trim() } : null,
    contact_facts: draft.place ? [{ kind: "address", value: facts.stop.place.text, state: draft.place }] : [],
    shown: draft.shown.map((paper) => say(`shown.${paper}`)),
    people: lines(draft.people),
    signatures: facts.signatures,
    mood: draft.mood && say(`mood.${draft.mood}`),
    uncleared_why: draft.uncleared_why.trim(),
  };
  if (draft.without_agreement.trim()) body["without_agreement"] = draft.without_agreement.trim();
  return body;
}

function promiseOf(draft: Draft, currency: string): EventBody {
  const amount = amountOf(draft.amount, currency);
  return { loan: draft.loan || null, amount, currency, due_on: draft.due_on };
}
