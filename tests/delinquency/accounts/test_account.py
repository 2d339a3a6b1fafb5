"""A loan account and what happens to it: charged, repaid, undone, charged back, waived."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from doorstep.delinquency.accounts.account import Account, Status, account_of
from doorstep.delinquency.accounts.events import (
    Charged,
    ChargedBack,
    ChargeWaived,
    Event,
    PaidOut,
    Sort,
    Undone,
)
from doorstep.delinquency.accounts.rows import Kind, Part
from doorstep.kernel.errors import Refused
from tests.delinquency.accounts.loans import (
    APRIL,
    DUE_FIRST,
    FEBRUARY,
    MARCH,
    START,
    account,
    fee,
    open_parts,
    paid,
    penalty,
    terms,
)


def test_from_paid_out_to_settled() -> None:
    assert Account(terms()).status is Status.EMPTY
    made = account()
    assert (made.status, made.outstanding) == (Status.ACTIVE, 300_000)
    made.apply(paid(FEBRUARY, 100_000))
    assert [row.open for row in made.rows] == [0, 100_000, 100_000]
    made.apply(paid(APRIL, 200_000))
    assert made.status is Status.SETTLED
    assert [row.late for row in made.rows] == [0, 100_000, 0]


def test_too_much_is_kept_as_overpaid() -> None:
    made = account(paid(FEBRUARY, 300_100))
    assert (made.status, made.overpaid, made.movements[-1].overpaid) == (Status.OVERPAID, 100, 100)


def test_a_charge_joins_the_row_of_its_day_and_one_after_the_last_makes_a_row() -> None:
    made = account(fee(date(2026, 2, 20)), penalty(date(2026, 4, 5)), fee(date(2026, 4, 9)))
    assert made.rows[1].due[Part.FEE] == 5_000
    extra = made.rows[3]
    assert (extra.kind, extra.start_on, extra.due_on) == (
        Kind.ADDITIONAL, APRIL, date(2026, 4, 9),
    )  # fmt: skip
    assert open_parts(extra) == (5_000, 5_000, 0, 0)


def test_a_charge_for_a_day_already_paid_for_takes_its_share_of_that_payment() -> None:
    made = account(paid(FEBRUARY, 100_000), penalty(date(2026, 1, 20), on=FEBRUARY))
    assert open_parts(made.rows[0]) == (0, 0, 0, 5_000)
    assert made.movements[1].parts[Part.PENALTY] == 5_000


def test_an_undone_payment_never_happened() -> None:
    before = account(penalty(date(2026, 1, 20)))
    made = account(penalty(date(2026, 1, 20)), paid(FEBRUARY, 50_000), Undone(MARCH, 1))
    assert [open_parts(row) for row in made.rows] == [open_parts(row) for row in before.rows]
    assert made.movements[1].undone
    assert made.movements[1].parts[Part.PENALTY] == 5_000, "it keeps the figures it had"


def test_a_payment_found_later_is_put_in_its_place() -> None:
    made = account(paid(MARCH, 100_000), paid(FEBRUARY, 100_000))
    assert [row.settled_on for row in made.rows] == [FEBRUARY, MARCH, None]
    assert made.rows[0].late == 0


def test_a_charge_back_is_owed_again_and_takes_what_was_overpaid_first() -> None:
    made = account(paid(FEBRUARY, 100_000), ChargedBack(date(2026, 2, 10), 40_000))
    assert made.rows[1].due[Part.PRINCIPAL] == 140_000
    over = account(paid(FEBRUARY, 310_000), ChargedBack(date(2026, 2, 10), 40_000))
    assert (over.overpaid, over.outstanding) == (0, 30_000)


def test_a_waived_charge_is_neither_paid_nor_owed() -> None:
    made = account(fee(FEBRUARY), paid(FEBRUARY, 2_000), ChargeWaived(FEBRUARY, 0))
    row = made.rows[0]
    assert (row.paid[Part.FEE], row.waived[Part.FEE], row.outstanding(Part.FEE)) == (
        2_000,
        3_000,
        0,
    )
    made.apply(paid(date(2026, 1, 15), 1_000))
    assert made.rows[0].waived[Part.FEE] == 3_000, "also when history is gone through again"


def test_a_down_payment_is_due_the_same_day_or_taken_at_once() -> None:
    due = account(down_payment=25)
    assert [row.due[Part.PRINCIPAL] for row in due.rows] == [75_000] * 4
    assert due.rows[0].kind is Kind.DOWN_PAYMENT
    at_once = account(down_payment=25, down_payment_at_once=True)
    assert at_once.movements[-1].sort is Sort.DOWN_PAYMENT
    assert at_once.rows[0].settled_on == START


def test_what_was_charged_counts_as_earned_when_the_loan_is_settled() -> None:
    made = account(fee(FEBRUARY), paid(FEBRUARY, 305_000))
    assert made.movements[-1].sort is Sort.EARNED
    assert made.movements[-1].parts[Part.FEE] == 5_000


def test_an_order_by_due_days_of_charges() -> None:
    events = (
        penalty(date(2026, 1, 15)),
        penalty(date(2026, 1, 20)),
        paid(date(2026, 1, 15), 50_000),
    )
    made = account(*events, order=DUE_FIRST)
    assert made.movements[-1].parts == {
        Part.PENALTY: 5_000, Part.FEE: 0, Part.INTEREST: 0, Part.PRINCIPAL: 45_000,
    }  # fmt: skip


@pytest.mark.parametrize(
    "event",
    [
        PaidOut(MARCH, 0), Undone(MARCH, 0), Undone(MARCH, 9), paid(MARCH, 0),
        ChargeWaived(MARCH, 0),
        Charged(MARCH, "x", Part.PRINCIPAL, 5, MARCH), fee(MARCH, 0), ChargedBack(MARCH, -1),
    ],
)  # fmt: skip
def test_what_cannot_have_been_is_refused(event: Event) -> None:
    with pytest.raises(Refused) as caught:
        account(event)
    assert caught.value.code == "IMPOSSIBLE"


def test_nothing_happens_before_something_is_paid_out() -> None:
    for event in (paid(START, 5), fee(START)):
        with pytest.raises(Refused):
            account_of(terms(), [event])


def test_the_same_history_makes_the_same_account() -> None:
    events: list[Event] = [
        PaidOut(START, 300_000), fee(date(2026, 1, 20)), paid(FEBRUARY, 70_000),
        paid(date(2026, 1, 25), 9_000), Undone(MARCH, 1), ChargedBack(MARCH, 4_000),
    ]  # fmt: skip
    for order in (DUE_FIRST, replace(DUE_FIRST, charges_in_turn=True)):
        once = account_of(terms(order=order), events)
        again = Account(terms(order=order))
        for event in events:
            again.apply(event)
        assert once == again
