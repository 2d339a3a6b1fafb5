// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createApp, type App } from "vue";
import { createI18n } from "vue-i18n";
import { phone } from "../../tests/store";
import errors from "@/i18n/en/errors.json";
import shell from "@/i18n/en/app.json";
import day from "@/i18n/en/day.json";
import recording from "@/i18n/en/recording.json";
import sync from "@/i18n/en/sync.json";
import { db } from "@/store/db";
import { conflictsTake, recordEvent, resultsTake } from "@/store/events";
import SyncView from "@/sync/SyncView.vue";

let app: App | null = null;

function shown(): HTMLElement {
  const messages = { en: { app: shell, day, errors, recording, sync } };
  const host = document.body.appendChild(document.createElement("div"));
  app = createApp(SyncView).use(createI18n({ legacy: false, locale: "en", messages }));
  app.mount(host);
  return host;
}

const cards = (host: HTMLElement) => [...host.querySelectorAll("article")].map((each) => each.textContent);

describe("what needs a person", () => {
  beforeEach(phone);
  afterEach(() => {
    app?.unmount();
    document.body.replaceChildren();
  });

  it("is nothing where nothing is", async () => {
    const host = shown();
    await vi.waitFor(() => expect(host.textContent).toContain(sync.no_trouble));
    expect(cards(host)).toEqual([]);
  });

  it("is a recording the office did not take, with the reason", async () => {
    const row = { visit: 7, state: "refused", started_at: "2026-11-23T02:00:00Z" };
    await db.recordings.bulkPut([{ ...row, id: "a", fault: "ENDED_OTHERWISE" }, { ...row, id: "b", fault: "STRANGE" }]);
    const host = shown();
    await vi.waitFor(() => expect(cards(host)).toHaveLength(2));
    expect(cards(host)[0]).toContain(recording.fault.ENDED_OTHERWISE);
    expect(cards(host)[1]).toContain("(STRANGE)");
    expect(host.textContent).not.toContain(sync.no_trouble);
  });

  it("is every open conflict, also one in which this phone's event stands", async () => {
    const own = await recordEvent({ visit: 7, kind: "report", topic: "report", body: {} });
    await resultsTake([{ id: own.id, state: "applied" }]);
    await conflictsTake([{ visit: 7, topic: "report", ids: [own.id, "x"] }, { visit: 8, topic: "strange", ids: ["y"] }]);
    const host = shown();
    await vi.waitFor(() => expect(cards(host)).toHaveLength(2));
    expect(cards(host)[0]).toContain(sync.kind.report);
    expect(cards(host)[0]).toContain(sync.state.conflict);
    expect(cards(host)[1]).toContain("strange");
  });
});
