"""Rounding to whole minor units: every rule at the half, on both sides of zero, in multiples."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.delinquency.rounding import Rounding, rounded

HALF = Fraction(1, 2)


@pytest.mark.parametrize(
    ("rule", "at"),
    [
        (Rounding.HALF_UP, {2 + HALF: 3, 3 + HALF: 4, Fraction(9, 4): 2}),
        (Rounding.HALF_EVEN, {2 + HALF: 2, 3 + HALF: 4, Fraction(9, 4): 2}),
        (Rounding.UP, {Fraction(201, 100): 3, Fraction(2): 2}),
        (Rounding.DOWN, {Fraction(299, 100): 2, Fraction(2): 2}),
    ],
)
def test_at_the_half_and_beside_it(rule: Rounding, at: dict[Fraction, int]) -> None:
    for amount, expected in at.items():
        assert rounded(amount, rule) == expected
        assert rounded(-amount, rule) == -expected


def test_in_multiples_of_a_coin() -> None:
    assert rounded(Fraction(33_350), Rounding.HALF_UP, multiple=100) == 33_400
    assert rounded(Fraction(33_349), Rounding.HALF_UP, multiple=100) == 33_300
    with pytest.raises(ValueError, match="positive"):
        rounded(Fraction(1), Rounding.UP, multiple=0)


@settings(deadline=None)
@given(
    st.fractions(min_value=-(10**9), max_value=10**9),
    st.sampled_from(list(Rounding)),
    st.integers(1, 1000),
)
def test_never_further_off_than_one_coin(amount: Fraction, rule: Rounding, coin: int) -> None:
    result = rounded(amount, rule, multiple=coin)
    assert result % coin == 0
    off = abs(result - amount)
    assert off <= Fraction(coin, 2) if "half" in rule else off < coin
