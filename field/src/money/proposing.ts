/** What can be said at once of a borrower's own proposal: what speaks for it, what against it, and
 * what only the lender can say. */
import { mostForPlan } from "@/arithmetic/affordability";
import { monthsLater } from "@/arithmetic/days";
import { Unfit } from "@/arithmetic/faults";
import { longestMonths, type Proposal } from "@/arithmetic/proposal";
import { allMonths } from "@/arithmetic/terms";
import { minorFrom } from "@/arithmetic/written";
import { differenceOf, proposalChoice, type Choice, type Ground } from "./choice";

export const PAUSES = [0, 1, 2, 3, 6] as const;
export const WAIVABLE = ["penalty", "fee", "interest"] as const;

/** The proposal as it is typed. */
export interface ProposalDraft {
  monthly: string;
  first_on: string;
  pause: number;
  waive: Partial<Record<(typeof WAIVABLE)[number], boolean>>;
  words: string;
}

/** `good`: true speaks for it, false against it, null is for the lender to weigh. */
export interface Reason {
  code: string;
  good: boolean | null;
  amount?: number;
  months?: number;
  most?: number;
  share?: bigint;
}

export interface Weighed {
  choice: Choice | null;
  reasons: Reason[];
}

/** How far ahead a first payment may lie: three months. */
export function firstDays(on: string, first: number, later: (day: string, days: number) => string) {
  return { least: later(on, 1), usual: later(on, first), most: monthsLater(on, 3) };
}

/** The proposal as it can be worked out, or the field that cannot be read. */
export function proposalRead(
  draft: ProposalDraft, { on, currency }: { on: string; currency: string },
): Proposal | "monthly" | "first_on" {
  const monthly = minorFrom(draft.monthly, currency);
  if (monthly === null || monthly < 1) return "monthly";
  if (!(draft.first_on > on && draft.first_on <= monthsLater(on, 3))) return "first_on";
  const waive = Object.fromEntries(WAIVABLE.filter((part) => draft.waive[part]).map((part) => [part, 100]));
  return { monthly, first_on: draft.first_on, pause: draft.pause, waive };
}

/** The plan that follows from a proposal, with the reasons for yes and no. */
export function weigh(proposal: Proposal, ground: Ground): Weighed {
  const limit = longestMonths(ground.loans, ground.policy.options);
  let choice: Choice;
  try {
    choice = proposalChoice(proposal, ground);
  } catch (error) {
    if (!(error instanceof Unfit)) throw error;
    if (error.code === "TOO_LITTLE") {
      return { choice: null, reasons: [{ code: "too_little", good: false, amount: error.amount!, most: limit }] };
    }
    return { choice: null, reasons: [{ code: "cannot", good: false }] };
  }
  const reasons: Reason[] = [{ code: "ends", good: true, months: allMonths(choice.terms), most: limit }];
  reasons.push(fitReason(choice, ground));
  reasons.push(choice.waived
    ? { code: "waives", good: null, amount: choice.waived } : { code: "waives_nothing", good: true });
  if (proposal.pause) reasons.push({ code: "pauses", good: null, months: proposal.pause });
  const difference = differenceOf(choice);
  if (difference > 0) reasons.push({ code: "dearer", good: null, amount: difference });
  return { choice, reasons };
}

function fitReason(choice: Choice, ground: Ground): Reason {
  const share = choice.share_ppm ?? undefined;
  if (choice.fit === "fits") return { code: "fits", good: true, share };
  if (choice.fit === "above_share" || choice.fit === "lump_sum") {
    const most = mostForPlan(ground.means!.disposable!, ground.policy.spending);
    return { code: choice.fit, good: false, share, amount: Math.max(most - choice.beside, 0) };
  }
  return { code: choice.fit, good: choice.fit === "nothing_left" ? false : null };
}
