/**
 * The emergency call. It is kept first and sent then, works without a network and while the phone
 * is locked; rows are encrypted with a key of their own that never leaves the browser. Where the
 * signed call does not come through, it goes by the token of the day, which needs neither the
 * phone's binding nor the server's database.
 */
import { shallowRef } from "vue";
import { call, callOpen } from "@/api/client";
import { spotNow } from "@/safety/place";
import { db, settingGet, settingPut, type Sealed } from "@/store/db";
import { exclusive } from "@/store/exclusive";
import { seal, unseal } from "@/store/sealed";
import type { Sos, SosWay } from "@/types";

const PATIENCE_MS = 15_000;

/** Calls that nobody got yet. */
export const sosWaiting = shallowRef(0);

/** sent: the office has it. kept: it goes out by itself. lost: only a telephone helps. */
export type SosOutcome = "sent" | "kept" | "lost";

async function sosKey(): Promise<CryptoKey> {
  const held = await settingGet<CryptoKey>("sos_key");
  if (held) return held;
  const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  await settingPut("sos_key", made);
  return made;
}

/** Keeps where a call goes without a signature; it can be read while the phone is locked. */
export async function sosWayKeep(way: SosWay): Promise<void> {
  await settingPut("sos_way", await seal("sos_way", way, await sosKey()));
}

async function sosWay(): Promise<SosWay | null> {
  const kept = await settingGet<Sealed>("sos_way");
  return kept ? unseal<SosWay>("sos_way", kept, await sosKey()) : null;
}

async function keep(sos: Sos): Promise<void> {
  await db.sos.put({ key: sos.key, sealed: await seal("sos", sos, await sosKey()) });
  sosWaiting.value = await db.sos.count();
}

async function drop(key: string): Promise<void> {
  await db.sos.delete(key);
  sosWaiting.value = await db.sos.count();
}

/**
 * Calls for help; the place follows as soon as the phone knows it. A phone that can keep nothing
 * sends all the same. `kept` is told once the call lies on the phone.
 */
export async function sosRaise(
  { visit, duress = false, kept }: { visit: number | null; duress?: boolean; kept?: () => void },
): Promise<SosOutcome> {
  const bare: Sos = { key: crypto.randomUUID(), visit, latitude: null, longitude: null, duress };
  const held = await keep(bare).then(() => true, () => false);
  if (held) kept?.();
  const spot = await spotNow({ ms: 4_000 });
  const sos = spot ? { ...bare, latitude: spot.latitude, longitude: spot.longitude } : bare;
  if (held && spot) await keep(sos).catch(() => undefined);
  const sent = await send(sos).then(() => true, () => false);
  if (sent) await drop(sos.key).catch(() => undefined);
  return sent ? "sent" : held ? "kept" : "lost";
}

/** Sends what waits, each for itself; raises the first fault, and what was not taken stays. */
export async function sosFlush(): Promise<void> {
  await exclusive("sos", flush);
}

async function flush(): Promise<void> {
  const faults: unknown[] = [];
  for (const row of await db.sos.toArray()) {
    try {
      await send(await unseal<Sos>("sos", row.sealed, await sosKey()));
      await drop(row.key);
    } catch (error) {
      faults.push(error);
    }
  }
  if (faults.length) throw faults[0];
}

/** The way is read first: a phone that is shut off forgets it while the call is under way. */
async function send(sos: Sos): Promise<void> {
  const way = await sosWay().catch(() => null);
  try {
    await call({ method: "POST", path: "sos/", body: sos, timeoutMs: PATIENCE_MS });
  } catch (error) {
    if (!way) throw error;
    await callOpen({ address: way.address, form: formOf(sos, way.token), timeoutMs: PATIENCE_MS });
  }
}

function formOf({ key, visit, latitude, longitude, duress }: Sos, token: string): Record<string, string> {
  return {
    token, key, visit: String(visit ?? ""), latitude: String(latitude ?? ""),
    longitude: String(longitude ?? ""), duress: duress ? "true" : "",
  };
}

/** What an SMS to the desk says: where, and nothing about a customer. */
export function sosText(words: string, visit: number | null, spot: { latitude: number; longitude: number } | null): string {
  const where = spot ? ` ${spot.latitude.toFixed(5)},${spot.longitude.toFixed(5)}` : "";
  return `${words}${visit ? ` #${visit}` : ""}${where}`;
}
