/** A telephone number as a link that dials it. */
export function tel(number: string): string {
  return `tel:${number.replace(/[^\d+*#]/g, "")}`;
}
