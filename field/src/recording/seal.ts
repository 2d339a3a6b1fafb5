// Segments are encrypted before they are written down: one content key a recording, wrapped once for
// the server. Whoever takes the phone cannot play them, nor can the phone itself once it was killed.

import { joined, sha256, utf8, type Bytes } from "@/crypto/bytes";

const INFO = utf8("doorstep-recording/1");
const CURVE = { name: "ECDH", namedCurve: "P-256" } as const;
const IV_BYTES = 12;

/** The content key, which never leaves the browser's key store, and the same wrapped for the server:
 * ephemeral point (65 bytes), IV (12), ciphertext. */
export interface Seal {
  key: CryptoKey;
  wrapped: Bytes;
}

/** A sealed segment: IV and ciphertext, and the hash of both. */
export interface Sealed {
  body: Bytes;
  sha: Bytes;
}

/** A fresh content key for the server's public key (P-256, uncompressed). */
export async function sealMake(server: Bytes): Promise<Seal> {
  const raw = crypto.getRandomValues(new Uint8Array(32));
  const theirs = await crypto.subtle.importKey("raw", server, CURVE, false, []);
  const ours = await crypto.subtle.generateKey(CURVE, false, ["deriveBits"]);
  const point = new Uint8Array(await crypto.subtle.exportKey("raw", ours.publicKey));
  const wrapping = await wrappingKey(ours.privateKey, theirs, ["encrypt"]);
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const closed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, wrapping, raw);
  const key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt"]);
  raw.fill(0);
  return { key, wrapped: joined(point, iv, new Uint8Array(closed)) };
}

/** The key that wraps a content key: HKDF-SHA256 over the shared secret, with an empty salt. */
export async function wrappingKey(
  own: CryptoKey,
  other: CryptoKey,
  uses: KeyUsage[],
): Promise<CryptoKey> {
  const secret = await crypto.subtle.deriveBits({ name: "ECDH", public: other }, own, 256);
  const base = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: INFO };
  return crypto.subtle.deriveKey(how, base, { name: "AES-GCM", length: 256 }, false, uses);
}

export async function segmentSeal(
  key: CryptoKey,
  place: { recording: string; seq: number },
  media: BufferSource,
): Promise<Sealed> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const how = { name: "AES-GCM", iv, additionalData: placeOf(place) };
  const body = joined(iv, new Uint8Array(await crypto.subtle.encrypt(how, key, media)));
  return { body, sha: await sha256(body) };
}

/** What binds a segment to its place: no other recording or number opens it. */
export function placeOf(place: { recording: string; seq: number }): Bytes {
  return utf8(`${place.recording}|${place.seq}`);
}
