/** What cannot be worked out, by the codes of the server (`InputError`, `Refused`). */
export class Unfit extends Error {
  constructor(
    readonly code: string,
    readonly field = "",
    /** An amount the code speaks of, such as the least a month; minor units. */
    readonly amount: number | null = null,
  ) {
    super(field ? `${code}: ${field}` : code);
    this.name = "Unfit";
  }
}
