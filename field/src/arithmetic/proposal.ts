/**
 * The borrower's own proposal, in the same form as our options (`agreements.proposal`): the shortest
 * plan whose instalments are not higher than what they can pay.
 */

import { Unfit } from "./faults";
import { cardMost, wayOf, type OptionTable } from "./tables";
import {
  CARD,
  LONGEST_MONTHS,
  planMost,
  planOf,
  termsOf,
  type BorrowerLoan,
  type Plan,
  type Terms,
} from "./terms";
import { percentDown } from "./whole";

/** What a borrower proposes. `monthly`: the most a month, minor units. */
export interface Proposal {
  monthly: number;
  first_on: string;
  pause: number;
  waive: Terms["waive"];
}

export interface Proposed {
  terms: Terms;
  plan: Plan;
}

/** The shortest plan that keeps within what the borrower can pay. Unfit TOO_LITTLE with the least a
 * month where the debt would not end within the longest term there is. */
export function proposalTerms(
  loans: readonly BorrowerLoan[],
  proposal: Proposal,
  on: string,
  policy: OptionTable,
): Proposed {
  const least = proposalLeast(loans, proposal, on, policy);
  if (proposal.monthly < least) throw new Unfit("TOO_LITTLE", "monthly", least);
  let [low, high] = [1, longestFor(loans, proposal, policy)];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (planMost(made(loans, proposal, middle, on, policy).plan) <= proposal.monthly) high = middle;
    else low = middle + 1;
  }
  return made(loans, proposal, low, on, policy);
}

/** The least a month with which a plan of this form ends within the longest term there is. */
export function proposalLeast(
  loans: readonly BorrowerLoan[],
  proposal: Proposal,
  on: string,
  policy: OptionTable,
): number {
  return planMost(made(loans, proposal, longestFor(loans, proposal, policy), on, policy).plan);
}

/** The longest a plan for these loans may last: five years where a card is among them
 * (CN-CC-70-TERM), else what the table allows each product. */
export function longestMonths(loans: readonly BorrowerLoan[], policy: OptionTable): number {
  const lower = wayOf(policy, "lower_instalment").most_months;
  const limits = loans.map((loan) =>
    loan.product === CARD ? cardMost(policy) : (lower[loan.product] ?? 60),
  );
  return limits.length ? Math.min(...limits) : LONGEST_MONTHS;
}

function longestFor(
  loans: readonly BorrowerLoan[],
  proposal: Proposal,
  policy: OptionTable,
): number {
  return Math.max(longestMonths(loans, policy) - proposal.pause, 1);
}

function made(
  loans: readonly BorrowerLoan[],
  proposal: Proposal,
  months: number,
  on: string,
  policy: OptionTable,
): Proposed {
  const cards = loans.every((loan) => loan.product === CARD);
  const percent = wayOf(policy, "instalments").rate_percent;
  const cheapest = Math.min(...loans.map((loan) => loan.annual_rate_ppm));
  const terms = termsOf({
    kind: kindOf(proposal, cards),
    months,
    first_on: proposal.first_on,
    rate_ppm: cards ? percentDown(cheapest, percent) : null,
    pause: proposal.pause,
    waive: proposal.waive,
  });
  return { terms, plan: planOf(loans, terms, on) };
}

function kindOf(proposal: Proposal, cards: boolean): string {
  if (Object.values(proposal.waive).some((percent) => percent)) return "waiver";
  if (proposal.pause) return "deferral";
  return cards ? "instalments" : "lower_instalment";
}
