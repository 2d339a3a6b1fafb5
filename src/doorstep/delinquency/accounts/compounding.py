"""Unpaid interest that bears interest itself, from the first of every month on.

Interest is added to what bears interest on the first of a month and leaves again when its row is
due, or today where that day has passed without its being paid.
"""

from __future__ import annotations

from datetime import date

from doorstep.delinquency.accounts.rows import Part, Row
from doorstep.delinquency.accounts.terms import Span
from doorstep.delinquency.daycount import months_later

Moves = dict[date, int]


class Compounding:
    """What is to be added in the row being made.

    days    firsts of a month within the row, with what is added on each
    waiting interest of rows before that has not been added yet
    """

    def __init__(self, *, last_rest: date, on: bool) -> None:
        self.last_rest = last_rest
        self.on = on
        self.days: Moves = {}
        self.waiting = 0
        self.last_overdue = False

    def prepare(self, due: Span) -> None:
        """Find the days of a row."""
        day = _next_first(due.start_on)
        first = True
        while self.on and day < due.due_on:
            self.days[day] = self.days.get(day, 0) + (self.waiting if first else 0)
            day, first = _next_first(day), False

    def made(self, row: Row, *, moves: Moves, overdue: bool, leaves: date) -> None:
        """A new row bears its interest: note what was added and when it leaves (`leaves` its due
        day)."""
        if not self.on:
            return
        charged = row.due[Part.INTEREST]
        added, has_day = self._added(row, charged)
        if has_day and overdue:
            add(moves, self.last_rest, added + self.waiting)
        elif has_day:
            add(moves, leaves, charged + (self.waiting if self.last_overdue else 0))
        if added > 0:
            row.compounded = {day: money for day, money in self.days.items() if day <= row.due_on}
            for day, money in row.compounded.items():
                add(moves, day, -money)
            self.waiting = charged - added
        else:
            self.waiting += charged
        self.days = {}
        self.last_overdue = overdue

    def _added(self, row: Row, charged: int) -> tuple[int, bool]:
        added, has_day = 0, False
        day = _next_first(row.start_on)
        while day <= row.due_on:
            if not has_day:
                added, has_day = -self.waiting, True
            if day == row.due_on:
                add(self.days, day, charged - added)
                added = charged
            else:
                added += self.days.get(day, 0)
            day = _next_first(day)
        return added, has_day

    def keep(self, row: Row, *, moves: Moves, overdue: bool) -> None:
        """Take over what was added in a row that stays as it was."""
        if not self.on:
            return
        total = sum(row.compounded.values())
        for day, money in row.compounded.items():
            add(moves, day, -money)
        if total:
            add(moves, self.last_rest if overdue else row.due_on, total)
        self.waiting += row.due[Part.INTEREST] - total
        self.last_overdue = overdue


def _next_first(day: date) -> date:
    return months_later(day.replace(day=1), 1)


def add(moves: Moves, day: date, amount: int) -> None:
    """Put `amount` more on a day."""
    moves[day] = moves.get(day, 0) + amount
