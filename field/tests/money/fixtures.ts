import { loanFrom, type BorrowerLoanJson } from "@/arithmetic/terms";
import type { PhoneTables } from "@/arithmetic/tables";
import type { EventBody, EventKind, KnownEvent, Means, Offer } from "@/types";
import type { Ground } from "@/money/choice";
import cases from "../arithmetic-cases.json";

export const TABLES = (cases as unknown as { tables: PhoneTables }).tables;
export const LENDER = (cases as unknown as { lender: never }).lender;
export const ON = "2026-11-23";

export const HOME: BorrowerLoanJson = {
  loan_id: "L-1", product: "consumer", currency: "CNY", annual_rate_ppm: 120_000,
  owed: [6_000_000, 60_000, 0, 3_000], overdue: [500_000, 60_000, 0, 3_000], disputed: [0, 0, 0, 0],
  overdue_count: 2, dpd: 45, months_left: 20, usual: 330_000, contract: "HT-2024-1",
};
export const CARD: BorrowerLoanJson = {
  loan_id: "L-2", product: "credit_card", currency: "CNY", annual_rate_ppm: 182_500,
  owed: [2_000_000, 50_000, 3_000, 1_200], overdue: [0, 0, 0, 0], disputed: [0, 0, 0, 0],
  overdue_count: 0, dpd: 95, months_left: 0, usual: 100_000,
};
export const MEANS: Means = {
  disposable: 300_000, currency: "CNY", valid_until: "2027-01-31", willing: true, causes: ["job_loss"],
};

export function ground(loans: BorrowerLoanJson[] = [HOME], means: Means | null = MEANS): Ground {
  const policy = { options: TABLES.options, spending: TABLES.spending };
  return { loans: loans.map(loanFrom), means, on: ON, policy };
}

/** An approved offer as the pack holds it, of a choice that was worked out. */
export function offerOf(facts: Partial<Offer> & Pick<Offer, "rows">): Offer {
  return {
    id: 7, kind: "extension", currency: "CNY", counted_on: ON, valid_until: "2026-12-07",
    loans: ["L-1"], waived: 0, snapshot: [HOME], ...facts,
  } as Offer;
}

let number = 0;

export function heard(
  kind: EventKind, body: EventBody, { at = "2026-11-23T02:00:00Z", state = "waiting" as KnownEvent["state"] } = {},
): KnownEvent {
  number += 1;
  const event = {
    id: `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`, visit: 1, kind, topic: kind,
    after: null, at, clock_at: at, number, body,
  };
  return { event, own: true, state, code: "", message: "" };
}
