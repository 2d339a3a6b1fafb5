/** The bill as the pack holds it, with every part there even where the server had nothing to say. */
import type { Bill } from "@/types";

export interface BillLoanShown {
  title: string;
  nothing: string;
  headings: string[];
  lines: string[][];
  working_title: string;
  working: string[][];
  clause: string;
  upcoming_title: string;
  upcoming: string[][];
  payments_title: string;
  payments: string[][];
}

/** The accounts of a bill, loans with all their parts. */
export function accountsOf(bill: Bill): { parts_title: string; parts: string[][]; loans: BillLoanShown[] }[] {
  const empty = {
    nothing: "", headings: [], lines: [], working_title: "", working: [], clause: "",
    upcoming_title: "", upcoming: [], payments_title: "", payments: [],
  };
  return bill.accounts.map((account) => ({
    parts_title: account.parts_title,
    parts: account.parts,
    loans: account.loans.map((loan) => ({ ...empty, ...loan })),
  }));
}
