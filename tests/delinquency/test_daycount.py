"""Day counts against the examples of the ISDA paper, and due days at the ends of months."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.delinquency.daycount import (
    DayCount,
    Period,
    due_days,
    months_later,
    year_fraction,
)

DAYS = st.dates(date(1990, 1, 1), date(2060, 12, 31))


def test_one_winter_in_every_count() -> None:
    # 1 November 2003 to 1 May 2004 (ISDA, EMU and market conventions, 1998): 182 days.
    start, end = date(2003, 11, 1), date(2004, 5, 1)
    expected = {
        DayCount.ACTUAL_360: Fraction(182, 360),
        DayCount.ACTUAL_365: Fraction(182, 365),
        DayCount.ACTUAL_ACTUAL: Fraction(61, 365) + Fraction(121, 366),
        DayCount.THIRTY_360: Fraction(1, 2),
        DayCount.THIRTY_E_360: Fraction(1, 2),
    }
    for day_count, part in expected.items():
        assert year_fraction(start, end, day_count=day_count) == part


@pytest.mark.parametrize(
    ("start", "end", "thirty", "european"),
    [
        (date(2026, 1, 31), date(2026, 3, 31), 60, 60),
        (date(2026, 1, 30), date(2026, 3, 31), 60, 60),
        (date(2026, 1, 29), date(2026, 3, 31), 62, 61),
        (date(2026, 2, 28), date(2026, 3, 31), 33, 32),
    ],
)
def test_thirty_day_months_at_the_31st(start: date, end: date, thirty: int, european: int) -> None:
    assert year_fraction(start, end, day_count=DayCount.THIRTY_360) * 360 == thirty
    assert year_fraction(start, end, day_count=DayCount.THIRTY_E_360) * 360 == european


@settings(deadline=None)
@given(DAYS, DAYS, DAYS)
def test_actual_counts_add_up_over_any_day_between(one: date, two: date, three: date) -> None:
    first, middle, last = sorted((one, two, three))
    for day_count in (DayCount.ACTUAL_360, DayCount.ACTUAL_365, DayCount.ACTUAL_ACTUAL):
        whole = year_fraction(first, last, day_count=day_count)
        assert whole == year_fraction(first, middle, day_count=day_count) + year_fraction(
            middle, last, day_count=day_count
        )


def test_backwards_there_is_no_year() -> None:
    with pytest.raises(ValueError, match="before"):
        year_fraction(date(2026, 2, 1), date(2026, 1, 1), day_count=DayCount.ACTUAL_365)


def test_due_days_keep_to_the_end_of_the_month_and_come_back() -> None:
    assert due_days(date(2028, 1, 31), number=4) == (
        date(2028, 1, 31), date(2028, 2, 29), date(2028, 3, 31), date(2028, 4, 30),
    )  # fmt: skip
    assert months_later(date(2027, 2, 28), 1, day_of_month=31) == date(2027, 3, 31)


@pytest.mark.parametrize(
    ("period", "every", "second"),
    [
        (Period.DAYS, 10, date(2026, 1, 11)),
        (Period.WEEKS, 2, date(2026, 1, 15)),
        (Period.MONTHS, 3, date(2026, 4, 1)),
        (Period.YEARS, 1, date(2027, 1, 1)),
    ],
)
def test_any_distance_between_due_days(period: Period, every: int, second: date) -> None:
    assert due_days(date(2026, 1, 1), number=2, every=every, period=period)[1] == second
