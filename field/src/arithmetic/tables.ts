/**
 * The lender's tables as the day pack brings them (`agreements.phone_tables`): which plans there
 * are, what a household is asked, the wording of the agreement. Nothing of them is code here.
 */

import type { Terms } from "@/types";

export const TO_THE_END = "arrears_to_the_end";

/** One kind of plan: for which loans, for whom, over which terms, and what it means. */
export interface Way {
  key: string;
  kind: string;
  products: readonly string[];
  opened_by: readonly string[];
  months: readonly number[] | string;
  arrears: string;
  credit: string;
  missed: readonly string[];
  longer: boolean;
  most_months: Readonly<Record<string, number>>;
  rate_percent: number;
  pause: number;
  smaller: number;
  smaller_percent: number;
  waive: Terms["waive"];
  settle_percent: number | null;
  covers: Terms["covers"];
  dpd_from: number;
  beyond_means: boolean;
  willing: boolean;
  source: string;
}

export interface OptionTable {
  edition: string;
  answer_days: number;
  approved_days: number;
  first_days: number;
  card_months: number;
  ended_months: number;
  ways: readonly Way[];
}

/** `spending.toml`: income is [code, percent that counts], spending [code, low, high]. */
export interface Guideline {
  edition: string;
  digest: string;
  currency: string;
  valid_days: number;
  reserve_percent: number;
  most_share_percent: number;
  adult_percent: number;
  child_percent: number;
  income: readonly (readonly [string, number])[];
  spending: readonly (readonly [string, number, number])[];
  debts: readonly string[];
}

/** When a plan counts as broken. */
export interface Breach {
  grace_days: number;
  missed: number;
  open_days: number;
}

/** The wording of the agreement in one language (`documents/agreement.toml`). */
export interface Wording {
  title: string;
  plain_title: string;
  plain: readonly string[];
  section: string;
  ordinals: readonly string[];
  in_words: string;
  consents_title: string;
  consents: readonly string[];
  sign_title: string;
  sign_note: string;
  kinds: Readonly<Record<string, string>>;
  products: Readonly<Record<string, string>>;
  parties: Readonly<Record<string, string>>;
  columns: Readonly<Record<string, string>>;
  sections: readonly SectionWording[];
}

export interface SectionWording {
  key: string;
  title: string;
  lines: readonly string[];
  table?: string;
  after?: readonly string[];
}

export interface PhoneTables {
  digest: string;
  options: OptionTable;
  spending: Guideline;
  breach: Breach;
  /** The last day on which a proposal of the pack's day is answered. */
  answer_by: string;
  agreement: Readonly<Record<string, Wording>>;
}

/** The row of that name. RangeError where there is none. */
export function wayOf(table: OptionTable, key: string): Way {
  const found = table.ways.find((way) => way.key === key);
  if (!found) throw new RangeError(`no way ${key}`);
  return found;
}

/** The longest a card plan may last (CN-CC-70-TERM). */
export function cardMost(table: OptionTable): number {
  const terms = table.ways
    .filter((way) => way.kind === "instalments" && way.products.includes("credit_card"))
    .flatMap((way) => (typeof way.months === "string" ? [] : [...way.months]));
  return Math.max(...terms);
}
