"""Reading one day or one instant. Two readings of the same text are never guessed between."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from doorstep.portfolio.intake.faults import Fault
from doorstep.portfolio.intake.words import half_width

ORDERS = ("ymd", "dmy", "mdy", "excel1900", "excel1904", "roc")
EARLIEST = date(1880, 1, 1)
TIME = r"(?:[T ]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
YEAR_FIRST = re.compile(
    rf"(\d{{4}})(?:-|/|\.|年)\s*(\d{{1,2}})(?:-|/|\.|月)\s*(\d{{1,2}})日?{TIME}|(\d{{4}})(\d\d)(\d\d)",
    re.ASCII,
)
YEAR_LAST = re.compile(rf"(\d{{1,2}})[-/.](\d{{1,2}})[-/.](\d{{4}}|\d{{1,2}}){TIME}", re.ASCII)
ROC = re.compile(
    r"(?:民[国國])?\s*(\d{2,3})(?:[-/.]|年)(\d{1,2})(?:[-/.]|月)(\d{1,2})日?", re.ASCII
)
SERIAL = re.compile(r"\d{4,6}(\.\d+)?", re.ASCII)


def day_reader(*, orders: Sequence[str], latest: date) -> Callable[[str], Any]:
    """A reader of days not after `latest`. Year-first forms are always read; others need `orders`.

    dmy, mdy: order of day and month where the year stands last or has two digits; ymd: two-digit
    years first; excel1900, excel1904: day numbers; roc: years of the Republic (民國).
    """
    roc = "roc" in orders

    def read(text: str) -> Any:
        text = half_width(text)
        found = YEAR_FIRST.fullmatch(text)
        if found:
            year, month, day = (int(part) for part in found.groups() if part is not None)
        elif roc and (old := ROC.fullmatch(text)):
            year, month, day = int(old[1]) + 1911, int(old[2]), int(old[3])
        else:
            parts = _ordered(text, orders)
            if isinstance(parts, Fault):
                return parts
            year, month, day = parts
        return _day(year, month, day, latest)

    return read


def _day(year: int, month: int, day: int, latest: date) -> Any:
    try:
        value = date(year, month, day)
    except ValueError:
        return Fault("DATE_IMPOSSIBLE")
    return value if EARLIEST <= value <= latest else Fault("DATE_FAR")


def _ordered(text: str, orders: Sequence[str]) -> tuple[int, int, int] | Fault:
    if SERIAL.fullmatch(text):
        return _serial(text, orders)
    found = YEAR_LAST.fullmatch(text)
    if not found:
        return Fault("DATE_BAD")
    first, second, third = (int(part) for part in found.groups())
    for order in orders:
        if order == "ymd" and len(found[3]) < 4:
            return 2000 + first, second, third
        if order in {"dmy", "mdy"} and len(found[3]) > 1:
            year = third if len(found[3]) == 4 else 2000 + third
            return (year, second, first) if order == "dmy" else (year, first, second)
    return Fault("DATE_AMBIGUOUS")


def _serial(text: str, orders: Sequence[str]) -> tuple[int, int, int] | Fault:
    """Excel's day number; 1900-02-29, which Excel believes in, lies before any day we take."""
    start = next(
        (
            begin
            for order, begin in (("excel1900", date(1899, 12, 30)), ("excel1904", date(1904, 1, 1)))
            if order in orders
        ),
        None,
    )
    if start is None:
        return Fault("DATE_SERIAL")
    day = start + timedelta(days=int(text.partition(".")[0]))
    return day.year, day.month, day.day


def instant_reader(*, zone: str) -> Callable[[str], Any]:
    """A reader of instants in ISO form; without an offset the time is of `zone`. Gives UTC."""
    local = ZoneInfo(zone)

    def read(text: str) -> Any:
        try:
            at = datetime.fromisoformat(half_width(text).replace("/", "-"))
        except ValueError:
            return Fault("INSTANT_BAD")
        if at.tzinfo is None:
            at = at.replace(tzinfo=local)
        return at.astimezone(UTC) if 1900 < at.year < 2200 else Fault("DATE_FAR")

    return read
