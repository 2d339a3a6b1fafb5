// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createApp, h, nextTick, reactive, type App, type Component } from "vue";
import { createI18n } from "vue-i18n";
import { createMemoryHistory, createRouter, type Router } from "vue-router";
import { aPack, aStop, phone } from "../store";
import { session } from "@/app/session";
import { b64, joined, utf8 } from "@/crypto/bytes";
import visitWords from "@/i18n/en/visit.json";
import BillView from "@/money/BillView.vue";
import { othersTake, resultsTake } from "@/store/events";
import { eventsOf, packClose, packTake, recordEvent, useStore } from "@/store/index";
import { notices } from "@/sync/changes";
import type { Change, DoorEvent, EventBody, EventKind, Stop } from "@/types";
import VisitView from "@/visit/VisitView.vue";
import { STEPS } from "./steps";

const asked: string[] = [];
const server = reactive<{ clear: { may: boolean; why: string } | null }>({ clear: null });
vi.mock("@/api/client", async (real) => ({
  ...(await real<object>()),
  call: async ({ path }: { path: string }) => {
    const { Trouble } = await import("@/api/errors");
    if (!server.clear || !path.endsWith("/clear/")) throw new Trouble("OFFLINE");
    asked.push(path);
    return { conditions: [], ...server.clear };
  },
}));
vi.mock("@/safety/place", async (real) => ({
  ...(await real<object>()),
  spotNow: async () => ({ latitude: 31.2, longitude: 121.5, accuracy_m: 5 }),
}));
const ended = vi.fn(async () => undefined);
vi.mock("@/recording/live", () => ({
  live: { visit: null, starting: false }, recordEnd: () => ended(), recordBegin: vi.fn(), recordingStart: vi.fn(),
}));
vi.mock("@/proof/ProofPanel.vue", () => ({
  default: { props: ["visit"], render: ({ visit }: { visit: number }) => h("output", visit) },
}));
vi.mock("@/money/SignatureField.vue", () => ({ default: { render: () => null } }));
vi.mock("@/proof/ReceiptCard.vue", () => ({ default: { render: () => null } }));

const TITLES = Object.fromEntries(STEPS.map((code) => [code, `step ${code}`]));
const steps = STEPS.map((code) => ({ code, title: TITLES[code]!, words: "", needs: [], may_skip: code === "clearance" }));
const crew = {
  id: 1, begins_at: "", ends_at: "", vehicle: "",
  members: [11, 12].map((id) => ({ id, name: `Agent ${id}`, work_id: "", leads: id === 11, phone: "", pin: null })),
};
let app: App | null = null;
let router: Router;

async function dayWith(...stops: Partial<Stop>[]): Promise<void> {
  await packTake(aPack({ steps, crew, stops: stops.map((each) => aStop(each)) }));
}

async function shown(view: Component = VisitView, id = 7): Promise<HTMLElement> {
  const i18n = createI18n({ legacy: false, locale: "en", messages: { en: { visit: visitWords } }, missingWarn: false });
  router = createRouter({ history: createMemoryHistory(), routes: [{ path: "/:rest(.*)*", component: { render: () => null } }] });
  await router.push(`/visit/${id}/bill`);
  const host = document.body.appendChild(document.createElement("div"));
  app = createApp({ render: () => h(view, { id }) }).use(i18n).use(router);
  app.config.warnHandler = () => undefined;
  app.mount(host);
  await calm();
  return host;
}

/** Until everything the store and the screens do by themselves is done. */
async function calm(): Promise<void> {
  for (let turn = 0; turn < 12; turn += 1) {
    await new Promise((done) => setTimeout(done, 5));
    await nextTick();
  }
}

async function tell(kind: EventKind, topic: string, body: EventBody, visit = 7): Promise<DoorEvent> {
  return recordEvent({ visit, kind, topic, body });
}

/** Everything up to a step is done, with what the steps say. */
async function until(code: string, facts: Record<string, EventBody> = {}, visit = 7): Promise<void> {
  for (const step of STEPS.slice(0, STEPS.indexOf(code as (typeof STEPS)[number]))) {
    const who = step === "who_is_there" ? { who: "borrower" } : {};
    await tell("step", `step:${step}`, { step, how: "done", ...who, ...facts[step] }, visit);
  }
}

function said(what: Change["what"], visit: number, at = "2026-11-23T03:00:00Z"): Change {
  return { visit, what, why: "the customer is ill", at };
}

function button(page: HTMLElement, words: string): HTMLButtonElement | undefined {
  return [...page.querySelectorAll("button")].find((each) => each.textContent?.trim() === words);
}

const kinds = async () => (await eventsOf(7)).map(({ event }) => event.kind);

beforeEach(async () => {
  await phone();
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.setSystemTime("2026-11-23T02:00:00Z");
  vi.stubGlobal("scrollTo", () => undefined);
  session.me = { staff: { id: 11, name: "Agent 11" }, keys: { server: "", recording: "" }, desk: "+86 10 1234", numbers: [] } as never;
  notices.value = [];
  asked.length = 0;
  server.clear = { may: true, why: "" };
  ended.mockClear();
  await dayWith({});
});
afterEach(async () => {
  await calm();
  app?.unmount();
  app = null;
  packClose();
  document.body.replaceChildren();
  vi.useRealTimers();
});

describe("a visit that the office takes back", () => {
  it("before anybody was met is all there is, and the crew has left", async () => {
    await until("clearance");
    notices.value = [said("withdrawn", 7)];
    const page = await shown();
    expect(page.textContent).toContain(visitWords.withdrawn.words);
    expect(page.textContent).not.toContain(TITLES["clearance"]);
    expect(ended).toHaveBeenCalledTimes(1);
    expect((await kinds()).filter((kind) => kind === "leave_now")).toHaveLength(1);
    button(page, visitWords.withdrawn.report)!.click();
    await calm();
    expect(page.querySelector("h1")!.textContent).toBe(TITLES["report"]);
    expect(page.textContent).toContain("the customer is ill");
  });

  it("before the crew came is left without a word", async () => {
    await until("arrive");
    notices.value = [said("withdrawn", 7)];
    const page = await shown();
    expect(await kinds()).not.toContain("leave_now");
    expect(button(page, visitWords.withdrawn.report)).toBeUndefined();
  });

  it("after somebody was met is brought to its end and reported", async () => {
    await until("agreement");
    notices.value = [said("withdrawn", 7)];
    const page = await shown();
    expect(page.querySelector("h1")!.textContent).toBe(TITLES["agreement"]);
    expect(page.querySelector("[role=alert]")!.textContent).toContain("the customer is ill");
    expect([ended.mock.calls.length, (await kinds()).includes("leave_now")]).toEqual([0, false]);
    button(page, visitWords.withdrawn.end)!.click();
    await calm();
    expect(page.querySelector("h1")!.textContent).toBe(TITLES["close"]);
    button(page, visitWords.close.left)!.click();
    await calm();
    expect(page.querySelector("h1")!.textContent).toBe(TITLES["report"]);
    expect(page.querySelector("form")).not.toBeNull();
    expect(await kinds()).not.toContain("leave_now");
  });

  it("says why only to the crew while somebody else is there", async () => {
    await until("close", { who_is_there: { who: "third_party" } });
    notices.value = [said("withdrawn", 7)];
    const page = await shown();
    expect(page.textContent).toContain(visitWords.withdrawn.title);
    expect(page.textContent).not.toContain("the customer is ill");
  });

  it("is over once it was reported", async () => {
    await until("report");
    await tell("report", "report", {});
    notices.value = [said("withdrawn", 7)];
    const page = await shown();
    expect(page.textContent).not.toContain(visitWords.withdrawn.title);
  });
});

describe("a plan made anew while the visit is open", () => {
  it("keeps what was told under both numbers, each once", async () => {
    await until("listen");
    await tell("dispute", "dispute:1", { text: "paid in May" });
    const page = await shown();
    await tell("dispute", "dispute:2", { text: "paid in June" }, 12);
    await dayWith({ visit: 12, was: [7] });
    await calm();
    button(page, visitWords.dispute.open)!.click();
    await calm();
    const noted = [...page.querySelectorAll("dialog p.amber")].map((line) => line.textContent);
    expect(noted).toEqual(["paid in May", "paid in June"].map((text) => `${visitWords.dispute.opened} ${text}`));
  });

  it("hears of what became of any of its numbers, the latest word first", async () => {
    await until("clearance");
    await dayWith({ visit: 12, was: [7] });
    const page = await shown();
    notices.value = [said("withdrawn", 12)];
    await calm();
    expect(page.textContent).toContain(visitWords.withdrawn.words);
  });

  it("counts a stop that was taken and given again", async () => {
    await dayWith({ visit: 12, was: [7] });
    notices.value = [said("given", 12, "2026-11-23T03:00:01Z"), said("taken", 7)];
    expect((await shown()).textContent).not.toContain(visitWords.withdrawn.title);
  });

  it("asks for the visit as it is called now", async () => {
    await until("clearance");
    await dayWith({ visit: 12, was: [7] });
    await shown();
    expect(asked).toEqual(["visits/12/clear/"]);
    await tell("step", "step:clearance", { step: "clearance", how: "done" });
    await calm();
    expect(document.querySelector("output")!.textContent).toBe("12");
  });

  it("takes the pass of its present number without a network", async () => {
    server.clear = null;
    const keys = (await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"])) as CryptoKeyPair;
    const raw = new Uint8Array(await crypto.subtle.exportKey("raw", keys.publicKey));
    session.me!.keys.server = b64(raw);
    const [from, to] = ["2026-11-23T01:00:00Z", "2026-11-23T03:00:00Z"];
    const facts = utf8(JSON.stringify({
      v: 1, kind: "visit-pass", visit: 12, case: 3, members: [11, 12], latitude: 31.2, longitude: 121.5,
      tolerance_m: 150, windows: [[from, to]], issued_at: from, lives_until: to, revision: 1,
    }));
    const signature = await crypto.subtle.sign("Ed25519", keys.privateKey, joined(utf8("doorstep-pass/1\n"), facts));
    await until("clearance", { arrive: { partner: { staff: 12 } } });
    await dayWith({ visit: 12, was: [7], pass: { payload: b64(facts), signature: b64(new Uint8Array(signature)) } });
    expect((await shown()).textContent).toContain(visitWords.clear.may);
  });
});

describe("may we ring", () => {
  it("asks again when the answer is older than a minute, and shows a no", async () => {
    await until("clearance");
    const page = await shown();
    expect(page.textContent).toContain(visitWords.clear.may);
    server.clear = { may: false, why: "A hearing is set." };
    vi.setSystemTime("2026-11-23T02:01:01Z");
    button(page, visitWords.clear.ring)!.click();
    await calm();
    expect(asked).toHaveLength(2);
    expect(page.textContent).toContain("A hearing is set.");
    expect(await kinds()).toHaveLength(2);
  });

  it("takes an answer of up to a minute, and rings with everybody who is there", async () => {
    await until("clearance", { arrive: { partner: { staff: 12 } } });
    const page = await shown();
    vi.setSystemTime("2026-11-23T02:01:00Z");
    button(page, visitWords.clear.ring)!.click();
    await calm();
    expect(asked).toHaveLength(1);
    const rung = (await eventsOf(7)).at(-1)!.event;
    expect([rung.topic, rung.body["crew"]]).toEqual(["step:clearance", [11, 12]]);
  });
});

describe("somebody else at the door", () => {
  it("is the last thing asked: the next screen is the leave-taking at once", async () => {
    await until("who_is_there");
    const page = await shown();
    const seen = new Set<string>();
    const watcher = new MutationObserver(() => seen.add(page.querySelector("h1")?.textContent ?? ""));
    watcher.observe(page, { childList: true, subtree: true, characterData: true });
    button(page, visitWords.who.third_party)!.click();
    await calm();
    watcher.disconnect();
    expect([...seen].filter((title) => ![TITLES["who_is_there"], TITLES["close"]].includes(title))).toEqual([]);
    expect(page.querySelector("h1")!.textContent).toBe(TITLES["close"]);
  });

  it("reads no name of a step about the debt in the list of steps", async () => {
    await until("who_is_there");
    const page = await shown();
    button(page, visitWords.step_of.replace("{place}", "5").replace("{of}", "15"))!.click();
    await calm();
    const names = page.querySelector(".steps")!.textContent!;
    expect(names).toContain(visitWords.private_step);
    expect(names).not.toContain(TITLES["debt"]);
    await tell("step", "step:who_is_there", { step: "who_is_there", how: "done", who: "borrower" });
    await calm();
    expect(page.querySelector(".steps")!.textContent).toContain(TITLES["debt"]);
  });
});

describe("a screen about the debt", () => {
  it("gives way as soon as the crew stands at the door, also on the phone that accompanies", async () => {
    await shown(BillView);
    expect(router.currentRoute.value.path).toBe("/visit/7/bill");
    await tell("check_in", "check_in:1", { what: "arrived" });
    await calm();
    expect(router.currentRoute.value.path).toBe("/visit/7");
  });

  it("stays open while only the colleague is there, and with the borrower", async () => {
    await othersTake([{
      id: "e1", visit: 7, kind: "check_in", topic: "check_in:1", after: null, at: "2026-11-23T01:00:00Z",
      clock_at: "", number: 1, body: { what: "arrived" }, staff: 12,
    }]);
    await shown(BillView);
    expect(router.currentRoute.value.path).toBe("/visit/7/bill");
    app!.unmount();
    await until("purpose");
    await shown(BillView);
    expect(router.currentRoute.value.path).toBe("/visit/7/bill");
  });
});

describe("the report", () => {
  const store = useStore();
  const draft = { outcome: "declined", said: "we talked", reasons: [], shown: [], people: "", place: "", mood: "" };

  it("comes back as it was written, with the reason, when it is refused", async () => {
    await until("report");
    await store.draftPut(7, "report", draft);
    const sent = await tell("report", "report", { outcome: "declined" });
    const page = await shown();
    expect(page.querySelector("h1")!.textContent).toBe(visitWords.over);
    await resultsTake([{ id: sent.id, state: "refused", code: "FIGURES_DIFFER", message: "The figures differ." }]);
    await calm();
    expect(page.querySelector("[role=alert]")!.textContent).toContain("The figures differ.");
    expect(page.querySelectorAll("textarea")[0]!.value).toBe("we talked");
  });

  it("is kept as a draft until the office has it, and not longer", async () => {
    await until("report");
    await store.draftPut(7, "report", draft);
    await store.draftPut(7, "listen", { reasons: [] });
    const sent = await tell("report", "report", { outcome: "declined" });
    await shown();
    expect(await store.draftGet(7, "report")).toEqual(draft);
    await resultsTake([{ id: sent.id, state: "applied" }]);
    await calm();
    expect([await store.draftGet(7, "report"), await store.draftGet(7, "listen")]).toEqual([null, null]);
  });
});
