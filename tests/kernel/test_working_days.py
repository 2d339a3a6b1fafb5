"""Working days of mainland China: days off made up on weekends, and years nobody has published."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.kernel.working_days import (
    holiday_until,
    is_working_day,
    working_days_after,
    year_published,
)


def test_a_saturday_that_makes_up_for_a_day_off_is_worked() -> None:
    assert is_working_day(day=date(2026, 2, 14), country="CN")  # for the Spring Festival
    assert not is_working_day(day=date(2026, 2, 20), country="CN")  # a Friday that is off
    assert not is_working_day(day=date(2026, 2, 15), country="CN")


def test_the_days_of_the_spring_festival_do_not_count() -> None:
    reached = working_days_after(day=date(2026, 2, 13), count=2, country="CN")
    assert (reached.day, reached.sure) == (date(2026, 2, 24), True)  # 14th, then the 24th


def test_the_golden_week_stretches_a_deadline() -> None:
    before, plain = date(2026, 9, 30), date(2026, 11, 9)
    over_holidays = working_days_after(day=before, count=5, country="CN")
    assert (over_holidays.day - before).days == 13
    assert (working_days_after(day=plain, count=5, country="CN").day - plain).days == 7


def test_a_deadline_in_a_year_nobody_published_is_not_sure() -> None:
    assert not year_published(year=2027, country="CN")
    assert not working_days_after(day=date(2026, 12, 28), count=10, country="CN").sure
    assert working_days_after(day=date(2026, 12, 28), count=3, country="CN").sure


def test_where_the_law_fixes_the_days_every_year_is_sure() -> None:
    assert year_published(year=2050, country="US")
    assert not is_working_day(day=date(2026, 7, 3), country="US")  # the 4th is a Saturday


def test_no_days_later_is_the_day_itself() -> None:
    assert working_days_after(day=date(2026, 2, 15), count=0, country="CN").day == date(2026, 2, 15)


def test_a_country_the_calendar_does_not_know_is_named() -> None:
    with pytest.raises(KeyError, match="XX"):
        is_working_day(day=date(2026, 1, 5), country="XX")


@given(
    day=st.dates(date(2008, 1, 1), date(2026, 10, 1)),
    count=st.integers(1, 30),
    country=st.sampled_from(["CN", "HK", "TW", "US"]),
)
def test_the_day_reached_is_worked_and_so_many_lie_between(
    day: date, count: int, country: str
) -> None:
    reached = working_days_after(day=day, count=count, country=country).day
    span = [day + timedelta(days=n) for n in range(1, (reached - day).days + 1)]
    assert is_working_day(day=reached, country=country)
    assert sum(is_working_day(day=each, country=country) for each in span) == count


@pytest.mark.parametrize(
    ("day", "until"),
    [
        (date(2026, 9, 30), None),
        (date(2026, 10, 1), date(2026, 10, 7)),
        (date(2026, 10, 4), date(2026, 10, 7)),
        (date(2026, 10, 7), date(2026, 10, 7)),
        (date(2026, 10, 8), None),
        (date(2026, 10, 10), None),  # a Saturday that is worked
        (date(2026, 10, 17), None),  # a plain Saturday
    ],
)
def test_a_holiday_lasts_to_the_last_day_off_in_a_row(day: date, until: date | None) -> None:
    assert holiday_until(day=day, country="CN") == until


def test_a_plain_weekend_is_no_holiday_anywhere() -> None:
    assert holiday_until(day=date(2026, 7, 11), country="US") is None
    assert holiday_until(day=date(2026, 7, 3), country="US") == date(2026, 7, 5)
