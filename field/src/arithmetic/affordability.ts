/** What is left a month when a household has paid for its life (`agreements.affordability`). */

import { daysLater } from "./days";
import { Unfit } from "./faults";
import type { Guideline } from "./tables";
import { percentDown, percentHalfUp, sum } from "./whole";

export const GROUPS = ["income", "spending", "debt"] as const;
export type Group = (typeof GROUPS)[number];
export const MOST_MINOR = 10 ** 12;
export const MOST_PEOPLE = 30;

/** How an answer was counted. */
export type How = "as_said" | "in_part" | "raised" | "explained" | "lowered";

export interface Household {
  adults: number;
  children: number;
}

/** One answer, minor units a month; `why` explains a figure outside the usual range. */
export interface Line {
  group: Group;
  code: string;
  minor: number;
  why: string;
}

export interface Range {
  low: number;
  high: number;
}

export interface Finding {
  group: Group;
  code: string;
  said: number;
  counted: number;
  how: How;
  low: number | null;
  high: number | null;
}

/** What is left and how it came about: income - spending - debts - reserve = disposable. */
export interface Result {
  income: number;
  spending: number;
  debts: number;
  reserve: number;
  disposable: number;
  findings: readonly Finding[];
}

/** The lines of a group, in the order of the form. */
export function codesOf(guideline: Guideline, group: Group): readonly string[] {
  if (group === "income") return guideline.income.map(([code]) => code);
  if (group === "spending") return guideline.spending.map(([code]) => code);
  return guideline.debts;
}

/** What a kind of spending usually costs a household. */
export function rangeFor(guideline: Guideline, code: string, household: Household): Range {
  const [, low, high] = guideline.spending.find(([name]) => name === code)!;
  const heads = headsPercent(guideline, household);
  return { low: percentHalfUp(low, heads), high: percentHalfUp(high, heads) };
}

/** The size of a household as a percentage of its first adult. */
export function headsPercent(guideline: Guideline, { adults, children }: Household): number {
  return 100 + (adults - 1) * guideline.adult_percent + children * guideline.child_percent;
}

/** Unfit BAD_AFFORDABILITY naming the field for a line that nobody asked for, one that comes twice,
 * or an amount that cannot be. */
export function linesChecked(lines: readonly Line[], guideline: Guideline): void {
  const seen = new Set<string>();
  for (const { group, code, minor } of lines) {
    const field = `${group}.${code}`;
    const known = GROUPS.includes(group) && codesOf(guideline, group).includes(code);
    const usable = Number.isInteger(minor) && minor >= 0 && minor <= MOST_MINOR;
    if (!known || seen.has(field) || !usable) throw bad(field);
    seen.add(field);
  }
}

/** Unfit BAD_AFFORDABILITY for a household that cannot be. */
export function householdChecked({ adults, children }: Household): void {
  if (!Number.isInteger(adults) || adults < 1 || adults > MOST_PEOPLE) throw bad("adults");
  if (!Number.isInteger(children) || children < 0 || children > MOST_PEOPLE) throw bad("children");
}

/** What is left a month. Unfit as `linesChecked` and `householdChecked`. */
export function affordabilityOf(
  household: Household,
  lines: readonly Line[],
  guideline: Guideline,
): Result {
  householdChecked(household);
  linesChecked(lines, guideline);
  const findings = GROUPS.flatMap((group) =>
    codesOf(guideline, group).map((code) => {
      const said = lines.find((line) => line.group === group && line.code === code);
      return findingOf(said ?? { group, code, minor: 0, why: "" }, household, guideline);
    }),
  );
  const counted = (group: Group) =>
    sum(findings.filter((found) => found.group === group).map((found) => found.counted));
  const [income, spending, debts] = [counted("income"), counted("spending"), counted("debt")];
  const reserve = percentHalfUp(spending, guideline.reserve_percent);
  return {
    income,
    spending,
    debts,
    reserve,
    disposable: income - spending - debts - reserve,
    findings: findings.filter((found) => found.said || found.counted),
  };
}

/** Whether somebody should ask again, because a reason is missing. */
export function asks(finding: Finding): boolean {
  return finding.how === "raised" || finding.how === "lowered";
}

/** The last day on which a form that was finished on a day holds. */
export function validUntil(on: string, guideline: Guideline): string {
  return daysLater(on, guideline.valid_days - 1);
}

/** The highest instalment a month that still counts as affordable; 0 where nothing is left. */
export function mostForPlan(disposable: number, guideline: Guideline): number {
  return percentDown(Math.max(disposable, 0), guideline.most_share_percent);
}

function findingOf(line: Line, household: Household, guideline: Guideline): Finding {
  const { group, code, minor: said } = line;
  if (group === "spending") return spendingOf(line, rangeFor(guideline, code, household));
  if (group === "debt") return { group, code, said, counted: said, how: "as_said", low: null, high: null };
  const [, percent] = guideline.income.find(([name]) => name === code)!;
  const how: How = percent === 100 ? "as_said" : "in_part";
  return { group, code, said, counted: percentDown(said, percent), how, low: null, high: null };
}

function spendingOf({ group, code, minor: said, why }: Line, { low, high }: Range): Finding {
  const made = (counted: number, how: How): Finding => ({ group, code, said, counted, how, low, high });
  if (low <= said && said <= high) return made(said, "as_said");
  if (!isBlank(why)) return made(said, "explained");
  return said < low ? made(low, "raised") : made(high, "lowered");
}

/** Whether Python's `strip` leaves nothing of a text; JavaScript's `trim` differs in a few signs. */
function isBlank(text: string): boolean {
  return /^[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*$/.test(text);
}

function bad(field: string): Unfit {
  return new Unfit("BAD_AFFORDABILITY", field);
}
