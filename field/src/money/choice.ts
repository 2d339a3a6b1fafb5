/**
 * What a borrower can choose between: offers that the lender has approved, plans that are open, and
 * their own proposal, all in one form so that they can be laid side by side.
 */
import {
  besideOf, contractTotal, fitOf, optionsFor, type Fit, type Option, type Policy,
} from "@/arithmetic/options";
import { proposalTerms, type Proposal } from "@/arithmetic/proposal";
import { NOTHING, partsFrom, totalOf, type Parts } from "@/arithmetic/parts";
import { wayOf, type Way } from "@/arithmetic/tables";
import {
  loanFrom, newInterest, planTotal, planUsual, planWaived, termsOf,
  type BorrowerLoan, type BorrowerLoanJson, type Plan, type Terms,
} from "@/arithmetic/terms";
import { sum } from "@/arithmetic/whole";
import type { Means, Offer } from "@/types";

export type Source = "offer" | "option" | "proposal";

/** One plan to choose, with what it costs and means; amounts in minor units. */
export interface Choice {
  id: string;
  source: Source;
  key: string;
  /** The approved offer it stands on; null where the lender has still to say yes. */
  offer: number | null;
  terms: Terms;
  loans: readonly string[];
  currency: string;
  counted_on: string;
  plan: Plan;
  usual: number;
  total: number;
  waived: number;
  new_interest: number;
  contract_total: number;
  beside: number;
  fit: Fit;
  share_ppm: bigint | null;
  way: Way | null;
  /** The means an offer was approved on; null where the means of today count. */
  basis: { assessed_on: string | null; disposable: number } | null;
  /** What was owed when it was counted, by loan. */
  owed: readonly BorrowerLoan[];
}

/** What choices are worked out from. */
export interface Ground {
  loans: readonly BorrowerLoan[];
  means: Means | null;
  on: string;
  policy: Policy;
}

/** The loans that a plan can be made for: of one currency, with something owed. */
export function ableLoans(loans: readonly BorrowerLoan[], currency?: string): BorrowerLoan[] {
  const able = loans.filter((loan) => totalOf(loan.owed) > 0);
  return able.filter((loan) => loan.currency === (currency ?? able[0]?.currency));
}

/** Everything there is to choose, approved offers first; a plan that an offer already grants as it
 * stands is shown once. Those that fit come first, the cheapest of them first. */
export function choicesOf(ground: Ground, offers: readonly Offer[]): Choice[] {
  const approved = offers.map((offer) => offerChoice(offer, ground)).filter((each) => each !== null);
  const granted = new Set(approved.map(rowsText));
  const open = ground.loans.length ? optionsFor({ ...ground }) : [];
  const options = open.map((option) => optionChoice(option, ground));
  return [...approved.sort(byFit), ...options.filter((option) => !granted.has(rowsText(option)))];
}

/** A choice of a plan that is open. */
export function optionChoice(option: Option, ground: Ground): Choice {
  return {
    ...figures(option.plan), id: `option:${option.key}`, source: "option", key: option.key,
    offer: null, terms: option.terms, loans: option.loans, counted_on: ground.on,
    currency: ground.loans[0]!.currency, contract_total: option.contract_total,
    beside: option.beside, fit: option.fit, share_ppm: option.share_ppm, way: option.way,
    basis: null,
    owed: ground.loans.filter((loan) => option.loans.includes(loan.loan_id)),
  };
}

/** The borrower's own proposal as a choice. Unfit as `proposalTerms`. */
export function proposalChoice(proposal: Proposal, ground: Ground): Choice {
  const { terms, plan } = proposalTerms(ground.loans, proposal, ground.on, ground.policy.options);
  const key = keyOf(terms);
  return {
    ...figures(plan), ...fitting(plan, terms, ground.loans, ground), id: "proposal",
    source: "proposal", key, offer: null, terms, loans: ground.loans.map((loan) => loan.loan_id),
    counted_on: ground.on, currency: ground.loans[0]!.currency, way: wayFor(key, ground),
    basis: null, owed: ground.loans,
  };
}

/** An approved offer of the pack as a choice; null for one that the pack does not hold whole. */
export function offerChoice(offer: Offer, ground: Ground): Choice | null {
  try {
    const terms = termsOf(offer["terms"] as Terms);
    const ids = offer["loans"] as string[];
    const snapshot = offer["snapshot"] as BorrowerLoanJson[] | undefined;
    const named = new Map(ground.loans.map((loan) => [loan.loan_id, loan.contract]));
    const owed = snapshot
      ? snapshot.map(loanFrom).map((loan) => ({ ...loan, contract: named.get(loan.loan_id) }))
      : ground.loans.filter((loan) => ids.includes(loan.loan_id));
    if (!offer.rows.length || !ids.length || !owed.length) return null;
    const plan = statedPlan(offer, owed, terms);
    const countedOn = String(offer["counted_on"] ?? ground.on);
    const key = keyOf(terms);
    return {
      ...figures(plan), ...fitting(plan, terms, owed, ground), id: `offer:${offer.id}`,
      source: "offer", key, offer: offer.id, terms, loans: ids, counted_on: countedOn,
      currency: String(offer["currency"] ?? owed[0]!.currency), way: wayFor(key, ground), owed,
      basis: {
        assessed_on: typeof offer["assessed_on"] === "string" ? offer["assessed_on"] : null,
        disposable: typeof offer["disposable"] === "number" ? offer["disposable"] : 0,
      },
      contract_total: typeof offer["contract_total"] === "number"
        ? offer["contract_total"] : contractTotal(owed, countedOn, terms.covers),
    };
  } catch {
    return null;
  }
}

/** The row of the table that terms belong to. */
export function keyOf(terms: Terms): string {
  return terms.kind === "instalments" && terms.covers === "overdue" ? "catch_up" : terms.kind;
}

/** The rows as the server compares them: [due day, principal, interest, penalty, fee]. */
export function rowsOf(choice: Pick<Choice, "plan">): [string, number, number, number, number][] {
  return choice.plan.rows.map(({ due_on, parts }) => [
    due_on, parts.principal, parts.interest, parts.penalty, parts.fee,
  ]);
}

/** What a plan costs more (or, negative, less) than the contract. */
export function differenceOf(choice: Pick<Choice, "total" | "contract_total">): number {
  return choice.total - choice.contract_total;
}

function fitting(plan: Plan, terms: Terms, loans: readonly BorrowerLoan[], ground: Ground) {
  const beside = besideOf(loans, ground.loans, terms.covers);
  const { means, on, policy } = ground;
  const currency = loans[0]!.currency;
  const [fit, share_ppm] = fitOf(plan, beside, { means, currency, on, guideline: policy.spending });
  return { beside, fit, share_ppm, contract_total: contractTotal(loans, on, terms.covers) };
}

function figures(plan: Plan) {
  return {
    plan, usual: planUsual(plan), total: planTotal(plan), waived: totalOf(planWaived(plan)),
    new_interest: newInterest(plan),
  };
}

/** The plan of an offer from its rows. What it waives is owed and not in the rows: by component for
 * what is not principal, because interest of the rows may be new. */
function statedPlan(offer: Offer, owed: readonly BorrowerLoan[], terms: Terms): Plan {
  const rows = offer.rows.map(([due_on, principal, interest, penalty, fee], place) => ({
    number: place + 1, due_on, parts: { principal, interest, penalty, fee }, by_loan: {},
  }));
  const covered = (loan: BorrowerLoan): Parts => (terms.covers === "all" ? loan.owed : loan.overdue);
  const all = Object.fromEntries(owed.map((loan) => [loan.loan_id, covered(loan)]));
  const waivedTotal = typeof offer["waived"] === "number" ? offer["waived"] : 0;
  const old = {
    principal: sum(owed.map((loan) => covered(loan).principal)),
    fee: sum(owed.map((loan) => covered(loan).fee)),
    penalty: sum(owed.map((loan) => covered(loan).penalty)),
  };
  const waived = { ...NOTHING };
  for (const part of ["principal", "fee", "penalty"] as const) {
    waived[part] = Math.max(old[part] - sum(rows.map((row) => row.parts[part])), 0);
  }
  waived.interest = Math.max(waivedTotal - waived.principal - waived.fee - waived.penalty, 0);
  return { rows, owed: all, waived: { [owed[0]!.loan_id]: partsFrom([
    waived.principal, waived.interest, waived.fee, waived.penalty,
  ]), ...Object.fromEntries(owed.slice(1).map((loan) => [loan.loan_id, NOTHING])) } };
}

function wayFor(key: string, ground: Ground): Way | null {
  try {
    return wayOf(ground.policy.options, key);
  } catch {
    return null;
  }
}

function byFit(one: Choice, other: Choice): number {
  return Number(other.fit === "fits") - Number(one.fit === "fits") || one.total - other.total;
}

function rowsText(choice: Choice): string {
  return JSON.stringify([choice.key, [...choice.loans].sort(), rowsOf(choice)]);
}
