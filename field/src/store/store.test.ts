import { beforeEach, describe, expect, it } from "vitest";
import { aPack, aStop, everythingStored, phone } from "../../tests/store";
import { vaultOpen } from "@/crypto/vault";
import { db, settingGet, settingPut } from "@/store/db";
import { recordEvent, resultsTake } from "@/store/events";
import { packClose, packOpen, packTake, useStore } from "@/store/index";
import { keyHold } from "@/store/sealed";
import { holdsUnsent, keptDrop, wipeAll, wipeExpired } from "@/store/wipe";

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

  describe("when the binding runs out", () => {
    let sent: string;
    let waiting: string;
    beforeEach(async () => {
      await settingPut("cursor", "1");
      await packTake(aPack());
      await useStore().draftPut(7, "signatures", PLANTED);
      sent = (await recordEvent({ visit: 7, kind: "note", body: {} })).id;
      await resultsTake([{ id: sent, state: "applied" }]);
      waiting = (await recordEvent({ visit: 7, kind: "note", body: {} })).id;
    });
    const events = async () => (await db.events.orderBy("order").toArray()).map((row) => row.id);

    it("keeps the day's progress sealed, and asks anew for what it drops", async () => {
      await wipeExpired("2026-11-23");
      await keptDrop("2026-11-23");
      expect([await db.packs.count(), await settingGet("cursor")]).toEqual([0, undefined]);
      expect(await events()).toEqual([sent, waiting]);
      expect(await holdsUnsent()).toBe(true);
      expect(await everythingStored()).not.toContain(PLANTED);
      await expect(useStore().draftGet(7, "signatures")).rejects.toMatchObject({ code: "LOCKED" });
    });

    it("gives it back to who signs in the same day", async () => {
      const { key } = await vaultOpen("402713");
      await wipeExpired("2026-11-23");
      keyHold(key);
      await packTake(aPack({ revision: "2" }));
      expect(await useStore().draftGet(7, "signatures")).toBe(PLANTED);
      expect((await useStore().eventsOf(7)).map(({ event }) => event.id)).toEqual([sent, waiting]);
    });

    it("keeps of another day only what was not sent", async () => {
      await wipeExpired("2026-11-24");
      expect([await db.drafts.count(), await events()]).toEqual([0, [waiting]]);
    });

    it("drops the progress once its day is over, signed in or not", async () => {
      await wipeExpired("2026-11-23");
      await keptDrop("2026-11-24");
      expect([await db.drafts.count(), await events()]).toEqual([0, [waiting]]);
    });

    it("leaves what is made later alone", async () => {
      await keptDrop("2026-11-24");
      expect([await db.drafts.count(), await events()]).toEqual([1, [sent, waiting]]);
    });
  });

  it("counts a call for help that nobody got as not sent", async () => {
    expect(await holdsUnsent()).toBe(false);
    await db.sos.put({ key: "x", sealed: new Uint8Array(0) });
    expect(await holdsUnsent()).toBe(true);
  });

  it("forgets conflicts of other days, which the office has, but no refusal", async () => {
    await packTake(aPack());
    const [one, two] = [await recordEvent({ visit: 7, kind: "note", body: {} }), await recordEvent({ visit: 7, kind: "note", body: {} })];
    await resultsTake([{ id: one.id, state: "conflict" }, { id: two.id, state: "refused", code: "X" }]);
    await packTake(aPack({ day: "2026-11-24", stops: [aStop({ visit: 8 })] }));
    expect((await db.events.toArray()).map((row) => row.id)).toEqual([two.id]);
  });
});
