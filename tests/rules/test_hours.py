"""Hours of the week as people write them, and the next moment inside or outside them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.rules.hours import hours_canonical, hours_include, hours_next, hours_read
from doorstep.rules.moments import (
    clock_between,
    days_after,
    days_between,
    months_after,
    months_between,
    next_clock,
    wall,
)

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
TUESDAY = datetime(2026, 5, 12, 10, 0, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("22:00-23:00", ["* 22:00-23:00"]),
        ("22:00-07:00", ["* 00:00-07:00", "* 22:00-24:00"]),
        ("after 18:00", ["* 18:00-24:00"]),
        ("after 6 p.m.", ["* 18:00-24:00"]),
        ("before 9am", ["* 00:00-09:00"]),
        ("9 am to 5 pm", ["* 09:00-17:00"]),
        ("18:00后", ["* 18:00-24:00"]),
        ("Sunday", ["7 00:00-24:00"]),
        ("weekends", ["6 00:00-24:00", "7 00:00-24:00"]),
        ("Saturday and Sunday", ["6 00:00-24:00", "7 00:00-24:00"]),
        ("mon-wed 09:00-12:00", [f"{d} 09:00-12:00" for d in (1, 2, 3)]),
        ("fri-mon", [f"{d} 00:00-24:00" for d in (1, 5, 6, 7)]),
        ("sat 22:00-02:00", ["6 22:00-24:00", "7 00:00-02:00"]),
        ("周六 10:00-12:00", ["6 10:00-12:00"]),
        ("周一至周五 9:00-12:00", [f"{d} 09:00-12:00" for d in (1, 2, 3, 4, 5)]),
        ("10:00-12:00 only", ["* 10:00-12:00"]),
        ("mornings", ["* 00:00-12:00"]),
        ("3 09:30-11:45", ["3 09:30-11:45"]),
    ],
)
def test_hours_as_people_write_them(text: str, lines: list[str]) -> None:
    assert list(hours_read(text)) == lines
    assert hours_canonical(tuple(lines)) == tuple(lines)


@pytest.mark.parametrize("text", ["", "whenever", "25:00-26:00", "22:61-23:00", "3pm-ish perhaps"])
def test_hours_that_nobody_understands_are_not_guessed(text: str) -> None:
    with pytest.raises(ValueError, match=r"not understood|no time of the day"):
        hours_read(text)


def test_a_window_holds_its_first_moment_and_not_its_last() -> None:
    hours = ("09:00-12:00",)
    inside = {time(8, 59, 59): False, time(9): True, time(11, 59, 59): True, time(12): False}
    assert {clock: hours_include(hours, clock) for clock in inside} == inside


def test_a_clock_alone_cannot_tell_the_day() -> None:
    assert hours_include(("sun 09:00-12:00",), time(10)) is None
    assert hours_include(("sun 09:00-12:00",), time(13)) is False
    assert hours_include(("sun 09:00-12:00", "9-11"), time(10)) is True
    assert hours_include(("tue",), TUESDAY) is True
    assert hours_include(("sun",), TUESDAY) is False
    assert hours_include((), TUESDAY) is False


def test_the_next_moment_in_and_out_of_the_windows() -> None:
    assert hours_next(("10:00-12:00",), TUESDAY, inside=True) == TUESDAY
    assert hours_next(("10:00-12:00",), TUESDAY, inside=False) == TUESDAY.replace(hour=12)
    monday = hours_next(("mon 09:00-10:00",), TUESDAY, inside=True)
    assert monday == datetime(2026, 5, 18, 9, 0, tzinfo=SHANGHAI)
    assert hours_next((), TUESDAY, inside=True) is None
    assert hours_next(("0:00-24:00",), TUESDAY, inside=False) is None


LINES = st.lists(
    st.builds(
        lambda day, a, b: f"{day or '*'} {a:02}:00-{b:02}:30" if a <= b else f"{a}:00-{b}:30",
        st.integers(0, 7), st.integers(0, 23), st.integers(0, 23),
    ),
    max_size=3,
).map(tuple)  # fmt: skip
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0, tzinfo=NEW_YORK)
)


@given(LINES, MOMENTS, st.booleans())
def test_the_next_moment_is_the_next(hours: tuple[str, ...], at: datetime, inside: bool) -> None:
    found = hours_next(hours, at, inside=inside)
    if found is None:
        steps = (at + timedelta(minutes=30 * n) for n in range(48 * 7))
        assert not any(hours_include(hours, step) is inside for step in steps)
        return
    assert hours_include(hours, found) is inside
    assert found >= at
    before = found - timedelta(seconds=1)
    assert found == at or hours_include(hours, before) is not inside or before < at


def test_a_clock_time_that_is_skipped_or_comes_twice() -> None:
    assert wall(date(2026, 3, 8), time(2, 30), NEW_YORK).hour == 3
    twice = wall(date(2026, 11, 1), time(1, 30), NEW_YORK)
    assert twice.utcoffset() == timedelta(hours=-4)
    eve = datetime(2026, 3, 7, 23, 0, tzinfo=NEW_YORK)
    morning = next_clock(eve, time(8))
    assert (morning.hour, morning.utcoffset()) == (8, timedelta(hours=-4))
    assert next_clock(morning, time(8)) - morning == timedelta(days=1)


@given(MOMENTS, st.times().map(lambda t: t.replace(microsecond=0, fold=0)))
def test_the_next_clock_shows_that_clock_within_a_day(at: datetime, clock: time) -> None:
    found = next_clock(at, clock)
    assert timedelta(0) < found - at <= timedelta(hours=26)
    skipped = found.replace(tzinfo=None).time() != clock
    assert not skipped or (found.month, found.hour) == (3, 3)


@given(st.times(), st.times(), st.times())
def test_a_clock_is_between_or_outside_never_both(a: time, first: time, end: time) -> None:
    if first != end:
        assert clock_between(a, first, end) is not clock_between(a, end, first)
    else:
        assert not clock_between(a, first, end)


def test_months_keep_to_their_last_day() -> None:
    assert months_after(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert months_after(date(2024, 1, 31), 1) == date(2024, 2, 29)
    assert months_after(date(2026, 1, 31), -2) == date(2025, 11, 30)
    assert months_between(date(2026, 1, 31), date(2026, 2, 28)) == 1
    assert months_between(date(2026, 1, 31), date(2026, 2, 27)) == 0
    assert months_between(date(2026, 2, 28), date(2026, 1, 31)) == -1
    assert days_between(date(2026, 2, 28), date(2026, 3, 1)) == 1
    assert days_after(datetime(2026, 3, 7, 12, tzinfo=NEW_YORK), 1).utcoffset() == timedelta(
        hours=-4
    )
