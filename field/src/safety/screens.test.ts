// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createApp, nextTick, type App, type Component } from "vue";
import { createI18n } from "vue-i18n";
import { createMemoryHistory, createRouter } from "vue-router";
import english from "@/i18n/en/safety.json";
import { session } from "@/app/session";
import LeaveNow from "@/safety/LeaveNow.vue";
import SosButton from "@/safety/SosButton.vue";
import { sosWaiting, type SosOutcome } from "@/safety/sos";
import { running } from "@/safety/timer";

const deeds: string[] = [];
const raised = vi.hoisted(() => ({ kept: () => {}, over: (_outcome: string) => {} }));

vi.mock("@/recording/live", () => ({
  live: {}, recordingStart: async () => undefined,
  recordEnd: async () => void deeds.push("recording ended"),
}));
vi.mock("@/safety/sos", async (original) => ({
  ...(await original<object>()),
  sosRaise: ({ kept }: { kept: () => void }) => new Promise((over) => Object.assign(raised, { kept, over })),
}));
const recordEvent = vi.hoisted(() => vi.fn());
vi.mock("@/store/index", async (original) => ({ ...(await original<object>()), recordEvent }));

let app: App | null = null;

async function shown(view: Component): Promise<HTMLElement> {
  const i18n = createI18n({ legacy: false, locale: "en", messages: { en: { safety: english } } });
  const router = createRouter({
    history: createMemoryHistory(), routes: [{ path: "/:rest(.*)*", component: { render: () => null } }],
  });
  const host = document.body.appendChild(document.createElement("div"));
  app = createApp(view).use(i18n).use(router);
  app.mount(host);
  await nextTick();
  return host;
}

const press = async (host: HTMLElement, words: string) => {
  [...host.querySelectorAll("button")].find((each) => each.textContent!.includes(words))!.click();
  await vi.waitFor(() => undefined);
  await new Promise((done) => setTimeout(done));
};

beforeEach(() => {
  deeds.length = 0;
  recordEvent.mockImplementation(async ({ kind, body }) => void deeds.push(`${kind} ${body.what ?? body.why}`));
  running.value = { visit: 7, arrivedAt: 0, dueAt: 0, alarmAt: 0, wells: 0, mayWell: true };
});
afterEach(() => {
  app?.unmount();
  document.body.replaceChildren();
  running.value = null;
  sosWaiting.value = 0;
});

describe("leaving now", () => {
  it("ends the recording once the crew is away, and not while it still goes", async () => {
    const host = await shown(LeaveNow);
    await press(host, "Leave now");
    expect(deeds).toEqual(["leave_now Left at once"]);
    await press(host, "We are away");
    expect(deeds.slice(1)).toEqual(["check_in left", "recording ended"]);
  });

  it("ends the recording also where it is closed without a word", async () => {
    const host = await shown(LeaveNow);
    await press(host, "Leave now");
    host.querySelector("dialog")!.dispatchEvent(new Event("cancel"));
    expect(deeds).toContain("recording ended");
  });

  it("ends the recording also where nothing can be written down", async () => {
    const host = await shown(LeaveNow);
    app!.config.errorHandler = () => undefined;
    await press(host, "Leave now");
    recordEvent.mockRejectedValue(new Error("full"));
    await press(host, "We are away");
    expect(deeds.at(-1)).toBe("recording ended");
  });
});

describe("the SOS button", () => {
  const help = { desk: "139 0000", numbers: [["police", "110"]] as [string, string][] };
  const said = (host: HTMLElement) => host.querySelector("p[role]")?.textContent ?? "";
  beforeEach(() => Object.assign(session, { me: null, help }));

  async function sent(): Promise<HTMLElement> {
    vi.stubGlobal("navigator", {});
    const host = await shown(SosButton);
    await press(host, "SOS");
    await press(host, "Send now");
    return host;
  }
  afterEach(() => vi.unstubAllGlobals());

  it("links whom to call when nobody is signed in any more", async () => {
    const host = await shown(SosButton);
    const links = [...host.querySelectorAll("a")].map((each) => each.getAttribute("href"));
    expect(links.slice(0, 2)).toEqual(["tel:110", "tel:1390000"]);
  });

  it("says that the call is kept only once it is, and that it is sent once it is", async () => {
    const host = await sent();
    expect(said(host)).toBe(english.sending);
    raised.kept();
    await nextTick();
    expect(said(host)).toBe(english.kept);
    raised.over("sent");
    await vi.waitFor(() => expect(said(host)).toBe(english.sent));
  });

  it("says when the call is lost, and lets another be made", async () => {
    const host = await sent();
    raised.over("lost" satisfies SosOutcome);
    await vi.waitFor(() => expect(said(host)).toBe(english.lost));
    await press(host, "Close");
    await press(host, "SOS");
    expect(host.textContent).toContain("Send now");
  });

  it("takes a kept call for sent once it went out by itself, so that the next tap calls again", async () => {
    const host = await sent();
    sosWaiting.value = 1;
    raised.over("kept");
    await vi.waitFor(() => expect(said(host)).toBe(english.kept));
    await press(host, "Close");
    await press(host, "SOS");
    expect(said(host)).toBe(english.kept);
    sosWaiting.value = 0;
    await vi.waitFor(() => expect(said(host)).toBe(english.sent));
    await press(host, "SOS");
    expect(host.textContent).toContain("Send now");
  });
});
