// The borrower's receipt of a recording: short lines that the stand-alone verifier reads as they are.

import type { RecordingKept } from "@/recording/shelf";

/** `key`: this device's public key, base64url. */
export function receiptText(row: RecordingKept, key: string): string {
  const { visit, id, count, head, signature } = row;
  const lines = ["doorstep-recording-receipt/1", visit, id, count, head, key, signature];
  return `${lines.join("\n")}\n`;
}
