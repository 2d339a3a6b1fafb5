"""Delinquency that stands still for a while: a pause granted, and taken up again early.

Days past due count from the oldest unpaid due day. Delinquent days are those beyond the grace, less
every day of a pause that has gone by; while a pause runs the classification is not renewed at the
end of the day, only by a payment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from doorstep.delinquency.accounts.rows import Row

EDGES = (1, 4, 31, 61, 91, 121, 151, 181, 241)
"""First day of every range where the lender names no others."""


@dataclass(frozen=True)
class Pause:
    """Delinquency stands still from `start_on` to `end_on`."""

    start_on: date
    end_on: date

    def runs(self, on: date) -> bool:
        """Whether `on` is one of its days."""
        return self.start_on <= on <= self.end_on

    def days_before(self, on: date) -> int:
        """Days gone by of it before a day."""
        return max((min(self.end_on, on) - self.start_on).days, 0)


@dataclass(frozen=True)
class Resumption:
    """Delinquency goes on from `start_on`; the pause that runs then ends."""

    start_on: date


@dataclass(frozen=True)
class Standing:
    """Delinquency of an account on a day. `days` after grace and pauses."""

    amount: int = 0
    past_due_days: int = 0
    days: int = 0
    since: date | None = None


def pauses_in_force(granted: Sequence[Pause], ended: Sequence[Resumption]) -> tuple[Pause, ...]:
    """The pauses as they turned out: one taken up again early ends on that day."""
    made = []
    for pause in granted:
        ends = [one.start_on for one in ended if pause.runs(one.start_on)]
        made.append(Pause(pause.start_on, ends[0] if ends else pause.end_on))
    return tuple(made)


def standing(
    rows: Sequence[Row], *, on: date, pauses: Sequence[Pause] = (), grace_days: int = 0
) -> Standing:
    """What is overdue on a day, for how long, and how much of that counts."""
    overdue = [row for row in rows if row.due_on < on and row.open]
    if not overdue:
        return Standing()
    oldest = min(row.due_on for row in overdue)
    past_due = (on - oldest).days
    return Standing(
        amount=sum(row.open for row in overdue),
        past_due_days=past_due,
        days=_counting(past_due - grace_days, pauses, on),
        since=oldest + timedelta(days=grace_days),
    )


def overdue_by_range(
    rows: Sequence[Row], *, on: date, pauses: Sequence[Pause] = (), edges: Sequence[int] = EDGES
) -> dict[int, int]:
    """Open amount of the overdue rows in every range that holds one, without grace."""
    amounts: dict[int, int] = {}
    for row in rows:
        days = _counting((on - row.due_on).days, pauses, on) if row.open else 0
        number = range_of(days, edges=edges)
        if number:
            amounts[number] = amounts.get(number, 0) + row.open
    return amounts


def range_of(days: int, *, edges: Sequence[int] = EDGES) -> int:
    """Number of the range that holds so many days, from 1; 0 for none."""
    return sum(days >= edge for edge in edges)


def _counting(days: int, pauses: Sequence[Pause], on: date) -> int:
    return max(days - sum(pause.days_before(on) for pause in pauses), 0) if days > 0 else 0
