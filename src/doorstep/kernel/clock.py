"""The only place that reads the clock of the machine; everything else takes `at=` or `on=`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(tz=UTC)  # noqa: TID251


def today(zone: str = "Asia/Shanghai") -> date:
    """The present calendar day in the named time zone."""
    return now().astimezone(ZoneInfo(zone)).date()
