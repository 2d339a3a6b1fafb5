"""Interest and the regular payment of an account: what a period costs, what an instalment is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from doorstep.delinquency.accounts.terms import InterestBy, Span, Terms
from doorstep.delinquency.daycount import Period
from doorstep.delinquency.rounding import rounded
from doorstep.delinquency.schedule import level_payment

DAYS_OF_PERIOD = {Period.DAYS: 1, Period.WEEKS: 7, Period.MONTHS: 30, Period.YEARS: 365}


def regular_rate(terms: Terms) -> Fraction:
    """The rate of a period the regular payment is worked out with: by the day, a month has 30."""
    if terms.interest_by is InterestBy.DAY:
        days = DAYS_OF_PERIOD[terms.period] * terms.every
        return terms.percent / 100 * days / terms.year_days
    return terms.percent / 100 * terms.every / terms.periods_per_year


def span_rate(terms: Terms, span: Span) -> Fraction:
    """The rate that is charged for a span."""
    if terms.interest_by is InterestBy.DAY:
        return terms.percent / 100 * span.days / terms.year_days
    return regular_rate(terms)


def regular_payment(terms: Terms, *, principal: int, payments: int) -> int:
    """The instalment that pays `principal` in so many payments, as the terms round it."""
    exact = level_payment(principal, [regular_rate(terms)] * payments)
    return rounded(exact, terms.rounding, multiple=terms.multiple or 1)


def flat_interest(terms: Terms, *, principal: int, days: int) -> Fraction:
    """Interest of the whole term on what was lent; `days` from the first day to the last."""
    if terms.interest_by is InterestBy.DAY:
        return principal * terms.percent / 100 * days / terms.year_days
    return principal * regular_rate(terms) * terms.number


def interest_of_span(
    terms: Terms,
    span: Span,
    *,
    balance: int,
    moves: Mapping[date, int],
    compounding: dict[date, int] | None = None,
) -> int:
    """Interest on a balance that changes by `moves` (added from their day on), each stretch rounded
    for itself. On the days of `compounding` the amount there and the interest so far bear interest
    from then on; the interest is added to the amount."""
    compounding = {} if compounding is None else compounding
    total, since, compounded = 0, span.start_on, 0
    for day in sorted(day for day in {*moves, *compounding} if day <= span.due_on):
        if day > since:
            total += _stretch(terms, Span(since, day), balance)
            since = day
        if day in compounding:
            compounding[day] += total - compounded
            balance += compounding[day]
            compounded = total
        balance += moves.get(day, 0)
    return total + _stretch(terms, Span(since, span.due_on), balance)


def _stretch(terms: Terms, span: Span, balance: int) -> int:
    return rounded(balance * span_rate(terms, span), terms.rounding)
