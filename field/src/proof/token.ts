// The door token: what a page cached before checks without a network. Signed by this phone's key,
// for this visit, at this second; the page refuses one that is older than half a minute.

import { corrected } from "@/api/clock";
import { b64, utf8 } from "@/crypto/bytes";
import { deviceSign } from "@/crypto/device";

export const REFRESH_MS = 15_000;

/** The address a borrower's phone opens from the code. `verify_at` as the lender wrote it. */
export async function doorAddress(
  facts: { verify_at: string; visit: number; device: string },
  now: number = corrected().getTime(),
): Promise<string> {
  const { visit, device } = facts;
  const payload = JSON.stringify({ v: 1, visit, device, at: Math.floor(now / 1000) });
  const signature = await deviceSign(`doorstep-door/1\n${payload}`);
  return `${originOf(facts.verify_at)}/v/#${b64(utf8(payload))}.${signature}`;
}

/** Scheme and host of the lender's page, whether they wrote `verify.example` or a whole address. */
export function originOf(verify_at: string): string {
  const text = verify_at.trim();
  try {
    return new URL(text.includes("://") ? text : `https://${text}`).origin;
  } catch {
    return "https://invalid.invalid";
  }
}
