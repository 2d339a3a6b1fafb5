"""Walls and calendars: what a local clock shows, the next time it shows it, days and months apart.

Local means the zone the instant carries. A clock time that a change to summer time skips is read
as the moment the clock jumps to; one that comes twice is read as its first coming.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta, tzinfo


def wall(day: date, clock: time, zone: tzinfo | None) -> datetime:
    """The instant when the wall clock of `zone` shows `clock` on `day`."""
    local = datetime.combine(day, clock, tzinfo=zone)
    if zone is None:
        return local
    return local.astimezone(UTC).astimezone(zone)


def next_clock(at: datetime, clock: time) -> datetime:
    """The first instant after `at` when the local clock shows `clock`."""
    for days in range(3):
        moment = wall((at + timedelta(days=days)).date(), clock, at.tzinfo)
        if moment > at:
            return moment
    raise ArithmeticError("A clock shows every time at least once in three days.")


def clock_between(moment: time | datetime, first: time, end: time) -> bool:
    """Whether the clock is in [first, end), which may pass midnight; nothing is between equals."""
    clock = moment.time() if isinstance(moment, datetime) else moment
    if first <= end:
        return first <= clock < end
    return clock >= first or clock < end


def day_of(moment: date) -> date:
    """The local calendar day of an instant; a day is its own."""
    return moment.date() if isinstance(moment, datetime) else moment


def days_between(first: date, second: date) -> int:
    """Calendar days from the first local day to the second; below zero when it lies before."""
    return (day_of(second) - day_of(first)).days


def months_between(first: date, second: date) -> int:
    """Full months from the first day to the second; a month ends on its last day at the latest."""
    first, second = day_of(first), day_of(second)
    if second < first:
        return -months_between(second, first)
    months = (second.year - first.year) * 12 + second.month - first.month
    return months if months_after(first, months) <= second else months - 1


def days_after(moment: date, days: int) -> date:
    """`days` calendar days later, at the same local clock where the moment has one."""
    later = day_of(moment) + timedelta(days=days)
    if isinstance(moment, datetime):
        return wall(later, moment.time(), moment.tzinfo)
    return later


def months_after(day: date, months: int) -> date:
    """The same day of the month `months` later, or the month's last where it is shorter."""
    day = day_of(day)
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def weekday(moment: date) -> int:
    """1 for Monday to 7 for Sunday, of the local day."""
    return moment.isoweekday()
