"""Loans to try accounts on: 3,000.00 in three months unless told otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from doorstep.delinquency.accounts.account import Account, account_of
from doorstep.delinquency.accounts.allocation import PENALTY_FEE_INTEREST_PRINCIPAL, order_of
from doorstep.delinquency.accounts.events import Charged, Event, Paid, PaidOut
from doorstep.delinquency.accounts.rows import PARTS, Part, Row
from doorstep.delinquency.accounts.terms import Terms
from doorstep.delinquency.daycount import Period

START = date(2026, 1, 1)
FEBRUARY, MARCH, APRIL = date(2026, 2, 1), date(2026, 3, 1), date(2026, 4, 1)
DUE_FIRST = order_of(
    Part.PENALTY, Part.FEE, Part.INTEREST, Part.PRINCIPAL, charges_apart=True,
    in_advance=(Part.PRINCIPAL, Part.PENALTY, Part.FEE, Part.INTEREST),
)  # fmt: skip


def terms(**changed: Any) -> Terms:
    agreed: dict[str, Any] = {
        "percent": Fraction(0),
        "number": 3,
        "every": 1,
        "period": Period.MONTHS,
        "order": PENALTY_FEE_INTEREST_PRINCIPAL,
    }
    return Terms(**{**agreed, **changed})


def account(*events: Event, lent: int = 300_000, **changed: Any) -> Account:
    return account_of(terms(**changed), [PaidOut(START, lent), *events])


def fee(due_on: date, amount: int = 5_000, *, on: date | None = None) -> Charged:
    return Charged(on or due_on, "fee", Part.FEE, amount, due_on)


def penalty(due_on: date, amount: int = 5_000, *, on: date | None = None) -> Charged:
    return Charged(on or due_on, "penalty", Part.PENALTY, amount, due_on)


def paid(on: date, amount: int) -> Paid:
    return Paid(on, amount)


def open_parts(row: Row) -> tuple[int, ...]:
    """Penalty, fee, interest, principal still open."""
    return tuple(row.outstanding(part) for part in PARTS)


def due_parts(rows: Sequence[Row]) -> list[tuple[int, int]]:
    """Principal and interest due on every row."""
    return [(row.due[Part.PRINCIPAL], row.due[Part.INTEREST]) for row in rows]
