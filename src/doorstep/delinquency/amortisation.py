"""Amortisation by equal periods: the tables lenders print, payment by payment.

`schedule.py` works by dates and day counts; this works by periods of one length, with a quoted rate
that may compound otherwise than it is paid, a payment that may be pinned, changed or capped, and a
balance that is either rounded on every line or carried unrounded. Both are conventions in use; a
contract must say which. Amounts are whole units of the currency; rates are percent a year.

Sources: Interest Act (Canada) s. 6 (rates compounded half-yearly); Fannie Mae Multifamily Guide
1103 (level payment by twelfths, interest by actual days of 360, balance carried unrounded).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from enum import StrEnum
from fractions import Fraction

from doorstep.delinquency.daycount import DayCount, months_later, year_fraction
from doorstep.delinquency.rounding import Rounding, rounded
from doorstep.delinquency.schedule import level_payment

DIGITS = 50


class QuotedRate(StrEnum):
    """How often the quoted yearly rate compounds. PAYMENT: at each payment, simply divided."""

    PAYMENT = "monthly"
    HALF_YEARLY = "semi_annual"
    YEARLY = "annual"


@dataclass(frozen=True)
class RateChange:
    """From payment `number` the rate is `percent`; `recast` works out a new level payment, at most
    `cap` times the one before. Interest above a capped payment is added to the balance."""

    number: int
    percent: Fraction
    recast: bool = True
    cap: Fraction | None = None


@dataclass(frozen=True)
class Terms:
    """What an amortisation follows from.

    payments        lines of the table
    amortised_over  payments the level payment is worked out for; more than `payments` leaves a
                    balloon as the last balance
    carried         the balance between lines is not rounded
    pinned          the payment agreed, instead of one worked out
    interest_only   so many first payments hold no principal
    fee             added to every payment
    day_count       interest by days from `start_on` (monthly payments); None: by equal periods
    """

    principal: int
    percent: Fraction
    payments: int
    per_year: int
    amortised_over: int
    payment_rounding: Rounding
    interest_rounding: Rounding
    quoted: QuotedRate = QuotedRate.PAYMENT
    carried: bool = False
    pinned: int | None = None
    interest_only: int = 0
    fee: int = 0
    changes: Sequence[RateChange] = ()
    day_count: DayCount | None = None
    start_on: date | None = None


@dataclass(frozen=True)
class Line:
    """One payment: `payment` is principal, interest and `fee` together; `balance` is after it."""

    number: int
    payment: int
    principal: int
    interest: int
    balance: int
    fee: int


def amortise(terms: Terms) -> tuple[Line, ...]:
    """The lines of the table; fewer than `payments` where rounding up pays the loan off early."""
    return tuple(_Table(terms).lines())


def period_rate(percent: Fraction, *, quoted: QuotedRate, per_year: int) -> Fraction:
    """The rate of one period; to 50 digits where a root is drawn, else exact."""
    if quoted is QuotedRate.PAYMENT:
        return percent / (100 * per_year)
    times = 2 if quoted is QuotedRate.HALF_YEARLY else 1
    growth = 1 + percent / (100 * times)
    if times % per_year == 0:
        return growth ** (times // per_year) - 1
    with localcontext(prec=DIGITS):
        root = (Decimal(growth.numerator) / growth.denominator) ** (Decimal(times) / per_year)
        return Fraction(root - 1)


class _Table:
    """The walk from line to line: the balance, the rate and the payment of now."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.balance = Fraction(terms.principal)
        self.rate = self._rate(terms.percent)
        self.changes = {change.number: change for change in terms.changes}
        self.exact = Fraction(terms.pinned or 0)
        self.payment = terms.pinned or 0
        if terms.pinned is None:
            self._level(terms.amortised_over)

    def lines(self) -> list[Line]:
        made: list[Line] = []
        for number in range(1, self.terms.payments + 1):
            self._renew(number)
            line = self._line(number)
            made.append(line)
            if self.balance == 0 and number > self.terms.interest_only:
                break
        return made

    def _rate(self, percent: Fraction) -> Fraction:
        return period_rate(percent, quoted=self.terms.quoted, per_year=self.terms.per_year)

    def _level(self, remaining: int) -> None:
        exact = level_payment(self.balance, [self.rate] * remaining)
        self.payment = rounded(exact, self.terms.payment_rounding)
        self.exact = exact if self.terms.carried else Fraction(self.payment)

    def _renew(self, number: int) -> None:
        """A change of rate at this payment, or the end of the interest-only time."""
        terms = self.terms
        change = self.changes.get(number)
        if change is not None:
            self.rate = self._rate(change.percent)
            if change.recast:
                self._recast(change.cap, terms.payments - number + 1)
        elif terms.interest_only and number == terms.interest_only + 1 and terms.pinned is None:
            self._level(terms.amortised_over - terms.interest_only)

    def _recast(self, cap: Fraction | None, remaining: int) -> None:
        before = self.payment
        self._level(remaining)
        if cap is None:
            return
        highest = rounded(before * cap, self.terms.payment_rounding)
        if highest < self.payment:
            self.payment, self.exact = highest, Fraction(highest)

    def _line(self, number: int) -> Line:
        terms = self.terms
        exact = self.balance * self._share(number)
        interest = rounded(exact, terms.interest_rounding)
        kept = exact if terms.carried else Fraction(interest)
        if number <= terms.interest_only:
            payment = interest
        elif self._is_last(number, kept):
            payment = self._rest(exact, interest, early=number < terms.payments)
            self.balance = Fraction(0)
        else:
            payment = self.payment
            self.balance -= self.exact - kept
        balance = rounded(self.balance, terms.interest_rounding)
        return Line(number, payment + terms.fee, payment - interest, interest, balance, terms.fee)

    def _share(self, number: int) -> Fraction:
        """What part of the balance this period's interest is."""
        terms = self.terms
        if terms.day_count is None or terms.start_on is None:
            return self.rate
        start, end = (months_later(terms.start_on, place) for place in (number - 1, number))
        return terms.percent / 100 * year_fraction(start, end, day_count=terms.day_count)

    def _is_last(self, number: int, interest: Fraction) -> bool:
        terms = self.terms
        if number == terms.payments and terms.amortised_over == terms.payments:
            return True
        return self.exact - interest >= self.balance

    def _rest(self, exact: Fraction, interest: int, *, early: bool) -> int:
        """The last payment: a carried balance and its interest are rounded together where the
        payment was agreed beforehand, apart where it was worked out."""
        terms = self.terms
        if terms.carried and (terms.pinned is not None or early):
            return rounded(self.balance + exact, terms.payment_rounding)
        return rounded(self.balance, terms.interest_rounding) + interest
