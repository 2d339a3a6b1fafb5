"""Rounding of exact money to whole minor units, by the rule a contract names."""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction
from math import ceil, floor


class Rounding(StrEnum):
    """Where an amount between two minor units goes. All but HALF_EVEN look away from zero or
    towards it alike on both sides, so that -x rounds to -(x rounded)."""

    HALF_UP = "half_up"
    HALF_EVEN = "half_even"
    UP = "up"
    DOWN = "down"


def rounded(amount: Fraction | int, rounding: Rounding, *, multiple: int = 1) -> int:
    """`amount` (exact minor units) as a whole multiple of `multiple` minor units.

    >>> rounded(Fraction(5, 2), Rounding.HALF_UP), rounded(Fraction(5, 2), Rounding.HALF_EVEN)
    (3, 2)
    >>> rounded(Fraction(33367), Rounding.UP, multiple=100)
    33400
    """
    if multiple < 1:
        raise ValueError("multiple must be positive")
    parts = Fraction(amount) / multiple
    size = abs(parts)
    if rounding is Rounding.HALF_EVEN:
        whole = round(size)
    elif rounding is Rounding.HALF_UP:
        whole = floor(size + Fraction(1, 2))
    else:
        whole = ceil(size) if rounding is Rounding.UP else floor(size)
    return (whole if parts >= 0 else -whole) * multiple
