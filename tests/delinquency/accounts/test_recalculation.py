"""Interest that follows payments: late, early, too much; kept rows; interest on interest."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.delinquency.accounts.account import Account, Status
from doorstep.delinquency.accounts.events import DayBegan, Event, Undone
from doorstep.delinquency.accounts.rows import Part
from doorstep.delinquency.accounts.terms import Early, InterestBy, Recalculation, Rest
from doorstep.kernel.errors import Refused
from tests.delinquency.accounts.loans import FEBRUARY, account, due_parts, paid


def loan(*events: Event, number: int = 6, **how: Any) -> Account:
    return account(
        *events, percent=Fraction(12), number=number, interest_by=InterestBy.DAY, lent=500_000,
        multiple=100, recalculation=Recalculation(**how),
    )  # fmt: skip


def interest(made: Account) -> list[int]:
    return [row.due[Part.INTEREST] for row in made.rows]


def test_paid_as_agreed_nothing_changes() -> None:
    plain = due_parts(loan().rows)
    made = loan(paid(FEBRUARY, sum(plain[0])))
    assert due_parts(made.rows) == plain
    # 5,000.00 x 12 % x 31 / 365 = 50.96
    assert plain[0][1] == 5_096


def test_paid_late_the_next_row_bears_the_days() -> None:
    plain, late = loan(), loan(paid(date(2026, 2, 11), 86_200))
    assert interest(late)[0] == interest(plain)[0], "a row that fell due keeps its interest"
    # ten days longer on the principal of the first row, 81,104: 81,104 x 12 % x 10 / 365 = 267
    assert interest(late)[1] - interest(plain)[1] == 267
    assert late.rows[0].late == 86_200


def test_what_is_overdue_is_taken_to_be_paid_today() -> None:
    made = loan(DayBegan(date(2026, 2, 11)), paid(date(2026, 2, 11), 100))
    assert interest(made)[1] - interest(loan())[1] == 267


@pytest.mark.parametrize(
    ("early", "rows", "next_payment"),
    [
        (Early.LOWER_INSTALMENT, 6, 51_600),
        (Early.FEWER_INSTALMENTS, 4, 86_200),
        (Early.NEXT_INSTALMENTS, 6, None),
    ],
)
def test_paid_too_much_on_the_day(early: Early, rows: int, next_payment: int | None) -> None:
    made = loan(paid(FEBRUARY, 254_500), early=early)
    assert len(made.rows) == rows
    assert made.rows[0].due[Part.PRINCIPAL] == 254_500 - 5_096
    if next_payment is not None:
        assert sum(due_parts(made.rows)[1]) == next_payment
    else:
        assert due_parts(made.rows)[1][0] == 0, "the next rows ask for interest only"


def test_paid_before_the_day_the_interest_falls_at_once() -> None:
    made = loan(paid(date(2026, 1, 22), 50_000))
    # 21 days on 5,000.00 (34.52), 10 on 4,500.00 (14.79)
    assert interest(made)[0] == 3_452 + 1_479
    assert made.rows[0].in_advance == 50_000


def test_at_rest_until_the_due_day_a_late_payment_counts_from_then() -> None:
    made = loan(paid(date(2026, 2, 11), 86_200), rest=Rest.DUE_DAY)
    # the whole of February on 5,000.00: the payment counts from 1 March
    assert interest(made)[1] == 4_603


def test_paying_off_between_due_days_that_wait_is_not_worked_out() -> None:
    with pytest.raises(Refused) as caught:
        loan(paid(date(2026, 1, 20), 505_000), rest=Rest.DUE_DAY)
    assert caught.value.code == "UNSUPPORTED"


def test_interest_after_the_last_due_day_is_not_worked_out() -> None:
    with pytest.raises(Refused) as caught:
        loan(paid(date(2026, 9, 1), 100_000))
    assert caught.value.code == "UNSUPPORTED"


def test_unpaid_interest_bears_interest_from_the_first_of_a_month() -> None:
    events = [paid(date(2026, 4, 4), 86_200)]
    simple, compound = loan(*events), loan(*events, compound_monthly=True)
    extra = interest(compound)[3] - interest(simple)[3]
    unpaid = sum(interest(compound)[:3])
    assert extra == round(unpaid * 0.12 * 3 / 365)


def test_without_a_rate_there_is_nothing_to_recalculate() -> None:
    made = account(paid(FEBRUARY, 150_000), recalculation=Recalculation())
    assert [row.open for row in made.rows] == [0, 50_000, 100_000]


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 150), st.integers(1, 200_000)), max_size=8),
    st.sampled_from(list(Early)), st.booleans(),
)  # fmt: skip
def test_whatever_is_paid_the_principal_comes_back_whole(
    payments: list[tuple[int, int]], early: Early, compound: bool
) -> None:
    events = [paid(date.fromordinal(date(2026, 1, 1).toordinal() + day), amount)
              for day, amount in sorted(payments)]  # fmt: skip
    try:
        made = loan(*events, early=early, compound_monthly=compound)
    except Refused:
        return  # a loan that ran out before it was paid
    assert sum(row.due[Part.PRINCIPAL] for row in made.rows) == 500_000
    assert all(amount >= 0 for row in made.rows for amount in row.due.values())
    received = sum(amount for _, amount in payments)
    assert sum(sum(row.paid.values()) for row in made.rows) + made.overpaid == received
    if made.outstanding:
        assert made.status is Status.ACTIVE


def test_an_undone_payment_gives_the_later_rows_back() -> None:
    made = loan(paid(FEBRUARY, 200_000), Undone(FEBRUARY, 1))
    assert due_parts(made.rows) == due_parts(loan().rows)
