"""Schedules of accounts by their terms alone: flat and on the balance, put off and left out."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.delinquency.accounts.projection import rows_projected
from doorstep.delinquency.accounts.rows import Part
from doorstep.delinquency.accounts.terms import InterestBy, InterestOn, Spread
from tests.delinquency.accounts.loans import START, due_parts, terms

TWELVE = Fraction(12)


def made(lent: int = 300_000, **changed: Any) -> list[tuple[int, int]]:
    return due_parts(
        rows_projected(terms(**{"percent": TWELVE, **changed}), principal=lent, start_on=START)
    )


def test_interest_on_what_is_open_by_periods_and_by_days() -> None:
    # 3,000.00 at 1 % a month: 1,020.07
    assert made() == [(99_007, 3_000), (99_997, 2_010), (100_996, 1_010)]
    by_days = made(interest_by=InterestBy.DAY)
    assert [interest for _, interest in by_days] == [3_058, 1_851, 1_029]  # 31, 28, 31 of 365


def test_flat_interest_is_the_same_on_every_row() -> None:
    assert made(interest_on=InterestOn.FLAT) == [(100_000, 3_000)] * 3
    # 1,250.00 at 15 % over four months: 15.625 a row, whole instalments of 328.00
    flat = InterestOn.FLAT
    assert made(125_000, percent=Fraction(15), number=4, multiple=100, interest_on=flat) == [
        (31_238, 1_562), (31_238, 1_562), (31_238, 1_562), (31_286, 1_564),
    ]  # fmt: skip


def test_whole_instalments_leave_the_rest_to_the_last() -> None:
    assert made(100_000, percent=Fraction(0), number=6, multiple=100) == [
        (16_700, 0), (16_700, 0), (16_700, 0), (16_700, 0), (16_700, 0), (16_500, 0),
    ]  # fmt: skip


def test_principal_left_out_and_interest_put_off_or_forgiven() -> None:
    put_off = made(number=4, principal_free=2, interest_later=2)
    assert put_off[:3] == [(0, 0), (0, 0), (149_254, 9_000)]
    forgiven = made(number=4, principal_free=2, interest_free=2)
    assert forgiven[:3] == [(0, 0), (0, 0), (149_254, 3_000)]
    flat = made(number=4, interest_on=InterestOn.FLAT, interest_later=2)
    assert [interest for _, interest in flat] == [0, 0, 6_000, 6_000]


def test_equal_principal() -> None:
    assert made(100_000, spread=Spread.EQUAL_PRINCIPAL) == [
        (33_333, 1_000), (33_333, 667), (33_334, 333),
    ]  # fmt: skip


@settings(deadline=None)
@given(
    st.integers(1, 10**9), st.fractions(0, 36, max_denominator=100), st.integers(1, 36),
    st.sampled_from(list(InterestOn)), st.sampled_from(list(InterestBy)),
    st.sampled_from(list(Spread)), st.sampled_from([None, 1, 100]), st.integers(0, 40),
)  # fmt: skip
def test_every_projection_returns_the_principal(
    lent: int, percent: Fraction, number: int, on: InterestOn, by: InterestBy, spread: Spread,
    multiple: int | None, free: int,
) -> None:  # fmt: skip
    agreed = terms(
        percent=percent, number=number, interest_on=on, interest_by=by, spread=spread,
        multiple=multiple, principal_free=min(free, number - 1),
    )  # fmt: skip
    rows = rows_projected(agreed, principal=lent, start_on=START)
    assert sum(row.due[Part.PRINCIPAL] for row in rows) == lent
    assert len(rows) <= number
    assert all(amount >= 0 for row in rows for amount in row.due.values())
