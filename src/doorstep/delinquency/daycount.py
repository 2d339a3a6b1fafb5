"""Day counts: what part of a year lies between two days, and how due days follow one another.

Conventions as the ISDA definitions (2006, section 4.16) name them: actual/360, actual/365 fixed,
actual/actual (each calendar year's days over its own length), 30/360 (bond basis). 30E/360 differs
from 30/360 at the 31st only.
"""

from __future__ import annotations

from calendar import isleap, monthrange
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction


class DayCount(StrEnum):
    """How days become a part of a year."""

    ACTUAL_360 = "actual/360"
    ACTUAL_365 = "actual/365"
    ACTUAL_ACTUAL = "actual/actual"
    THIRTY_360 = "30/360"
    THIRTY_E_360 = "30E/360"


class Period(StrEnum):
    """The unit in which due days follow one another."""

    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"


def year_fraction(start: date, end: date, *, day_count: DayCount) -> Fraction:
    """The part of a year from `start` to `end` (exact); ValueError when `end` is earlier."""
    if end < start:
        raise ValueError(f"{end} is before {start}")
    if day_count is DayCount.ACTUAL_360:
        return Fraction((end - start).days, 360)
    if day_count is DayCount.ACTUAL_365:
        return Fraction((end - start).days, 365)
    if day_count is DayCount.ACTUAL_ACTUAL:
        return _actual_actual(start, end)
    return Fraction(_thirty_days(start, end, european=day_count is DayCount.THIRTY_E_360), 360)


def _actual_actual(start: date, end: date) -> Fraction:
    total = Fraction(0)
    for year in range(start.year, end.year + 1):
        first, last = max(start, date(year, 1, 1)), min(end, date(year + 1, 1, 1))
        total += Fraction((last - first).days, days_of_year(year))
    return total


def _thirty_days(start: date, end: date, *, european: bool) -> int:
    first = min(start.day, 30)
    last = min(end.day, 30) if european or first == 30 else end.day
    return (end.year - start.year) * 360 + (end.month - start.month) * 30 + last - first


def days_of_year(year: int) -> int:
    """365 or 366."""
    return 366 if isleap(year) else 365


def months_later(day: date, months: int, *, day_of_month: int | None = None) -> date:
    """The day `months` later, or the month's last day where the month is too short.

    `day_of_month` is the day wanted when `day` itself was cut short (31 January, 28 February, then
    31 March again).
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    wanted = day_of_month or day.day
    return date(year, month + 1, min(wanted, monthrange(year, month + 1)[1]))


def due_days(
    first_on: date, *, number: int, every: int = 1, period: Period = Period.MONTHS
) -> tuple[date, ...]:
    """`number` due days beginning with `first_on`, `every` periods apart."""
    return tuple(later(first_on, place * every, period=period) for place in range(number))


def later(day: date, count: int, *, period: Period) -> date:
    """The day `count` periods after `day`."""
    if period in (Period.MONTHS, Period.YEARS):
        return months_later(day, count * (12 if period is Period.YEARS else 1))
    return day + timedelta(days=count * (7 if period is Period.WEEKS else 1))
