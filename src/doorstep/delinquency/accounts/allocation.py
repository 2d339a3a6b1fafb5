"""Which money goes where: the order in which a payment is put on what is owed.

A step says when and what: penalty past due, interest due, principal in advance ... BY_ROW goes
through the rows of one timing, oldest first, and on each through its parts; BY_PART goes through
the steps and on each through the rows. What is in advance may go to the next row, the last, or in
equal shares to all. Nothing is ever put on a row beyond what it owes; what is left is handed back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from itertools import groupby

from doorstep.delinquency.accounts.rows import Charge, Kind, Part, Row, no_money
from doorstep.delinquency.rounding import Rounding, rounded


class When(StrEnum):
    """Where a row or charge stands on the day of a payment."""

    PAST_DUE = "past_due"
    DUE = "due"
    IN_ADVANCE = "in_advance"


class Walk(StrEnum):
    """BY_ROW finishes a row before the next; BY_PART finishes a part before the next."""

    BY_ROW = "by_row"
    BY_PART = "by_part"


class Future(StrEnum):
    """Where money in advance goes."""

    NEXT = "next"
    LAST = "last"
    ALL_ALIKE = "all_alike"


class DueFrom(StrEnum):
    """A row is due from its due day (DAY) or as soon as its period has begun (PERIOD)."""

    DAY = "day"
    PERIOD = "period"


Step = tuple[When, Part]


@dataclass(frozen=True)
class Order:
    """An order of payment.

    charges_apart         a fee or penalty is due from its own day on, not from its row's
    charges_on_their_day  what settles an account before the day of a fee or penalty counts for
                          that as paid on its day: not in advance, and not earned yet
    charges_in_turn       when history is gone through again, a fee or penalty comes when it fell
                          due (or was charged, if that was earlier), not before everything else
    """

    steps: tuple[Step, ...]
    walk: Walk = Walk.BY_ROW
    future: Future = Future.NEXT
    due_from: DueFrom = DueFrom.DAY
    charges_apart: bool = False
    charges_on_their_day: bool = False
    charges_in_turn: bool = False

    def __post_init__(self) -> None:
        if len(set(self.steps)) != len(self.steps):
            raise ValueError("a step comes twice")


def order_of(*parts: Part, in_advance: Sequence[Part] | None = None, **changed: object) -> Order:
    """The same order of parts past due, due and (unless told otherwise) in advance."""
    later = tuple(parts if in_advance is None else in_advance)
    steps = (
        *((When.PAST_DUE, part) for part in parts),
        *((When.DUE, part) for part in parts),
        *((When.IN_ADVANCE, part) for part in later),
    )
    return Order(steps, **changed)  # type: ignore[arg-type]


PENALTY_FEE_INTEREST_PRINCIPAL = order_of(Part.PENALTY, Part.FEE, Part.INTEREST, Part.PRINCIPAL)


@dataclass(frozen=True)
class Allocated:
    """What a payment did: money by part, and what was left over."""

    parts: dict[Part, int]
    left: int


def allocate(
    amount: int, *, rows: Sequence[Row], on: date, order: Order, charges: Sequence[Charge] = ()
) -> Allocated:
    """Put `amount` on `rows` (in the order of their due days) as paid on a day.

    `charges` are what the fees and penalties of the rows consist of; they are marked paid in the
    order they fell due.
    """
    if amount < 0:
        raise ValueError("a payment is not negative")
    payment = _Payment(amount, rows, on, order, charges)
    payment.make()
    return Allocated(payment.parts, payment.left)


class _Payment:
    """One payment on its way: the rows that owe something, each with where it stands."""

    def __init__(
        self, amount: int, rows: Sequence[Row], on: date, order: Order, charges: Sequence[Charge]
    ) -> None:
        self.left = amount
        self.on = on
        self.order = order
        self.charges = sorted(charges, key=lambda one: one.due_on)
        self.parts = no_money()
        self.rows = [(row, self._stands(row)) for row in rows if row.open]

    def make(self) -> None:
        if self.order.walk is Walk.BY_PART:
            for step in self.order.steps:
                self._take(step[0], [step[1]])
            return
        for when, steps in groupby(self.order.steps, key=lambda step: step[0]):
            self._take(when, [step[1] for step in steps])

    def _take(self, when: When, parts: Sequence[Part]) -> None:
        """Put money on all rows of one timing."""
        rows = self._rows(when)
        if when is When.IN_ADVANCE and self.order.future is Future.ALL_ALIKE:
            self._share(rows, parts)
            return
        for row, stands in rows:
            for part in parts:
                if not self.left:
                    return
                self._pay(row, part, self._room(row, stands, part, when))

    def _rows(self, when: When) -> list[tuple[Row, When]]:
        """The rows of which something has this timing, in the order they are paid."""
        rows = [one for one in self.rows if one[1] is when]
        if when is When.DUE and self.order.charges_apart:
            rows = [one for one in self.rows if one[1] is not When.PAST_DUE]
        last_first = when is When.IN_ADVANCE and self.order.future is Future.LAST
        return rows[::-1] if last_first else rows

    def _share(self, rows: Sequence[tuple[Row, When]], parts: Sequence[Part]) -> None:
        """In equal shares to every row in advance, each rounded half to even; the last takes
        what is left. Again until nothing is left or all are full."""
        before = -1
        while self.left and self.left != before:
            before = self.left
            for part in parts:
                rooms = [(row, self._room(row, one, part, When.IN_ADVANCE)) for row, one in rows]
                rooms = [(row, room) for row, room in rooms if room]
                if not rooms:
                    continue
                share = rounded(Fraction(self.left, len(rooms)), Rounding.HALF_EVEN)
                last = self.left - share * (len(rooms) - 1)
                for place, (row, room) in enumerate(rooms, start=1):
                    self._pay(row, part, min(room, last if place == len(rooms) else share))

    def _pay(self, row: Row, part: Part, amount: int) -> None:
        taken = row.pay(part, min(amount, self.left), on=self.on)
        self.parts[part] += taken
        self.left -= taken
        if taken and part in (Part.PENALTY, Part.FEE):
            self._mark(row, part, taken)

    def _mark(self, row: Row, part: Part, amount: int) -> None:
        """So much of the charges on a row is paid, in the order they fell due."""
        for charge in self.charges:
            if amount and charge.row is row and charge.part is part:
                paid = min(amount, charge.outstanding)
                charge.paid += paid
                amount -= paid

    def _room(self, row: Row, stands: When, part: Part, when: When) -> int:
        """How much of a part of a row has this timing."""
        outstanding = row.outstanding(part)
        if stands is not When.IN_ADVANCE or not self.order.charges_apart:
            return outstanding if when is stands else 0
        due = min(self._fallen_due(row, part), outstanding)
        return due if when is When.DUE else outstanding - due

    def _stands(self, row: Row) -> When:
        if row.due_on < self.on:
            return When.PAST_DUE
        begun = self.order.due_from is DueFrom.PERIOD and row.start_on < self.on
        if row.due_on == self.on or (begun and row.kind is not Kind.DOWN_PAYMENT):
            return When.DUE
        return When.IN_ADVANCE

    def _fallen_due(self, row: Row, part: Part) -> int:
        return sum(
            charge.outstanding
            for charge in self.charges
            if charge.row is row and charge.part is part and charge.due_on <= self.on
        )
