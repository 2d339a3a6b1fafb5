// The three-digit number: the phone signs a fresh challenge for this visit, at its place, and is told
// the number that the borrower's page and the hotline show at the same moment.

import { call } from "@/api/client";
import { deviceSign } from "@/crypto/device";

export interface ShownNumber {
  number: string;
  until: string;
}

/** Raises `Trouble`: OFFLINE, or why the server shows no number now and here. */
export async function numberAsk(
  visit: number,
  here: { latitude: number; longitude: number },
): Promise<ShownNumber> {
  const path = `visits/${visit}/challenge/`;
  const { nonce } = await call<{ nonce: string }>({ method: "POST", path, body: {} });
  const signature = await deviceSign(`doorstep-challenge/1\n${visit}\n${nonce}`);
  const body = { nonce, signature, ...here };
  return call<ShownNumber>({ method: "POST", path: `visits/${visit}/number/`, body });
}
