"""The annual percentage rate of a credit: the rate at which what is paid is worth what was lent.

Actuarial method of United States Regulation Z, Appendix J (12 CFR 1026): with i the rate of one
unit-period, an amount that lies t whole unit-periods and a fraction f of one away is worth
amount / ((1 + f i)(1 + i)^t); the APR is i times the unit-periods of a year.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction

from doorstep.kernel.errors import InputError

DIGITS = 40
HIGHEST = 100
"""Ten thousand percent a unit-period: beyond it nothing is called a credit."""


@dataclass(frozen=True)
class Flow:
    """An amount, `whole` unit-periods and a `fraction` (0 <= f < 1) after the first advance."""

    amount: Fraction
    whole: int
    fraction: Fraction = Fraction(0)


def annual_percentage_rate(
    *, advances: Sequence[Flow], payments: Sequence[Flow], periods_per_year: Fraction
) -> Decimal:
    """The APR in percent. InputError where less is paid than was lent, or nothing was."""
    lent = sum((flow.amount for flow in advances), Fraction(0))
    paid = sum((flow.amount for flow in payments), Fraction(0))
    if lent <= 0 or paid < lent:
        raise InputError("There is no rate: less is paid than was lent.", code="NO_RATE")
    with localcontext(prec=DIGITS):
        rate = _root(advances, payments)
        yearly = Decimal(periods_per_year.numerator) / periods_per_year.denominator
        return rate * yearly * 100


def _root(advances: Sequence[Flow], payments: Sequence[Flow]) -> Decimal:
    """The i at which both sides are worth the same, by halving: the difference falls with i."""
    low, high = Decimal(0), Decimal(HIGHEST)
    if _worth(payments, high) > _worth(advances, high):
        raise InputError("There is no rate below the highest looked at.", code="NO_RATE")
    while high - low > Decimal(10) ** -20:
        middle = (low + high) / 2
        if _worth(payments, middle) > _worth(advances, middle):
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _worth(flows: Sequence[Flow], rate: Decimal) -> Decimal:
    total = Decimal(0)
    for flow in flows:
        amount = Decimal(flow.amount.numerator) / flow.amount.denominator
        odd = 1 + rate * flow.fraction.numerator / flow.fraction.denominator
        total += amount / odd / (1 + rate) ** flow.whole
    return total
