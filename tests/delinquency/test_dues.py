"""Days past due, buckets and amounts due: the days on which something changes, worked by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.delinquency.dues import (
    Instalment,
    Loan,
    Parts,
    borrower_dpd,
    bucket,
    bucket_label,
    is_overdue,
    loan_dues,
    was_late,
)
from doorstep.delinquency.policy import DEFAULT, PenaltyBase, Policy
from tests.delinquency.books import loans

DUE = date(2026, 3, 10)
EDGES = DEFAULT.bucket_edges


def one(**fields: object) -> Instalment:
    values: dict[str, object] = {"number": 1, "due_on": DUE, "due": Parts(1000, 100)}
    return Instalment(**(values | fields))  # type: ignore[arg-type]


def loan(*rows: Instalment) -> Loan:
    return Loan("L", "CNY", 120_000, None, rows)


def dpd(*rows: Instalment, on: date) -> int:
    return loan_dues(loan(*rows), on=on, policy=DEFAULT).dpd


def test_on_the_due_day_nothing_is_overdue_and_the_day_after_it_is_one_day() -> None:
    assert dpd(one(), on=DUE) == 0
    assert dpd(one(), on=DUE + timedelta(days=1)) == 1
    assert not is_overdue(one(), on=DUE)


def test_a_leap_day_counts_as_a_day() -> None:
    # 28 February to 1 March: two days in 2028, one day in 2027.
    assert dpd(one(due_on=date(2028, 2, 28)), on=date(2028, 3, 1)) == 2
    assert dpd(one(due_on=date(2027, 2, 28)), on=date(2027, 3, 1)) == 1


def test_the_oldest_unpaid_instalment_decides_and_a_paid_one_does_not() -> None:
    paid = one(number=1, due_on=DUE - timedelta(days=30), paid=Parts(1000, 100))
    rows = (paid, one(number=2), one(number=3, due_on=DUE + timedelta(days=30)))
    dues = loan_dues(loan(*rows), on=DUE + timedelta(days=31), policy=DEFAULT)
    assert (dues.dpd, dues.oldest_due_on) == (31, DUE)
    assert [row.instalment.number for row in dues.rows] == [2, 3]


@pytest.mark.parametrize(
    ("paid", "waived", "overdue"),
    [
        (Parts(1000, 99), Parts(), True),
        (Parts(1000, 100), Parts(), False),
        (Parts(1000, 99), Parts(0, 1), False),
        (Parts(), Parts(1000, 100), False),
    ],
)
def test_one_fen_short_is_overdue_and_paid_or_waived_in_full_is_not(
    paid: Parts, waived: Parts, overdue: bool
) -> None:
    assert is_overdue(one(paid=paid, waived=waived), on=DUE + timedelta(days=1)) is overdue


def test_penalty_already_charged_and_unpaid_keeps_an_instalment_overdue() -> None:
    row = one(due=Parts(1000, 100, 0, 5), paid=Parts(1000, 100))
    dues = loan_dues(loan(row), on=DUE + timedelta(days=10), policy=DEFAULT)
    # Nothing bears penalty interest any more: 5 charged, nothing on top.
    assert dues.overdue == Parts(penalty=5)


def test_penalty_is_counted_on_from_where_the_lender_stopped() -> None:
    row = one(due=Parts(100_000, 0, 0, 700), penalty_from=DUE + timedelta(days=14))
    dues = loan_dues(loan(row), on=DUE + timedelta(days=20), policy=DEFAULT)
    # 100,000 x 18 % / 360 x 6 days = 300; with the 700 charged for the first 14 days: 1,000.
    assert dues.overdue.penalty == 1000


def test_interest_bears_penalty_only_where_the_policy_says_so() -> None:
    policy = Policy(penalty_base=PenaltyBase.PRINCIPAL_AND_INTEREST)
    row = one(due=Parts(100_000, 20_000))
    on = DUE + timedelta(days=10)
    # 18 % / 360 x 10 days = 0.5 %: of 100,000 it is 500, of 120,000 it is 600.
    assert loan_dues(loan(row), on=on, policy=DEFAULT).overdue.penalty == 500
    assert loan_dues(loan(row), on=on, policy=policy).overdue.penalty == 600


@pytest.mark.parametrize(
    ("days", "number", "label"),
    [
        (0, 0, "M0"), (1, 1, "M1"), (30, 1, "M1"), (31, 2, "M2"), (60, 2, "M2"), (61, 3, "M3"),
        (180, 6, "M6"), (181, 7, "M7+"), (5000, 7, "M7+"),
    ],
)  # fmt: skip
def test_buckets_begin_on_their_edge(days: int, number: int, label: str) -> None:
    assert bucket(days, edges=EDGES) == number
    assert bucket_label(number, edges=EDGES) == label


@given(days=st.integers(0, 2000), edges=st.sets(st.integers(1, 400), min_size=1, max_size=9))
def test_a_later_day_is_never_in_an_earlier_bucket(days: int, edges: set[int]) -> None:
    rising = tuple(sorted(edges))
    assert bucket(days, edges=rising) <= bucket(days + 1, edges=rising) <= len(rising)
    assert bucket(days + 1, edges=rising) - bucket(days, edges=rising) == int(days + 1 in edges)


@pytest.mark.parametrize(
    ("settled", "on", "late"),
    [
        (DUE, DUE + timedelta(days=1), False),
        (DUE + timedelta(days=1), DUE + timedelta(days=2), True),
        (DUE + timedelta(days=1), DUE + timedelta(days=365), True),
        (DUE + timedelta(days=1), DUE + timedelta(days=366), False),
        (DUE + timedelta(days=1), DUE, False),
        (None, DUE + timedelta(days=1), True),
    ],
)
def test_late_within_twelve_months(settled: date | None, on: date, late: bool) -> None:
    paid = Parts(1000, 100) if settled else Parts()
    assert was_late(one(paid=paid, settled_on=settled), on=on) is late


@given(loan=loans(), days=st.integers(-400, 800))
def test_a_loan_adds_up_and_its_days_are_those_of_its_oldest_row(loan: Loan, days: int) -> None:
    on = DUE + timedelta(days=days)
    dues = loan_dues(loan, on=on, policy=DEFAULT)
    assert dues.overdue == sum((row.outstanding for row in dues.rows), Parts())
    assert dues.dpd == max((row.dpd for row in dues.rows), default=0)
    assert (dues.dpd == 0) == (not dues.rows)
    assert borrower_dpd([dues, loan_dues(loan, on=DUE, policy=DEFAULT)]) >= dues.dpd


@given(loan=loans(), days=st.integers(0, 800))
def test_waiting_a_day_never_lowers_what_is_due(loan: Loan, days: int) -> None:
    today, tomorrow = (
        loan_dues(loan, on=DUE + timedelta(days=n), policy=DEFAULT) for n in (days, days + 1)
    )
    assert tomorrow.overdue.total >= today.overdue.total
    assert tomorrow.dpd >= today.dpd
