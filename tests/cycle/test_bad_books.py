"""Books from anywhere: what the night forgives, and what it refuses by file, column and row."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from doorstep.cycle.run import Night, cycle_run
from doorstep.kernel.errors import InputError
from tests.cycle.books import ON, Rough, rows_of, run_rough, silent


def small() -> Rough:
    rough = Rough()
    for name in ("A", "B"):
        rough.borrower(name)
        rough.loan(f"L{name}", name)
        rough.instalment(f"L{name}", 1, ON - timedelta(days=10), principal_due=90_000)
    return rough


def changed(folder: Path, table: str, change: Callable[[pa.Table], pa.Table]) -> Path:
    """The small book with one table changed."""
    book = small().write(folder / "book")
    path = book / f"{table}.parquet"
    pq.write_table(change(pq.read_table(path)), path)
    return book


def run(book: Path) -> list[dict[str, Any]]:
    out = book.parent / "out"
    cycle_run(Night(book=book, on=ON, out=out), progress=silent)
    return rows_of(out / "decisions.parquet")


def refused(book: Path) -> InputError:
    with pytest.raises(InputError) as error:
        run(book)
    assert not (book.parent / "out" / "decisions.parquet").exists()
    return error.value


def with_cell(table: pa.Table, column: str, row: int, value: Any) -> pa.Table:
    rows = table.to_pylist()
    rows[row][column] = value
    names = table.schema
    place = names.get_field_index(column)
    return pa.Table.from_pylist(
        rows, schema=names.set(place, names.field(place).with_nullable(True))
    )


def test_only_loans_and_instalments_are_needed(tmp_path: Path) -> None:
    book = small().write(tmp_path / "book")
    for path in book.glob("*.parquet"):
        if path.stem not in ("loans", "instalments"):
            path.unlink()
    assert [row["borrower_id"] for row in run(book)] == ["A", "B"]


def test_missing_optional_columns_and_extra_columns_are_forgiven(tmp_path: Path) -> None:
    def change(table: pa.Table) -> pa.Table:
        kept = table.select(["loan_id", "number", "due_on", "principal_due"])
        return kept.append_column("colour", pa.array(["red", "blue"]))

    found = run(changed(tmp_path, "instalments", change))
    assert [row["due_principal"] for row in found] == [90_000, 90_000]


def test_other_widths_and_dictionaries_are_read_as_they_mean(tmp_path: Path) -> None:
    def change(table: pa.Table) -> pa.Table:
        rows = table.select(["loan_id", "number", "due_on", "principal_due"])
        return rows.cast(
            pa.schema(
                [
                    ("loan_id", pa.dictionary(pa.int32(), pa.large_string())),
                    ("number", pa.int16()),
                    ("due_on", pa.date64()),
                    ("principal_due", pa.int32()),
                ]
            )
        )

    assert [row["dpd"] for row in run(changed(tmp_path, "instalments", change))] == [10, 10]


def test_an_empty_book_gives_no_decisions(tmp_path: Path) -> None:
    out = run_rough(Rough(), tmp_path)
    assert rows_of(out / "decisions.parquet") == []
    assert rows_of(out / "loans.parquet") == []


Change = Callable[[pa.Table], pa.Table]


def cell(column: str, row: int, value: Any) -> Change:
    return lambda table: with_cell(table, column, row, value)


def twice(table: pa.Table) -> pa.Table:
    return pa.concat_tables([table, table.slice(1)])


def fractions(table: pa.Table) -> pa.Table:
    place = table.schema.get_field_index("balance")
    return table.set_column(place, "balance", pa.array([1.5, 2.5]))


IMPOSSIBLE: list[tuple[str, Change, str, str]] = [
    ("loans", lambda t: t.drop_columns(["currency"]), "COLUMN_MISSING", "currency"),
    ("loans", fractions, "COLUMN_TYPE", "balance"),
    ("loans", cell("balance", 1, -1), "AMOUNT_NEGATIVE", "line 2, balance"),
    ("loans", cell("annual_rate_ppm", 0, -1), "AMOUNT_NEGATIVE", "line 1, annual_rate_ppm"),
    ("loans", cell("borrower_id", 1, None), "CELL_EMPTY", "line 2, borrower_id"),
    ("loans", twice, "KEY_TWICE", "loan_id"),
    ("borrowers", twice, "KEY_TWICE", "borrower_id"),
    ("instalments", twice, "KEY_TWICE", "loan_id, number"),
    ("instalments", cell("loan_id", 1, "L?"), "LOAN_UNKNOWN", "loan_id"),
    ("instalments", cell("interest_paid", 1, 1), "PAID_MORE_THAN_DUE", "line 2, interest_paid"),
    ("instalments", cell("fee_waived", 0, -5), "AMOUNT_NEGATIVE", "line 1, fee_waived"),
    ("instalments", cell("due_on", 0, None), "CELL_EMPTY", "line 1, due_on"),
]


@pytest.mark.parametrize(("table", "change", "code", "place"), IMPOSSIBLE)
def test_what_cannot_be_is_refused_with_its_place(
    tmp_path: Path, table: str, change: Change, code: str, place: str
) -> None:
    error = refused(changed(tmp_path, table, change))
    assert (error.code, str(error.where)) == (code, f"{table}.parquet, {place}")
    assert error.hint


@pytest.mark.parametrize("days", [0, 30])
@pytest.mark.parametrize("met", ["principal_paid", "principal_waived", "fee_paid"])
def test_what_was_met_beyond_an_instalment_not_overdue_yet_is_refused_too(
    tmp_path: Path, days: int, met: str
) -> None:
    rough, later = small(), ON + timedelta(days=days)
    rough.instalment("LA", 2, later, principal_due=90_000, principal_paid=90_000)
    assert len(run(rough.write(tmp_path / "fine" / "book"))) == 2
    rough.instalment("LA", 3, later, **{"principal_due": 5, "principal_paid": 5, met: 6})
    error = refused(rough.write(tmp_path / "book"))
    assert error.code == "PAID_MORE_THAN_DUE"
    assert str(error.where).startswith("instalments.parquet, line 4")


def test_a_hold_of_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    rough = small()
    rough.add("protections", borrower_id="A", kind="mood", starts_on=ON)
    error = refused(rough.write(tmp_path / "book"))
    assert (error.code, str(error.where)) == ("CODE_UNKNOWN", "protections.parquet, line 1, kind")


def test_an_instant_without_a_time_zone_is_refused(tmp_path: Path) -> None:
    def naive(table: pa.Table) -> pa.Table:
        return pa.table(
            {
                "contact_id": ["1"],
                "borrower_id": ["A"],
                "at": pa.array([0], pa.timestamp("us")),
                "channel": ["sms"],
                "result": ["sent"],
            }
        )

    error = refused(changed(tmp_path, "contacts", naive))
    assert (error.code, str(error.where)) == ("COLUMN_TYPE", "contacts.parquet, at")


def test_a_file_that_is_not_parquet_is_refused(tmp_path: Path) -> None:
    book = small().write(tmp_path / "book")
    (book / "loans.parquet").write_text("loan_id,balance\n", "utf-8")
    assert str(refused(book).where) == "loans.parquet"


def test_amounts_beyond_64_bits_are_refused_and_not_wrong(tmp_path: Path) -> None:
    rough = small()
    for number in (2, 3):
        rough.instalment("LA", number, date(2026, 3, 1), principal_due=2**62)
    assert refused(rough.write(tmp_path / "book")).code == "AMOUNT_TOO_LARGE"


def test_a_folder_without_an_earlier_run_is_no_previous_run(tmp_path: Path) -> None:
    book = small().write(tmp_path / "book")
    with pytest.raises(InputError) as error:
        cycle_run(Night(book=book, on=ON, out=tmp_path / "out", previous=tmp_path), progress=silent)
    assert error.value.code == "NO_PREVIOUS_RUN"
