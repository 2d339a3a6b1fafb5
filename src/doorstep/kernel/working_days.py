"""Working days of a country, with rest days that are made up on weekends (调休).

Some governments publish the days off of a year only shortly before it begins. Until then a day of
that year is judged by what the law fixes, and whoever asks is told that it is not sure yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import holidays

ANNOUNCED_YEARLY = frozenset({"CN"})


@dataclass(frozen=True)
class DayReached:
    """A day that was counted to; `sure` is false when a year on the way is not published yet."""

    day: date
    sure: bool


def year_published(*, year: int, country: str) -> bool:
    """Whether the days off of a year are final as far as this installation knows."""
    return country not in ANNOUNCED_YEARLY or year in _announced(country)


def is_working_day(*, day: date, country: str) -> bool:
    """Whether people work on the day, made-up weekend days included.

    Raises KeyError for a country the calendar does not know.
    """
    return bool(_calendar(country, day.year).is_working_day(day))


def working_days_after(*, day: date, count: int, country: str) -> DayReached:
    """The `count`-th working day after a day, which itself does not count."""
    reached, left = day, count
    while left > 0:
        reached += timedelta(days=1)
        left -= is_working_day(day=reached, country=country)
    years = range(day.year, reached.year + 1)
    return DayReached(
        reached, sure=all(year_published(year=year, country=country) for year in years)
    )


@lru_cache(maxsize=1024)
def holiday_last_day(*, day: date, country: str) -> date | None:
    """The last day of the public holiday that the day belongs to; None on other days.

    A holiday is a run of days off that holds a public holiday, weekends in it included. Raises
    KeyError for a country the calendar does not know.
    """
    if is_working_day(day=day, country=country):
        return None
    first = last = day
    while not is_working_day(day=first - timedelta(days=1), country=country):
        first -= timedelta(days=1)
    while not is_working_day(day=last + timedelta(days=1), country=country):
        last += timedelta(days=1)
    run = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return last if any(each in _calendar(country, each.year) for each in run) else None


def holiday_until(*, day: date, country: str) -> date | None:
    """The last day off in a row, where a public holiday is among the days off around `day`.

    None on other days, plain weekends included. Raises KeyError for a country the calendar does not
    know; ask `year_published` whether the year is final.
    """
    if is_working_day(day=day, country=country):
        return None
    last = _run_end(day, country, 1)
    first = _run_end(day, country, -1)
    run = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return last if any(each in _calendar(country, each.year) for each in run) else None


def _run_end(day: date, country: str, step: int) -> date:
    while not is_working_day(day=day + timedelta(days=step), country=country):
        day += timedelta(days=step)
    return day


@lru_cache(maxsize=64)
def _calendar(country: str, year: int) -> holidays.HolidayBase:
    try:
        return holidays.country_holidays(country, years=year)
    except NotImplementedError:
        raise KeyError(country) from None


@lru_cache(maxsize=8)
def _announced(country: str) -> frozenset[int]:
    """Years for which the calendar holds the announcement, not only the fixed days."""
    known = getattr(_calendar(country, 2000), "special_public_holidays", {})
    return frozenset(known)
