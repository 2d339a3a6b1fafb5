// The hash chain of a recording, byte for byte as the server and the stand-alone verifier count it.
// It begins at a nonce of the server, so that no recording can have been made before the visit.

import { hex, joined, sha256, utf8, type Bytes } from "@/crypto/bytes";

/** What the chain says of a segment. Times in milliseconds; `sha` of the encrypted body. */
export interface Link {
  seq: number;
  sha: Bytes;
  started_ms: number;
  length_ms: number;
}

export async function chainBegins(
  recording: { visit: number; id: string; nonce: Bytes },
): Promise<Bytes> {
  const opening = `doorstep-recording/1\n${recording.visit}\n${recording.id}\n`;
  return sha256(joined(utf8(opening), recording.nonce));
}

export async function chainGrows(head: Bytes, link: Link): Promise<Bytes> {
  return sha256(
    joined(
      head,
      bigEndian(link.seq, 4),
      link.sha,
      bigEndian(link.started_ms, 8),
      bigEndian(link.length_ms, 4),
    ),
  );
}

/** The text the device signs when a recording ends. */
export function headText(
  recording: { visit: number; id: string },
  count: number,
  head: Bytes,
): string {
  return `doorstep-recording-head/1\n${recording.visit}\n${recording.id}\n${count}\n${hex(head)}`;
}

/** The bytes of lower-case hex; throws on anything else. */
export function unhex(text: string): Bytes {
  if (!/^([0-9a-f]{2})*$/.test(text)) throw new TypeError("not lower-case hex");
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** A whole number as `size` bytes, most significant first; throws where it does not fit. */
export function bigEndian(value: number, size: 4 | 8): Bytes {
  if (!Number.isSafeInteger(value) || value < 0 || (size === 4 && value > 0xffffffff)) {
    throw new RangeError(`${value} does not fit into ${size} bytes`);
  }
  const view = new DataView(new ArrayBuffer(size));
  if (size === 4) view.setUint32(0, value);
  else view.setBigUint64(0, BigInt(value));
  return new Uint8Array(view.buffer);
}
