"""The night's engine: statements wait for each other, and none follows one that failed."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from doorstep.cycle.book import book_open
from doorstep.cycle.checks import check_keys
from doorstep.cycle.engine import engine_open, total
from doorstep.kernel.errors import InputError
from tests.cycle.test_bad_books import changed

LARGE = 2**63 - 1


def test_what_is_kept_is_there_for_the_next_statement(tmp_path: Path) -> None:
    with engine_open(threads=2, memory_mib=64, spill=tmp_path / "spill") as engine:
        numbers = engine.arrow(pa.table({"a": range(50_000)}), "numbers")
        doubled = engine.kept(numbers.mutate(a=numbers.a * 2), "doubled")
        again = engine.kept(doubled.filter(doubled.a >= 50_000), "again")
        written = engine.write(again.order_by("a"), tmp_path / "again.parquet", group=20_480)
        assert written.result() == 25_000
    file = pq.ParquetFile(tmp_path / "again.parquet")
    assert file.read()["a"].to_pylist() == list(range(50_000, 100_000, 2))
    assert file.metadata.num_row_groups == 2


def test_what_a_stage_kept_is_let_go_of_and_its_name_is_free_again(tmp_path: Path) -> None:
    with engine_open(threads=2, memory_mib=64, spill=tmp_path / "spill") as engine:
        numbers = engine.arrow(pa.table({"a": [1, 2]}), "numbers")
        kept = engine.kept(numbers, "kept")
        assert len(engine.rows(kept)) == 2
        engine.forget()
        with pytest.raises(duckdb.CatalogException):
            engine.rows(kept)
        assert engine.rows(engine.kept(numbers.filter(numbers.a > 1), "kept")) == [{"a": 2}]


def test_nothing_is_carried_out_after_a_statement_that_failed(tmp_path: Path) -> None:
    def too_much() -> None:
        with engine_open(threads=1, memory_mib=64, spill=tmp_path / "spill") as engine:
            numbers = engine.arrow(pa.table({"a": [LARGE, LARGE]}), "numbers")
            engine.kept(numbers.aggregate(sum=total(numbers.a)), "too_large")
            engine.write(numbers, tmp_path / "numbers.parquet").result()

    with pytest.raises(InputError) as error:
        too_much()
    assert error.value.code == "AMOUNT_TOO_LARGE"
    assert not list(tmp_path.glob("numbers.parquet*"))


def test_a_book_out_of_order_is_read_and_a_key_far_from_its_twin_is_found(tmp_path: Path) -> None:
    def upside_down(table: pa.Table) -> pa.Table:
        return table.take(pa.array(reversed(range(len(table)))))

    def split(table: pa.Table) -> pa.Table:
        return pa.concat_tables([table, table.slice(0, 1)])

    with engine_open(threads=2, memory_mib=64, spill=tmp_path / "spill") as engine:
        check_keys(engine, book_open(changed(tmp_path / "one", "loans", upside_down)))
        with pytest.raises(InputError) as error:
            check_keys(engine, book_open(changed(tmp_path / "two", "loans", split)))
    assert error.value.code == "KEY_TWICE"
