/**
 * The affordability form as it is filled in at the door: texts as typed, read into answers, counted
 * by the arithmetic of the server, and written down as an event of kind `affordability`.
 */
import {
  affordabilityOf, codesOf, GROUPS, householdChecked, MOST_MINOR, rangeFor, validUntil,
  type Group, type Household, type Line, type Range, type Result,
} from "@/arithmetic/affordability";
import { isDay } from "@/arithmetic/days";
import { Unfit } from "@/arithmetic/faults";
import type { Guideline } from "@/arithmetic/tables";
import { minorFrom } from "@/arithmetic/written";
import type { EventBody, KnownEvent, Means } from "@/types";
import { CAUSES } from "@/visit/causes";

/** One question a screen; the last shows what is left. */
export const PAGES = ["household", "income", "spending", "debt", "life", "result"] as const;
export type Page = (typeof PAGES)[number];

/** What is on the form, as it was typed. `said` is keyed by `group.code`. */
export interface MeansDraft {
  page: Page;
  adults: string;
  children: string;
  said: Record<string, { amount: string; why: string }>;
  life: Record<string, { since: string; until: string }>;
  willing: boolean;
  note: string;
}

export interface LifeEvent {
  cause: string;
  since: string | null;
  expected_until: string | null;
}

/** What could be read of a form; the rest as faults by field. */
export interface MeansRead {
  household: Household;
  lines: Line[];
  events: LifeEvent[];
  faults: Record<string, "amount" | "people" | "day" | "ends_before">;
}

export function draftNew(): MeansDraft {
  return { page: "household", adults: "1", children: "0", said: {}, life: {}, willing: false, note: "" };
}

/** Reads a form; nothing is thrown away because something else cannot be read. */
export function draftRead(draft: MeansDraft, guideline: Guideline): MeansRead {
  const faults: MeansRead["faults"] = {};
  const household = {
    adults: people(draft.adults, { field: "adults", least: 1, faults }),
    children: people(draft.children, { field: "children", least: 0, faults }),
  };
  const lines: Line[] = [];
  for (const group of GROUPS) {
    for (const code of codesOf(guideline, group)) {
      const said = draft.said[`${group}.${code}`];
      if (!said?.amount.trim()) continue;
      const minor = minorFrom(said.amount, guideline.currency);
      if (minor === null || minor > MOST_MINOR) faults[`${group}.${code}`] = "amount";
      else lines.push({ group, code, minor, why: said.why.trim().slice(0, 200) });
    }
  }
  const events = CAUSES.filter((cause) => draft.life[cause]).map((cause) => lifeEvent(cause, draft, faults));
  return { household, lines, events, faults };
}

/** What is left a month so far; null where the household cannot be. */
export function resultOf(read: MeansRead, guideline: Guideline): Result | null {
  try {
    return affordabilityOf(read.household, read.lines, guideline);
  } catch (error) {
    if (error instanceof Unfit) return null;
    throw error;
  }
}

/** Why the form cannot be finished yet; null when it can. */
export function finishFault(read: MeansRead): "faults" | "no_income" | null {
  if (Object.keys(read.faults).length) return "faults";
  return read.lines.some((line) => line.group === "income") ? null : "no_income";
}

/** The usual range of a line, and whether an answer lies outside of it without a reason. */
export function rangeOf(
  read: MeansRead, name: string, guideline: Guideline,
): { usual: Range; asks: boolean } | null {
  const [group, code] = name.split(".") as [Group, string];
  if (group !== "spending" || !householdFits(read.household)) return null;
  const usual = rangeFor(guideline, code, read.household);
  const line = read.lines.find((each) => each.group === group && each.code === code);
  return { usual, asks: !!line && !line.why && (line.minor < usual.low || line.minor > usual.high) };
}

/** The body of the event: the answers, and what the phone made of them. */
export function bodyOf(draft: MeansDraft, guideline: Guideline, on: string): EventBody {
  const read = draftRead(draft, guideline);
  const { income, spending, debts, reserve, disposable } = affordabilityOf(
    read.household, read.lines, guideline,
  );
  return {
    household: read.household, lines: read.lines, events: read.events, willing: draft.willing,
    note: draft.note.trim().slice(0, 1000), on, currency: guideline.currency, income, spending,
    debts, reserve, disposable, valid_until: validUntil(on, guideline),
    guideline: `${guideline.edition}:${guideline.digest}`,
  };
}

/** What is known of the means: what was answered at this visit, else what the pack says. */
export function meansNow(
  events: readonly KnownEvent[], packed: Means | null, guideline: Guideline, on: string,
): Means | null {
  const body = latestBody(events, "affordability");
  const read = body ? answersOf(body) : null;
  if (!read) return packed;
  try {
    const { disposable } = affordabilityOf(read.household, read.lines, guideline);
    const causes = new Set([...(packed?.causes ?? []), ...read.events.map((event) => event.cause)]);
    return {
      disposable, currency: guideline.currency, valid_until: validUntil(on, guideline),
      willing: read.willing, causes: [...causes].sort(),
    };
  } catch (error) {
    if (error instanceof Unfit) return packed;
    throw error;
  }
}

/** The day of the means that count: of this visit's answers, or worked back from how long they hold. */
export function assessedOn(
  events: readonly KnownEvent[], means: Means | null, guideline: Guideline, on: string,
  later: (day: string, days: number) => string,
): string | null {
  if (!means || means.disposable === null) return null;
  return latestBody(events, "affordability") ? on : later(means.valid_until, 1 - guideline.valid_days);
}

/** The body of the last event of a kind that counts, own or of another phone of the crew. */
export function latestBody(events: readonly KnownEvent[], kind: string): EventBody | null {
  const found = events.filter((known) =>
    known.event.kind === kind && (known.state === "applied" || known.state === "waiting"));
  return found.length ? found.reduce((one, other) => (other.event.at >= one.event.at ? other : one)).event.body : null;
}

function answersOf(body: EventBody): (Omit<MeansRead, "faults"> & { willing: boolean }) | null {
  const { household, lines, events } = body as unknown as MeansRead;
  if (!household || !Array.isArray(lines) || !Array.isArray(events)) return null;
  return { household, lines, events, willing: body["willing"] === true };
}

function householdFits(household: Household): boolean {
  try {
    householdChecked(household);
    return true;
  } catch {
    return false;
  }
}

function people(
  text: string, { field, least, faults }: { field: string; least: number; faults: MeansRead["faults"] },
): number {
  const plain = text.normalize("NFKC").trim();
  if (!plain) return least;
  if (/^\d{1,2}$/.test(plain) && Number(plain) >= least && Number(plain) <= 30) return Number(plain);
  faults[field] = "people";
  return least;
}

function lifeEvent(cause: string, draft: MeansDraft, faults: MeansRead["faults"]): LifeEvent {
  const { since, until } = draft.life[cause]!;
  for (const [name, day] of [["since", since], ["until", until]] as const) {
    if (day && !isDay(day)) faults[`${name}.${cause}`] = "day";
  }
  if (since && until && until < since) faults[`until.${cause}`] = "ends_before";
  return { cause, since: isDay(since) ? since : null, expected_until: isDay(until) ? until : null };
}
