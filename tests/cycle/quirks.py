"""Random books with every quirk the definitions speak of, from a seed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np

from doorstep.portfolio.schema import CHANNELS, OWNERS, PROTECTION_KINDS, RESULTS, STATES
from tests.cycle.books import ON, Rough

BIG = 2**53 + 1


def quirky_book(*, borrowers: int, seed: int, on: date = ON) -> Rough:
    """A book of that many borrowers around a business date."""
    dice = np.random.default_rng(seed)
    rough = Rough()
    for number in range(borrowers):
        _borrower(rough, f"B{number:05}", dice, on)
    return rough


def _pick(dice: np.random.Generator, options: Any) -> Any:
    return options[int(dice.integers(len(options)))]


def _days(dice: np.random.Generator, least: int, most: int) -> timedelta:
    return timedelta(days=int(dice.integers(least, most + 1)))


def _borrower(rough: Rough, borrower: str, dice: np.random.Generator, on: date) -> None:
    rough.borrower(borrower, branch_code=_pick(dice, [None, "N1", "N2"]))
    loans = [f"{borrower}-{n}" for n in range(int(dice.integers(1, 4)))]
    for loan in loans:
        _loan(rough, loan, borrower, dice, on)
    for n in range(int(dice.integers(0, 4))):
        rough.add(
            "contact_points",
            borrower_id=borrower,
            kind=_pick(dice, ["mobile", "landline", "email", "messenger"]),
            value=f"{borrower}-{n}",
            owner=_pick(dice, ["borrower", "borrower", *OWNERS]),
            state=_pick(dice, STATES),
        )
    for n in range(int(dice.integers(0, 3))):
        rough.add(
            "addresses",
            borrower_id=borrower,
            kind=_pick(dice, ["home", "work", "registered", "mailing"]),
            text=f"{n} 号",
            state=_pick(dice, STATES),
        )
    for n in range(int(dice.integers(0, 9))):
        at = datetime(on.year, on.month, on.day, tzinfo=UTC) - _days(dice, -2, 90)
        rough.add(
            "contacts",
            contact_id=f"{borrower}-{n}",
            borrower_id=borrower,
            at=at + timedelta(hours=int(dice.integers(24)), minutes=59, seconds=59),
            channel=_pick(dice, CHANNELS),
            direction=_pick(dice, ["out", "out", "out", "in"]),
            result=_pick(dice, RESULTS),
        )
    _kept_out(rough, borrower, loans, dice, on)


def _loan(rough: Rough, loan: str, borrower: str, dice: np.random.Generator, on: date) -> None:
    rough.loan(
        loan,
        borrower,
        currency=_pick(dice, ["CNY", "CNY", "CNY", "TWD", "JPY"]),
        annual_rate_ppm=_pick(dice, [0, 1, 43_500, 72_000, 180_000, 360_000]),
        penalty_percent=_pick(dice, [None, None, 100, 130, 150]),
        balance=int(dice.integers(0, 10**8)),
    )
    scale = _pick(dice, [1, 100, 10_000, 5_000_000, BIG])
    unpaid_from = _pick(dice, [13, 13, 12, 11, 8, 1])
    first = on - _days(dice, 300, 420)
    for number in range(1, 13):
        due_on = first + timedelta(days=30 * number)
        due = [int(dice.integers(0, 3)) * scale + int(dice.integers(0, 7)) for _ in range(4)]
        row = dict(zip(("principal", "interest", "fee", "penalty"), due, strict=True))
        paid: dict[str, Any] = {f"{part}_due": amount for part, amount in row.items()}
        settled = number < unpaid_from and due_on < on
        for part, amount in row.items():
            share = amount if settled else amount * int(dice.integers(0, 3)) // 3
            waived = share * int(dice.integers(0, 2)) // 2
            paid |= {f"{part}_paid": share - waived, f"{part}_waived": waived}
        if settled:
            paid["settled_on"] = _pick(dice, [None, due_on, due_on + _days(dice, -3, 20)])
        if dice.random() < 0.2:
            paid["penalty_from"] = due_on + _days(dice, -5, 60)
        rough.instalment(loan, number, due_on, **paid)


def _kept_out(
    rough: Rough, borrower: str, loans: list[str], dice: np.random.Generator, on: date
) -> None:
    for n in range(_pick(dice, [0, 0, 0, 1, 2, 3])):
        starts = on - _days(dice, -2, 40)
        rough.add(
            "protections",
            borrower_id=borrower,
            kind=_pick(dice, PROTECTION_KINDS),
            starts_on=starts - timedelta(days=100 * n),
            ends_on=_pick(dice, [None, on - timedelta(days=1), on, on + timedelta(days=9)]),
            loan_id=_pick(dice, [None, *loans, "B00000-0"]),
        )
    for n in range(_pick(dice, [0, 0, 1, 2, 4])):
        made = on - _pick(dice, [timedelta(days=30), _days(dice, -2, 400)])
        rough.add(
            "promises",
            promise_id=f"{borrower}-{n}",
            borrower_id=borrower,
            loan_id=_pick(dice, [None, *loans]),
            kind=_pick(dice, ["promise", "agreement"]),
            made_on=made,
            due_on=made + _pick(dice, [timedelta(days=30), _days(dice, 1, 60)]),
            amount=1000,
            paid_amount=_pick(dice, [0, 999, 1000]),
            grace_days=_pick(dice, [0, 1, 5]),
            state=_pick(dice, ["running", "running", "running", "kept", "broken", "cancelled"]),
        )
