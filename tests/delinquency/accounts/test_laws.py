"""What holds on every row after whatever happens to a loan.

Some ten thousand random deeds a run; DOORSTEP_TEST_OPERATIONS=1000000 asks for a million.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import numpy as np

from doorstep.delinquency.accounts.account import Account, account_of
from doorstep.delinquency.accounts.allocation import (
    PENALTY_FEE_INTEREST_PRINCIPAL,
    Future,
    Order,
    Walk,
    order_of,
)
from doorstep.delinquency.accounts.events import (
    Charged,
    ChargedBack,
    ChargeWaived,
    DayBegan,
    Event,
    Paid,
    PaidOut,
    Sort,
    Undone,
)
from doorstep.delinquency.accounts.rows import PARTS, Part
from doorstep.delinquency.accounts.terms import InterestOn, Terms
from doorstep.delinquency.unsupported import Unsupported
from doorstep.kernel.errors import Refused
from tests.delinquency.accounts.loans import DUE_FIRST, START, terms

OPERATIONS = int(os.environ.get("DOORSTEP_TEST_OPERATIONS", "20000"))
DEEDS_OF_A_LOAN = 15
ORDERS: tuple[Order, ...] = (
    PENALTY_FEE_INTEREST_PRINCIPAL,
    DUE_FIRST,
    order_of(*PARTS, walk=Walk.BY_PART, charges_in_turn=True),
    order_of(Part.PRINCIPAL, Part.INTEREST, Part.FEE, Part.PENALTY, future=Future.LAST),
    order_of(*PARTS, future=Future.ALL_ALIKE, charges_in_turn=True),
)


def some_terms(draw: np.random.Generator) -> Terms:
    order = ORDERS[draw.integers(len(ORDERS))]
    return terms(
        percent=int(draw.choice([0, 0, 7, 24])),
        number=int(draw.integers(1, 9)),
        order=order,
        interest_on=list(InterestOn)[draw.integers(2)],
        multiple=[None, 100][draw.integers(2)],
        down_payment=int(draw.choice([0, 0, 10, 25])),
        sums_from_now=bool(order.charges_in_turn),
    )


def some_deed(draw: np.random.Generator, today: date, account: Account) -> Event:
    """A deed of a day, some of them dated back, some of them impossible."""
    kind = int(draw.integers(13))
    on = today - timedelta(days=int(draw.integers(0, 20))) if kind == 0 else today
    if kind < 6:
        return Paid(on, int(draw.integers(1, 90_000)))
    if kind < 9:
        due_on = today + timedelta(days=int(draw.integers(-30, 60)))
        part = (Part.FEE, Part.PENALTY)[draw.integers(2)]
        return Charged(today, "charge", part, int(draw.integers(1, 9_000)), max(due_on, START))
    if kind == 9:
        return Undone(today, int(draw.integers(len(account.movements) + 1)))
    if kind == 10:
        return ChargedBack(today, int(draw.integers(1, 30_000)))
    if kind == 11:
        return ChargeWaived(today, int(draw.integers(len(account.charges) + 1)))
    return PaidOut(today, int(draw.integers(1_000, 100_000)))


def assert_lawful(account: Account) -> None:
    """Due = Paid + Waived + Outstanding on every row, and no money comes or goes."""
    for row in account.rows:
        for part in PARTS:
            left = row.outstanding(part)
            assert row.due[part] == row.paid[part] + row.waived[part] + left
            assert min(row.paid[part], row.waived[part], left) >= 0
        assert row.in_advance + row.late <= sum(row.paid.values())
        assert (row.settled_on is None) == bool(row.open) or not sum(row.due.values())
    received = sum(one.amount for one in account.movements if one.counts)
    paid = {part: sum(row.paid[part] for row in account.rows) for part in PARTS}
    assert received == sum(paid.values()) + account.overpaid
    back = sum(
        one.amount for one in account.movements if one.sort is Sort.CHARGED_BACK and not one.undone
    )
    assert sum(row.due[Part.PRINCIPAL] for row in account.rows) == account.lent + back
    for part in (Part.FEE, Part.PENALTY):
        charges = [charge for charge in account.charges if charge.part is part]
        assert sum(row.due[part] for row in account.rows) == sum(one.amount for one in charges)
        assert paid[part] == sum(one.paid for one in charges)
        assert sum(row.waived[part] for row in account.rows) == sum(one.waived for one in charges)
    for one in account.movements:
        if one.counts:
            assert one.amount == sum(one.parts.values()) + one.overpaid


def test_every_row_adds_up_after_every_deed_and_histories_can_be_gone_through_again() -> None:
    draw = np.random.default_rng(20261122)
    done = refused = unsupported = 0
    while done < OPERATIONS:
        agreed = some_terms(draw)
        events: list[Event] = [PaidOut(START, int(draw.integers(1_000, 500_000)))]
        account = account_of(agreed, events)
        today = START
        for _ in range(DEEDS_OF_A_LOAN):
            today += timedelta(days=int(draw.integers(0, 15)))
            deed = some_deed(draw, today, account)
            try:
                account.apply(deed)
                events.append(deed)
            except Unsupported:
                unsupported += 1
                account = account_of(agreed, events)
            except Refused:
                refused += 1
                events.append(DayBegan(today))
            assert_lawful(account)
            done += 1
        again = account_of(agreed, events)
        assert (again.rows, again.movements) == (account.rows, account.movements)
    assert 0 < refused < done / 2
    assert 0 < unsupported < done / 5


def test_rows_follow_one_another_without_gap() -> None:
    draw = np.random.default_rng(7)
    for _ in range(50):
        account = account_of(some_terms(draw), [PaidOut(START, 100_000)])
        regular = [row for row in account.rows if row.due_on > START]
        assert all(one.due_on == two.start_on for one, two in pairwise(regular))


def test_undoing_the_last_payment_is_as_if_it_had_not_been() -> None:
    draw = np.random.default_rng(11)
    for _ in range(200):
        agreed = some_terms(draw)
        agreed = replace(agreed, order=replace(agreed.order, charges_in_turn=True))
        events: list[Event] = [PaidOut(START, 100_000)]
        today = START
        for _ in range(8):
            today += timedelta(days=int(draw.integers(1, 15)))
            events.append(Paid(today, int(draw.integers(1, 30_000))))
        without = account_of(agreed, events)
        movements = len(without.movements)
        undone = account_of(agreed, [*events, Paid(today, 12_345), Undone(today, movements)])
        assert undone.rows == without.rows
        assert undone.overpaid == without.overpaid
