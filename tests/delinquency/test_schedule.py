"""Schedules by hand, at their limits, and as laws: the principal comes back whole."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.delinquency.daycount import DayCount, Period
from doorstep.delinquency.rounding import Rounding, rounded
from doorstep.delinquency.schedule import Method, Row, schedule
from doorstep.kernel.errors import InputError

START, FIRST = date(2026, 1, 10), date(2026, 2, 10)


def rows(**changed: Any) -> tuple[Row, ...]:
    terms: dict[str, Any] = {
        "principal": 1_000_000,
        "annual_rate_ppm": 120_000,
        "start_on": START,
        "first_on": FIRST,
        "number": 3,
    }
    return schedule(**{**terms, **changed})


def parts(made: tuple[Row, ...]) -> list[tuple[int, int, int]]:
    return [(row.principal, row.interest, row.payment) for row in made]


def test_equal_instalments_by_hand() -> None:
    # 10,000.00 at 1 % a month, three times: 1,000,000 x 0.01 / (1 - 1.01^-3) = 340,022.11
    assert parts(rows()) == [
        (330_022, 10_000, 340_022),
        (333_322, 6_700, 340_022),
        (336_656, 3_367, 340_023),
    ]


def test_equal_principal_interest_only_and_balloon_by_hand() -> None:
    assert parts(rows(method=Method.EQUAL_PRINCIPAL)) == [
        (333_333, 10_000, 343_333),
        (333_333, 6_667, 340_000),
        (333_334, 3_333, 336_667),
    ]
    assert parts(rows(method=Method.INTEREST_ONLY)) == [
        (0, 10_000, 10_000),
        (0, 10_000, 10_000),
        (1_000_000, 10_000, 1_010_000),
    ]
    # (1,000,000 - 400,000 / 1.01^3) x 0.01 / (1 - 1.01^-3) = 208,013.27
    assert parts(rows(method=Method.BALLOON, balloon=400_000)) == [
        (198_013, 10_000, 208_013),
        (199_993, 8_020, 208_013),
        (601_994, 6_020, 608_014),
    ]


def test_an_odd_first_period_bears_its_own_days() -> None:
    long = rows(first_on=date(2026, 3, 1), day_count=DayCount.ACTUAL_365)
    assert long[0].days == 50
    # 1,000,000 x 0.12 x 50 / 365 = 16,438.36
    assert long[0].interest == 16_438
    assert rows(first_on=START)[0].interest == 0, "paid on the very day"


def test_each_day_count_gives_its_own_interest() -> None:
    def first(day_count: DayCount) -> int:
        return rows(day_count=day_count)[0].interest

    assert first(DayCount.THIRTY_360) == 10_000
    assert first(DayCount.ACTUAL_360) == 10_333  # 31 days of 360
    assert first(DayCount.ACTUAL_365) == 10_192
    assert first(DayCount.ACTUAL_ACTUAL) == 10_192


def test_instalments_in_whole_yuan_and_rounded_as_told() -> None:
    assert [row.payment for row in rows(multiple=100)] == [340_000, 340_000, 340_067]
    assert rows(rounding=Rounding.UP)[0].payment == 340_023
    assert rows(rounding=Rounding.DOWN)[0].payment == 340_022


def test_without_interest_the_sum_is_simply_divided() -> None:
    assert [row.payment for row in rows(annual_rate_ppm=0, principal=100)] == [33, 33, 34]


def test_a_reduced_start_carries_its_interest_forward_without_interest_on_it() -> None:
    made = rows(number=6, reduced=[4_000, 0])
    assert parts(made)[:2] == [(0, 4_000, 4_000), (0, 0, 0)]
    # 6,000 and 10,000 left over, and 10,000 of the third period
    assert made[2].interest == 26_000
    assert sum(row.interest for row in made) == 20_000 + sum(
        rounded(Fraction(row.opening, 100), Rounding.HALF_UP) for row in made[2:]
    )
    regular = {row.payment for row in made[2:-1]}
    assert len(regular) == 1
    assert made[-1].payment <= regular.pop()


def test_principal_free_rows_pay_interest_only_and_the_rest_is_level() -> None:
    made = rows(number=5, principal_free=2)
    assert parts(made)[:2] == [(0, 10_000, 10_000)] * 2
    assert parts(made)[2:] == parts(rows())


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"principal": -1}, "principal"),
        ({"annual_rate_ppm": -1}, "annual_rate_ppm"),
        ({"first_on": date(2026, 1, 9)}, "first_on"),
        ({"number": 0}, "number"),
        ({"multiple": 0}, "multiple"),
        ({"balloon": 5}, "balloon"),
        ({"balloon": 1_000_001, "method": Method.BALLOON}, "balloon"),
        ({"reduced": [1, 2, 3]}, "reduced"),
        ({"reduced": [-1]}, "reduced"),
        ({"reduced": [1], "method": Method.INTEREST_ONLY}, "reduced"),
        ({"principal_free": 3}, "principal_free"),
    ],
)
def test_terms_that_make_no_schedule_are_named(changed: dict[str, Any], field: str) -> None:
    with pytest.raises(InputError) as caught:
        rows(**changed)
    assert caught.value.where.field == field
    assert caught.value.code == "BAD_SCHEDULE"


@settings(deadline=None)
@given(
    principal=st.integers(0, 10**10),
    rate=st.integers(0, 600_000),
    number=st.integers(1, 60),
    odd=st.integers(0, 60),
    method=st.sampled_from(list(Method)),
    day_count=st.sampled_from(list(DayCount)),
    rounding=st.sampled_from(list(Rounding)),
    multiple=st.sampled_from([1, 10, 100]),
    period=st.sampled_from(list(Period)),
    share=st.integers(0, 100),
)
def test_every_schedule_returns_the_principal_exactly(
    principal: int, rate: int, number: int, odd: int, method: Method, day_count: DayCount,
    rounding: Rounding, multiple: int, period: Period, share: int,
) -> None:  # fmt: skip
    balloon = principal * share // 100 if method is Method.BALLOON else 0
    made = rows(
        principal=principal, annual_rate_ppm=rate, number=number, method=method, balloon=balloon,
        first_on=date.fromordinal(START.toordinal() + odd), day_count=day_count,
        rounding=rounding, multiple=multiple, period=period,
    )  # fmt: skip
    assert len(made) == number
    assert sum(row.principal for row in made) == principal
    assert made[-1].closing == 0
    assert all(row.principal >= 0 and row.interest >= 0 for row in made)
    assert all(one.closing == two.opening for one, two in pairwise(made))
    assert all(one.due_on < two.due_on for one, two in pairwise(made))


@settings(deadline=None)
@given(
    st.integers(1000, 10**9),
    st.integers(0, 360_000),
    st.lists(st.integers(0, 10**7), min_size=1, max_size=6),
    st.integers(7, 36),
)
def test_reduced_starts_lose_no_interest(
    principal: int, rate: int, reduced: list[int], number: int
) -> None:
    made = rows(principal=principal, annual_rate_ppm=rate, reduced=reduced, number=number)
    owed = sum(rounded(Fraction(row.opening * rate, 12 * 10**6), Rounding.HALF_UP) for row in made)
    assert sum(row.interest for row in made) == owed
    assert sum(row.principal for row in made) == principal
    assert all(row.principal >= 0 and row.interest >= 0 for row in made)
    assert all(row.payment <= amount for row, amount in zip(made, reduced, strict=False))
