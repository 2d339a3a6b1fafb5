"""A loan account: its rows, charges and movements, as its history makes them.

`account_of(terms, events)` goes through a history from the beginning; `apply` takes one more event.
Both give the same account. An event that reaches into the past (something undone, a payment or
charge dated before the last payment) works everything after it out anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from doorstep.delinquency.accounts import events as happened
from doorstep.delinquency.accounts.allocation import Order, allocate
from doorstep.delinquency.accounts.events import Sort
from doorstep.delinquency.accounts.projection import rows_projected
from doorstep.delinquency.accounts.recalculation import rows_recalculated
from doorstep.delinquency.accounts.rows import Charge, Kind, Part, Row, no_money
from doorstep.delinquency.accounts.sums import down_payment, down_payment_row, sum_joins
from doorstep.delinquency.accounts.terms import Terms
from doorstep.delinquency.unsupported import Unsupported
from doorstep.kernel.errors import Refused

PAYMENTS = frozenset(
    {
        Sort.DOWN_PAYMENT, Sort.REPAYMENT, Sort.GOODWILL, Sort.MERCHANT_REFUND, Sort.PAYOUT_REFUND,
    }
)  # fmt: skip


class Status(StrEnum):
    """Where an account stands."""

    EMPTY = "empty"
    ACTIVE = "active"
    SETTLED = "settled"
    OVERPAID = "overpaid"


@dataclass
class Movement:
    """Money that moved. `balance` is the principal open after it, `overpaid` what nothing was owed
    for; an undone movement keeps the figures it had; `turn` is its place in the history."""

    sort: Sort
    on: date
    amount: int
    order: Order | None = None
    parts: dict[Part, int] = field(default_factory=no_money)
    balance: int = 0
    overpaid: int = 0
    undone: bool = False
    turn: int = 0

    @property
    def counts(self) -> bool:
        """A payment that stands."""
        return self.sort in PAYMENTS and not self.undone


@dataclass
class Account:
    """An account; changed by `apply` only. `balance` is the principal open, `agreed` are its rows
    before anything happened."""

    terms: Terms
    rows: list[Row] = field(default_factory=list)
    charges: list[Charge] = field(default_factory=list)
    movements: list[Movement] = field(default_factory=list)
    lent: int = 0
    overpaid: int = 0
    balance: int = 0
    paid_out_on: date | None = None
    today: date = date.min
    turn: int = 0
    agreed: tuple[Row, ...] = ()

    @property
    def outstanding(self) -> int:
        """Everything open on all rows."""
        return sum(row.open for row in self.rows)

    @property
    def status(self) -> Status:
        """Overpaid before settled before active."""
        if self.paid_out_on is None:
            return Status.EMPTY
        if self.overpaid:
            return Status.OVERPAID
        return Status.ACTIVE if self.outstanding else Status.SETTLED

    @property
    def follows_payments(self) -> bool:
        """Whether interest follows what is really paid."""
        return self.terms.recalculation is not None and self.terms.percent > 0

    def apply(self, event: happened.Event) -> None:
        """Take one event into the account.

        Refused (code IMPOSSIBLE) where it cannot have been; the account is as it was. Unsupported
        where it is not worked out; the account is not to be used any more.
        """
        self.today = max(self.today, event.on)
        self.turn += 1
        match event:
            case happened.PaidOut():
                self._pay_out(event)
            case happened.Charged():
                self._charge(event)
            case happened.Paid():
                self._take(Movement(event.sort, event.on, event.amount, event.order))
            case happened.Undone():
                self._undo(event)
            case happened.ChargedBack():
                self._take(Movement(Sort.CHARGED_BACK, event.on, event.amount))
            case happened.ChargeWaived():
                self._waive(event)

    def _pay_out(self, event: happened.PaidOut) -> None:
        _positive(event.amount)
        movement = Movement(Sort.PAID_OUT, event.on, event.amount, turn=self.turn)
        if self.paid_out_on is None:
            self._pay_out_first(movement)
        else:
            self._pay_out_more(movement)
        if self.terms.down_payment and self.terms.down_payment_at_once:
            down = down_payment(self.terms, event.amount)
            self._take(Movement(Sort.DOWN_PAYMENT, event.on, down))

    def _pay_out_first(self, movement: Movement) -> None:
        self.paid_out_on, self.lent = movement.on, movement.amount
        self.movements.append(movement)
        if self.follows_payments:
            self._recalculate(movement.on)
            return
        self.agreed = tuple(self._agreed_rows(movement))
        self._again()

    def _pay_out_more(self, movement: Movement) -> None:
        if self.overpaid or any(one.sort is Sort.CHARGED_BACK for one in self.movements):
            raise Unsupported("A further sum after too much was paid, or charged back.")
        if self._moved_after(movement.on):
            raise Unsupported("A further sum dated before a payment is not worked out.")
        if self.terms.sums_from_now:
            self.rows = self._joined(self.rows, movement)
            self.movements.append(movement)
            self._count(movement)
        else:
            self.agreed = tuple(self._joined(self._fresh_rows(), movement))
            self.movements.append(movement)
            self._again()
        self.lent += movement.amount

    def _joined(self, rows: list[Row], movement: Movement) -> list[Row]:
        return sum_joins(self.terms, rows, on=movement.on, amount=movement.amount)

    def _fresh_rows(self) -> list[Row]:
        """The rows nobody has paid on yet."""
        return [Row(one.start_on, one.due_on, one.kind, dict(one.due)) for one in self.agreed]

    def _agreed_rows(self, movement: Movement) -> list[Row]:
        down = down_payment(self.terms, movement.amount)
        rows = rows_projected(self.terms, principal=movement.amount - down, start_on=movement.on)
        return [down_payment_row(movement.on, down), *rows] if down else rows

    def _charge(self, event: happened.Charged) -> None:
        _positive(event.amount)
        self._opened()
        if event.part not in (Part.FEE, Part.PENALTY):
            raise Refused("Only fees and penalties are charged.", code="IMPOSSIBLE")
        charge = Charge(
            event.name, event.part, event.amount, event.due_on, charged_on=event.on, turn=self.turn
        )
        self.charges.append(charge)
        if self.overpaid or self._paid_since(event.due_on):
            self._again()
        else:
            self._put(charge)

    def _put(self, charge: Charge) -> None:
        """Put a charge on the row whose period holds its day."""
        charge.row = self._row_for(charge.due_on)
        charge.row.charge(charge.part, charge.amount)

    def _row_for(self, day: date) -> Row:
        regular = [row for row in self.rows if row.kind is not Kind.DOWN_PAYMENT]
        for row in regular:
            if day <= row.due_on:
                return row
        last = regular[-1]
        if last.kind is Kind.ADDITIONAL:
            last.due_on = day
            return last
        self.rows.append(Row(last.due_on, day, Kind.ADDITIONAL))
        return self.rows[-1]

    def _take(self, movement: Movement) -> None:
        _positive(movement.amount)
        self._opened()
        latest = not self._moved_after(movement.on)
        was_open = self.status is Status.ACTIVE
        movement.turn = self.turn
        self.movements.append(movement)
        if self.follows_payments:
            self._recalculate(movement.on)
        elif latest:
            self._move(movement)
        else:
            self._again()
        if was_open:
            self._earn(movement.on)

    def _move(self, movement: Movement) -> None:
        if movement.sort is Sort.CHARGED_BACK:
            self._charge_back(movement)
            return
        if movement.sort is Sort.PAID_OUT:
            if self.terms.sums_from_now and movement is not self.movements[0]:
                self.rows = self._joined(self.rows, movement)
            self._count(movement)
            return
        order = movement.order or self.terms.order
        paid = [charge.paid for charge in self.charges]
        done = allocate(
            movement.amount, rows=self.rows, on=movement.on, order=order, charges=self.charges
        )
        movement.parts, movement.overpaid = done.parts, done.left
        self.overpaid += done.left
        self._count(movement)
        if order.charges_on_their_day and not self.outstanding:
            self._not_in_advance(paid, movement.on)

    def _not_in_advance(self, paid: list[int], on: date) -> None:
        """What this payment paid (before: `paid`) of charges whose day is still to come."""
        for charge, before in zip(self.charges, paid, strict=True):
            if charge.due_on > on and charge.row is not None and charge.row.due_on > on:
                charge.row.in_advance -= charge.paid - before

    def _charge_back(self, movement: Movement) -> None:
        """What was overpaid pays for it first; the rest is owed with the row of the day."""
        covered = min(movement.amount, self.overpaid)
        self.overpaid -= covered
        row = self._row_for(movement.on)
        row.charge(Part.PRINCIPAL, movement.amount)
        row.pay(Part.PRINCIPAL, covered, on=movement.on)
        movement.parts = {**no_money(), Part.PRINCIPAL: movement.amount - covered}
        movement.overpaid = covered
        self._count(movement)

    def _undo(self, event: happened.Undone) -> None:
        movement = self.movements[event.place] if event.place < len(self.movements) else None
        if movement is None or movement.undone or movement.sort in (Sort.PAID_OUT, Sort.EARNED):
            raise Refused("There is no such movement to undo.", code="IMPOSSIBLE")
        movement.undone = True
        if self.follows_payments:
            self._recalculate(movement.on)
        else:
            self._again()

    def _waive(self, event: happened.ChargeWaived) -> None:
        if not 0 <= event.place < len(self.charges):
            raise Refused("There is no such charge to waive.", code="IMPOSSIBLE")
        charge = self.charges[event.place]
        assert charge.row is not None
        forgiven = charge.row.waive(charge.part, charge.outstanding, on=event.on)
        charge.waived += forgiven

    def _again(self) -> None:
        """Go through everything that stands once more, in the order of the days."""
        self._reset(self._fresh_rows())

    def _reset(self, rows: list[Row]) -> None:
        self.rows, self.overpaid, self.balance = rows, 0, 0
        in_turn = self.terms.order.charges_in_turn
        history: list[tuple[date, int, Charge | Movement]] = []
        for charge in self.charges:
            first = min(charge.due_on, charge.charged_on) if in_turn else date.min
            history.append((first, charge.turn, charge))
        for movement in self.movements:
            if movement.sort is not Sort.EARNED and not movement.undone:
                history.append((movement.on, movement.turn, movement))
        for _, _, one in sorted(history, key=lambda place: place[:2]):
            if isinstance(one, Charge):
                self._put_again(one)
            else:
                self._move(one)

    def _put_again(self, charge: Charge) -> None:
        charge.paid = 0
        self._put(charge)
        if charge.waived and charge.row is not None:
            charge.row.waive(charge.part, charge.waived, on=charge.due_on)

    def _recalculate(self, since: date) -> None:
        """Interest follows the payments from `since` on; rows due before keep theirs."""
        assert self.paid_out_on is not None
        payments = [(one.on, one.amount) for one in self.movements if one.counts]
        rows = rows_recalculated(
            self.terms,
            principal=self.lent,
            start_on=self.paid_out_on,
            kept=[row for row in self.rows if row.due_on < since],
            payments=sorted(payments),
            today=self.today,
        )
        self._reset(rows)

    def _earn(self, on: date) -> None:
        """With the last payment everything charged and not yet counted as earned is."""
        if self.status is Status.ACTIVE:
            return
        earned = no_money()
        for row in self.rows:
            for part in (Part.INTEREST, Part.FEE, Part.PENALTY):
                earned[part] += row.due[part] - row.waived[part]
        if self.terms.order.charges_on_their_day:
            for charge in self.charges:
                earned[charge.part] -= charge.paid if charge.due_on > on else 0
        for movement in self.movements:
            if movement.sort is Sort.EARNED:
                earned = {part: earned[part] - movement.parts[part] for part in earned}
        amount = sum(earned.values())
        if amount:
            self.movements.append(Movement(Sort.EARNED, on, amount, parts=earned))

    def _count(self, movement: Movement) -> None:
        """The principal open after a movement."""
        principal = movement.parts[Part.PRINCIPAL]
        if movement.sort is Sort.PAID_OUT:
            self.balance += movement.amount
        else:
            self.balance += principal if movement.sort is Sort.CHARGED_BACK else -principal
        movement.balance = self.balance

    def _moved_after(self, day: date) -> bool:
        return any(
            one.on > day for one in self.movements if one.counts or one.sort is Sort.CHARGED_BACK
        )

    def _paid_since(self, day: date) -> bool:
        return any(one.on >= day for one in self.movements if one.counts)

    def _opened(self) -> None:
        if self.paid_out_on is None:
            raise Refused("Nothing has been paid out yet.", code="IMPOSSIBLE")


def account_of(terms: Terms, events: Iterable[happened.Event]) -> Account:
    """The account that a history makes."""
    account = Account(terms)
    for event in events:
        account.apply(event)
    return account


def _positive(amount: int) -> None:
    if amount <= 0:
        raise Refused("An amount of money that moves is more than 0.", code="IMPOSSIBLE")
