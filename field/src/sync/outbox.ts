/** Sends what happened, in the order in which it happened, each event until the server answered. */
import { call } from "@/api/client";
import { Trouble } from "@/api/errors";
import { AGAIN, resultsTake, waitingEvents } from "@/store/events";
import type { DoorEvent, EventResult } from "@/types";

export const BATCH = 100;
const BYTES = 1_500_000;

/**
 * Sends all that waits; answers how many the server took a stand on. Raises what `call` raises, and
 * `Trouble` TRY_AGAIN where the answer leaves an event out or asks for it again later: it waits.
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
    await resultsTake(results);
    const taken = results.filter((result) => result.code !== AGAIN).length;
    done += taken;
    if (taken < events.length) throw new Trouble(AGAIN, 503);
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
