import { describe, expect, it } from "vitest";

import { STEPS, type DoorEvent } from "@/types";
import {
  debtLocked,
  deedFault,
  mayDispute,
  mayOpen,
  missingBeforeClose,
  onSite,
  outcomeOf,
  reportDue,
  secondsOf,
  settledBy,
  stepOf,
  visitState,
  type VisitEvent,
} from "@/visit/machine";

const KINDS = STEPS.map((code) => ({ code, may_skip: ["on_my_way", "listen"].includes(code) }));
let clock = Date.parse("2026-11-23T02:00:00Z");

function event(kind: DoorEvent["kind"], topic: string, body: object, at?: string): VisitEvent {
  clock += 60_000;
  const made = at ?? new Date(clock).toISOString();
  return { id: crypto.randomUUID(), kind, topic, at: made, body: { ...body } };
}

function done(step: string, facts: object = {}): VisitEvent {
  return event("step", `step:${step}`, { step, how: "done", ...facts });
}

function until(code: string, facts: Record<string, object> = {}): VisitEvent[] {
  const before = STEPS.slice(0, STEPS.indexOf(code as (typeof STEPS)[number]));
  return before.map((step) => done(step, { ...borrower[step], ...facts[step] }));
}

const borrower: Record<string, object> = {
  who_is_there: { who: "borrower" },
  consent_record: { given: true },
  consent_enter: { given: false },
};

describe("the order of a visit", () => {
  it("begins on the way and asks one step after another", () => {
    expect(visitState(KINDS, []).next).toBe("on_my_way");
    for (const [place, code] of STEPS.entries()) {
      const state = visitState(KINDS, until(code));
      expect(state.next).toBe(code);
      expect(mayOpen(state, code)).toBe(true);
      const after = STEPS[place + 1];
      if (after) expect(mayOpen(state, after)).toBe(false);
    }
  });

  it("skips nothing silently", () => {
    const state = visitState(KINDS, until("listen"));
    expect(deedFault(state, KINDS, { step: "listen", how: "skipped" })).toBe("WHY_MISSING");
    expect(deedFault(state, KINDS, { step: "listen", how: "skipped", why: " " })).toBe("WHY_MISSING");
    expect(deedFault(state, KINDS, { step: "listen", how: "skipped", why: "asked to" })).toBe(null);
    expect(deedFault(state, KINDS, { step: "options", how: "done" })).toBe("WAITS");
    const early = visitState(KINDS, until("identity"));
    const skip = { step: "identity", how: "skipped", why: "in a hurry" } as const;
    expect(deedFault(early, KINDS, skip)).toBe("MAY_NOT_SKIP");
  });

  it("takes each step's time from its own event", () => {
    const events = until("who_is_there");
    expect(secondsOf(visitState(KINDS, events)).get("identity")).toBe(60);
  });

  it("goes on where a killed phone stopped, with the partner's events among its own", () => {
    const own = until("purpose");
    const partners = [done("purpose")];
    expect(visitState(KINDS, [...partners, ...own]).next).toBe("consent_record");
  });
});

describe("whoever is not the borrower", () => {
  it.each(["third_party", "nobody"] as const)("%s hears nothing about the debt", (who) => {
    const events = until("purpose", { who_is_there: { who } });
    for (const step of settledBy(who, KINDS)) {
      events.push(event("step", `step:${step}`, { step, how: "not_needed", why: who }));
    }
    const state = visitState(KINDS, events);
    expect(state.next).toBe("close");
    for (const code of ["purpose", "debt", "options", "agreement", "listen"]) {
      expect(mayOpen(state, code)).toBe(false);
    }
    expect(mayDispute(state)).toBe(false);
    expect(outcomeOf(state, events)).toBe(who === "nobody" ? "not_met" : "third_party");
  });

  it("locks the debt from the moment of the answer, before anything else is written", () => {
    const state = visitState(KINDS, until("purpose", { who_is_there: { who: "third_party" } }));
    expect(mayOpen(state, "purpose")).toBe(false);
  });

  it("sees no debt on the screen from the arrival until the borrower is there", () => {
    expect(debtLocked(visitState(KINDS, until("arrive")))).toBe(false);
    expect(debtLocked(visitState(KINDS, until("clearance")))).toBe(true);
    expect(debtLocked(visitState(KINDS, until("who_is_there")))).toBe(true);
    expect(debtLocked(visitState(KINDS, until("purpose")))).toBe(false);
    const other = { who_is_there: { who: "third_party" } };
    expect(debtLocked(visitState(KINDS, until("purpose", other)))).toBe(true);
  });

  it("settles nothing for the borrower", () => {
    expect(settledBy("borrower", KINDS)).toEqual([]);
  });
});

describe("leaving and ending", () => {
  it("leaves at any time and then only the report is open", () => {
    const events = [...until("debt"), event("leave_now", "leave_now", { why: "threats" })];
    const state = visitState(KINDS, events);
    expect(state.next).toBe("report");
    expect(stepOf(state, "debt")?.status).toBe("left");
    expect(deedFault(state, KINDS, { step: "debt", how: "done" })).toBe("OVER");
    expect(outcomeOf(state, events)).toBe("left_early");
    expect(onSite(state, events).until).toBe(events.at(-1)!.at);
    expect(reportDue(state)).toBe(true);
  });

  it("says what is missing before it closes", () => {
    const early = visitState(KINDS, until("warning"));
    expect(missingBeforeClose(early, { recording: true })).toEqual([
      { what: "step", code: "warning" },
      { what: "recording" },
    ]);
    const ready = visitState(KINDS, until("close"));
    expect(missingBeforeClose(ready, { recording: false })).toEqual([]);
  });

  it("lets the bill be challenged from the debt on until the report", () => {
    expect(mayDispute(visitState(KINDS, until("debt")))).toBe(false);
    expect(mayDispute(visitState(KINDS, until("listen")))).toBe(true);
    expect(mayDispute(visitState(KINDS, until("report")))).toBe(true);
    const over = [...until("report"), event("report", "report", { outcome: "declined" })];
    const state = visitState(KINDS, over);
    expect(mayDispute(state)).toBe(false);
    expect(state.next).toBe(null);
    expect(state.over).toBe(true);
  });

  it("keeps the two consents apart", () => {
    const state = visitState(KINDS, until("debt"));
    expect([state.record, state.enter]).toEqual([true, false]);
    expect(visitState(KINDS, []).record).toBe(null);
    const refused = until("debt", { consent_record: { given: false } });
    expect(visitState(KINDS, refused).record).toBe(false);
    const skipped = [...until("consent_record"), event("step", "step:consent_record", {
      step: "consent_record", how: "skipped", why: "no words", given: true,
    })];
    expect(visitState(KINDS, skipped).record).toBe(false);
  });

  it("reads the outcome from what happened", () => {
    const events = until("report");
    const agreed = [...events, event("agreement", "agreement", {})];
    expect(outcomeOf(visitState(KINDS, agreed), agreed)).toBe("agreed");
    expect(outcomeOf(visitState(KINDS, events), events)).toBe("declined");
    const talk = until("debt");
    expect(outcomeOf(visitState(KINDS, talk), talk)).toBe("refused_talk");
  });
});
