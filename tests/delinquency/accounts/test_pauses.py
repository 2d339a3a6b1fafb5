"""Delinquency with grace and pauses: what counts, what stands still, what goes on."""

from __future__ import annotations

from datetime import date

from doorstep.delinquency.accounts.pauses import (
    Pause,
    Resumption,
    Standing,
    overdue_by_range,
    pauses_in_force,
    range_of,
    standing,
)
from tests.delinquency.accounts.loans import FEBRUARY, account, paid

ROWS = account().rows
PAUSE = Pause(date(2026, 2, 6), date(2026, 2, 28))


def test_days_count_from_the_oldest_due_day_less_the_grace() -> None:
    assert standing(ROWS, on=FEBRUARY) == Standing(), "on the due day nothing is overdue"
    second = standing(ROWS, on=date(2026, 2, 3), grace_days=3)
    assert (second.amount, second.past_due_days, second.days) == (100_000, 2, 0)
    assert second.since == date(2026, 2, 4)
    assert standing(ROWS, on=date(2026, 2, 6), grace_days=3).days == 2
    assert standing(ROWS, on=date(2026, 3, 2)).amount == 200_000


def test_in_a_pause_days_past_due_go_on_and_delinquent_days_do_not() -> None:
    for day, past_due, counting in ((6, 5, 5), (20, 19, 5), (28, 27, 5)):
        now = standing(ROWS, on=date(2026, 2, day), pauses=[PAUSE])
        assert (now.past_due_days, now.days) == (past_due, counting)
    assert standing(ROWS, on=date(2026, 3, 1), pauses=[PAUSE]).days == 6


def test_a_pause_runs_on_its_first_and_last_day() -> None:
    days = [date(2026, 2, 5), date(2026, 2, 6), date(2026, 2, 28), date(2026, 3, 1)]
    assert [PAUSE.runs(day) for day in days] == [False, True, True, False]


def test_taken_up_again_early_a_pause_ends_that_day() -> None:
    assert pauses_in_force([PAUSE], [Resumption(date(2026, 2, 10))]) == (
        Pause(date(2026, 2, 6), date(2026, 2, 10)),
    )
    assert pauses_in_force([PAUSE], [Resumption(date(2026, 3, 5))]) == (PAUSE,)


def test_ranges_by_row() -> None:
    assert [range_of(days) for days in (0, 1, 3, 4, 30, 31, 240, 241)] == [0, 1, 1, 2, 2, 3, 8, 9]
    rows = account(paid(FEBRUARY, 60_000)).rows
    assert overdue_by_range(rows, on=date(2026, 3, 3)) == {2: 40_000, 1: 100_000}
    assert overdue_by_range(rows, on=date(2026, 3, 3), pauses=[PAUSE]) == {2: 40_000}
