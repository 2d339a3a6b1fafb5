/**
 * Encryption of rows with the data key, bound to the place where the row stands, so that a row
 * moved elsewhere does not open. The key is in memory only while the phone is unlocked.
 */
import { joined, random, textOf, utf8 } from "@/crypto/bytes";
import { Trouble } from "@/api/errors";
import type { Sealed } from "@/store/db";

export type { Sealed } from "@/store/db";

let dataKey: CryptoKey | null = null;

export function keyHold(key: CryptoKey | null): void {
  dataKey = key;
}

export function keyHeld(): boolean {
  return dataKey !== null;
}

function key(): CryptoKey {
  if (!dataKey) throw new Trouble("LOCKED");
  return dataKey;
}

/** Raises `Trouble` LOCKED while the phone is locked. */
export async function seal(place: string, value: unknown, using: CryptoKey = key()): Promise<Sealed> {
  const iv = random(12);
  const how = { name: "AES-GCM", iv, additionalData: utf8(place) };
  return joined(iv, await crypto.subtle.encrypt(how, using, utf8(JSON.stringify(value))));
}

/** Raises `Trouble` LOCKED, or SPOILT where the row is not what was put there. */
export async function unseal<T>(place: string, sealed: Sealed, using: CryptoKey = key()): Promise<T> {
  const how = { name: "AES-GCM", iv: sealed.slice(0, 12), additionalData: utf8(place) };
  let plain: ArrayBuffer;
  try {
    plain = await crypto.subtle.decrypt(how, using, sealed.slice(12));
  } catch {
    throw new Trouble("SPOILT");
  }
  return JSON.parse(textOf(plain)) as T;
}
