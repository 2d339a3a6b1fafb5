/** What is deleted when. */
import { db } from "@/store/db";
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
 * recordings, stay encrypted until the same person signs in again.
 */
export async function wipeExpired(): Promise<void> {
  keyHold(null);
  packClose();
  await db.transaction("rw", db.packs, db.drafts, db.notices, db.events, async () => {
    await Promise.all([db.packs.clear(), db.drafts.clear(), db.notices.clear()]);
    await db.events.filter((row) => row.state !== "waiting").delete();
  });
}

/** Whether something was made here that the server does not have. */
export async function holdsUnsent(): Promise<boolean> {
  const [events, segments] = await Promise.all([
    db.events.where({ state: "waiting" }).count(),
    db.segments.where({ sent: 0 }).count(),
  ]);
  return events + segments > 0;
}
