"""Penalty interest: by hand, at the ceilings, and as laws of arithmetic."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.delinquency.penalty import growth_factor, penalty_interest, penalty_rate_ppm
from doorstep.delinquency.policy import Compounding, Policy

FREE = Policy(penalty_rate_cap_ppm=0, penalty_cap_percent=0)
DAILY = Policy(penalty_rate_cap_ppm=0, penalty_cap_percent=0, penalty_compounding=Compounding.DAILY)
MONTHLY = Policy(
    penalty_rate_cap_ppm=0, penalty_cap_percent=0, penalty_compounding=Compounding.MONTHLY
)
BASES, RATES, DAYS = st.integers(0, 10**11), st.integers(0, 1_000_000), st.integers(0, 1500)


def interest(base: int, rate: int, days: int, policy: Policy = FREE) -> int:
    return penalty_interest(base=base, rate_ppm=rate, days=days, policy=policy)


def test_worked_by_hand() -> None:
    # 10,000.00 x 18 % / 360 x 30 days = 150.00
    assert interest(1_000_000, 180_000, 30) == 15_000
    # by 365: 1,000,000 x 0.18 x 30 / 365 = 14,794.52 -> 14,795
    year = Policy(penalty_day_count=365, penalty_cap_percent=0)
    assert interest(1_000_000, 180_000, 30, year) == 14_795
    # daily: (1 + 0.0005)^30 - 1 = 0.015109388... -> 15,109
    assert interest(1_000_000, 180_000, 30, DAILY) == 15_109
    # every 30 days, 45 days: (1 + 0.015)(1 + 0.0075) - 1 = 0.0226125 -> 22,612.5 -> 22,613
    assert interest(1_000_000, 180_000, 45, MONTHLY) == 22_613


@pytest.mark.parametrize(
    ("base", "expected"), [(999, 0), (1000, 1), (1001, 1), (2999, 1), (3000, 2)]
)
def test_half_a_fen_rounds_up(base: int, expected: int) -> None:
    # 18 % / 360 for one day is 0.05 %: 1,000 fen bear exactly half a fen.
    assert interest(base, 180_000, 1) == expected


@pytest.mark.parametrize("days", [0, -1, -400])
def test_before_and_on_the_first_day_there_is_none(days: int) -> None:
    assert interest(1_000_000, 180_000, days) == 0


def test_the_rate_is_the_contracts_times_the_multiple_up_to_the_ceiling() -> None:
    def rate(percent: int | None, cap: int) -> int:
        policy = Policy(penalty_percent=150, penalty_rate_cap_ppm=cap)
        return penalty_rate_ppm(annual_rate_ppm=156_001, penalty_percent=percent, policy=policy)

    assert rate(None, 0) == 234_002  # 156,001 x 1.5 = 234,001.5, half up
    assert rate(130, 0) == 202_801
    assert rate(200, 240_000) == 240_000
    assert rate(100, 240_000) == 156_001


def test_interest_never_passes_the_ceiling_on_the_amount() -> None:
    policy = Policy(penalty_cap_percent=10)
    # 10 % of 1,000 fen is 100; at 0.05 % a day that is reached on day 200.
    assert interest(1000, 180_000, 199, policy) == 100  # 99.5 rounds up to it
    assert interest(1000, 180_000, 198, policy) == 99
    assert interest(1000, 180_000, 201, policy) == 100
    assert interest(1000, 180_000, 5000, policy) == 100
    assert interest(1000, 180_000, 5000, FREE) == 2500


@given(base=BASES, rate=RATES, days=DAYS)
def test_simple_interest_is_the_exact_figure_rounded_once(base: int, rate: int, days: int) -> None:
    exact = Fraction(base * rate * days, 1_000_000 * 360)
    assert abs(interest(base, rate, days) - exact) <= Fraction(1, 2)


@given(base=BASES, rate=RATES, days=DAYS)
def test_compounding_more_often_never_bears_less(base: int, rate: int, days: int) -> None:
    figures = [interest(base, rate, days, policy) for policy in (FREE, MONTHLY, DAILY)]
    assert figures == sorted(figures)


@pytest.mark.parametrize("policy", [FREE, DAILY, MONTHLY])
@given(base=BASES, rate=RATES, days=DAYS)
def test_a_day_more_or_a_fen_more_never_bears_less(
    policy: Policy, base: int, rate: int, days: int
) -> None:
    figure = interest(base, rate, days, policy)
    assert interest(base, rate, days + 1, policy) >= figure
    assert interest(base + 1, rate, days, policy) >= figure


@given(rate=RATES, days=st.integers(0, 30))
def test_within_the_first_thirty_days_monthly_compounding_is_simple(rate: int, days: int) -> None:
    assert growth_factor(rate_ppm=rate, days=days, policy=MONTHLY) == growth_factor(
        rate_ppm=rate, days=days, policy=FREE
    )


@given(base=BASES, rate=RATES, days=DAYS, cap=st.integers(1, 300))
def test_a_ceiling_only_lowers(base: int, rate: int, days: int, cap: int) -> None:
    capped = interest(base, rate, days, Policy(penalty_cap_percent=cap))
    assert capped <= interest(base, rate, days, FREE)
    assert capped <= Fraction(base * cap, 100) + Fraction(1, 2)
