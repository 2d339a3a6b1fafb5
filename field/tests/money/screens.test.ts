// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createApp, defineComponent, h, nextTick, shallowRef, type App, type Component } from "vue";
import { createI18n } from "vue-i18n";
import { createMemoryHistory, createRouter } from "vue-router";
import english from "@/i18n/en/money.json";
import { optionsFor } from "@/arithmetic/options";
import { optionChoice, rowsOf } from "@/money/choice";
import { draftNew, bodyOf } from "@/money/means";
import MeansView from "@/money/MeansView.vue";
import OptionsView from "@/money/OptionsView.vue";
import BillView from "@/money/BillView.vue";
import DeclineForm from "@/money/DeclineForm.vue";
import AgreementView from "@/money/AgreementView.vue";
import { chosenNew, useDraft } from "@/money/use-money";
import type { DayPack, KnownEvent, Stop } from "@/types";
import { ground, heard, HOME, LENDER, MEANS, offerOf, ON, TABLES } from "./fixtures";

const drafts = new Map<string, unknown>();
const events = shallowRef<KnownEvent[]>([]);
const pack = shallowRef<DayPack | null>(null);
const recorded: { kind: string; topic?: string; body: Record<string, unknown> }[] = [];

vi.mock("@/store", () => ({
  useStore: () => ({
    pack,
    stop: (visit: number) => pack.value?.stops.find((stop) => stop.visit === visit) ?? null,
    draftGet: async (visit: number, name: string) => drafts.get(`${visit}:${name}`) ?? null,
    draftPut: async (visit: number, name: string, value: unknown) => void drafts.set(`${visit}:${name}`, value),
  }),
  useEvents: () => events,
  recordEvent: async (event: (typeof recorded)[number]) => void recorded.push(event),
}));

vi.mock("@/app/session", () => ({ session: { me: { staff: { id: 1, name: "Li Na" } } } }));

let app: App | null = null;

async function shown(view: Component, props: Record<string, unknown> = { id: 1 }): Promise<HTMLElement> {
  const i18n = createI18n({ legacy: false, locale: "en", messages: { en: { money: english } } });
  const router = createRouter({
    history: createMemoryHistory(), routes: [{ path: "/:rest(.*)*", component: { render: () => null } }],
  });
  const host = document.body.appendChild(document.createElement("div"));
  app = createApp({ render: () => h(view, props) }).use(i18n).use(router);
  app.mount(host);
  await settle();
  return host;
}

async function settle(ms = 0): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms + 1);
  await nextTick();
}

function stopOf(changes: Partial<Stop> = {}): Stop {
  return {
    visit: 1, who: "Wang", language: "en", bill: { on: ON, currency: "CNY", total: 0, accounts: [] },
    loans: [HOME], means: MEANS, options: { on: ON, policy_digest: "" }, offers: [],
    place: { text: "1 Example Road" }, ...changes,
  } as unknown as Stop;
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("scrollTo", () => undefined);
  drafts.clear();
  recorded.length = 0;
  events.value = [];
  pack.value = { day: ON, lender: LENDER, tables: TABLES, stops: [stopOf()], steps: [] } as unknown as DayPack;
});
afterEach(() => {
  app?.unmount();
  app = null;
  document.body.replaceChildren();
  vi.useRealTimers();
});

describe("a draft", () => {
  const view = (name: string) => {
    const held = {} as { it: ReturnType<typeof useDraft<{ text: string }>> };
    const component = defineComponent(() => {
      held.it = useDraft(1, name, () => ({ text: "" }));
      return () => null;
    });
    return { held, component };
  };

  it("is saved a moment after each change, and when the screen goes", async () => {
    const { held, component } = view("note");
    await shown(component, {});
    held.it.draft.value.text = "one";
    await settle(100);
    expect(drafts.size).toBe(0);
    await settle(200);
    expect(drafts.get("1:note")).toEqual({ text: "one" });
    held.it.draft.value.text = "two";
    await nextTick();
    app!.unmount();
    app = null;
    await settle();
    expect(drafts.get("1:note")).toEqual({ text: "two" });
  });

  it("is there again after the phone was killed", async () => {
    drafts.set("1:note", { text: "kept" });
    const { held, component } = view("note");
    await shown(component, {});
    expect(held.it.draft.value.text).toBe("kept");
  });
});

describe("the screens", () => {
  it("say in three lines how the sum came about", async () => {
    const page = await shown(BillView);
    expect(page.querySelectorAll(".how li")).toHaveLength(3);
    expect(page.textContent).toContain("5,630.00");
    expect(page.textContent).toContain("12% a year: CN¥600.00");
  });

  it("keep the answers and the result as one event, once there is an answer on income", async () => {
    drafts.set("1:means", { ...draftNew(), page: "result" });
    const page = await shown(MeansView);
    page.querySelector<HTMLButtonElement>(".stack .act")!.click();
    await settle();
    expect([recorded.length, page.querySelector("[role=alert]")!.textContent]).toEqual([0, english.fault.no_income]);
    app!.unmount();
    const said = { "income.wage": { amount: "9000", why: "" } };
    drafts.set("1:means", { ...draftNew(), page: "result", said });
    const again = await shown(MeansView);
    again.querySelector<HTMLButtonElement>(".stack .act")!.click();
    await settle();
    expect(recorded).toMatchObject([{ kind: "affordability", topic: "affordability", body: { on: ON } }]);
    expect(recorded[0]!.body).toEqual(bodyOf({ ...draftNew(), said }, TABLES.spending, ON));
  });

  it("lay approved plans first and say of the others that the lender must agree", async () => {
    const option = optionsFor(ground()).find((each) => each.key === "extension")!;
    const own = optionChoice(option, ground());
    pack.value = { ...pack.value!, stops: [stopOf({ offers: [offerOf({ rows: rowsOf(own), terms: own.terms })] })] };
    const page = await shown(OptionsView);
    const badges = [...page.querySelectorAll("thead .badge")].map((badge) => badge.textContent);
    expect(badges[0]).toBe(english.options.approved);
    expect(new Set(badges.slice(1))).toEqual(new Set([english.options.needs_yes]));
  });

  it("work plans out anew from what was answered at this visit", async () => {
    const page = await shown(OptionsView);
    expect(page.textContent).toContain("CN¥2,400.00 a month");
    const rich = { ...draftNew(), said: { "income.wage": { amount: "90000", why: "" } } };
    events.value = [heard("affordability", bodyOf(rich, TABLES.spending, ON))];
    await settle();
    expect(page.textContent).not.toContain("CN¥2,400.00 a month");
    expect(page.textContent).toContain(english.fit.fits);
  });

  it("say so where the day's tables are missing, and work nothing out", async () => {
    pack.value = { ...pack.value!, tables: undefined };
    const page = await shown(OptionsView);
    expect(page.querySelector("[role=alert]")!.textContent).toBe(english.no_tables);
    expect(page.querySelector("table")).toBeNull();
  });

  it("let a signed agreement be signed anew, until the report is written", async () => {
    const option = optionsFor(ground()).find((each) => each.key === "extension")!;
    const body = { offer: null, total: option.total, currency: "CNY" };
    drafts.set("1:chosen", { ...chosenNew(), choice: "option:extension" });
    events.value = [heard("agreement", body)];
    const page = await shown(AgreementView);
    expect(page.textContent).toContain(english.agreement.signed_not_yet);
    [...page.querySelectorAll("button")].find((each) => each.textContent === english.agreement.anew)!.click();
    await settle();
    expect(page.textContent).toContain(english.agreement.understood);
    events.value = [...events.value, heard("report", {})];
    app!.unmount();
    expect((await shown(AgreementView)).textContent).not.toContain(english.agreement.anew);
  });

  it("show no agreement that was declined after it was signed", async () => {
    const body = { offer: null, total: 1, currency: "CNY" };
    events.value = [heard("agreement", body), heard("declined", {})];
    const page = await shown(AgreementView);
    expect(page.textContent).toContain(english.agreement.was_declined);
    expect(page.textContent).not.toContain(english.agreement.signed_not_yet);
    events.value = [...events.value, heard("agreement", body)];
    await settle();
    expect(page.textContent).toContain(english.agreement.signed_not_yet);
  });

  it("take no refusal without a reason", async () => {
    const page = await shown(DeclineForm, { id: 1, option: "extension" });
    const form = page.querySelector("form")!;
    form.dispatchEvent(new Event("submit"));
    await settle();
    expect([recorded.length, page.querySelector("[role=alert]")!.textContent]).toEqual([0, english.declined.missing]);
    page.querySelector<HTMLInputElement>("input[value=think]")!.click();
    await settle();
    form.dispatchEvent(new Event("submit"));
    await settle();
    expect(recorded).toMatchObject([
      { kind: "declined", topic: "declined", body: { why: english.declined.think, option: "extension" } },
    ]);
  });

  it("name every field", async () => {
    for (const view of [MeansView, OptionsView, BillView]) {
      const page = await shown(view);
      for (const field of page.querySelectorAll<HTMLInputElement>("input, select, textarea")) {
        expect(field.labels?.length || field.getAttribute("aria-label"), field.outerHTML).toBeTruthy();
      }
      app!.unmount();
      app = null;
    }
  });
});
