"""The clock: instants are aware, and a day belongs to a place."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from doorstep.kernel import clock


@pytest.mark.own_clock
def test_the_present_instant_is_aware_and_in_utc() -> None:
    assert clock.now().tzinfo is UTC
    assert abs((datetime.now(UTC) - clock.now()).total_seconds()) < 5  # noqa: TID251


def test_the_day_turns_at_midnight_of_the_place(monkeypatch: pytest.MonkeyPatch) -> None:
    new_year = datetime(2025, 12, 31, 16, 0, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: new_year)
    assert clock.today().isoformat() == "2026-01-01"
    assert clock.today("Europe/London").isoformat() == "2025-12-31"


def test_a_minute_before_midnight_is_still_the_day_before(monkeypatch: pytest.MonkeyPatch) -> None:
    late = datetime(2026, 1, 1, 23, 59, tzinfo=ZoneInfo("Asia/Shanghai"))
    monkeypatch.setattr(clock, "now", lambda: late)
    assert clock.today().isoformat() == "2026-01-01"
