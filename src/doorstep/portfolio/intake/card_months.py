"""Monthly card columns as one loan a card, one instalment a statement, and payments.

Of each account a line gives, month by month and the latest first: a repayment status, the bill and
what was paid. Nothing says what fell due on which day, so this is the derivation, in full:

1. A statement with a bill above zero asks for a minimum payment: `minimum_percent` of the bill,
   rounded half up to a minor unit, at least `minimum_least`, never more than the bill. It falls due
   on that month's due day. A statement without a bill asks for nothing and makes no instalment.
   Instalments count from 1 for the oldest statement. The minimum is principal: nothing tells its
   interest.
2. A status n >= 1 in the latest month means: the minimum payments of the n latest statements are
   unpaid. Statuses of 0 and below mean that all is paid. Months before the first one known cannot
   be shown; a status above the number of months leaves every known minimum unpaid.
3. An earlier minimum payment that is paid was settled in the first month, from its own on, whose
   status no longer reaches back to it: for the statement of month m that is the first month t >= m
   with status(t) < t - m + 1. Its settled day is the due day of month t, so a minimum whose own
   month's status is 0 or less was settled on time, and later ones show as the history of lateness.
   If no known month shows it, it was settled on the latest due day.
4. What was paid in a month is one payment on that month's due day (the true day is not known).
5. The limit is the amount lent; the latest bill, not below zero, is the balance, and never less
   than the unpaid minimum payments. `stated_dpd` counts from the due day of the oldest unpaid one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from doorstep.kernel.money import divide_half_up

Row = dict[str, Any]


@dataclass(frozen=True)
class CardTerms:
    """The parameters that hold for every card. `due_days` is the latest month first."""

    months: tuple[str, ...]
    due_days: tuple[date, ...]
    minimum_percent: int
    minimum_least: int


@dataclass(frozen=True)
class CardLine:
    """One account: amounts in minor units, the latest month first."""

    loan_id: str
    limit: int
    statuses: Sequence[int]
    bills: Sequence[int]
    payments: Sequence[int]


@dataclass(frozen=True)
class CardRows:
    """What becomes of a line."""

    balance: int
    stated_dpd: int | None
    instalments: list[Row]
    payments: list[Row]
    without_bill: bool


def minimum_payment(bill: int, terms: CardTerms) -> int:
    """What a statement asks for, in minor units (rule 1)."""
    if bill <= 0:
        return 0
    share = divide_half_up(bill * terms.minimum_percent, 100)
    return min(bill, max(share, terms.minimum_least))


def settled_month(statement: int, statuses: Sequence[int]) -> int | None:
    """Index (0 the latest) of the month in which the statement's minimum was paid (rules 2, 3).

    None: it is unpaid.
    """
    if statuses[0] >= statement + 1:
        return None
    for month in range(statement, -1, -1):
        if statuses[month] < statement - month + 1:
            return month
    return 0


def card_rows(line: CardLine, terms: CardTerms, *, on: date) -> CardRows:
    """Instalments and payments of a line, as rows of the book; `on` is the day of the book."""
    instalments: list[Row] = []
    months = len(terms.months)
    for statement in reversed(range(months)):
        asked = minimum_payment(line.bills[statement], terms)
        if asked:
            month = settled_month(statement, line.statuses)
            instalments.append(
                {
                    "loan_id": line.loan_id,
                    "number": months - statement,
                    "due_on": terms.due_days[statement],
                    "principal_due": asked,
                    "principal_paid": 0 if month is None else asked,
                    "settled_on": None if month is None else terms.due_days[month],
                }
            )
    unpaid = [row for row in instalments if row["settled_on"] is None]
    oldest = min((row["due_on"] for row in unpaid), default=None)
    return CardRows(
        balance=max(line.bills[0], sum(row["principal_due"] for row in unpaid), 0),
        stated_dpd=max((on - oldest).days, 0) if oldest else 0,
        instalments=instalments,
        payments=[
            _payment(line, terms, month)
            for month in reversed(range(months))
            if line.payments[month] > 0
        ],
        without_bill=line.statuses[0] >= 1 and not unpaid,
    )


def _payment(line: CardLine, terms: CardTerms, month: int) -> Row:
    return {
        "payment_id": f"{line.loan_id}-{terms.months[month]}",
        "loan_id": line.loan_id,
        "paid_on": terms.due_days[month],
        "amount": line.payments[month],
    }


def card_terms(card: Mapping[str, Any], *, minimum_least: int) -> CardTerms:
    """The terms written in a mapping."""
    return CardTerms(
        months=tuple(card["months"]),
        due_days=tuple(card["due_days"]),
        minimum_percent=card["minimum_percent"],
        minimum_least=minimum_least,
    )
