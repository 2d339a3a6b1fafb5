/** The PIN: what counts as one, how it becomes a key, and how a partner's phone checks it. */
import { b64, random, unb64, utf8, type Bytes } from "@/crypto/bytes";
import type { PinVerifier } from "@/types";

export const ITERATIONS = 600_000;
export const LEAST_DIGITS = 6;

export type PinFault = "not_digits" | "short" | "alike" | "sequence";

/** Why this may not be a PIN; null where it may. */
export function pinFault(pin: string, least: number = LEAST_DIGITS): PinFault | null {
  if (!/^\d*$/.test(pin)) return "not_digits";
  if (pin.length < least) return "short";
  if (/^(\d)\1*$/.test(pin)) return "alike";
  const steps = new Set(Array.from(pin).slice(1).map((digit, at) => (Number(digit) - Number(pin[at]) + 10) % 10));
  return steps.size === 1 && (steps.has(1) || steps.has(9)) ? "sequence" : null;
}

/** 256 bits of PBKDF2-SHA256. */
export async function pinBits(pin: string, salt: Bytes, iterations: number): Promise<Bytes> {
  const key = await crypto.subtle.importKey("raw", utf8(pin), "PBKDF2", false, ["deriveBits"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations };
  return new Uint8Array(await crypto.subtle.deriveBits(how, key, 256));
}

/** What `POST pin/` takes; its salt is another than the one that opens the store. */
export async function pinVerifier(pin: string, iterations = ITERATIONS): Promise<PinVerifier> {
  const salt = random(16);
  return { salt: b64(salt), iterations, hash: b64(await pinBits(pin, salt, iterations)) };
}

/**
 * The proof that somebody typed their PIN on this phone: b64 HMAC-SHA256(hash, "visit|at"); null
 * where the PIN is not theirs.
 */
export async function pinProof(
  { verifier, pin, visit, at }: { verifier: PinVerifier; pin: string; visit: number; at: string },
): Promise<string | null> {
  const bits = await pinBits(pin, unb64(verifier.salt), verifier.iterations);
  if (b64(bits) !== verifier.hash) return null;
  const key = await crypto.subtle.importKey("raw", bits, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return b64(await crypto.subtle.sign("HMAC", key, utf8(`${visit}|${at}`)));
}
