/** Money by component, minor units; as JSON [principal, interest, fee, penalty]. */

import type { Parts as PartsJson } from "@/types";
import { sum } from "./whole";

export const PARTS = ["principal", "interest", "fee", "penalty"] as const;
export type Part = (typeof PARTS)[number];
export type Parts = Readonly<Record<Part, number>>;

export const NOTHING: Parts = { principal: 0, interest: 0, fee: 0, penalty: 0 };

/** All of them together. */
export function totalOf(parts: Parts): number {
  return sum(PARTS.map((part) => parts[part]));
}

/** Both together, component by component. */
export function plus(one: Parts, other: Parts): Parts {
  return each((part) => one[part] + other[part]);
}

/** What is left of one when the other is taken off. */
export function minus(one: Parts, other: Parts): Parts {
  return each((part) => one[part] - other[part]);
}

/** Several together. */
export function sumOf(all: Iterable<Parts>): Parts {
  let found = NOTHING;
  for (const parts of all) found = plus(found, parts);
  return found;
}

/** A component at a time. */
export function each(make: (part: Part) => number): Parts {
  return {
    principal: make("principal"),
    interest: make("interest"),
    fee: make("fee"),
    penalty: make("penalty"),
  };
}

/** As it is kept. */
export function partsFrom(json: PartsJson): Parts {
  const [principal, interest, fee, penalty] = json;
  return { principal, interest, fee, penalty };
}
