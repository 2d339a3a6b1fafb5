import { describe, expect, it } from "vitest";
import { dayWords, money } from "@/arithmetic/written";
import { optionsFor } from "@/arithmetic/options";
import {
  agreementBody, agreementDraft, draftFor, drawnOf, nameWords, nextParty, overOf, PARTIES, pngAddress, pngOf,
  signatureOf, signedBy, signFault, spokenOf, statedOf, type AgreementDraft, type Signers,
} from "@/money/agreed";
import { optionChoice, rowsOf, type Choice } from "@/money/choice";
import { ground, CARD, HOME, LENDER, ON, TABLES } from "./fixtures";

const SIGNERS: Signers = { borrower: "王 小明", agent: "Li Na", second_agent: "Zhao Lei" };
const AT = "2026-11-23T03:00:00Z";

function choice(key = "extension", loans = [HOME]): Choice {
  const based = ground(loans);
  return optionChoice(optionsFor(based).find((each) => each.key === key)!, based);
}

function drawn(made: Choice, language: "zh-Hans" | "zh-Hant" | "en" = "zh-Hans") {
  const stated = statedOf(made, { tables: TABLES, assessed_on: ON, disposable: 300_000 });
  return drawnOf(stated, language, TABLES, LENDER);
}

function ready(made: Choice): AgreementDraft {
  const draft = draftFor(agreementDraft("zh-Hans", "1 Example Road"), made);
  return { ...draft, ticked: drawn(made).consents.map(() => true) };
}

function signed(made: Choice): AgreementDraft {
  return PARTIES.reduce((draft, party) =>
    signedBy(draft, { party, name: SIGNERS[party], png: "AAAA", at: AT }), ready(made));
}

const facts = (made: Choice) => ({ drawn: drawn(made), tables: TABLES, on: ON, words: "" });

describe("what the agreement says", () => {
  it("holds the sums, the first and the last day in every language", () => {
    const made = choice();
    for (const language of ["zh-Hans", "zh-Hant", "en"] as const) {
      const text = drawn(made, language).plain.join("\n");
      expect(text).toContain(money(made.total, "CNY", language));
      expect(text).toContain(dayWords(made.plan.rows.at(-1)!.due_on, language));
      expect(text).not.toMatch(/[{}]/);
    }
  });

  it("has every section the law asks for, the pledge for cards alone", () => {
    const keys = (made: Choice) => drawn(made).sections.map((section) => section.key);
    const wanted = ["balance_structure", "schedule", "charges_during_plan", "rights_duties", "other_terms"];
    expect(keys(choice())).toEqual(wanted);
    expect(keys(choice("instalments", [CARD]))).toContain("no_new_card_pledge");
  });

  it("lists every instalment and adds them up", () => {
    const made = choice();
    const table = drawn(made).sections.find((section) => section.key === "schedule")!.table!;
    expect(table.rows).toHaveLength(made.plan.rows.length);
    expect(table.total.at(-1)).toBe(money(made.total, "CNY", "zh-Hans"));
  });

  it("is read aloud from the main points to the sentences to confirm", () => {
    const lines = spokenOf(drawn(choice()), "first");
    expect(lines[0]).toBe("first");
    expect(lines.at(-1)).toBe(drawn(choice()).consents.at(-1));
  });
});

describe("signing", () => {
  it("comes after each sentence, in order, under the name of the document", () => {
    const made = choice();
    const ask = { signers: SIGNERS, consents: 3 };
    const draft = ready(made);
    expect(signFault({ ...draft, ticked: [true, true] }, "borrower", ask)).toBe("consents");
    expect(signFault(draft, "agent", ask)).toBe("order");
    expect(signFault({ ...draft, place: "  " }, "borrower", ask)).toBe("place");
    expect(signFault({ ...draft, names: { borrower: "somebody" } }, "borrower", ask)).toBe("name");
    expect(signFault({ ...draft, names: { borrower: " 王   小明 " } }, "borrower", ask)).toBeNull();
    const next = signedBy(draft, { party: "borrower", name: SIGNERS.borrower, png: "AAAA", at: AT });
    expect(signFault(next, "agent", ask)).toBeNull();
    expect(signFault(next, "second_agent", { ...ask, signers: { ...SIGNERS, second_agent: "" } })).toBe("order");
    expect(nextParty(next)).toBe("agent");
  });

  it("counts for the very rows, terms and language that were shown", () => {
    const made = choice();
    const draft = signed(made);
    expect(draftFor(draft, made)).toBe(draft);
    const other = draftFor(draft, choice("catch_up"));
    expect([other.signatures, other.ticked]).toEqual([[], []]);
    expect(other.place).toBe(draft.place);
    expect(draftFor({ ...draft, language: "en" }, made).signatures).toEqual([]);
    expect(overOf(made, "en")).not.toBe(overOf({ ...made, offer: 3 }, "en"));
  });

  it("replaces an earlier signature of the same party", () => {
    const draft = signedBy(signed(choice()), { party: "agent", name: " Li  Na ", png: "BBBB", at: AT });
    expect(draft.signatures).toHaveLength(3);
    expect(signatureOf(draft, "agent")).toMatchObject({ name: "Li Na", png: "BBBB" });
  });

  it("reads spaces in a name as the server does", () => {
    expect(nameWords(" 王\u3000小明 ")).toBe("王 小明");
  });
});

describe("the event", () => {
  it("holds what the server works out again", () => {
    const made = choice();
    const body = agreementBody(signed(made), made, facts(made));
    expect(body).toMatchObject({
      offer: null, option: "extension", loans: ["L-1"], on: ON, total: made.total,
      language: "zh-Hans", place: "1 Example Road", currency: "CNY", proposed_by: "lender",
      tables: TABLES.digest, consents: TABLES.agreement["zh-Hans"]!.consents,
    });
    expect(body["rows"]).toEqual(rowsOf(made));
    const rows = body["rows"] as [string, ...number[]][];
    expect(rows.flatMap(([, ...parts]) => parts).reduce((one, other) => one + other)).toBe(made.total);
    expect((body["signatures"] as { party: string }[]).map((each) => each.party)).toEqual([...PARTIES]);
    expect(JSON.parse(JSON.stringify(body))).toEqual(body);
  });

  it("is not made while a sentence, a signature or the place is missing, or over other rows", () => {
    const made = choice();
    const whole = signed(made);
    const incomplete = [
      { ...whole, ticked: [true, false, true] }, { ...whole, signatures: whole.signatures.slice(1) },
      { ...whole, place: " " }, { ...whole, over: "" },
    ];
    for (const each of incomplete) expect(() => agreementBody(each, made, facts(made))).toThrow(RangeError);
    expect(() => agreementBody(whole, choice("catch_up"), facts(made))).toThrow(RangeError);
  });
});

describe("a drawing", () => {
  it("goes to base64url and back", () => {
    expect(pngOf("data:image/png;base64,a+b/cQ==")).toBe("a-b_cQ");
    expect(pngAddress("a-b_cQ")).toBe("data:image/png;base64,a+b/cQ");
  });
});
