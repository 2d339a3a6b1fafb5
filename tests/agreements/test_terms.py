"""Rows of a plan: owed = waived + taken, on every loan and component, whatever the terms."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.agreements.terms import (
    PARTS,
    BorrowerLoan,
    Terms,
    loan_from_json,
    plan_of,
    terms_from_json,
)
from doorstep.delinquency.dues import Parts
from doorstep.kernel.errors import InputError

ON, FIRST = date(2026, 11, 22), date(2026, 12, 31)
LOAN = BorrowerLoan(
    "L1", "consumer", "CNY", 120_000, Parts(1_200_000, 36_000, 500, 2_400),
    Parts(200_000, 36_000, 500, 2_400), overdue_count=2, dpd=45, months_left=10, usual=110_000,
)  # fmt: skip


def test_twelve_months_of_twelve_percent_by_hand() -> None:
    plain = BorrowerLoan("L1", "consumer", "CNY", 120_000, Parts(1_200_000))
    plan = plan_of(loans=[plain], terms=Terms("extension", 12, date(2026, 12, 22)), on=ON)
    # 12,000.00 at 1 % a month over 12: 1,066.19 (annuity by hand), 12,794.xx in all
    assert plan.rows[0].total == 106_619
    assert plan.rows[0].parts == Parts(94_619, 12_000)
    assert sum(row.parts.principal for row in plan.rows) == 1_200_000
    assert abs(plan.total - 12 * 106_619) <= 12


def test_due_days_keep_to_the_end_of_the_month() -> None:
    plan = plan_of(loans=[LOAN], terms=Terms("extension", 4, FIRST), on=ON)
    assert [row.due_on for row in plan.rows] == [
        date(2026, 12, 31), date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31),
    ]  # fmt: skip


def test_a_pause_takes_nothing_and_is_no_row() -> None:
    plan = plan_of(loans=[LOAN], terms=Terms("deferral", 6, FIRST, pause=3), on=ON)
    assert len(plan.rows) == 6
    assert plan.rows[0].due_on == date(2027, 3, 31)
    assert [row.number for row in plan.rows] == [1, 2, 3, 4, 5, 6]


def test_smaller_instalments_are_half_of_the_regular_ones() -> None:
    terms = Terms("temporary_reduction", 10, FIRST, smaller=6, smaller_percent=50)
    plan = plan_of(loans=[LOAN], terms=terms, on=ON)
    whole = plan_of(loans=[LOAN], terms=Terms("extension", 10, FIRST), on=ON)
    principal_and_interest = whole.rows[0].total - 36_000 // 10 - 50 - 240
    assert plan.rows[0].total == principal_and_interest // 2
    assert len(plan.rows) == 16


def test_a_settlement_gives_up_penalty_first_and_principal_last() -> None:
    terms = Terms("settlement", 1, FIRST, rate_ppm=0, settle_percent=98)
    plan = plan_of(loans=[LOAN], terms=terms, on=ON)
    given_up = LOAN.owed.total - (LOAN.owed.total * 98 + 50) // 100
    assert plan.waived_parts.total == given_up
    assert plan.waived_parts == Parts(0, given_up - 2_900, 500, 2_400)


def test_only_what_is_overdue() -> None:
    terms = Terms("instalments", 3, FIRST, covers="overdue")
    plan = plan_of(loans=[LOAN], terms=terms, on=ON)
    assert plan.owed_total == LOAN.overdue.total


parts = st.builds(
    Parts, principal=st.integers(1, 10**8), interest=st.integers(0, 10**6),
    fee=st.integers(0, 10**5), penalty=st.integers(0, 10**5),
)  # fmt: skip
loans = st.lists(
    st.builds(
        BorrowerLoan, loan_id=st.uuids().map(str), product=st.just("consumer"),
        currency=st.just("CNY"), annual_rate_ppm=st.integers(0, 360_000), owed=parts,
    ),
    min_size=1, max_size=3, unique_by=lambda loan: loan.loan_id,
)  # fmt: skip
shapes = st.sampled_from(
    [{}, {"pause": 3}, {"smaller": 2, "smaller_percent": 50}, {"settle_percent": 70},
     {"waive": {"penalty": 100, "fee": 50}}, {"rate_ppm": 0}]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(loans, st.integers(1, 48), shapes)
def test_owed_is_waived_or_taken_and_loans_add_up(
    some: list[BorrowerLoan], months: int, shape: dict[str, object]
) -> None:
    plan = plan_of(loans=some, terms=Terms("x", months, FIRST, **shape), on=ON)  # type: ignore[arg-type]
    for loan in some:
        taken = [row.by_loan[loan.loan_id] for row in plan.rows]
        for part in ("principal", "fee", "penalty"):
            total = sum(getattr(each, part) for each in taken)
            waived = getattr(plan.waived[loan.loan_id], part)
            assert total + waived == getattr(loan.owed, part)
        interest = sum(each.interest for each in taken)
        assert interest + plan.waived[loan.loan_id].interest >= loan.owed.interest
    for row in plan.rows:
        assert row.parts == sum(row.by_loan.values(), Parts())
        assert all(getattr(row.parts, part) >= 0 for part in PARTS)


@given(st.integers(1, 360), shapes)
def test_terms_and_loans_read_back_as_they_were_kept(months: int, shape: dict[str, object]) -> None:
    terms = Terms("x", months, FIRST, **shape)  # type: ignore[arg-type]
    assert terms_from_json(terms.as_json()) == terms
    assert loan_from_json(LOAN.as_json()) == LOAN


@pytest.mark.parametrize(
    ("fault", "values"),
    [
        ("months", {"months": 0}),
        ("months", {"months": 361}),
        ("pause", {"pause": 25}),
        ("pause", {"pause": 1, "smaller": 1, "smaller_percent": 50}),
        ("smaller_percent", {"smaller": 1}),
        ("rate_ppm", {"rate_ppm": -1}),
        ("waive", {"waive": {"principal": 10}}),
        ("waive", {"waive": {"fee": 101}}),
        ("settle_percent", {"settle_percent": 0}),
        ("covers", {"covers": "some"}),
    ],
)
def test_terms_that_cannot_be_are_refused_by_name(fault: str, values: dict[str, object]) -> None:
    with pytest.raises(InputError) as caught:
        Terms(**({"kind": "x", "months": 12, "first_on": FIRST} | values))  # type: ignore[arg-type]
    assert caught.value.where.field == fault


def test_a_plan_begins_after_today_and_takes_something() -> None:
    with pytest.raises(InputError):
        plan_of(loans=[LOAN], terms=Terms("x", 3, ON), on=ON)
    nothing = BorrowerLoan("L2", "consumer", "CNY", 0, Parts())
    with pytest.raises(InputError):
        plan_of(loans=[nothing], terms=Terms("x", 3, FIRST), on=ON)
