/** What goes wrong, with a code for which `errors.<code>` holds the words. */
export class Trouble extends Error {
  constructor(
    readonly code: string,
    readonly status = 0,
    readonly said = "",
    readonly hint = "",
  ) {
    super(said || code);
  }
}

/** The server cannot be reached (no network, gateway down, time-out): try again later. */
export function isOffline(error: unknown): boolean {
  return error instanceof Trouble && (error.code === "OFFLINE" || error.status >= 500 || error.status === 429);
}
