"""Further sums paid out on one loan: down payment at once, the rest on the rows to come."""

from __future__ import annotations

from datetime import date

import pytest

from doorstep.delinquency.accounts.account import Account
from doorstep.delinquency.accounts.events import Event, PaidOut
from doorstep.delinquency.accounts.rows import Part
from doorstep.delinquency.unsupported import Unsupported
from tests.delinquency.accounts.loans import FEBRUARY, account, paid

MIDDLE = date(2026, 2, 15)


def principal(made: Account) -> list[int]:
    return [row.due[Part.PRINCIPAL] for row in made.rows]


def loan(*events: Event, from_now: bool = False) -> Account:
    return account(*events, lent=100_000, down_payment=25, sums_from_now=from_now)


def test_every_row_as_if_the_whole_had_been_paid_out_from_the_beginning() -> None:
    made = loan(PaidOut(MIDDLE, 100_000))
    # 1,500.00 in three rows are 500.00; the first had 250.00, the last takes the rest
    assert principal(made) == [25_000, 25_000, 25_000, 50_000, 75_000]
    assert made.rows[2].due_on == MIDDLE


def test_or_the_rows_to_come_share_what_is_left() -> None:
    assert principal(loan(PaidOut(MIDDLE, 100_000), from_now=True)) == [
        25_000, 25_000, 25_000, 62_500, 62_500,
    ]  # fmt: skip


@pytest.mark.parametrize(("from_now", "first"), [(False, 50_000), (True, 25_000)])
def test_a_row_due_that_very_day(from_now: bool, first: int) -> None:
    made = loan(PaidOut(FEBRUARY, 100_000), from_now=from_now)
    (row,) = [row for row in made.rows if row.due_on == FEBRUARY and row.start_on < FEBRUARY]
    assert row.due[Part.PRINCIPAL] == first


def test_balances_follow_what_was_paid_out_and_paid_by_then() -> None:
    made = loan(paid(FEBRUARY, 30_000), PaidOut(MIDDLE, 100_000), paid(MIDDLE, 10_000))
    assert [one.balance for one in made.movements] == [100_000, 70_000, 170_000, 160_000]


def test_what_is_not_worked_out_is_said() -> None:
    for events in (
        [paid(FEBRUARY, 110_000), PaidOut(MIDDLE, 5_000)],
        [paid(MIDDLE, 5_000), PaidOut(FEBRUARY, 5_000)],
        [PaidOut(date(2026, 9, 1), 5_000)],
    ):
        with pytest.raises(Unsupported):
            loan(*events)
    with pytest.raises(Unsupported):
        account(PaidOut(MIDDLE, 5_000))
