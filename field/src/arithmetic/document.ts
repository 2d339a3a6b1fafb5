/**
 * The agreement as both sides read it before they sign: the same contents and the same wording as
 * the document that the server makes (`agreements.document`).
 */

import { amountInWords, type Language } from "./figures";
import { sum } from "./whole";
import type { Breach, SectionWording, Wording } from "./tables";
import { currencyWords, dayWords, money, rateWords } from "./written";

const PLEDGE = "no_new_card_pledge";
const COLUMNS = ["principal", "interest", "penalty", "fee"] as const;
type Column = (typeof COLUMNS)[number];
type Figures = Readonly<Record<Column, number>>;

/** What was owed on one loan; `rate_ppm` is charged during the plan. */
export interface Owed extends Figures {
  product: string;
  contract: string;
  rate_ppm: number;
}

/** One instalment of the plan. */
export interface Due extends Figures {
  number: number;
  due_on: string;
}

/** A plan as the document states it. */
export interface Stated {
  kind: string;
  currency: string;
  counted_on: string;
  owed: readonly Owed[];
  dues: readonly Due[];
  waived: number;
  new_interest: number;
  breach: Breach;
  /** The day of the means that the plan was made to fit, where they are known. */
  assessed_on: string | null;
  disposable: number;
}

/** What the lender says of itself. */
export interface Lender {
  name: string;
  hotline: string;
  complaint_line: string;
  verify_at: string;
  pay_channels: string;
  reports_credit: boolean;
}

export interface Table {
  texts: number;
  headings: readonly string[];
  rows: readonly (readonly string[])[];
  total: readonly string[];
}

export interface Section {
  key: string;
  title: string;
  lines: readonly string[];
  table: Table | null;
  after: readonly string[];
}

export interface Drawn {
  title: string;
  plain_title: string;
  plain: readonly string[];
  sections: readonly Section[];
  consents_title: string;
  consents: readonly string[];
  sign_title: string;
  sign_note: string;
}

/** Everything the agreement says, as texts of one language. */
export function documentOf(said: Wording, language: Language, plan: Stated, lender: Lender): Drawn {
  const filled = new Filled(said, language, plan, lender);
  const card = plan.owed.some((owed) => owed.product === "credit_card");
  const sections = said.sections.filter((section) => section.key !== PLEDGE || card);
  return {
    title: said.title,
    plain_title: said.plain_title,
    plain: filled.lines(said.plain),
    sections: sections.map((section, place) => filled.section(section, said.ordinals[place]!)),
    consents_title: said.consents_title,
    consents: said.consents,
    sign_title: said.sign_title,
    sign_note: said.sign_note,
  };
}

class Filled {
  private readonly values: Record<string, string>;
  private readonly holds: Record<string, boolean>;

  constructor(
    private readonly said: Wording,
    private readonly language: Language,
    private readonly plan: Stated,
    lender: Lender,
  ) {
    this.values = this.texts(lender);
    this.holds = this.conditions(lender);
  }

  /** The lines that hold for this plan, filled in. */
  lines(raw: readonly string[]): string[] {
    const found: string[] = [];
    for (const line of raw) {
      const [, condition, text] = /^(?:\?(\S+) )?([^]*)$/.exec(line)!;
      if (condition && !this.holds[condition]) continue;
      found.push(text!.replace(/\{(\w+)\}/g, (_, name: string) => this.values[name] ?? ""));
    }
    return found;
  }

  section(raw: SectionWording, ordinal: string): Section {
    const title = this.said.section.replace("{ordinal}", ordinal).replace("{title}", raw.title);
    const table = raw.table === "owed" ? this.owed() : raw.table ? this.dues() : null;
    return { key: raw.key, title, lines: this.lines(raw.lines), table, after: this.lines(raw.after ?? []) };
  }

  private texts(lender: Lender): Record<string, string> {
    const { plan } = this;
    const [first, last] = [plan.dues[0]!, plan.dues.at(-1)!];
    const owed = sum(plan.owed.map(together));
    const total = sum(plan.dues.map(together));
    return {
      total: this.money(total), total_words: this.words(total),
      owed: this.money(owed), owed_words: this.words(owed),
      waived: this.money(plan.waived), waived_words: this.words(plan.waived),
      interest: this.money(plan.new_interest), fee: this.money(this.sum("fee")),
      penalty: this.money(this.sum("penalty")), count: String(plan.dues.length),
      kind: this.said.kinds[plan.kind] ?? plan.kind,
      first_on: this.day(first.due_on), first_amount: this.money(together(first)),
      last_on: this.day(last.due_on), last_amount: this.money(together(last)),
      counted_on: this.day(plan.counted_on), currency: currencyWords(plan.currency, this.language),
      grace: String(plan.breach.grace_days), missed: String(plan.breach.missed),
      open_days: String(plan.breach.open_days), disposable: this.money(plan.disposable),
      assessed_on: plan.assessed_on ? this.day(plan.assessed_on) : "",
      hotline: lender.hotline, complaint_line: lender.complaint_line, verify_at: lender.verify_at,
      pay_channels: lender.pay_channels,
    };
  }

  private conditions(lender: Lender): Record<string, boolean> {
    const { plan } = this;
    const holds: Record<string, boolean> = {
      fee: this.sum("fee") > 0, penalty: this.sum("penalty") > 0, interest: plan.new_interest > 0,
    };
    return {
      ...holds,
      ...Object.fromEntries(Object.entries(holds).map(([part, given]) => [`no_${part}`, !given])),
      many: plan.dues.length > 1,
      one: plan.dues.length === 1,
      waived: plan.waived > 0,
      beyond_means: plan.assessed_on !== null,
      credit: lender.reports_credit,
    };
  }

  private owed(): Table {
    const rows = this.plan.owed.map((each) => [
      this.said.products[each.product] ?? each.product, each.contract, rateWords(each.rate_ppm),
      ...this.figures(each),
    ]);
    const sums = figuresOf((column) => sum(this.plan.owed.map((each) => each[column])));
    return this.table(3, ["product", "contract", "rate", ...COLUMNS, "total"], rows, sums);
  }

  private dues(): Table {
    const rows = this.plan.dues.map((each) => [
      String(each.number), this.day(each.due_on), ...this.figures(each),
    ]);
    const sums = figuresOf((column) => this.sum(column));
    return this.table(2, ["number", "due_on", ...COLUMNS, "amount"], rows, sums);
  }

  private table(texts: number, names: string[], rows: string[][], sums: Figures): Table {
    const columns = this.said.columns;
    const blanks = Array<string>(texts - 1).fill("");
    return {
      texts,
      headings: names.map((name) => columns[name]!),
      rows,
      total: [columns["total"]!, ...blanks, ...this.figures(sums)],
    };
  }

  private figures(parts: Figures): string[] {
    return [...COLUMNS.map((column) => parts[column]), together(parts)].map((each) => this.money(each));
  }

  private sum(column: Column): number {
    return sum(this.plan.dues.map((each) => each[column]));
  }

  private money(minor: number): string {
    return money(minor, this.plan.currency, this.language);
  }

  private words(minor: number): string {
    const words = amountInWords(minor, this.plan.currency, this.language);
    return words ? this.said.in_words.replace("{words}", words) : "";
  }

  private day(day: string): string {
    return dayWords(day, this.language);
  }
}

function together(parts: Figures): number {
  return sum(COLUMNS.map((column) => parts[column]));
}

function figuresOf(make: (column: Column) => number): Figures {
  return {
    principal: make("principal"), interest: make("interest"), penalty: make("penalty"), fee: make("fee"),
  };
}
