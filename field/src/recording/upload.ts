// Recordings go to the office as soon as there is network: every request can be repeated without
// harm, in the order of the chain, and nothing is deleted here before the office has it all.

import type { Call } from "@/api/client";
import { Trouble } from "@/api/errors";
import { isWaiting } from "@/store/events";

import {
  recordings,
  recordingSent,
  segments,
  type RecordingKept,
  type SegmentKept,
} from "./shelf";

/** A request signed by the device; throws `Trouble` where it was not taken. */
export type Ask = (asked: Call) => Promise<unknown>;

const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 120_000;
const PATIENCE_MS = 120_000;
const FINAL = new Set([400, 409, 413]);
const DAMAGED = "SHA_WRONG";
const CONSENT_WAITS = "CONSENT_WAITS";

function base(row: RecordingKept): string {
  return `visits/${row.visit}/recordings/${row.id}/`;
}

async function segmentSend(ask: Ask, row: RecordingKept, segment: SegmentKept): Promise<void> {
  const { seq, sha, started_ms, length_ms, body } = segment;
  const times = `?started_ms=${started_ms}&length_ms=${length_ms}`;
  const path = `${base(row)}segments/${seq}/${sha}/${times}`;
  await ask({ method: "PUT", path, raw: body, timeoutMs: PATIENCE_MS });
  await segments.update([row.id, seq], { sent: 1 });
}

async function heldBy(ask: Ask, row: RecordingKept): Promise<{ held: Set<number>; ended: boolean }> {
  const said = (await ask({ path: base(row) })) as { held: number[]; ended: unknown };
  return { held: new Set(said.held), ended: Boolean(said.ended) };
}

/**
 * Send what is there of one recording; whether the office now has it all and the bytes are gone.
 * Throws CONSENT_WAITS while the borrower's answer is still in the outbox: the office lets no
 * recording end before it knows that answer.
 */
export async function recordingSend(ask: Ask, id: string): Promise<boolean> {
  const row = await recordings.get(id);
  if (row?.state !== "running" && row?.state !== "ended") return false;
  const { nonce, wrapped, media_type, started_at, consent } = row;
  const opening = { nonce, wrapped, media_type, started_at, consent };
  await ask({ method: "PUT", path: base(row), body: opening });
  const { held, ended } = await heldBy(ask, row);
  for (let seq = 0; seq < row.count; seq++) {
    if (held.has(seq)) continue;
    const segment = await segments.get([id, seq]);
    if (segment) await segmentSend(ask, row, segment);
  }
  if (row.state === "running") return false;
  if (!ended) {
    if (await isWaiting(row.consent)) throw new Trouble(CONSENT_WAITS);
    const { count, head, signature, gaps } = row;
    const end = { count, head, signature, gaps };
    await ask({ method: "POST", path: `${base(row)}end/`, body: end });
  }
  await recordingSent(id);
  return true;
}

/** Whether sending the same again cannot help; a segment damaged on its way can be sent again. */
function isFinal(error: unknown): error is Trouble {
  return error instanceof Trouble && FINAL.has(error.status) && error.code !== DAMAGED;
}

/** Sends on its own: again after a pause that doubles, at once when something new is there. */
export class Sender {
  private wait = FIRST_WAIT_MS;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running: Promise<void> | null = null;
  private again = false;
  private held = false;
  /** Told after each round. */
  changed: () => void = () => {};

  constructor(private readonly ask: Ask) {}

  /** Try now; rounds never overlap. */
  now(): Promise<void> {
    this.again = true;
    this.running ??= this.rounds().finally(() => {
      this.running = null;
    });
    return this.running;
  }

  /** The outbox has moved: an end that waited for it need not wait for its pause to pass. */
  outboxMoved(): void {
    if (this.held) void this.now();
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private async rounds(): Promise<void> {
    clearTimeout(this.timer);
    while (this.again) {
      this.again = false;
      const well = await this.round();
      this.changed();
      if (!well) return this.later();
      this.wait = FIRST_WAIT_MS;
    }
  }

  private later(): void {
    this.again = false;
    this.timer = setTimeout(() => void this.now(), this.wait);
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT_MS);
  }

  private async round(): Promise<boolean> {
    let well = true;
    this.held = false;
    const ids = await recordings.where("state").anyOf("running", "ended").primaryKeys();
    for (const id of ids) {
      try {
        await recordingSend(this.ask, id);
      } catch (error) {
        if (isFinal(error)) {
          await recordings.update(id, { state: "refused", fault: error.code });
        } else {
          well = false;
          this.held ||= error instanceof Trouble && error.code === CONSENT_WAITS;
        }
      }
    }
    return well;
  }
}
