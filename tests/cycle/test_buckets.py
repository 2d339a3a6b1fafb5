"""The book by branch, currency and bucket: each borrower once, where their worst loan is."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from doorstep.cycle.changes import buckets
from doorstep.cycle.engine import engine_open

PEOPLE = pa.table({"borrower_id": ["C1", "C2", "C3"], "branch_code": ["north", "north", None]})


def loan(
    borrower: str, currency: str, bucket: int, overdue: int, balance: int
) -> dict[str, str | int]:
    return {
        "borrower_id": borrower, "currency": currency, "bucket": bucket, "dpd": bucket * 30,
        "overdue_total": overdue, "balance": balance,
    }  # fmt: skip


def counted(tmp_path: Path, *loans: dict[str, str | int]) -> set[tuple[object, ...]]:
    with engine_open(threads=1, memory_mib=64, spill=tmp_path / "spill") as engine:
        of_loans = engine.arrow(pa.Table.from_pylist(list(loans)), "loans")
        rows = engine.rows(buckets(of_loans, engine.arrow(PEOPLE, "people")))
    return {
        (r["branch_code"], r["currency"], r["bucket"], r["borrowers"], r["overdue"], r["balance"])
        for r in rows
    }


def test_a_borrower_counts_once_a_currency_in_the_bucket_of_the_worst_loan(tmp_path: Path) -> None:
    assert counted(
        tmp_path,
        loan("C1", "CNY", 0, 0, 500), loan("C1", "CNY", 2, 70, 300), loan("C1", "USD", 1, 5, 10),
        loan("C2", "CNY", 2, 30, 100),
    ) == {("north", "CNY", 2, 2, 100, 900), ("north", "USD", 1, 1, 5, 10)}  # fmt: skip


def test_loans_paid_off_are_left_out_and_one_overdue_without_balance_is_not(tmp_path: Path) -> None:
    assert counted(tmp_path, loan("C1", "CNY", 0, 0, 0), loan("C2", "CNY", 1, 20, 0)) == {
        ("north", "CNY", 1, 1, 20, 0)
    }


def test_borrowers_without_branch_or_not_in_the_book_are_counted_one_by_one(tmp_path: Path) -> None:
    assert counted(
        tmp_path,
        loan("C3", "CNY", 1, 1, 1),
        loan("X1", "CNY", 1, 2, 2), loan("X1", "CNY", 1, 2, 2), loan("X2", "CNY", 1, 4, 4),
    ) == {("", "CNY", 1, 3, 9, 9)}  # fmt: skip
