/** Sends what happened, in the order in which it happened, each event until the server answered. */
import { call } from "@/api/client";
import { Trouble } from "@/api/errors";
import { resultsTake, waitingEvents } from "@/store/events";
import type { DoorEvent, EventResult } from "@/types";

export const BATCH = 100;
const BYTES = 1_500_000;

/**
 * Sends all that waits; answers how many the server took a stand on. An answer that leaves an
 * event out leaves it waiting; raises what `call` raises, and `Trouble` OUTBOX_STUCK where the
 * server's answer names none of those sent.
 */
export async function outboxSend(): Promise<number> {
  let done = 0;
  for (;;) {
    const events = fitting(await waitingEvents(BATCH));
    if (!events.length) return done;
    const answer = await call<{ results: EventResult[] }>({
      method: "POST", path: "events/", body: { events }, timeoutMs: 60_000,
    });
    const sent = new Set(events.map((event) => event.id));
    const results = (answer.results ?? []).filter((result) => sent.has(result.id));
    if (!results.length) throw new Trouble("OUTBOX_STUCK");
    await resultsTake(results);
    done += results.length;
  }
}

/** As many from the front as stay under the size of a request; always one at least. */
function fitting(events: readonly DoorEvent[]): DoorEvent[] {
  let bytes = 0;
  return events.filter((event, at) => {
    bytes += JSON.stringify(event).length;
    return at === 0 || bytes <= BYTES;
  });
}
