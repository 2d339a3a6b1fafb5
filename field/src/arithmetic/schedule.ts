/**
 * Level instalments by 30/360, rounded half up to whole minor units: the part of
 * `delinquency.schedule` that plans stand on. The last row takes what rounding left over.
 */

import { monthsLater, thirtyDays } from "./days";
import { Unfit } from "./faults";
import { divideHalfUp, gcd, plain } from "./whole";

/** Parts per million a year over the days of a year by 30/360. */
const UNIT = 360_000_000n;

export interface ScheduleAsked {
  principal: number;
  annual_rate_ppm: number;
  start_on: string;
  first_on: string;
  number: number;
  /** What is paid in the first rows instead; interest it does not cover is carried forward. */
  reduced?: readonly number[];
}

export interface ScheduleRow {
  principal: number;
  interest: number;
}

/** The rows of a debt. Unfit BAD_SCHEDULE names the argument that cannot be used. */
export function schedule(asked: ScheduleAsked): ScheduleRow[] {
  checked(asked);
  const rates = new Rates(asked);
  const fixed = (asked.reduced ?? []).map(BigInt);
  const principal = BigInt(asked.principal);
  const payment = fixed.length
    ? afterFixed(principal, rates, fixed)
    : levelPayment(principal, rates);
  return walk(principal, rates, fixed, payment).map(([paid, interest]) => ({
    principal: plain(paid),
    interest: plain(interest),
  }));
}

/** The rate of every row as a fraction over one denominator. */
class Rates {
  readonly over: bigint;
  readonly parts: bigint[];

  constructor({ annual_rate_ppm, start_on, first_on, number }: ScheduleAsked) {
    const common = gcd(BigInt(annual_rate_ppm), UNIT);
    const rate = BigInt(annual_rate_ppm) / common;
    this.over = UNIT / common;
    this.parts = [];
    let before = start_on;
    for (let place = 0; place < number; place += 1) {
      const due = monthsLater(first_on, place);
      this.parts.push(rate * BigInt(thirtyDays(before, due)));
      before = due;
    }
  }
}

/** The payment that, made at the end of every period, leaves nothing; exact until it is rounded. */
function levelPayment(principal: bigint, { over, parts }: Rates): bigint {
  let [growth, paid, power] = [1n, 0n, 1n];
  for (const part of parts) {
    power *= over;
    growth *= over + part;
    paid = paid * (over + part) + power;
  }
  return divideHalfUp(principal * growth, paid);
}

/** The smallest instalment that does not leave more than itself to the last row. */
function afterFixed(principal: bigint, rates: Rates, fixed: readonly bigint[]): bigint {
  const all = rates.parts.reduce((found, part) => found + part, 0n);
  const most = (principal * (rates.over + all)) / rates.over;
  let [low, high] = [0n, most + BigInt(rates.parts.length) + 1n];
  while (low < high) {
    const middle = (low + high) / 2n;
    const [paid, interest] = walk(principal, rates, fixed, middle).at(-1)!;
    if (paid + interest <= middle) high = middle;
    else low = middle + 1n;
  }
  return low;
}

function walk(
  principal: bigint,
  { over, parts }: Rates,
  fixed: readonly bigint[],
  payment: bigint,
): [bigint, bigint][] {
  let [left, carried] = [principal, 0n];
  const made: [bigint, bigint][] = [];
  const last = parts.length - 1;
  parts.forEach((part, place) => {
    const interest = divideHalfUp(left * part, over) + carried;
    if (place === last) {
      made.push([left, interest]);
      return;
    }
    const given = fixed[place];
    const paid = least(most((given ?? payment) - interest, 0n), left);
    let covered = given === undefined ? interest : least(interest, given);
    if (given === undefined && fixed.length && paid === 0n) covered = least(interest, payment);
    carried = interest - covered;
    made.push([paid, covered]);
    left -= paid;
  });
  return made;
}

function checked({ principal, annual_rate_ppm, start_on, first_on, number, reduced = [] }: ScheduleAsked) {
  const faults: [string, boolean][] = [
    ["principal", principal < 0],
    ["annual_rate_ppm", annual_rate_ppm < 0],
    ["first_on", first_on < start_on],
    ["number", number < 1],
    ["reduced", reduced.some((amount) => amount < 0) || reduced.length >= number],
  ];
  const fault = faults.find(([, wrong]) => wrong);
  if (fault) throw new Unfit("BAD_SCHEDULE", fault[0]);
}

const least = (one: bigint, other: bigint) => (one < other ? one : other);
const most = (one: bigint, other: bigint) => (one > other ? one : other);
