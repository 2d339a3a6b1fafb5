/** What was doubted at this visit rests at once, as it will on the server: a loan's whole sum is set
 * aside, and nobody is asked to agree to it. */
import { NOTHING, plus } from "@/arithmetic/parts";
import type { BorrowerLoan } from "@/arithmetic/terms";
import type { KnownEvent, Offer } from "@/types";

/** The loans doubted at this visit; "all" where everything is. */
export function doubted(events: readonly KnownEvent[]): ReadonlySet<string> | "all" {
  const found = new Set<string>();
  for (const { event, state } of events) {
    if (event.kind !== "dispute" || state === "refused" || state === "settled") continue;
    const loan = event.body["loan"];
    if (typeof loan !== "string" || !loan) return "all";
    found.add(loan);
  }
  return found;
}

/** The loans with what was doubted taken out of what is owed. */
export function lessDisputed(
  loans: readonly BorrowerLoan[], events: readonly KnownEvent[],
): BorrowerLoan[] {
  const those = doubted(events);
  return loans.map((loan) => (those === "all" || those.has(loan.loan_id)
    ? { ...loan, owed: NOTHING, overdue: NOTHING, disputed: plus(loan.disputed, loan.owed) } : loan));
}

/** The approved offers that are about nothing that was doubted. */
export function undisputed(offers: readonly Offer[], events: readonly KnownEvent[]): Offer[] {
  const those = doubted(events);
  if (those === "all") return [];
  return offers.filter((offer) => !((offer["loans"] as string[] | undefined) ?? []).some((loan) => those.has(loan)));
}
