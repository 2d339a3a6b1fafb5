"""Movement between two books: every loan is in one cell, and rows add up to the earlier book."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from doorstep.delinquency.transitions import (
    ABSENT,
    Standing,
    Transition,
    balance_by_bucket,
    net_flow_rates,
    transitions,
)

STANDINGS = st.lists(
    st.builds(
        Standing,
        loan_id=st.sampled_from([f"L{n}" for n in range(12)]),
        currency=st.sampled_from(("CNY", "HKD")),
        bucket=st.integers(0, 7),
        balance=st.integers(0, 10**9),
    ),
    unique_by=lambda row: row.loan_id,
    max_size=12,
)


def test_worked_by_hand() -> None:
    then = [
        Standing("a", "CNY", 0, 100), Standing("b", "CNY", 1, 200), Standing("c", "CNY", 1, 300),
        Standing("gone", "CNY", 2, 50),
    ]  # fmt: skip
    now = [
        Standing("a", "CNY", 1, 100), Standing("b", "CNY", 2, 190), Standing("c", "CNY", 0, 250),
        Standing("new", "CNY", 0, 999),
    ]  # fmt: skip
    assert transitions(before=then, after=now) == (
        Transition("CNY", ABSENT, 0, 1, 999),
        Transition("CNY", 0, 1, 1, 100),
        Transition("CNY", 1, 0, 1, 300),
        Transition("CNY", 1, 2, 1, 200),
        Transition("CNY", 2, ABSENT, 1, 50),
    )
    before = balance_by_bucket(then, currency="CNY")
    after = balance_by_bucket(now, currency="CNY")
    # M0 to M1: 100 now over 100 then; M1 to M2: 190 over 500; M2 to M3: 0 over 50.
    assert net_flow_rates(before=before, after=after, edges=(1, 31, 61)) == (
        Fraction(1), Fraction(19, 50), Fraction(0),
    )  # fmt: skip


def test_there_is_no_rate_out_of_an_empty_bucket() -> None:
    assert net_flow_rates(before={}, after={1: 5}, edges=(1, 31)) == (None, None)
    assert net_flow_rates(before={0: 0}, after={1: 5}, edges=(1,)) == (None,)


def test_a_loan_that_changed_its_currency_is_gone_in_one_and_new_in_the_other() -> None:
    then, now = [Standing("a", "CNY", 1, 100)], [Standing("a", "HKD", 1, 110)]
    assert transitions(before=then, after=now) == (
        Transition("CNY", 1, ABSENT, 1, 100),
        Transition("HKD", ABSENT, 1, 1, 110),
    )


@given(before=STANDINGS, after=STANDINGS)
def test_each_loan_is_in_one_cell_and_rows_and_columns_add_up(
    before: list[Standing], after: list[Standing]
) -> None:
    cells = transitions(before=before, after=after)
    for currency in ("CNY", "HKD"):
        own = [cell for cell in cells if cell.currency == currency]
        for number in range(8):
            row = [cell for cell in own if cell.before == number]
            there = [s for s in before if (s.currency, s.bucket) == (currency, number)]
            assert sum(cell.loans for cell in row) == len(there)
            assert sum(cell.balance for cell in row) == sum(s.balance for s in there)
            column = [cell for cell in own if cell.after == number]
            assert sum(cell.loans for cell in column) == sum(
                (s.currency, s.bucket) == (currency, number) for s in after
            )
    assert cells == tuple(sorted(cells))
    assert transitions(before=reversed(before), after=reversed(after)) == cells
