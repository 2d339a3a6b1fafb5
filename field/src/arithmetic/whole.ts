/**
 * Whole numbers of any size.
 *
 * Amounts of money are plain numbers: whole minor units, below 2^53 (nine thousand billion in the
 * largest unit), as JSON carries them. Products and quotients are worked out in BigInt, because an
 * amount times a rate in parts per million is beyond 2^53 long before the amount is.
 */

/** Quotient rounded half away from zero; the denominator is positive (`kernel.money`). */
export function divideHalfUp(numerator: bigint, denominator: bigint): bigint {
  if (denominator <= 0n) throw new RangeError("denominator must be positive");
  if (numerator >= 0n) return (2n * numerator + denominator) / (2n * denominator);
  return -((-2n * numerator + denominator) / (2n * denominator));
}

/** Quotient rounded down, as Python's `//`; the denominator is positive. */
export function divideDown(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator;
  return numerator < 0n && quotient * denominator !== numerator ? quotient - 1n : quotient;
}

/** A percentage of an amount, rounded down. */
export function percentDown(amount: number, percent: number): number {
  return plain(divideDown(BigInt(amount) * BigInt(percent), 100n));
}

/** A percentage of an amount, rounded half up. */
export function percentHalfUp(amount: number, percent: number): number {
  return plain(divideHalfUp(BigInt(amount) * BigInt(percent), 100n));
}

/** As a plain number; RangeError where it would not be exact. */
export function plain(value: bigint): number {
  const made = Number(value);
  if (!Number.isSafeInteger(made)) throw new RangeError(`${value} is beyond what can be exact`);
  return made;
}

/** The sum of whole amounts; RangeError where it would not be exact. */
export function sum(amounts: Iterable<number>): number {
  let total = 0;
  for (const amount of amounts) total += amount;
  if (!Number.isSafeInteger(total)) throw new RangeError(`${total} is beyond what can be exact`);
  return total;
}

/** The greatest common divisor of two numbers that are not negative. */
export function gcd(one: bigint, other: bigint): bigint {
  let [a, b] = [one, other];
  while (b) [a, b] = [b, a % b];
  return a;
}
