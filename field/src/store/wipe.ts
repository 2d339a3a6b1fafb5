/** What is deleted when. */
import { db, settingDrop, settingGet, settingPut } from "@/store/db";
import { keyHold } from "@/store/sealed";
import { packClose } from "@/store/index";

/** Everything: on sign-out, revocation and too many wrong PINs. */
export async function wipeAll(): Promise<void> {
  keyHold(null);
  packClose();
  await db.delete();
  await db.open();
  if (typeof sessionStorage !== "undefined") sessionStorage.clear();
}

/**
 * What this phone may no longer show once its binding has run out. Events that were not sent, and
 * recordings, stay encrypted until the same person signs in again; so does the progress of today.
 */
export async function wipeExpired(today: string): Promise<void> {
  keyHold(null);
  packClose();
  await db.transaction("rw", [db.packs, db.drafts, db.notices, db.events, db.settings], async () => {
    const day = (await db.packs.get("pack"))?.day ?? (await settingGet<string>("kept_day"));
    await Promise.all([db.packs.clear(), db.notices.clear(), settingDrop("cursor"), settingDrop("conflicts")]);
    if (day === today) await settingPut("kept_day", today);
    else await progressDrop();
  });
}

/** The progress of a day that is over goes, also where nobody signed in again. */
export async function keptDrop(today: string): Promise<void> {
  await db.transaction("rw", [db.drafts, db.events, db.settings], async () => {
    const day = await settingGet<string>("kept_day");
    if (day !== undefined && day !== today) await progressDrop();
  });
}

async function progressDrop(): Promise<void> {
  await db.drafts.clear();
  await db.events.filter((row) => row.state !== "waiting").delete();
  await settingDrop("kept_day");
}

/** Whether something was made here that the server does not have. */
export async function holdsUnsent(): Promise<boolean> {
  const [events, segments, calls] = await Promise.all([
    db.events.where({ state: "waiting" }).count(),
    db.segments.where({ sent: 0 }).count(),
    db.sos.count(),
  ]);
  return events + segments + calls > 0;
}
