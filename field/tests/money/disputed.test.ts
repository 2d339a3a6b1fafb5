import { describe, expect, it } from "vitest";
import { totalOf } from "@/arithmetic/parts";
import { loanFrom } from "@/arithmetic/terms";
import { ableLoans } from "@/money/choice";
import { doubted, lessDisputed, undisputed } from "@/money/disputed";
import { CARD, heard, HOME, offerOf, ON } from "./fixtures";

const LOANS = [HOME, CARD].map(loanFrom);
const OFFER = offerOf({ rows: [[ON, 1, 0, 0, 0]] });

describe("what is doubted at the door", () => {
  it("rests at once and is in no plan", () => {
    const events = [heard("dispute", { loan: "L-1", text: "wrong" })];
    const [home, card] = lessDisputed(LOANS, events);
    expect([totalOf(home!.owed), totalOf(home!.overdue), totalOf(home!.disputed)]).toEqual([0, 0, 6_063_000]);
    expect(card).toBe(LOANS[1]);
    expect(ableLoans([home!, card!]).map((loan) => loan.loan_id)).toEqual(["L-2"]);
    expect(undisputed([OFFER], events)).toEqual([]);
  });

  it("is everything where no loan is named", () => {
    const events = [heard("dispute", { loan: null, text: "never borrowed" })];
    expect(doubted(events)).toBe("all");
    expect(ableLoans(lessDisputed(LOANS, events))).toEqual([]);
    expect(undisputed([OFFER], events)).toEqual([]);
  });

  it("is nothing where the office could not take it in, or nobody doubted", () => {
    const refused = [heard("dispute", { loan: "L-1", text: "wrong" }, { state: "refused" })];
    expect(lessDisputed(LOANS, refused)).toEqual(LOANS);
    expect(undisputed([OFFER], [heard("note", { text: "L-1" })])).toEqual([OFFER]);
  });
});
