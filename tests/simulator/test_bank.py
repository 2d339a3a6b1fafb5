"""The example bank is the same for a seed, as large as it says, and keeps its secrets."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from doorstep.kernel.errors import InputError
from doorstep.portfolio.schema import TABLES
from doorstep.simulator.bank import Bank, Book, bank_make
from doorstep.simulator.behaviour import NAMES
from doorstep.simulator.delivery import delivery_days, delivery_write, truth_write
from tests.simulator.conftest import TODAY


def written(folder: Path, *, seed: int, on: date = TODAY) -> dict[str, bytes]:
    made = bank_make(loans=300, seed=seed, on=on)
    for day in delivery_days(on):
        delivery_write(made, folder=folder, on=day)
    truth_write(made, folder=folder)
    return {
        str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.*"))
    }


def test_the_same_seed_and_day_give_the_same_bytes(tmp_path: Path) -> None:
    first = written(tmp_path / "a", seed=3)
    assert len(first) > 2 * (len(TABLES) - 3)
    assert written(tmp_path / "b", seed=3) == first


def test_another_seed_gives_another_bank(tmp_path: Path) -> None:
    first, second = written(tmp_path / "a", seed=3), written(tmp_path / "b", seed=4)
    same = {name for name in first if first[name] == second.get(name)}
    assert {Path(name).name for name in same} == {"mapping.toml"}


@pytest.mark.parametrize(
    "on", [date(2026, 2, 28), date(2028, 2, 29), date(2026, 12, 31), date(2027, 1, 1)]
)
def test_any_day_of_the_calendar_serves(on: date) -> None:
    made = bank_make(loans=300, seed=1, on=on)
    assert len(made.overdue.borrower) == 30


def test_two_hundred_thousand_loans_have_twenty_thousand_overdue_borrowers() -> None:
    made = bank_make(loans=200_000, seed=7, on=TODAY)
    assert made.loans.size == 200_000
    assert len(made.overdue.borrower) == 20_000


def test_every_table_has_the_columns_of_the_schema_in_order_of_its_key(book: Book) -> None:
    assert set(book) == set(TABLES)
    for name, table in book.items():
        assert table.schema.equals(TABLES[name].arrow())
        keys = list(zip(*(table[key].to_pylist() for key in TABLES[name].key), strict=True))
        assert keys == sorted(set(keys))


def test_code_columns_hold_words_of_their_lists_only(book: Book) -> None:
    for name, table in book.items():
        for column in TABLES[name].columns:
            if column.codes:
                assert set(table[column.name].drop_null().to_pylist()) <= set(column.codes)


def test_hidden_types_are_in_the_truth_and_in_no_book(
    bank: Bank, book: Book, tmp_path: Path
) -> None:
    truth = pq.read_table(truth_write(bank, folder=tmp_path) / "borrowers.parquet")
    assert set(truth["hidden_type"].to_pylist()) == set(NAMES)
    lawful = {"hardship"}  # also the name of a protection, which the lender does know
    for name, table in book.items():
        for column in table.column_names:
            if pa.types.is_string(table.schema.field(column).type):
                seen = set(table[column].drop_null().to_pylist())
                assert not seen & (set(NAMES) - lawful), f"{name}.{column}"
    assert {"hidden_type", "number_works"}.isdisjoint(
        column for table in book.values() for column in table.column_names
    )


def test_nothing_in_the_book_happens_after_its_day(book: Book) -> None:
    assert pc.max(book["payments"]["paid_on"]).as_py() <= TODAY
    assert pc.max(book["instalments"]["settled_on"]).as_py() <= TODAY
    assert pc.max(book["loans"]["opened_on"]).as_py() < TODAY
    assert pc.max(book["promises"]["made_on"]).as_py() <= TODAY
    assert pc.max(book["protections"]["starts_on"]).as_py() <= TODAY
    assert pc.max(book["contacts"]["at"]).as_py().date() < TODAY


def test_every_row_belongs_to_one_that_is_there(book: Book) -> None:
    for name, table in book.items():
        parent = TABLES[name].parent
        if parent:
            (key,) = TABLES[parent].key
            assert pc.all(pc.is_in(table[key], book[parent][key])).as_py(), name


def test_between_the_two_days_some_fall_behind_some_recover_and_loans_open(
    book: Book, yesterday: Book
) -> None:
    def late(of: Book) -> set[str]:
        return set(of["loans"].filter(pc.field("stated_overdue") > 0)["loan_id"].to_pylist())

    before, now = late(yesterday), late(book)
    assert len(now - before) >= 5
    assert len(before - now) >= 2
    assert book["loans"].num_rows > yesterday["loans"].num_rows
    kept = set(yesterday["payments"]["payment_id"].to_pylist())
    assert kept < set(book["payments"]["payment_id"].to_pylist())


def test_products_of_the_overdue_have_their_shares(bank: Bank) -> None:
    from doorstep.simulator.lending import CARD

    share = np.mean(bank.loans.product[bank.overdue.loan] == CARD)
    assert share == pytest.approx(0.48, abs=0.08)


def test_a_format_nobody_knows_is_refused(bank: Bank, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--format"):
        delivery_write(bank, folder=tmp_path, on=TODAY - timedelta(days=1), form="xml")
    assert not list(tmp_path.iterdir())
