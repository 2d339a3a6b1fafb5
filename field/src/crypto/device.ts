/**
 * The phone's own key: Ed25519, not extractable, kept in IndexedDB. It signs requests, heads of
 * recordings and door tokens; whoever holds the phone's storage cannot copy it elsewhere.
 *
 *   await deviceSign(text)      b64 signature over the UTF-8 text
 *   await devicePublicKey()     b64 of its 32 bytes
 */
import { b64, unb64, utf8, type Bytes } from "@/crypto/bytes";
import { settingGet, settingPut } from "@/store/db";

const ED25519 = { name: "Ed25519" } as const;

async function pair(): Promise<CryptoKeyPair> {
  const held = await settingGet<CryptoKeyPair>("device_key");
  if (held) return held;
  const made = (await crypto.subtle.generateKey(ED25519, false, ["sign", "verify"])) as CryptoKeyPair;
  await settingPut("device_key", made);
  return made;
}

export async function devicePublicKey(): Promise<string> {
  return b64(await crypto.subtle.exportKey("raw", (await pair()).publicKey));
}

export async function deviceSign(text: string): Promise<string> {
  return b64(await crypto.subtle.sign(ED25519, (await pair()).privateKey, utf8(text)));
}

/** Whether `signature` over the bytes is that of the raw Ed25519 key; false for anything malformed. */
export async function signatureHolds(
  key: string, signature: string, signed: Bytes,
): Promise<boolean> {
  try {
    const raw = await crypto.subtle.importKey("raw", unb64(key), ED25519, false, ["verify"]);
    return await crypto.subtle.verify(ED25519, raw, unb64(signature), signed);
  } catch {
    return false;
  }
}
