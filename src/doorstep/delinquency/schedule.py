"""Schedules: what is due on which day so that a debt ends on the last of them.

Interest of a row is the principal still open x yearly rate x the part of the year that lies
between two due days, by the day count, rounded by the rule given; the first row counts from
`start_on`, so an odd first period bears its own days. The last row takes what rounding left over.
Whole minor units throughout; rates in parts per million a year.

Methods: equal instalments (等额本息), equal principal (等额本金), interest only (先息后本), balloon
(equal instalments that leave a sum to the last day).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

from doorstep.delinquency.daycount import DayCount, Period, due_days, year_fraction
from doorstep.delinquency.penalty import PPM
from doorstep.delinquency.rounding import Rounding, rounded
from doorstep.kernel.errors import InputError, Where


class Method(StrEnum):
    """How principal is spread over the rows."""

    EQUAL_INSTALMENTS = "equal_instalments"
    EQUAL_PRINCIPAL = "equal_principal"
    INTEREST_ONLY = "interest_only"
    BALLOON = "balloon"


@dataclass(frozen=True)
class Row:
    """One instalment. `opening` and `closing` are principal open before and after it."""

    number: int
    start_on: date
    due_on: date
    opening: int
    principal: int
    interest: int

    @property
    def payment(self) -> int:
        """Principal and interest together."""
        return self.principal + self.interest

    @property
    def closing(self) -> int:
        """Principal still open afterwards."""
        return self.opening - self.principal

    @property
    def days(self) -> int:
        """Calendar days of the period."""
        return (self.due_on - self.start_on).days


def schedule(
    *,
    principal: int,
    annual_rate_ppm: int,
    start_on: date,
    first_on: date,
    number: int,
    every: int = 1,
    period: Period = Period.MONTHS,
    method: Method = Method.EQUAL_INSTALMENTS,
    day_count: DayCount = DayCount.THIRTY_360,
    rounding: Rounding = Rounding.HALF_UP,
    multiple: int = 1,
    balloon: int = 0,
    reduced: Sequence[int] = (),
    principal_free: int = 0,
) -> tuple[Row, ...]:
    """The rows of a debt of `principal` from `start_on`, `number` of them from `first_on`.

    `multiple`: instalments (or parts of principal) are whole multiples of so many minor units, the
    last row excepted. `balloon`: principal left to the last row (method balloon only).
    `reduced`: what is paid in the first rows instead; interest it does not cover is carried
    forward and bears no interest. `principal_free`: so many first rows pay interest only.
    InputError names the argument that cannot be used.
    """
    _arguments_checked(principal, annual_rate_ppm, start_on, first_on, number, multiple)
    _shape_checked(principal, number, method, balloon, reduced, principal_free)
    days = due_days(first_on, number=number, every=every, period=period)
    spans = list(pairwise((start_on, *days)))
    parts = [year_fraction(*span, day_count=day_count) for span in spans]
    plan = _Plan(
        principal=principal,
        rates=[Fraction(annual_rate_ppm, PPM) * part for part in parts],
        method=method,
        rounding=rounding,
        multiple=multiple,
        balloon=balloon if method is Method.BALLOON else 0,
        fixed=tuple(reduced),
        free=principal_free,
    )
    rows = []
    opening = principal
    for place, (paid, interest) in enumerate(plan.parts()):
        rows.append(Row(place + 1, *spans[place], opening, paid, interest))
        opening -= paid
    return tuple(rows)


def level_payment(
    principal: Fraction | int, rates: Sequence[Fraction], *, balloon: int = 0
) -> Fraction:
    """The exact payment that, made at the end of every period, leaves `balloon` after the last.

    `rates` are those of each period; periods may differ in length.
    """
    growth, paid = Fraction(1), Fraction(0)
    for rate in rates:
        growth *= 1 + rate
        paid = paid * (1 + rate) + 1
    return (principal * growth - balloon) / paid


@dataclass(frozen=True)
class _Plan:
    """What the rows follow from, dates taken out."""

    principal: int
    rates: list[Fraction]
    method: Method
    rounding: Rounding
    multiple: int
    balloon: int
    fixed: tuple[int, ...]
    free: int

    def parts(self) -> list[tuple[int, int]]:
        """Principal and interest of every row."""
        if self.fixed:
            return self._walk(self._payment_after_fixed())
        return self._walk(self._payment())

    def _payment(self) -> int:
        """The regular instalment, or the regular part of principal."""
        rates = self.rates[self.free :]
        if self.method is Method.EQUAL_PRINCIPAL:
            exact = Fraction(self.principal, len(rates))
        else:
            exact = level_payment(self.principal, rates, balloon=self.balloon)
        return rounded(exact, self.rounding, multiple=self.multiple)

    def _payment_after_fixed(self) -> int:
        """The smallest instalment that does not leave more than itself to the last row."""
        low, high = 0, self._all_at_once()
        while low < high:
            middle = (low + high) // 2
            principal, interest = self._walk(middle * self.multiple)[-1]
            if principal + interest - self.balloon <= middle * self.multiple:
                high = middle
            else:
                low = middle + 1
        return low * self.multiple

    def _all_at_once(self) -> int:
        interest = self.principal * sum(self.rates)
        return int(self.principal + interest) // self.multiple + len(self.rates) + 1

    def _walk(self, payment: int) -> list[tuple[int, int]]:
        left, carried, made = self.principal, 0, []
        last = len(self.rates) - 1
        for place, rate in enumerate(self.rates):
            interest = rounded(left * rate, self.rounding) + carried
            if place == last:
                made.append((left, interest))
                break
            principal = self._principal(place, payment, interest, left)
            covered = min(interest, self.fixed[place]) if place < len(self.fixed) else interest
            if place >= len(self.fixed) and self.fixed and principal == 0:
                covered = min(interest, payment)
            carried = interest - covered
            made.append((principal, covered))
            left -= principal
        return made

    def _principal(self, place: int, payment: int, interest: int, left: int) -> int:
        if place < len(self.fixed):
            return min(max(self.fixed[place] - interest, 0), left)
        if self.method is Method.INTEREST_ONLY or place < self.free:
            return 0
        if self.method is Method.EQUAL_PRINCIPAL:
            return min(payment, left)
        return min(max(payment - interest, 0), left - self.balloon)


def _arguments_checked(
    principal: int, rate_ppm: int, start_on: date, first_on: date, number: int, multiple: int
) -> None:
    faults = {
        "principal": (principal < 0, "must not be negative"),
        "annual_rate_ppm": (rate_ppm < 0, "must not be negative"),
        "first_on": (first_on < start_on, f"must not be before {start_on}"),
        "number": (number < 1, "must be 1 or more"),
        "multiple": (multiple < 1, "must be 1 or more"),
    }
    for field, (wrong, why) in faults.items():
        if wrong:
            raise _bad(field, why)


def _shape_checked(
    principal: int, number: int, method: Method, balloon: int, reduced: Sequence[int], free: int
) -> None:
    if balloon and method is not Method.BALLOON:
        raise _bad("balloon", "belongs to the method balloon")
    if not 0 <= balloon <= principal:
        raise _bad("balloon", "must be between 0 and the principal")
    if any(amount < 0 for amount in reduced):
        raise _bad("reduced", "must not hold a negative amount")
    if len(reduced) >= number:
        raise _bad("reduced", "must leave a row that takes the rest")
    if reduced and (free or method not in (Method.EQUAL_INSTALMENTS, Method.BALLOON)):
        raise _bad("reduced", "goes with equal instalments or a balloon only")
    if not 0 <= free < number:
        raise _bad("principal_free", "must leave a row that takes principal")


def _bad(field: str, why: str) -> InputError:
    return InputError(f"{field} {why}.", code="BAD_SCHEDULE", where=Where(field=field))
