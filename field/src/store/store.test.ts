import { beforeEach, describe, expect, it } from "vitest";
import { aPack, aStop, everythingStored, phone } from "../../tests/store";
import { db, settingPut } from "@/store/db";
import { recordEvent, resultsTake } from "@/store/events";
import { packClose, packOpen, packTake, useStore } from "@/store/index";
import { keyHold } from "@/store/sealed";
import { holdsUnsent, wipeAll, wipeExpired } from "@/store/wipe";

const PLANTED = "司马试名";

describe("the store", () => {
  beforeEach(phone);

  it("holds nothing personal in the clear", async () => {
    const store = useStore();
    await packTake(aPack({ stops: [aStop({ who: PLANTED })] }));
    await store.draftPut(7, "report", { said: `${PLANTED}-draft` });
    await recordEvent({ visit: 7, kind: "note", body: { text: `${PLANTED}-note` } });
    const raw = await everythingStored();
    expect(raw).not.toContain(PLANTED);
    expect(raw).not.toContain("和平路");
    expect(await store.draftGet(7, "report")).toEqual({ said: `${PLANTED}-draft` });
    expect((await store.eventsOf(7))[0]?.event.body).toEqual({ text: `${PLANTED}-note` });
  });

  it("opens nothing while locked", async () => {
    await useStore().draftPut(7, "report", 1);
    keyHold(null);
    await expect(useStore().draftGet(7, "report")).rejects.toMatchObject({ code: "LOCKED" });
    await expect(recordEvent({ visit: 7, kind: "note", body: {} })).rejects.toMatchObject({ code: "LOCKED" });
  });

  it("shows the pack of today only", async () => {
    await packTake(aPack());
    packClose();
    await packOpen("2026-11-23");
    expect(useStore().stop(7)?.who).toBe("王小明");
    packClose();
    await packOpen("2026-11-24");
    expect(useStore().pack.value).toBeNull();
    expect(await db.packs.count()).toBe(0);
  });

  it("forgets other days but nothing that was not sent", async () => {
    await packTake(aPack());
    await useStore().draftPut(7, "report", 1);
    const sent = await recordEvent({ visit: 7, kind: "note", body: {} });
    await resultsTake([{ id: sent.id, state: "applied" }]);
    const kept = await recordEvent({ visit: 7, kind: "note", body: {} });
    await packTake(aPack({ day: "2026-11-24", stops: [aStop({ visit: 8 })] }));
    expect(await db.drafts.count()).toBe(0);
    expect((await db.events.toArray()).map((row) => row.id)).toEqual([kept.id]);
  });

  it("finds a visit, its events and drafts by the numbers it had before", async () => {
    await packTake(aPack());
    await useStore().draftPut(7, "report", "said");
    const step = await recordEvent({ visit: 7, kind: "step", topic: "step:arrive", body: { how: "done" } });
    await packTake(aPack({ revision: "2", stops: [aStop({ visit: 9, was: [7] })] }));
    expect(useStore().stop(7)?.visit).toBe(9);
    expect(await useStore().draftGet(9, "report")).toBe("said");
    expect((await useStore().eventsOf(9)).map(({ event }) => event.id)).toEqual([step.id]);
    expect((await recordEvent({ visit: 9, kind: "step", topic: "step:arrive", body: {} })).after).toBe(step.id);
  });

  it("wipes everything on sign-out", async () => {
    await packTake(aPack());
    await recordEvent({ visit: 7, kind: "note", body: {} });
    await wipeAll();
    for (const table of db.tables) expect(await table.count()).toBe(0);
    expect(useStore().pack.value).toBeNull();
  });

  it("keeps what was not sent, encrypted, when the binding runs out", async () => {
    await settingPut("owner", 5);
    await packTake(aPack());
    await useStore().draftPut(7, "report", 1);
    const event = await recordEvent({ visit: 7, kind: "note", body: {} });
    await wipeExpired();
    expect(await db.packs.count()).toBe(0);
    expect(await db.drafts.count()).toBe(0);
    expect((await db.events.toArray()).map((row) => row.id)).toEqual([event.id]);
    expect(await holdsUnsent()).toBe(true);
  });
});
