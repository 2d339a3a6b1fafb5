/**
 * The emergency call. It is kept first and sent then, works without a network and while the phone
 * is locked; rows are encrypted with a key of their own that never leaves the browser.
 */
import { call } from "@/api/client";
import { isOffline } from "@/api/errors";
import { spotNow } from "@/safety/place";
import { db, settingGet, settingPut } from "@/store/db";
import { exclusive } from "@/store/exclusive";
import { seal, unseal } from "@/store/sealed";
import type { Sos } from "@/types";

async function sosKey(): Promise<CryptoKey> {
  const held = await settingGet<CryptoKey>("sos_key");
  if (held) return held;
  const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  await settingPut("sos_key", made);
  return made;
}

async function keep(sos: Sos): Promise<void> {
  await db.sos.put({ key: sos.key, sealed: await seal("sos", sos, await sosKey()) });
}

/** Calls for help; the place follows as soon as the phone knows it. Answers whether it is out. */
export async function sosRaise(
  { visit, duress = false }: { visit: number | null; duress?: boolean },
): Promise<boolean> {
  const sos: Sos = { key: crypto.randomUUID(), visit, latitude: null, longitude: null, duress };
  await keep(sos);
  const spot = await spotNow({ ms: 4_000 });
  if (spot) await keep({ ...sos, latitude: spot.latitude, longitude: spot.longitude });
  return sosFlush().then(() => true, () => false);
}

/**
 * Sends what waits. One the server refuses for good is dropped, so that it does not hold up the
 * next; raises while the server is not reached.
 */
export async function sosFlush(): Promise<void> {
  await exclusive("sos", flush);
}

async function flush(): Promise<void> {
  for (const row of await db.sos.toArray()) {
    const sos = await unseal<Sos>("sos", row.sealed, await sosKey());
    try {
      await call({ method: "POST", path: "sos/", body: sos, timeoutMs: 15_000 });
    } catch (error) {
      if (isOffline(error) || (error as { status?: number }).status === 401) throw error;
    }
    await db.sos.delete(row.key);
  }
}

/** What an SMS to the desk says: where, and nothing about a customer. */
export function sosText(words: string, visit: number | null, spot: { latitude: number; longitude: number } | null): string {
  const where = spot ? ` ${spot.latitude.toFixed(5)},${spot.longitude.toFixed(5)}` : "";
  return `${words}${visit ? ` #${visit}` : ""}${where}`;
}
