import { describe, expect, it } from "vitest";
import { daysLater } from "@/arithmetic/days";
import { assessedOn, bodyOf, draftNew, draftRead, finishFault, meansNow, rangeOf, resultOf, type MeansDraft } from "@/money/means";
import { heard, MEANS, ON, TABLES } from "./fixtures";

const guideline = TABLES.spending;

function draft(changes: Partial<MeansDraft> = {}): MeansDraft {
  return {
    ...draftNew(), adults: "2", children: "1",
    said: { "income.wage": { amount: "8,000", why: "" }, "spending.food": { amount: "1500", why: "" } },
    ...changes,
  };
}

describe("the form", () => {
  it("is read as far as it can be read", () => {
    const read = draftRead(draft({
      adults: "０2", said: {
        "income.wage": { amount: "8000.5", why: "" }, "debt.car": { amount: "abc", why: "" },
        "spending.food": { amount: " ", why: "unused" },
      },
    }), guideline);
    expect(read.household).toEqual({ adults: 2, children: 1 });
    expect(read.lines).toEqual([{ group: "income", code: "wage", minor: 800_050, why: "" }]);
    expect(read.faults).toEqual({ "debt.car": "amount" });
    expect(finishFault(read)).toBe("faults");
  });

  it("does not take people or amounts beyond measure", () => {
    const read = draftRead(draft({ adults: "0", children: "31" }), guideline);
    expect(read.faults).toEqual({ adults: "people", children: "people" });
    const huge = draftRead(draft({ said: { "income.wage": { amount: "10000000000.01", why: "" } } }), guideline);
    expect(huge.faults).toEqual({ "income.wage": "amount" });
    const most = draftRead(draft({ said: { "income.wage": { amount: "10000000000", why: "" } } }), guideline);
    expect(most.faults).toEqual({});
  });

  it("wants an answer on income, and nothing is an answer", () => {
    expect(finishFault(draftRead(draft({ said: {} }), guideline))).toBe("no_income");
    const nothing = draftRead(draft({ said: { "income.wage": { amount: "0", why: "" } } }), guideline);
    expect(finishFault(nothing)).toBeNull();
  });

  it("asks for a reason outside of the usual range only", () => {
    const odd = { ...draft().said, "spending.food": { amount: "90000", why: "" } };
    expect(rangeOf(draftRead(draft({ said: odd }), guideline), "spending.food", guideline)!.asks).toBe(true);
    odd["spending.food"].why = "a diet";
    expect(rangeOf(draftRead(draft({ said: odd }), guideline), "spending.food", guideline)!.asks).toBe(false);
    const read = draftRead(draft(), guideline);
    expect(rangeOf(read, "spending.food", guideline)!.usual).toEqual({ low: 72_000, high: 288_000 });
    expect(rangeOf(read, "income.wage", guideline)).toBeNull();
  });

  it("keeps what changed in life in its order, and no end before its beginning", () => {
    const life = { illness: { since: "2026-10-01", until: "2026-09-01" }, job_loss: { since: "", until: "" } };
    const read = draftRead(draft({ life }), guideline);
    expect(read.events.map((event) => event.cause)).toEqual(["job_loss", "illness"]);
    expect(read.faults).toEqual({ "until.illness": "ends_before" });
  });
});

describe("the event", () => {
  it("says what was answered and what was made of it", () => {
    const body = bodyOf(draft({ willing: true, note: " calm " }), guideline, ON);
    const result = resultOf(draftRead(draft(), guideline), guideline)!;
    expect(body["disposable"]).toBe(result.disposable);
    expect(body).toMatchObject({
      household: { adults: 2, children: 1 }, willing: true, note: "calm", on: ON, currency: "CNY",
      valid_until: "2027-02-20", guideline: `${guideline.edition}:${guideline.digest}`,
    });
    expect(result.disposable).toBe(result.income - result.spending - result.debts - result.reserve);
  });
});

describe("the means that plans are worked out from", () => {
  it("are this visit's answers, whatever figure the event claims", () => {
    const body = { ...bodyOf(draft({ life: { illness: { since: "", until: "" } } }), guideline, ON), disposable: 1 };
    const now = meansNow([heard("affordability", body)], MEANS, guideline, ON)!;
    expect(now.disposable).toBe(resultOf(draftRead(draft(), guideline), guideline)!.disposable);
    expect(now.causes).toEqual(["illness", "job_loss"]);
    expect(now.willing).toBe(false);
  });

  it("are the latest of them, and none that was refused", () => {
    const poor = bodyOf(draft({ said: { "income.wage": { amount: "0", why: "" } } }), guideline, ON);
    const rich = bodyOf(draft({ said: { "income.wage": { amount: "90000", why: "" } } }), guideline, ON);
    const events = [
      heard("affordability", rich, { at: "2026-11-23T03:00:00Z" }),
      heard("affordability", poor, { at: "2026-11-23T02:00:00Z", state: "applied" }),
      heard("affordability", poor, { at: "2026-11-23T04:00:00Z", state: "refused" }),
      heard("affordability", poor, { at: "2026-11-23T05:00:00Z", state: "conflict" }),
    ];
    expect(meansNow(events, MEANS, guideline, ON)!.disposable).toBeGreaterThan(1_000_000);
  });

  it("are the pack's where nobody answered, or what came cannot be read", () => {
    expect(meansNow([], MEANS, guideline, ON)).toBe(MEANS);
    expect(meansNow([heard("affordability", { household: null })], null, guideline, ON)).toBeNull();
    const odd = { household: { adults: 0, children: 0 }, lines: [], events: [] };
    expect(meansNow([heard("affordability", odd)], MEANS, guideline, ON)).toBe(MEANS);
  });

  it("were asked on the day of the visit, or as long ago as they have held", () => {
    const body = bodyOf(draft(), guideline, ON);
    expect(assessedOn([heard("affordability", body)], MEANS, guideline, ON, daysLater)).toBe(ON);
    expect(assessedOn([], { ...MEANS, valid_until: "2027-02-20" }, guideline, ON, daysLater)).toBe(ON);
    expect(assessedOn([], { ...MEANS, disposable: null }, guideline, ON, daysLater)).toBeNull();
  });
});
