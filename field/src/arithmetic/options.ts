/**
 * The plans that are open to a borrower, side by side (`agreements.options`).
 *
 * For every way that the loans and the circumstances open, the shortest term that the borrower can
 * afford; where none is, the one that comes nearest, said to be beyond their means.
 */

import type { Means } from "@/types";
import { mostForPlan } from "./affordability";
import { daysLater, monthsLater } from "./days";
import { Unfit } from "./faults";
import { minus, totalOf } from "./parts";
import { schedule } from "./schedule";
import {
  cardMost,
  TO_THE_END,
  type Guideline,
  type OptionTable,
  type Way,
} from "./tables";
import {
  CARD,
  coveredParts,
  LONGEST_MONTHS,
  planMost,
  planOf,
  planTotal,
  termsOf,
  waivedOf,
  type BorrowerLoan,
  type Plan,
  type Terms,
} from "./terms";
import { divideHalfUp, percentDown, sum } from "./whole";

export type { Means };

const PPM = 1_000_000n;

/** Whether a plan fits a borrower's means, and why not. */
export type Fit =
  | "fits"
  | "above_share"
  | "nothing_left"
  | "lump_sum"
  | "not_known"
  | "out_of_date"
  | "other_currency";

/** Why a way is not open. */
export type Shut =
  | "not_this_product"
  | "no_hardship"
  | "not_late_enough"
  | "can_pay_at_once"
  | "willingness_not_stated"
  | "nothing_owed"
  | "no_term";

const UNKNOWN: readonly Fit[] = ["not_known", "out_of_date", "other_currency"];

/** The lender's tables that options stand on. */
export interface Policy {
  options: OptionTable;
  spending: Guideline;
}

/**
 * One plan with what it costs and means. `share_ppm` of what is left a month is taken at the highest
 * instalment: a BigInt, because next to a single fen left it is beyond 2^53.
 */
export interface Option {
  key: string;
  terms: Terms;
  loans: readonly string[];
  plan: Plan;
  beside: number;
  contract_total: number;
  share_ppm: bigint | null;
  fit: Fit;
  way: Way;
  total: number;
}

export interface Closed {
  key: string;
  kind: string;
  why: Shut;
}

export interface Asked {
  loans: readonly BorrowerLoan[];
  means: Means | null;
  on: string;
  policy: Policy;
  first_on?: string;
}

/** Every plan that is open, those that fit first, the cheapest of them first. Unfit
 * SEVERAL_CURRENCIES for loans of several currencies. */
export function optionsFor(asked: Asked): Option[] {
  const made: Option[] = [];
  for (const [way, found] of waysOf(asked)) {
    if (typeof found !== "string") made.push(optionOf(way, found, asked));
  }
  const order = (option: Option) => (option.fit === "fits" ? 0 : 1);
  return made.sort(
    (one, other) =>
      order(one) - order(other) || one.total - other.total || (one.key < other.key ? -1 : 1),
  );
}

/** The ways that are not open, each with why, in the order of the table. */
export function closedFor(asked: Omit<Asked, "on">): Closed[] {
  const closed: Closed[] = [];
  for (const [way, found] of waysOf(asked)) {
    if (typeof found === "string") closed.push({ key: way.key, kind: way.kind, why: found });
  }
  return closed;
}

/** Whether a plan fits what is left a month at its highest instalment, and the share it takes. */
export function fitOf(
  plan: Plan,
  beside: number,
  { means, currency, on, guideline }: {
    means: Means | null;
    currency: string;
    on: string;
    guideline: Guideline;
  },
): [Fit, bigint | null] {
  if (means === null || means.disposable === null) return ["not_known", null];
  if (means.currency !== currency) return ["other_currency", null];
  if (means.valid_until < on) return ["out_of_date", null];
  if (means.disposable <= 0) return ["nothing_left", null];
  const burden = planMost(plan) + beside;
  const share = divideHalfUp(BigInt(burden) * PPM, BigInt(means.disposable));
  if (burden <= mostForPlan(means.disposable, guideline)) return ["fits", share];
  return [plan.rows.length === 1 ? "lump_sum" : "above_share", share];
}

/** What goes on to be paid a month beside a plan. */
export function besideOf(
  loans: readonly BorrowerLoan[],
  all: readonly BorrowerLoan[],
  covers: string,
): number {
  const covered = new Set(covers === "all" ? loans.map((loan) => loan.loan_id) : []);
  return sum(all.filter((loan) => !covered.has(loan.loan_id)).map((loan) => loan.usual));
}

/** What the debt costs when it is paid as contracted: all that is overdue at once, the rest in level
 * instalments at the contract's rate until its last day. */
export function contractTotal(loans: readonly BorrowerLoan[], on: string, covers: string): number {
  return sum(loans.map((loan) => contractCost(loan, on, covers)));
}

function contractCost(loan: BorrowerLoan, on: string, covers: string): number {
  if (covers === "overdue") return totalOf(loan.overdue);
  const ahead = loan.owed.principal - loan.overdue.principal;
  if (!loan.months_left || ahead <= 0) return totalOf(loan.owed);
  const rows = schedule({
    principal: ahead,
    annual_rate_ppm: loan.annual_rate_ppm,
    start_on: on,
    first_on: monthsLater(on, 1),
    number: loan.months_left,
  });
  return totalOf(loan.owed) + sum(rows.map((row) => row.interest));
}

function waysOf({ loans, means, policy }: Omit<Asked, "on">): [Way, BorrowerLoan[] | Shut][] {
  if (new Set(loans.map((loan) => loan.currency)).size > 1) {
    throw new Unfit("SEVERAL_CURRENCIES", "loans");
  }
  return policy.options.ways.map((way) => [way, openFor(way, loans, means, policy)]);
}

function openFor(
  way: Way,
  loans: readonly BorrowerLoan[],
  means: Means | null,
  policy: Policy,
): BorrowerLoan[] | Shut {
  const eligible = loans.filter((loan) => way.products.includes(loan.product));
  if (!eligible.length) return "not_this_product";
  const owing = eligible.filter((loan) => covered(loan, way) > 0);
  if (!owing.length) return "nothing_owed";
  const late = together(way, owing.filter((loan) => loan.dpd >= way.dpd_from), policy.options);
  if (!late.length) return "not_late_enough";
  if (!leftToPay(way, late)) return "nothing_owed";
  if (!termsToTry(way, late, policy.options).length) return "no_term";
  return circumstances(way, late, means, policy.spending) ?? late;
}

function circumstances(
  way: Way,
  loans: readonly BorrowerLoan[],
  means: Means | null,
  guideline: Guideline,
): Shut | null {
  const known = (means?.causes ?? []).some((cause) => way.opened_by.includes(cause));
  if (!way.opened_by.includes("always") && !known) return "no_hardship";
  if (means === null || means.disposable === null) return null;
  const atOnce = sum(loans.map((loan) => covered(loan, way)));
  if (way.beyond_means && atOnce <= mostForPlan(means.disposable, guideline)) return "can_pay_at_once";
  return way.willing && !means.willing ? "willingness_not_stated" : null;
}

/** Those that can be in one plan: a card is in none that outlasts what the law lets a card plan
 * last (CN-CC-70-TERM). */
function together(way: Way, loans: BorrowerLoan[], policy: OptionTable): BorrowerLoan[] {
  const others = loans.filter((loan) => loan.product !== CARD);
  if (!others.length || others.length === loans.length) return loans;
  return monthsLeft(loans, policy) + way.pause + way.smaller > cardMost(policy) ? others : loans;
}

function covered(loan: BorrowerLoan, way: Way): number {
  return totalOf(coveredParts(loan, way.covers));
}

/** What a plan would share out: nothing where all that is owed is what the way waives. */
function leftToPay(way: Way, loans: readonly BorrowerLoan[]): number {
  return sum(
    loans.map((loan) => {
      const parts = coveredParts(loan, way.covers);
      return totalOf(minus(parts, waivedOf(parts, way)));
    }),
  );
}

function optionOf(way: Way, loans: BorrowerLoan[], asked: Asked): Option {
  const { loans: all, means, on, policy } = asked;
  const first = asked.first_on ?? daysLater(on, policy.options.first_days);
  const beside = besideOf(loans, all, way.covers);
  const cost = contractTotal(loans, on, way.covers);
  const known = { means, currency: loans[0]!.currency, on, guideline: policy.spending };
  let option: Option | null = null;
  for (const months of termsToTry(way, loans, policy.options)) {
    const terms = wayTerms(way, loans, months, first);
    const plan = planOf(loans, terms, on);
    const [fit, share] = fitOf(plan, beside, known);
    option = {
      key: way.key, terms, loans: loans.map((loan) => loan.loan_id), plan, beside,
      contract_total: cost, share_ppm: share, fit, way, total: planTotal(plan),
    };
    const far = months >= monthsLeft(loans, policy.options);
    if (fit === "fits" || (UNKNOWN.includes(fit) && far)) break;
  }
  return option!;
}

/** The terms of a way, the shortest first; none where the limits leave none. */
function termsToTry(way: Way, loans: readonly BorrowerLoan[], policy: OptionTable): number[] {
  const left = monthsLeft(loans, policy);
  if (typeof way.months === "string") {
    const late = Math.max(1, ...loans.map((loan) => loan.overdue_count));
    const term = left + (way.months === TO_THE_END ? late : 0);
    return term <= LONGEST_MONTHS ? [term] : [];
  }
  const limits = loans
    .filter((loan) => loan.product in way.most_months)
    .map((loan) => way.most_months[loan.product]!);
  const tried = way.months.filter((each) => each <= Math.min(10 ** 6, ...limits));
  const long = tried.filter((each) => !way.longer || each >= left);
  return long.length ? long : tried.slice(-1);
}

/** Months until the last of the contracts ends. */
function monthsLeft(loans: readonly BorrowerLoan[], policy: OptionTable): number {
  const ended = (loan: BorrowerLoan) =>
    loan.product === CARD ? policy.card_months : policy.ended_months;
  return Math.max(...loans.map((loan) => loan.months_left || ended(loan)));
}

function wayTerms(way: Way, loans: readonly BorrowerLoan[], months: number, first: string): Terms {
  return termsOf({
    kind: way.kind, months, first_on: first, rate_ppm: rateOf(way, loans), pause: way.pause,
    smaller: way.smaller, smaller_percent: way.smaller_percent, waive: way.waive,
    settle_percent: way.settle_percent, covers: way.covers,
  });
}

/** One rate for the whole plan where it is lowered: of the cheapest loan's. */
function rateOf(way: Way, loans: readonly BorrowerLoan[]): number | null {
  if (way.rate_percent === 100) return null;
  return percentDown(Math.min(...loans.map((loan) => loan.annual_rate_ppm)), way.rate_percent);
}
