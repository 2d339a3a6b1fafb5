import { describe, expect, it, vi } from "vitest";
import { aPack, phone } from "../../tests/store";
import { vaultOpen } from "@/crypto/vault";
import { running, timerOf, timerWatch, USUAL } from "@/safety/timer";
import { packClose, packOpen, packTake, recordEvent } from "@/store/index";
import { keyHold } from "@/store/sealed";
import type { EventBody, EventKind, KnownEvent } from "@/types";

const START = Date.parse("2026-11-23T02:00:00Z");
const MINUTE = 60_000;

function told(kind: EventKind, body: EventBody, minutes: number, topic = kind as string): KnownEvent {
  const at = new Date(START + minutes * MINUTE).toISOString();
  return {
    event: { id: `${kind}${minutes}`, visit: 7, kind, topic, after: null, at, clock_at: at, number: 1, body },
    own: true, state: "waiting", code: "", message: "",
  };
}

const arrived = told("check_in", { what: "arrived" }, 0);
const at = (events: KnownEvent[], short = false) => timerOf({ visit: 7, minutes: 40, short, rules: USUAL, events });
const due = (events: KnownEvent[], short = false) => (at(events, short)!.dueAt - START) / MINUTE;

describe("the check-in timer, as the server counts", () => {
  it("runs from arrival for the planned time and some slack", () => {
    expect(at([])).toBeNull();
    expect(due([arrived])).toBe(50);
    expect(at([arrived])!.alarmAt - at([arrived])!.dueAt).toBe(5 * MINUTE);
    expect(due([told("step", { how: "done" }, 0, "step:arrive")])).toBe(50);
  });

  it("asks sooner where the risk says so", () => {
    expect(due([arrived], true)).toBe(15);
    expect(due([arrived, told("check_in", { what: "well" }, 10)], true)).toBe(25);
  });

  it("is moved by a word, but never back", () => {
    expect(due([arrived, told("check_in", { what: "well" }, 5)])).toBe(50);
    expect(due([arrived, told("check_in", { what: "well" }, 45)])).toBe(65);
  });

  it("counts six words at most", () => {
    const wells = [1, 2, 3, 4, 5, 6, 60].map((minutes) => told("check_in", { what: "well" }, minutes));
    expect(at([arrived, ...wells.slice(0, 5)])!.mayWell).toBe(true);
    expect(at([arrived, ...wells])!.mayWell).toBe(false);
    expect(due([arrived, ...wells])).toBe(50);
  });

  it("ends when the crew has left", () => {
    expect(at([arrived, told("check_in", { what: "left" }, 30)])).toBeNull();
  });

  it("does not count what the server refused", () => {
    expect(at([{ ...arrived, state: "refused" }])).toBeNull();
  });
});

describe("the timer that runs", () => {
  it("goes on while the phone is locked, and is read anew with the next day", async () => {
    await phone();
    timerWatch();
    await packTake(aPack());
    await recordEvent({ visit: 7, kind: "check_in", body: { what: "arrived" } });
    await vi.waitFor(() => expect(running.value?.visit).toBe(7));
    keyHold(null);
    packClose();
    await new Promise((done) => setTimeout(done, 20));
    expect(running.value?.visit).toBe(7);
    keyHold((await vaultOpen("402713")).key);
    await packOpen("2026-11-24");
    await vi.waitFor(() => expect(running.value).toBeNull());
  });
});
