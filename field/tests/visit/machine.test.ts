import { describe, expect, it } from "vitest";

import type { DoorEvent, KnownEvent } from "@/types";
import {
  agreementOf,
  counting,
  crewThere,
  debtLocked,
  deedFault,
  mayDispute,
  mayOpen,
  missingBeforeClose,
  onSite,
  outcomeOf,
  settledBy,
  stepOf,
  visitState,
  type VisitEvent,
} from "@/visit/machine";
import { STEPS } from "./steps";

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
    expect(state.next).toBe("close");
    expect(stepOf(state, "debt")?.status).toBe("not_needed");
    expect(missingBeforeClose(state, { recording: false })).toEqual([]);
    const met = visitState(KINDS, until("purpose"));
    expect([met.next, stepOf(met, "debt")?.status]).toEqual(["purpose", "waits"]);
  });

  it("sees no debt on the screen from the arrival until the borrower is there", () => {
    expect(debtLocked(visitState(KINDS, until("arrive")))).toBe(false);
    expect(debtLocked(visitState(KINDS, until("clearance")))).toBe(true);
    expect(debtLocked(visitState(KINDS, until("who_is_there")))).toBe(true);
    expect(debtLocked(visitState(KINDS, until("purpose")))).toBe(false);
    const other = { who_is_there: { who: "third_party" } };
    expect(debtLocked(visitState(KINDS, until("purpose", other)))).toBe(true);
  });

  it("sees none on the phone of whoever accompanies, from their own arrival on", () => {
    const arrived = event("check_in", "check_in:1", { what: "arrived" });
    expect(debtLocked(visitState(KINDS, [arrived]))).toBe(true);
    expect(debtLocked(visitState(KINDS, [...until("purpose"), arrived]))).toBe(false);
    expect(debtLocked(visitState(KINDS, [event("check_in", "check_in:2", { what: "well" })]))).toBe(false);
    expect(debtLocked(visitState(KINDS, [{ ...arrived, staff: 12 }]))).toBe(false);
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

  it("takes the later of signing and declining", () => {
    const declined = [...until("report"), event("agreement", "agreement", {}), event("declined", "declined", {})];
    expect(agreementOf(declined)).toBe(null);
    expect(outcomeOf(visitState(KINDS, declined), declined)).toBe("declined");
    const signed = [...declined, event("agreement", "agreement", { total: 1 })];
    expect(agreementOf(signed)?.body).toEqual({ total: 1 });
    expect(outcomeOf(visitState(KINDS, signed), signed)).toBe("agreed");
    const [first, second] = [signed.at(-1)!, declined.at(-1)!];
    expect(agreementOf([first, { ...second, at: first.at }])).toBe(null);
  });

  it("counts what is on its way or in conflict, and nothing that was refused or set aside", () => {
    const known = (state: KnownEvent["state"]): KnownEvent => ({
      event: { ...event("report", "report", {}), visit: 7, after: null, clock_at: "", number: 1 },
      own: true, state, code: "", message: "",
    });
    const states = ["waiting", "applied", "conflict", "refused", "settled"] as const;
    expect(states.map((state) => counting([known(state)]).length)).toEqual([1, 1, 1, 0, 0]);
  });
});

describe("who is at the door", () => {
  const partner = { arrive: { partner: { staff: 12 } } };

  it("is whoever wrote the arrival down, and their partner, on both phones", () => {
    const own = until("clearance", partner);
    expect(crewThere(visitState(KINDS, own), 11)).toEqual([11, 12]);
    const theirs = own.map((each) => ({ ...each, staff: 11 }));
    expect(crewThere(visitState(KINDS, theirs), 12).sort()).toEqual([11, 12]);
    expect(crewThere(visitState(KINDS, theirs), 13).sort()).toEqual([11, 12, 13]);
  });

  it("is this agent alone before anybody has arrived", () => {
    expect(crewThere(visitState(KINDS, until("arrive")), 11)).toEqual([11]);
  });
});
