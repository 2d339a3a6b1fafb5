// Answers cases that the server has answered too (tests/agreements/phone_cases.py).

import { affordabilityOf, validUntil, type Household, type Line } from "@/arithmetic/affordability";
import { documentOf, type Lender, type Stated } from "@/arithmetic/document";
import { Unfit } from "@/arithmetic/faults";
import { amountInWords, type Language } from "@/arithmetic/figures";
import { closedFor, optionsFor, type Means, type Option } from "@/arithmetic/options";
import type { Parts } from "@/arithmetic/parts";
import { longestMonths, proposalLeast, proposalTerms, type Proposal } from "@/arithmetic/proposal";
import type { Guideline, OptionTable, PhoneTables } from "@/arithmetic/tables";
import {
  loanFrom,
  newInterest,
  planMost,
  planTotal,
  planUsual,
  planWaived,
  type BorrowerLoanJson,
  type Plan,
} from "@/arithmetic/terms";

/** What is asked; `options` and `household` are tables and forms of the case's own. */
export interface Asked {
  loans: BorrowerLoanJson[];
  means: Means | null;
  on: string;
  first_on: string | null;
  options: OptionTable;
  proposal: Proposal;
  guideline: Guideline;
  household: Household;
  lines: Line[];
  amounts: [number, string, Language][];
  document: { language: Language; plan: Stated } | null;
}

export interface CaseFile {
  tables: PhoneTables;
  lender: Lender;
  cases: { asked: Asked; answer: unknown }[];
}

/** The answers of the phone, in the form in which the server gives its own. */
export function answered(file: CaseFile): unknown[] {
  return file.cases.map(({ asked }) => answerOf(asked, file));
}

function answerOf(asked: Asked, { tables, lender }: CaseFile): unknown {
  const loans = asked.loans.map(loanFrom);
  const { means, on, proposal, options } = asked;
  const policy = { options, spending: tables.spending };
  const first = asked.first_on ?? undefined;
  const drawn = asked.document;
  return {
    options: tried(() => optionsFor({ loans, means, on, policy, first_on: first }).map(optionPlain)),
    closed: tried(() => closedFor({ loans, means, policy }).map((each) => [each.key, each.kind, each.why])),
    proposal: tried(() => {
      const { terms, plan } = proposalTerms(loans, proposal, on, options);
      return { terms, plan: planPlain(plan) };
    }),
    least: tried(() => proposalLeast(loans, proposal, on, options)),
    longest: tried(() => longestMonths(loans, options)),
    affordability: tried(() => affordabilityOf(asked.household, asked.lines, asked.guideline)),
    valid_until: validUntil(on, asked.guideline),
    words: asked.amounts.map(([minor, currency, language]) => amountInWords(minor, currency, language)),
    document: drawn && documentOf(tables.agreement[drawn.language]!, drawn.language, drawn.plan, lender),
  };
}

function optionPlain(option: Option): unknown {
  return {
    key: option.key,
    terms: option.terms,
    loans: option.loans,
    plan: planPlain(option.plan),
    beside: option.beside,
    contract_total: option.contract_total,
    difference: option.total - option.contract_total,
    share_ppm: option.share_ppm === null ? null : String(option.share_ppm),
    fit: option.fit,
  };
}

function partsJson({ principal, interest, fee, penalty }: Parts): number[] {
  return [principal, interest, fee, penalty];
}

function planPlain(plan: Plan): unknown {
  const byLoan = (found: Plan["owed"]) =>
    Object.fromEntries(Object.entries(found).map(([id, parts]) => [id, partsJson(parts)]));
  return {
    rows: plan.rows.map((row) => [row.number, row.due_on, partsJson(row.parts), byLoan(row.by_loan)]),
    owed: byLoan(plan.owed),
    waived: byLoan(plan.waived),
    waived_parts: partsJson(planWaived(plan)),
    new_interest: newInterest(plan),
    total: planTotal(plan),
    most: planMost(plan),
    usual: planUsual(plan),
  };
}

function tried(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    if (error instanceof Unfit) return { refused: error.code };
    throw error;
  }
}
