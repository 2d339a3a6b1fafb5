/**
 * The terms of a plan, and the rows that follow from them (`agreements.terms`).
 *
 * Principal is paid off in level instalments at the rate of the terms. What is owed already of
 * interest, fees and penalty is spread evenly over the regular rows and bears nothing itself.
 */

import { monthsLater } from "./days";
import { Unfit } from "./faults";
import {
  each,
  minus,
  NOTHING,
  partsFrom,
  plus,
  sumOf,
  totalOf,
  type Part,
  type Parts,
} from "./parts";
import { schedule, type ScheduleRow } from "./schedule";
import type { BorrowerLoan as PackLoan, Terms } from "@/types";
import { percentDown, percentHalfUp, sum } from "./whole";

export type { Terms };

export const LONGEST_MONTHS = 360;
export const CARD = "credit_card";
const WAIVED_FIRST = ["penalty", "fee", "interest", "principal"] as const;

/** A loan as the day pack holds it; `contract` is the number people know it by. */
export type BorrowerLoanJson = PackLoan & { contract?: string };

export interface BorrowerLoan extends Omit<BorrowerLoanJson, "owed" | "overdue" | "disputed"> {
  owed: Parts;
  overdue: Parts;
  disputed: Parts;
}

export interface PlanRow {
  number: number;
  due_on: string;
  parts: Parts;
  by_loan: Readonly<Record<string, Parts>>;
}

/** The rows of a plan, what was owed and what is waived of it, by loan. */
export interface Plan {
  rows: readonly PlanRow[];
  owed: Readonly<Record<string, Parts>>;
  waived: Readonly<Record<string, Parts>>;
}

/** A loan as the day pack holds it, with its parts by name. */
export function loanFrom(json: BorrowerLoanJson): BorrowerLoan {
  return {
    ...json,
    owed: partsFrom(json.owed),
    overdue: partsFrom(json.overdue),
    disputed: partsFrom(json.disputed),
  };
}

/** Terms with what is not said left as usual. Unfit BAD_TERMS names what cannot be. */
export function termsOf(said: Partial<Terms> & Pick<Terms, "kind" | "months" | "first_on">): Terms {
  const terms: Terms = {
    rate_ppm: null, pause: 0, smaller: 0, smaller_percent: 0, waive: {}, settle_percent: null,
    covers: "all", ...said,
  };
  termsChecked(terms);
  return terms;
}

/** Months from the first due day to the last, both counted. */
export function allMonths(terms: Terms): number {
  return terms.pause + terms.smaller + terms.months;
}

/** What the terms speak of: all that is owed on a loan, or what is overdue. */
export function coveredParts(loan: BorrowerLoan, covers: string): Parts {
  return covers === "all" ? loan.owed : loan.overdue;
}

/** The rows of a plan from day `on`. Unfit BAD_TERMS where there is nothing to pay, or for a first
 * day that is over. */
export function planOf(loans: readonly BorrowerLoan[], terms: Terms, on: string): Plan {
  if (terms.first_on <= on) throw new Unfit("BAD_TERMS", "first_on");
  const owed: Record<string, Parts> = {};
  const waived: Record<string, Parts> = {};
  const rows: [string, Parts[]][] = [];
  for (const loan of loans) {
    const covered = coveredParts(loan, terms.covers);
    owed[loan.loan_id] = covered;
    waived[loan.loan_id] = waivedOf(covered, terms);
    rows.push([loan.loan_id, loanRows(minus(covered, waived[loan.loan_id]!), loan, terms, on)]);
  }
  const made: Omit<PlanRow, "number">[] = [];
  for (let place = 0; place < allMonths(terms); place += 1) {
    const byLoan = Object.fromEntries(rows.map(([id, found]) => [id, found[place]!]));
    const parts = sumOf(Object.values(byLoan));
    if (totalOf(parts)) made.push({ due_on: monthsLater(terms.first_on, place), parts, by_loan: byLoan });
  }
  if (!made.length) throw new Unfit("BAD_TERMS", "loans");
  return { rows: made.map((row, place) => ({ number: place + 1, ...row })), owed, waived };
}

/** What the terms waive of an amount owed; a settlement takes penalty first, principal last. */
export function waivedOf(owed: Parts, terms: Pick<Terms, "waive" | "settle_percent">): Parts {
  if (terms.settle_percent === null) {
    return each((part) => percentDown(owed[part], terms.waive[part] ?? 0));
  }
  let left = totalOf(owed) - percentHalfUp(totalOf(owed), terms.settle_percent);
  const taken: Record<Part, number> = { ...NOTHING };
  for (const part of WAIVED_FIRST) {
    taken[part] = Math.min(left, owed[part]);
    left -= taken[part];
  }
  return taken;
}

/** All that is paid under a plan. */
export function planTotal(plan: Plan): number {
  return sum(plan.rows.map((row) => totalOf(row.parts)));
}

/** All that is waived under a plan, by component. */
export function planWaived(plan: Plan): Parts {
  return sumOf(Object.values(plan.waived));
}

/** The highest instalment. */
export function planMost(plan: Plan): number {
  return Math.max(...plan.rows.map((row) => totalOf(row.parts)));
}

/** The instalment that comes most often; the higher where two do. */
export function planUsual(plan: Plan): number {
  const often = new Map<number, number>();
  for (const row of plan.rows) often.set(totalOf(row.parts), (often.get(totalOf(row.parts)) ?? 0) + 1);
  const [found] = [...often].sort(([one, times], [other, more]) => more - times || other - one);
  return found![0];
}

/** Interest that comes on top while the plan runs. */
export function newInterest(plan: Plan): number {
  const old = sum(Object.keys(plan.owed).map((id) => plan.owed[id]!.interest - plan.waived[id]!.interest));
  return sum(plan.rows.map((row) => row.parts.interest)) - old;
}

function loanRows(kept: Parts, loan: BorrowerLoan, terms: Terms, on: string): Parts[] {
  const before = terms.pause + terms.smaller;
  const rate = terms.rate_ppm ?? loan.annual_rate_ppm;
  const asked = {
    principal: kept.principal, annual_rate_ppm: rate, start_on: on, first_on: terms.first_on,
  };
  const reduced = [
    ...Array<number>(terms.pause).fill(0),
    ...Array<number>(terms.smaller).fill(smallerOf(asked, terms)),
  ];
  const rows = schedule({ ...asked, number: allMonths(terms), reduced });
  const older = (part: Part, place: number) =>
    part === "principal" || place < before ? 0 : spread(kept[part], terms.months, place - before);
  return rows.map((row, place) => plus(rowParts(row), each((part) => older(part, place))));
}

function smallerOf(asked: Omit<Parameters<typeof schedule>[0], "number">, terms: Terms): number {
  if (!terms.smaller) return 0;
  const [first] = schedule({ ...asked, number: terms.months });
  return percentDown(first!.principal + first!.interest, terms.smaller_percent);
}

/** In whole minor units; what does not divide comes in the last row. */
function spread(amount: number, number: number, place: number): number {
  const share = Math.floor(amount / number);
  return place === number - 1 ? amount - share * (number - 1) : share;
}

function rowParts(row: ScheduleRow): Parts {
  return { principal: row.principal, interest: row.interest, fee: 0, penalty: 0 };
}

function termsChecked(terms: Terms): void {
  const within = (value: unknown, low: number, high: number) =>
    Number.isInteger(value) && (value as number) >= low && (value as number) <= high;
  const percents = Object.entries(terms.waive);
  const faults: [string, boolean][] = [
    ["months", !within(terms.months, 1, LONGEST_MONTHS)],
    ["pause", !within(terms.pause, 0, 24)],
    ["smaller", !within(terms.smaller, 0, 24)],
    ["smaller_percent", !within(terms.smaller_percent, 0, 100)],
    ["pause", terms.pause > 0 && terms.smaller > 0],
    ["smaller_percent", terms.smaller > 0 && !terms.smaller_percent],
    ["rate_ppm", terms.rate_ppm !== null && !within(terms.rate_ppm, 0, 1_000_000)],
    ["waive", percents.some(([part, percent]) =>
      !["penalty", "fee", "interest"].includes(part) || !within(percent, 0, 100))],
    ["settle_percent", terms.settle_percent !== null && !within(terms.settle_percent, 1, 100)],
    ["covers", !["all", "overdue"].includes(terms.covers)],
  ];
  const fault = faults.find(([, wrong]) => wrong);
  if (fault) throw new Unfit("BAD_TERMS", fault[0]);
}
