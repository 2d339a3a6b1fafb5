import { describe, expect, it } from "vitest";
import { ableLoans, choicesOf, differenceOf, keyOf, offerChoice, optionChoice, rowsOf, type Choice } from "@/money/choice";
import { proposalRead, weigh, type ProposalDraft } from "@/money/proposing";
import { optionsFor } from "@/arithmetic/options";
import { loanFrom, termsOf, type BorrowerLoanJson } from "@/arithmetic/terms";
import { CARD, ground, HOME, MEANS, offerOf, ON } from "./fixtures";

const codes = (draft: Partial<ProposalDraft>, on = ground()) => {
  const asked = proposalRead(proposal(draft), { on: ON, currency: "CNY" });
  return typeof asked === "string" ? asked : weigh(asked, on).reasons.map((each) => [each.code, each.good]);
};

function proposal(changes: Partial<ProposalDraft>): ProposalDraft {
  return { monthly: "2000", first_on: "2026-12-23", pause: 0, waive: {}, words: "", ...changes };
}

function extension(): Choice {
  const based = ground();
  const option = optionsFor(based).find((each) => each.key === "extension")!;
  return optionChoice(option, based);
}

describe("choices", () => {
  it("begin with what is approved, then what fits, the cheapest first", () => {
    const own = extension();
    const offer = offerOf({ rows: rowsOf(own), terms: own.terms });
    const found = choicesOf(ground(), [offer]);
    expect(found[0]).toMatchObject({ id: "offer:7", offer: 7, key: "extension", source: "offer" });
    expect(found.filter((each) => each.key === "extension")).toHaveLength(1);
    const open = found.slice(1);
    expect(open.map((each) => each.fit === "fits")).toEqual(
      [...open.map((each) => each.fit === "fits")].sort((one, other) => Number(other) - Number(one)),
    );
    expect(open.every((each) => each.offer === null)).toBe(true);
  });

  it("show an offer and a plan of the same kind where their rows differ", () => {
    const own = extension();
    const rows = rowsOf(own);
    rows[0]![1] += 1;
    const found = choicesOf(ground(), [offerOf({ rows, terms: own.terms })]);
    expect(found.filter((each) => each.key === "extension")).toHaveLength(2);
  });

  it("leave out an offer that the pack does not hold whole", () => {
    const own = extension();
    expect(offerChoice(offerOf({ rows: [], terms: own.terms }), ground())).toBeNull();
    expect(offerChoice(offerOf({ rows: rowsOf(own), terms: { kind: "extension" } }), ground())).toBeNull();
    expect(offerChoice(offerOf({ rows: rowsOf(own), terms: own.terms, loans: null as never }), ground())).toBeNull();
  });

  it("take an offer's figures as they were approved", () => {
    const own = extension();
    const offer = offerOf({ rows: rowsOf(own), terms: own.terms, waived: 3_000, contract_total: 5 });
    const made = offerChoice(offer, ground())!;
    expect([made.total, made.usual, made.waived]).toEqual([own.total, own.usual, 3_000]);
    expect(differenceOf(made)).toBe(own.total - 5);
    expect(made.fit).toBe(own.fit);
  });

  it("say of none that it fits while nobody has asked", () => {
    expect(choicesOf(ground([HOME], null), []).every((each) => each.fit === "not_known")).toBe(true);
    expect(choicesOf(ground([]), [])).toEqual([]);
  });

  it("are for loans of one currency on which something is owed", () => {
    const loans: BorrowerLoanJson[] = [
      HOME, { ...CARD, currency: "HKD" }, { ...CARD, loan_id: "L-3", owed: [0, 0, 0, 0] },
    ];
    expect(ableLoans(loans.map(loanFrom)).map((loan) => loan.loan_id)).toEqual(["L-1"]);
    expect(ableLoans(loans.map(loanFrom), "HKD").map((loan) => loan.loan_id)).toEqual(["L-2"]);
  });

  it("know arrears in parts from a card's instalments", () => {
    const terms = termsOf({ kind: "instalments", months: 3, first_on: "2026-12-23" });
    expect([keyOf(terms), keyOf({ ...terms, covers: "overdue" })]).toEqual(["instalments", "catch_up"]);
  });
});

describe("the customer's own proposal", () => {
  it("that ends in time and fits has reasons for yes", () => {
    expect(codes({})).toEqual([["ends", true], ["fits", true], ["waives_nothing", true], ["dearer", null]]);
  });

  it("that never ends is refused with the least a month", () => {
    const asked = proposalRead(proposal({ monthly: "10" }), { on: ON, currency: "CNY" });
    const { choice, reasons } = weigh(asked as never, ground());
    expect(choice).toBeNull();
    expect(reasons).toMatchObject([{ code: "too_little", good: false, most: 60 }]);
    const least = String(reasons[0]!.amount! / 100);
    expect(codes({ monthly: least })[0]).toEqual(["ends", true]);
  });

  it("beyond the means says by how much, and what only the lender can grant", () => {
    const asked = proposalRead(proposal({ monthly: "3000", pause: 3, waive: { penalty: true } }), { on: ON, currency: "CNY" });
    const { reasons } = weigh(asked as never, ground());
    expect(reasons.find((each) => each.code === "above_share")).toMatchObject({ good: false, amount: 240_000 });
    expect(reasons.find((each) => each.code === "waives")).toMatchObject({ good: null, amount: 3_000 });
    expect(reasons.find((each) => each.code === "pauses")).toMatchObject({ good: null, months: 3 });
  });

  it("is not judged where the means are not known", () => {
    expect(codes({}, ground([HOME], null))).toContainEqual(["not_known", null]);
    expect(codes({}, ground([HOME], { ...MEANS, disposable: 0 }))).toContainEqual(["nothing_left", false]);
  });

  it("names the field that cannot be read, at its boundaries", () => {
    expect([codes({ monthly: "0" }), codes({ monthly: "x" }), codes({ first_on: ON }), codes({ first_on: "" })]).toEqual([
      "monthly", "monthly", "first_on", "first_on",
    ]);
    expect(codes({ first_on: "2027-02-24" })).toBe("first_on");
    expect(codes({ first_on: "2027-02-23" })).not.toBe("first_on");
  });
});
