"""How payments change a schedule whose interest follows what is really paid.

What is open bears interest until the day it is paid. Principal not yet due is taken to leave on its
due day, overdue principal today; money in advance lowers the balance at once. Rows that fell due
before the event keep their interest; the rows after them are worked out anew, and money above what
was due shortens the loan, lowers the instalment or counts for the next ones, as the terms say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from doorstep.delinquency.accounts.allocation import Allocated, allocate
from doorstep.delinquency.accounts.compounding import Compounding, Moves, add
from doorstep.delinquency.accounts.projection import Instalments, row_of, span
from doorstep.delinquency.accounts.rows import Part, Row
from doorstep.delinquency.accounts.terms import Early, Recalculation, Rest, Span, Terms
from doorstep.delinquency.daycount import later
from doorstep.delinquency.unsupported import Unsupported


@dataclass
class Payment:
    """Money that came in; what of it was put on rows, once it has been."""

    on: date
    amount: int
    done: Allocated | None = None


def rows_recalculated(
    terms: Terms, *, principal: int, start_on: date, kept: Sequence[Row],
    payments: Sequence[tuple[date, int]], today: date,
) -> list[Row]:  # fmt: skip
    """The rows of a loan after these payments, none of them marked paid yet."""
    assert terms.recalculation is not None
    walk = _Walk(terms, terms.recalculation, principal, start_on, today)
    walk.payments = [Payment(on, amount) for on, amount in payments]
    if sum(row.due[Part.INTEREST] for row in kept):
        for row in kept:
            walk.keep(row)
    while walk.balance:
        walk.next()
    if walk.overdue and today > walk.rows[-1].due_on:
        raise Unsupported("Interest that runs on after the last due day is not worked out.")
    return [_unpaid(row) for row in walk.rows]


def _unpaid(row: Row) -> Row:
    fresh = row_of(Span(row.start_on, row.due_on), *_parts(row))
    fresh.compounded = row.compounded
    return fresh


def _parts(row: Row) -> tuple[int, int]:
    return row.due[Part.PRINCIPAL], row.due[Part.INTEREST]


@dataclass
class _Walk:
    """The walk from row to row.

    balance    principal not yet on a row
    bearing    what bears interest where the last row ended
    moves      what leaves `bearing` later, by the day
    overdue    what has not left though it was due, and leaves today
    ahead      money paid in advance that the next rows take off
    """

    terms: Terms
    how: Recalculation
    principal: int
    start_on: date
    today: date
    payments: list[Payment] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    moves: Moves = field(default_factory=dict)
    overdue: Moves = field(default_factory=dict)
    repaid: int = 0
    ahead: int = 0

    def __post_init__(self) -> None:
        self.balance = self.bearing = self.principal
        self.instalments = Instalments(self.terms, self.principal)
        self.last_rest = self._rest(self.today)
        self.compound = Compounding(last_rest=self.last_rest, on=self.how.compound_monthly)

    def keep(self, old: Row) -> None:
        """Take over a row that fell due before; its interest stays as it was."""
        row = row_of(Span(old.start_on, old.due_on), *_parts(old))
        self.rows.append(row)
        principal, interest = _parts(row)
        self.balance -= principal
        self.repaid += principal
        expected = self.instalments.expected_principal(interest)
        payments = self._until(row.due_on)
        early = self._early_on(row, payments, max(expected - self.ahead, 0))
        self._keep_ahead(principal, expected)
        add(self.moves, self._rest(row.due_on), principal - early)
        row.compounded = dict(old.compounded)
        for payment in payments:
            self._compound_paid(payment)
        self.compound.keep(row, moves=self.moves, overdue=row.due_on < self.today)
        self._leave(row.due_on)
        self._mark_overdue(row.due_on)

    def next(self) -> None:
        """Make the next row."""
        number = len(self.rows) + 1
        due = span(self.terms, self.start_on, number)
        payments = self._until(due.due_on)
        self.compound.prepare(due)
        early = self._before_due(due, payments)
        if early is None:
            self.balance = 0
            return
        principal, interest = self.instalments.next(
            number, due, balance=self.bearing, repaid=self.repaid - self.ahead,
            moves=self._changes(), compounding=self.compound.days,
        )  # fmt: skip
        principal = self._take_off_ahead(principal)
        taken = early
        principal = self._add_early(principal, early, number)
        self.balance -= principal - taken
        if self.balance < 0:
            principal, self.balance = principal + self.balance, 0
        row = row_of(due, principal, interest)
        self.rows.append(row)
        self._on_due(row, payments, principal, number)
        self._mark_overdue(due.due_on)
        add(self.moves, self._rest(due.due_on), principal - taken)
        self.compound.made(
            row, moves=self.moves, overdue=due.due_on < self.today, leaves=self._rest(due.due_on)
        )
        self._leave(due.due_on)
        self.repaid += principal

    def _until(self, day: date) -> list[Payment]:
        now = [payment for payment in self.payments if payment.on <= day]
        self.payments = [payment for payment in self.payments if payment.on > day]
        return now

    def _before_due(self, due: Span, payments: list[Payment]) -> int | None:
        """Money that lowers the interest before the row is due; None when it ends the loan."""
        early, deferred = 0, []
        for payment in payments:
            applies = self._rest(payment.on)
            if applies >= due.due_on:
                continue
            left = self._put(payment, payment.on)
            if left:
                over = min(self.balance - left, 0)
                self.balance = max(self.balance - left, 0)
                add(self.moves, applies, left + over)
                early += left + over
                deferred.append(Payment(due.due_on, left))
            if self._arrears(payment) and applies < self.last_rest:
                self._paid_late(payment)
        payments.extend(deferred)
        return None if not self.balance and not deferred else early

    def _on_due(self, row: Row, payments: list[Payment], principal: int, number: int) -> None:
        """Put the other payments on the row; what is left pays principal in advance."""
        for payment in payments:
            if payment.done is not None:
                continue
            left = self._put(payment, payment.on)
            if left:
                if payment.on < row.due_on and self.balance - left <= row.due[Part.INTEREST]:
                    raise Unsupported("Paying off between due days is not worked out.")
                left = min(left, self.balance)
                self.balance -= left
                add(self.moves, self._rest(payment.on), left)
                row.charge(Part.PRINCIPAL, left)
                row.pay(Part.PRINCIPAL, left, on=payment.on)
                self.repaid += left
                self.ahead += left
                self._spend_ahead(self.repaid + principal, number + 1)
            self._compound_paid(payment)

    def _put(self, payment: Payment, on: date) -> int:
        payment.done = allocate(payment.amount, rows=self.rows, on=on, order=self.terms.order)
        return payment.done.left

    def _arrears(self, payment: Payment) -> int:
        assert payment.done is not None
        interest = payment.done.parts[Part.INTEREST] if self.how.compound_monthly else 0
        return payment.done.parts[Part.PRINCIPAL] + interest

    def _take_off_ahead(self, principal: int) -> int:
        """Earlier money in advance counts for this row first."""
        taken = min(self.ahead, principal)
        self.ahead -= taken
        return principal - taken

    def _add_early(self, principal: int, early: int, number: int) -> int:
        """Money of this period above its principal is principal too."""
        over = early - principal
        if over <= 0:
            return principal
        self.ahead += over
        self._spend_ahead(self.repaid + principal + over, number + 1)
        return principal + over

    def _spend_ahead(self, repaid: int, number: int) -> None:
        if self.how.early is Early.NEXT_INSTALMENTS or not self.ahead:
            return
        self.ahead = 0
        if self.how.early is Early.LOWER_INSTALMENT and repaid < self.principal:
            self.instalments.renew(self.principal - repaid, number=number)

    def _early_on(self, row: Row, payments: list[Payment], expected: int) -> int:
        """Principal of a kept row that was paid before it would have been due."""
        total = 0
        for payment in payments:
            before = row.paid[Part.PRINCIPAL]
            self._put(payment, payment.on)
            paid = row.paid[Part.PRINCIPAL]
            early = min(paid - before, max(paid - expected, 0))
            add(self.moves, self._rest(payment.on), early)
            total += early
        return total

    def _keep_ahead(self, principal: int, expected: int) -> None:
        over = self.ahead - expected
        early = max(principal + over, 0)
        if early > max(over, 0):
            self.ahead = early
            self._spend_ahead(self.repaid, len(self.rows) + 1)
        else:
            self.ahead = early

    def _changes(self) -> Moves:
        changes = dict(self.overdue)
        for day, amount in self.moves.items():
            add(changes, day, -amount)
        return changes

    def _leave(self, day: date) -> None:
        """What has left by a day bears no interest any more."""
        for past in [one for one in self.moves if one <= day]:
            self.bearing -= self.moves.pop(past)

    def _mark_overdue(self, day: date) -> None:
        self.overdue = {}
        for row in self.rows:
            left = self._rest(row.due_on)
            if row.open and row.due_on <= day and left < self.today:
                add(self.overdue, left, row.outstanding(Part.PRINCIPAL))
        total = sum(self.overdue.values())
        if total:
            add(self.overdue, self.last_rest, -total)

    def _paid_late(self, payment: Payment) -> None:
        """Overdue principal leaves when it is paid, before today."""
        assert payment.done is not None
        applies, portion = self._rest(payment.on), payment.done.parts[Part.PRINCIPAL]
        gone, still = 0, Moves()
        for day in sorted(one for one in self.overdue if one < self.last_rest):
            money = self.overdue[day]
            part = max(min(money, portion - gone), 0)
            gone += money
            if part and day < applies:
                add(self.moves, day, -part)
                add(self.moves, applies, part)
            if money - part:
                add(still, day, money - part)
                add(still, self.last_rest, part - money)
        self.overdue = still
        self._compound_paid(payment)

    def _compound_paid(self, payment: Payment) -> None:
        """Interest paid before today no longer bears interest from that day on."""
        applies = self._rest(payment.on)
        if self.how.compound_monthly and payment.done is not None and applies != self.last_rest:
            interest = payment.done.parts[Part.INTEREST]
            add(self.moves, applies, interest)
            add(self.moves, self.last_rest, -interest)

    def _rest(self, day: date) -> date:
        """The day a payment of `day` begins to count."""
        if self.how.rest is Rest.DAY:
            return day
        number = 0
        while (due := self._due_day(number)) < day:
            number += 1
        return due

    def _due_day(self, number: int) -> date:
        return later(self.start_on, number * self.terms.every, period=self.terms.period)
