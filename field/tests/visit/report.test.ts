import { describe, expect, it } from "vitest";

import type { DoorEvent, Stop } from "@/types";
import { visitState } from "@/visit/machine";
import { draftFaults, draftOf, reportBody, type Draft } from "@/visit/report";
import { STEPS } from "./steps";

const KINDS = STEPS.map((code) => ({ code }));
const STOP = { who: "欧阳小明", loans: [{ loan_id: "L-1" }], place: { text: "桃源路12号" } } as unknown as Stop;
const FACTS = {
  currency: "CNY", today: "2026-11-23", signed: 2, agreed: false, recorded: true, cleared: true,
};

function step(code: string, facts: object = {}): DoorEvent {
  return {
    id: crypto.randomUUID(), visit: 7, kind: "step", topic: `step:${code}`, after: null,
    at: "2026-11-23T02:00:00.000Z", clock_at: "2026-11-23T02:00:00.000Z", number: 1,
    body: { step: code, how: "done", ...facts },
  };
}

function draft(events: DoorEvent[], changed: Partial<Draft> = {}): Draft {
  const facts = { stop: STOP, people: ["高立诚", "石若兰"] };
  return { ...draftOf(visitState(KINDS, events), events, facts), ...changed };
}

const met = [
  step("identity", { shown: ["work_id", "letter"] }),
  step("who_is_there", { who: "borrower" }),
  step("debt"),
  step("listen", { reasons: ["illness"], situation: "住院三周" }),
];

describe("the report as it is drawn up", () => {
  it("takes over who was there, what was shown and what was told", () => {
    expect(draft(met)).toMatchObject({
      outcome: "declined", reasons: ["illness"], situation: "住院三周", place: "verified",
      shown: ["work_id", "letter", "bill"], people: "欧阳小明\n高立诚\n石若兰", said: "",
    });
  });

  it("names nobody and confirms no address where the borrower was not met", () => {
    const nobody = draft([step("identity", { shown: ["work_id"] }), step("who_is_there", { who: "nobody" })]);
    expect(nobody).toMatchObject({ outcome: "not_met", place: "", people: "高立诚\n石若兰" });
  });

  it("asks for words, more of them where nothing was recorded, and for both signatures", () => {
    const one = draft(met, { said: "谈了情况" });
    expect(draftFaults(draft(met), FACTS)).toEqual(["SAID"]);
    expect(draftFaults(one, FACTS)).toEqual([]);
    expect(draftFaults(one, { ...FACTS, recorded: false })).toEqual(["SAID"]);
    expect(draftFaults(one, { ...FACTS, signed: 1 })).toEqual(["SIGNATURES"]);
    expect(draftFaults(one, { ...FACTS, cleared: false })).toEqual(["UNCLEARED"]);
    expect(draftFaults(one, { ...FACTS, agreed: true })).toEqual(["AGREEMENT"]);
  });

  it("takes a promise only with an amount and a day that has not passed", () => {
    const said = { said: "答应月底还", promised: true, outcome: "promised" as const };
    expect(draftFaults(draft(met, said), FACTS)).toEqual(["AMOUNT", "DUE_ON"]);
    const whole = draft(met, { ...said, amount: "1,200.50", due_on: "2026-11-23" });
    expect(draftFaults(whole, FACTS)).toEqual([]);
    expect(draftFaults({ ...whole, due_on: "2026-11-22" }, FACTS)).toEqual(["DUE_ON"]);
    const body = reportBody(whole, { stop: STOP, signatures: [], currency: "CNY" }, (key) => key);
    expect(body["promise"]).toEqual({
      loan: "L-1", amount: 120_050, currency: "CNY", due_on: "2026-11-23",
    });
    expect(body["contact_facts"]).toEqual([{ kind: "address", value: "桃源路12号", state: "verified" }]);
    expect(body["reasons"]).toEqual(["cause.illness"]);
    expect(body["shown"]).toEqual(["shown.work_id", "shown.letter", "shown.bill"]);
    expect(body["people"]).toEqual(["欧阳小明", "高立诚", "石若兰"]);
  });

  it.each([
    ["12", "CNY", 1200], ["12.5", "CNY", 1250], ["0.01", "CNY", 1], ["120", "JPY", 120],
    ["12.345", "CNY", null], ["0", "CNY", null], ["-5", "CNY", null], ["", "CNY", null],
    ["1e3", "CNY", null], ["12.5", "JPY", null], ["１２００", "CNY", 120_000], ["1.234", "KWD", 1234],
    ["1.2345", "KWD", null],
  ])("reads a promise of %s %s as %s", (typed, currency, amount) => {
    const promise = draft(met, { promised: true, amount: typed, due_on: "2026-11-23", said: "说好了" });
    expect(draftFaults(promise, { ...FACTS, currency })).toEqual(amount === null ? ["AMOUNT"] : []);
    const body = reportBody(promise, { stop: STOP, signatures: [], currency }, (key) => key);
    expect(body["promise"]).toMatchObject({ amount, currency });
  });
});
