/**
 * The data key of the store and the PINs that open it.
 *
 * One AES-256-GCM data key encrypts everything with personal data. It is kept twice, each time
 * under a key made of a PIN: the usual one and, where set, the one for use under duress. Both slots
 * look alike and stand in random order; an empty second slot holds noise. Both open the same store;
 * which PIN it was stands inside the slot. After `TRIES` wrong PINs the store is to be wiped.
 */
import { b64, joined, random, textOf, unb64, utf8, type Bytes } from "@/crypto/bytes";
import { ITERATIONS, pinBits, pinFault } from "@/crypto/pin";
import { Trouble } from "@/api/errors";
import { settingGet, settingPut } from "@/store/db";

export const TRIES = 8;
const SLOT_BYTES = 12 + 96 + 16;

interface Vault {
  salt: string;
  iterations: number;
  slots: string[];
  tries: number;
}

interface Slot {
  key: string;
  duress: boolean;
}

export interface Opened {
  key: CryptoKey;
  duress: boolean;
}

export class WrongPin extends Error {
  constructor(readonly left: number) {
    super("WRONG_PIN");
  }
}

async function aes(raw: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
}

async function slotMade(bits: Bytes, slot: Slot): Promise<string> {
  const iv = random(12);
  const plain = utf8(JSON.stringify(slot).padEnd(96, " "));
  return b64(joined(iv, await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await aes(bits), plain)));
}

async function slotOpened(bits: Bytes, slot: string): Promise<Slot | null> {
  const bytes = unb64(slot);
  try {
    const how = { name: "AES-GCM", iv: bytes.subarray(0, 12) };
    return JSON.parse(textOf(await crypto.subtle.decrypt(how, await aes(bits), bytes.subarray(12)))) as Slot;
  } catch {
    return null;
  }
}

export async function vaultMade(): Promise<boolean> {
  return (await settingGet<Vault>("vault")) !== undefined;
}

/**
 * Makes the data key and puts it under the PINs. Raises `Trouble` PIN_WEAK where a PIN may not be
 * one, PIN_SAME where both are the same.
 */
export async function vaultMake(
  { pin, duress, least, iterations = ITERATIONS }:
  { pin: string; duress: string; least?: number; iterations?: number },
): Promise<Opened> {
  for (const each of duress ? [pin, duress] : [pin]) {
    if (pinFault(each, least)) throw new Trouble("PIN_WEAK");
  }
  if (pin === duress) throw new Trouble("PIN_SAME");
  const salt = random(16);
  const raw = random(32);
  const key = b64(raw);
  const usual = await slotMade(await pinBits(pin, salt, iterations), { key, duress: false });
  const other = duress
    ? await slotMade(await pinBits(duress, salt, iterations), { key, duress: true })
    : b64(random(SLOT_BYTES));
  const slots = (random(1)[0] ?? 0) % 2 ? [usual, other] : [other, usual];
  await settingPut("vault", { salt: b64(salt), iterations, slots, tries: 0 } satisfies Vault);
  return { key: await aes(raw), duress: false };
}

/**
 * Opens the store's key. The try is counted before it is made, so that killing the app gives none
 * for free. Raises `WrongPin` with the tries left: at 0 the caller wipes.
 */
export async function vaultOpen(pin: string): Promise<Opened> {
  const vault = await settingGet<Vault>("vault");
  if (!vault) throw new Trouble("NO_PIN");
  const tries = vault.tries + 1;
  await settingPut("vault", { ...vault, tries });
  if (tries > TRIES) throw new WrongPin(0);
  const bits = await pinBits(pin, unb64(vault.salt), vault.iterations);
  const opened = await Promise.all(vault.slots.map((slot) => slotOpened(bits, slot)));
  const slot = opened.find((each) => each !== null);
  if (!slot) throw new WrongPin(TRIES - tries);
  await settingPut("vault", { ...vault, tries: 0 });
  return { key: await aes(unb64(slot.key)), duress: slot.duress };
}
