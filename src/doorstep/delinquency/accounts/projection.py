"""The schedule of an account as its terms alone make it, before anybody has paid.

The last row takes what rounding left over; where instalments are rounded up a schedule may end a
row early. Interest put off is due with the first row after.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from doorstep.delinquency.accounts.interest import flat_interest, interest_of_span, regular_payment
from doorstep.delinquency.accounts.rows import Kind, Part, Row
from doorstep.delinquency.accounts.terms import InterestOn, Span, Spread, Terms
from doorstep.delinquency.daycount import later
from doorstep.delinquency.rounding import rounded


def rows_projected(terms: Terms, *, principal: int, start_on: date) -> list[Row]:
    """The rows for a sum paid out on `start_on`."""
    if terms.interest_on is InterestOn.FLAT:
        return _flat(terms, principal, start_on)
    instalments = Instalments(terms, principal)
    rows: list[Row] = []
    repaid = 0
    while repaid < principal:
        number = len(rows) + 1
        due = span(terms, start_on, number)
        part, interest = instalments.next(number, due, balance=principal - repaid, repaid=repaid)
        rows.append(row_of(due, part, interest))
        repaid += part
    return rows


def span(terms: Terms, start_on: date, number: int) -> Span:
    """The days of row `number`."""
    first, last = (
        later(start_on, place * terms.every, period=terms.period) for place in (number - 1, number)
    )
    return Span(first, last)


def row_of(due: Span, principal: int, interest: int, kind: Kind = Kind.REGULAR) -> Row:
    """A row on which so much principal and interest is due."""
    row = Row(due.start_on, due.due_on, kind)
    row.charge(Part.PRINCIPAL, principal)
    row.charge(Part.INTEREST, interest)
    return row


class Instalments:
    """What the rows of a loan hold whose interest falls with its balance.

    `payment` is the regular instalment, or the regular part of principal where that is equal.
    """

    def __init__(self, terms: Terms, principal: int) -> None:
        self.terms = terms
        self.principal = principal
        self.put_off = 0
        self.payment = 0
        self.renew(principal, number=terms.principal_free + 1)

    def renew(self, principal: int, *, number: int) -> None:
        """Work out the regular payment anew for what is open before row `number`."""
        terms = self.terms
        payments = terms.number - max(number - 1, terms.principal_free)
        if payments < 1:
            return
        if terms.spread is Spread.EQUAL_PRINCIPAL:
            self.payment = rounded(Fraction(principal, payments), terms.rounding)
        else:
            self.payment = regular_payment(terms, principal=principal, payments=payments)

    def next(
        self,
        number: int,
        due: Span,
        *,
        balance: int,
        repaid: int,
        moves: Mapping[date, int] | None = None,
        compounding: dict[date, int] | None = None,
    ) -> tuple[int, int]:
        """Principal and interest of row `number`; `balance` bears interest as `interest_of_span`
        says, `repaid` is the principal of the rows before."""
        accrued = interest_of_span(
            self.terms, due, balance=balance, moves=moves or {}, compounding=compounding
        )
        interest = self._due_interest(number, accrued)
        principal = self._principal(number, accrued)
        remaining = self.principal - repaid
        if principal > remaining or number == self.terms.number:
            principal = remaining
        return principal, interest

    def expected_principal(self, interest: int) -> int:
        """What a regular row with so much interest holds of principal."""
        equal = self.terms.spread is Spread.EQUAL_PRINCIPAL
        return self.payment if equal else max(self.payment - interest, 0)

    def _due_interest(self, number: int, accrued: int) -> int:
        if number <= self.terms.interest_free:
            return 0
        if number <= self.terms.interest_later:
            self.put_off += accrued
            return 0
        interest, self.put_off = self.put_off + accrued, 0
        return interest

    def _principal(self, number: int, accrued: int) -> int:
        if number <= self.terms.principal_free:
            return 0
        free = number <= self.terms.interest_free
        return self.expected_principal(0 if free else accrued)


def _flat(terms: Terms, principal: int, start_on: date) -> list[Row]:
    spans = [span(terms, start_on, number) for number in range(1, terms.number + 1)]
    whole = flat_interest(terms, principal=principal, days=(spans[-1].due_on - start_on).days)
    each = rounded(Fraction(rounded(whole, terms.rounding), terms.number), terms.rounding)
    total = rounded(whole, terms.rounding) - each * terms.interest_free
    rows: list[Row] = []
    left, charged = principal, 0
    for number, due in enumerate(spans, start=1):
        interest = min(_flat_interest_of(terms, number, total, each), total - charged)
        part = max(min(_flat_principal_of(terms, number, principal, interest), left), 0)
        if number == terms.number:
            part, interest = left, total - charged
        rows.append(row_of(due, part, interest))
        left, charged = left - part, charged + interest
        if not left and charged >= total:
            break
    return rows


def _flat_interest_of(terms: Terms, number: int, total: int, each: int) -> int:
    """Interest put off is shared among the later rows where instalments are equal, else it is due
    with the first of them."""
    if number <= terms.interest_free or number <= terms.interest_later:
        return 0
    if terms.spread is Spread.EQUAL_PRINCIPAL:
        return each * (terms.interest_later + 1) if number == terms.interest_later + 1 else each
    payments = terms.number - terms.interest_later - terms.interest_free
    return rounded(Fraction(total, payments), terms.rounding)


def _flat_principal_of(terms: Terms, number: int, principal: int, interest: int) -> int:
    if number <= terms.principal_free:
        return 0
    payments = terms.number - terms.principal_free
    part = rounded(Fraction(principal, payments), terms.rounding)
    if terms.multiple is None:
        return part
    whole = rounded(part, terms.rounding, multiple=terms.multiple)
    return whole + rounded(interest, terms.rounding, multiple=terms.multiple) - interest
