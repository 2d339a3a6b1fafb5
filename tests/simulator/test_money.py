"""Money of the example bank adds up, and its statement is what delinquency works out."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.delinquency.dues import Instalment, Loan, Parts, loan_dues
from doorstep.delinquency.penalty import penalty_interest, penalty_rate_ppm
from doorstep.delinquency.policy import DEFAULT
from doorstep.simulator.bank import Bank, Book, bank_make, book_of
from doorstep.simulator.statement import penalty_vector
from tests.simulator.conftest import TODAY

PARTS = ("principal", "interest", "fee", "penalty")


def totals(table: pa.Table, amount: Any) -> dict[str, int]:
    grouped = pa.table({"loan_id": table["loan_id"], "amount": amount}).group_by("loan_id")
    found = grouped.aggregate([("amount", "sum")]).to_pydict()
    return {
        loan: total
        for loan, total in zip(found["loan_id"], found["amount_sum"], strict=True)
        if total
    }


def assert_adds_up(book: Book) -> None:
    rows = book["instalments"]
    paid = pc.cast(0, pa.int64())
    for part in PARTS:
        columns = [rows[f"{part}_{how}"] for how in ("due", "paid", "waived")]
        assert all(pc.min(column).as_py() >= 0 for column in columns)
        left = pc.subtract(columns[0], pc.add(columns[1], columns[2]))
        assert pc.min(left).as_py() >= 0, part
        paid = pc.add(paid, columns[1])
    standing = book["payments"].filter(pc.field("reversed_on").is_null())
    assert pc.min(standing["amount"]).as_py() > 0
    assert totals(standing, standing["amount"]) == totals(rows, paid)


@given(seed=st.integers(0, 10**6), day=st.integers(0, 800))
@settings(max_examples=8, deadline=None)
def test_money_adds_up_for_any_seed_and_day(seed: int, day: int) -> None:
    on = date.fromordinal(date(2026, 1, 1).toordinal() + day)
    assert_adds_up(book_of(bank_make(loans=300, seed=seed, on=on), on=on))


def test_money_adds_up_on_both_days(book: Book, yesterday: Book) -> None:
    assert_adds_up(book)
    assert_adds_up(yesterday)


def loans_of(book: Book) -> dict[str, Loan]:
    rows: dict[str, list[Instalment]] = defaultdict(list)
    for row in book["instalments"].to_pylist():
        due, paid, waived = (
            Parts(**{part: row[f"{part}_{how}"] for part in PARTS})
            for how in ("due", "paid", "waived")
        )
        rows[row["loan_id"]].append(
            Instalment(
                row["number"],
                row["due_on"],
                due,
                paid,
                waived,
                row["penalty_from"],
                row["settled_on"],
            )
        )
    return {
        loan["loan_id"]: Loan(
            loan["loan_id"], loan["currency"], loan["annual_rate_ppm"], loan["penalty_percent"],
            rows[loan["loan_id"]],
        )
        for loan in book["loans"].to_pylist()
    }  # fmt: skip


def test_the_stated_arrears_are_those_that_delinquency_works_out(book: Book) -> None:
    stated = {row["loan_id"]: row for row in book["loans"].to_pylist()}
    misstated = 0
    for loan_id, loan in loans_of(book).items():
        dues = loan_dues(loan, on=TODAY, policy=DEFAULT)
        assert dues.overdue.total == stated[loan_id]["stated_overdue"]
        misstated += dues.dpd != stated[loan_id]["stated_dpd"]
    assert misstated <= 5


def test_a_loan_in_equal_instalments_is_owed_what_was_not_paid_of_it(
    bank: Bank, book: Book
) -> None:
    first = {
        row["loan_id"] for row in book["instalments"].filter(pc.field("number") == 1).to_pylist()
    }
    rows = book["instalments"]
    paid = totals(rows, rows["principal_paid"])
    checked = 0
    for loan in book["loans"].to_pylist():
        if loan["matures_on"] and loan["status"] == "active" and loan["loan_id"] in first:
            assert loan["balance"] == loan["principal"] - paid.get(loan["loan_id"], 0)
            checked += 1
    assert checked > 200


def test_equal_instalments_are_equal(book: Book) -> None:
    amounts = defaultdict(set)
    matures = {row["loan_id"]: row["matures_on"] for row in book["loans"].to_pylist()}
    for row in book["instalments"].to_pylist():
        if matures[row["loan_id"]] and row["due_on"] != matures[row["loan_id"]]:
            amounts[row["loan_id"]].add(row["principal_due"] + row["interest_due"])
    assert amounts
    assert all(len(each) == 1 for each in amounts.values())


def test_some_arrears_are_too_small_to_matter_and_some_are_partly_paid(book: Book) -> None:
    late = book["loans"].filter(pc.field("stated_overdue") > 0)["stated_overdue"].to_pylist()
    assert 0 < sum(amount < DEFAULT.materiality for amount in late) < len(late) / 10
    open_ = book["instalments"].filter(pc.field("settled_on").is_null())
    assert pc.sum(pc.greater(open_["principal_paid"], 0)).as_py() > 10


@given(
    base=st.integers(0, 3 * 10**8),
    days=st.integers(-5, 1_000),
    rate=st.integers(0, 360_000),
    percent=st.one_of(st.none(), st.integers(100, 200)),
)
def test_penalty_interest_in_columns_is_that_of_one_loan(
    bank: Bank, base: int, days: int, rate: int, percent: int | None
) -> None:
    one = bank.loans
    changed = type(one)(
        **{
            **{name: values[:1] for name, values in vars(one).items()},
            "rate": np.array([rate]),
            "penalty_percent": np.array([-1 if percent is None else percent]),
        }
    )
    expected = penalty_interest(
        base=base,
        rate_ppm=penalty_rate_ppm(annual_rate_ppm=rate, penalty_percent=percent, policy=DEFAULT),
        days=days,
        policy=DEFAULT,
    )
    found = penalty_vector(changed, np.array([0]), np.array([base]), np.array([days]))
    assert found[0] == expected
