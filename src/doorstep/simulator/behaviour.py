"""Hidden types, and how a loan's arrears move from month to month.

Arrears are counted in unpaid instalments at the end of a monthly cycle. The base chain follows
the card figures of the calibration (next month after current, one, two and three months late);
each hidden type tilts it. Histories are drawn backwards from today's arrears through the reversed
chain, so that the past fits both today and the roll rates.
What is not measured anywhere (deeper months, the tilts, the shares of the types) is assumed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from doorstep.simulator.columns import Floats, Ints

DEEPEST = 18
STEADY = "steady"


@dataclass(frozen=True)
class HiddenType:
    """Why somebody falls behind. The program never sees it.

    share     of the overdue borrowers (assumed)
    pull      tilt of the chain: above 0 comes back sooner, below 0 rolls on
    late      chance to be late within a month and yet pay before the next due day
    answers   chance that a call reaches the person
    keeps     chance to keep a promise
    own_phone share whose own number the lender holds and is right
    """

    share: float
    pull: float
    late: float
    answers: float
    keeps: float
    own_phone: float


TYPES: dict[str, HiddenType] = {
    "forgetful": HiddenType(0.38, 0.45, 0.30, 0.55, 0.86, 0.97),
    "hardship": HiddenType(0.25, -0.10, 0.16, 0.45, 0.52, 0.93),
    "strategic": HiddenType(0.13, -0.15, 0.12, 0.38, 0.34, 0.95),
    "evasive": HiddenType(0.12, -0.30, 0.10, 0.12, 0.18, 0.70),
    "vulnerable": HiddenType(0.12, -0.05, 0.14, 0.30, 0.48, 0.86),
    STEADY: HiddenType(0.0, 1.20, 0.035, 0.60, 0.95, 0.98),
}
NAMES = tuple(TYPES)
FIRST_MONTH = 0.30  # share of the overdue who are late within their first month and mostly pay soon


def base_chain() -> Floats:
    """Row: months late now; column: months late after the next month. Rows sum to 1."""
    chain = np.zeros((DEEPEST + 1, DEEPEST + 1))
    chain[0, :2] = 0.939, 0.061
    chain[1, :3] = 0.501, 0.160, 0.339
    chain[2, :4] = 0.253, 0.103, 0.581, 0.063
    chain[3, :5] = 0.159, 0.064, 0.120, 0.400, 0.257
    for late in range(4, DEEPEST):
        chain[late, [0, late - 1, late, late + 1]] = 0.09, 0.07, 0.31, 0.53
    chain[DEEPEST, 0] = 1.0  # sold or written off: a new loan takes its place
    return chain


def type_chain(kind: HiddenType) -> Floats:
    """The base chain tilted: weights grow with e^(pull x months won)."""
    chain = base_chain()
    won = np.clip(np.arange(DEEPEST + 1)[:, None] - np.arange(DEEPEST + 1)[None, :], -1, 2)
    tilted = chain * np.exp(kind.pull * won)
    tilted[DEEPEST] = chain[DEEPEST]
    balanced: Floats = tilted / tilted.sum(axis=1, keepdims=True)
    return balanced


def long_run(chain: Floats) -> Floats:
    """The share of months spent in each state."""
    size = len(chain)
    equations = np.vstack([chain.T - np.eye(size), np.ones(size)])
    shares = np.linalg.lstsq(equations, np.append(np.zeros(size), 1.0))[0].clip(0)
    whole: Floats = shares / shares.sum()
    return whole


def reversed_chain(chain: Floats) -> Floats:
    """Row: months late now; column: months late one month before."""
    shares = long_run(chain)
    back = (chain * shares[:, None]).T
    back[1:, DEEPEST] = 0.0
    totals = back.sum(axis=1, keepdims=True)
    reverse: Floats = np.divide(back, totals, out=np.zeros_like(back), where=totals > 0)
    return reverse


def draw_types(rng: np.random.Generator, size: int) -> Ints:
    """Hidden types of overdue borrowers, as positions in NAMES."""
    shares = np.array([kind.share for kind in TYPES.values()])
    return rng.choice(len(NAMES), size, p=shares).astype(np.int64)


def draw_arrears(rng: np.random.Generator, kinds: Ints) -> Ints:
    """Unpaid instalments today of loans that are overdue: 1 to DEEPEST."""
    arrears = np.ones(len(kinds), dtype=np.int64)
    settled = rng.random(len(kinds)) >= FIRST_MONTH
    for position, name in enumerate(NAMES):
        shares = long_run(type_chain(TYPES[name]))[1:DEEPEST]
        here = settled & (kinds == position)
        arrears[here] = rng.choice(len(shares), here.sum(), p=shares / shares.sum()) + 1
    return arrears


def draw_history(
    rng: np.random.Generator, *, now: Ints, kinds: Ints, age: Ints, months: int
) -> Ints:
    """Arrears at the end of each of the last `months` cycles and before them, oldest first.

    Shape (loans, months + 1); the last column is `now`. A loan of `age` cycles was never later
    than it was old, and never falls behind by more than one instalment a month.
    """
    arrears = np.zeros((len(now), months + 1), dtype=np.int64)
    arrears[:, months] = np.minimum(now, age)
    ladders = np.stack([reversed_chain(type_chain(kind)).cumsum(axis=1) for kind in TYPES.values()])
    for back in range(1, months + 1):
        state = arrears[:, months - back + 1]
        chance = rng.random(len(now))
        before = np.zeros(len(now), dtype=np.int64)
        fell = np.flatnonzero(chance >= ladders[kinds, state, 0])  # the others were current
        steps = ladders[kinds[fell], state[fell]]
        before[fell] = np.minimum((steps <= chance[fell, None]).sum(axis=1), DEEPEST)
        arrears[:, months - back] = np.clip(before, 0, np.maximum(age - back, 0))
    return arrears
