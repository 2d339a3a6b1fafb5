"""How long the night needs to screen a million borrowers by the whole Chinese and house packs.

    PYTHONPATH=. .venv/bin/python benchmarks/screening.py [--rows 1000000] [--threads 2]

First the stage of the night itself: every decided step of a book in which everybody is overdue, its
facts gathered from the book's files, outcomes written (`--cache` keeps the book). Then the rules
alone, over a mix of kinds and each kind by itself: every fact they read is a column in memory, two
in a hundred rows away from the ordinary in each, so that hardly two rows are alike.
"""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
from night import book as night_book
from night_book import ON
from tests.rulepacks.kit import LAW_AND_HOUSE, ORDINARY, act, book

from doorstep.cycle.run import Night, cycle_run
from doorstep.cycle.stages import StageResult
from doorstep.rules.screening import screen
from doorstep.rules.tables import as_cell, column_type
from doorstep.rules.tree import Type

DAY = date(2026, 5, 12)
MIX = {"message": 0.88, "letter": 0.09, "call": 0.02, "visit": 0.01}  # as the ladder gives them
LOANS_A_BORROWER = 10 / 9
OTHER: dict[Type, Any] = {
    Type.INT: 7, Type.MONEY: 7, Type.DAY: date(2026, 5, 20), Type.HOURS: ("09:00-12:00",),
    Type.TIME: 0,
}  # fmt: skip


def facts_of(rows: int, kind: str) -> pa.Table:
    """A table of every fact that is not the act's own."""
    chance = np.random.default_rng(1)
    given = act(kind).facts()
    columns = {}
    for name, value in ORDINARY.items():
        if name in given:
            continue
        meaning = book().catalogue[name]
        cell = as_cell(value, meaning.type)
        other = as_cell(_other(meaning.type, meaning.codes, value), meaning.type)
        away = chance.random(rows) < 0.02
        pool = pa.array([cell, other], type=ibis.dtype(column_type(meaning.type)).to_pyarrow())
        columns[name] = pool.take(pa.array(away.astype("int8")))
    return pa.table(columns)


def _other(kind: Type, codes: tuple[str, ...], value: Any) -> Any:
    if kind is Type.BOOL:
        return not value
    if kind is Type.CODE:
        return codes[-1]
    return OTHER.get(kind, codes[:1] if kind is Type.LIST else value)


def stage(rows: int, threads: int, cache: Path) -> None:
    """The night over a book of that many overdue borrowers; prints what the screening took."""
    folder = night_book(round(rows * LOANS_A_BORROWER), 1.0, cache)
    began = [0.0]

    def told(name: str, result: StageResult | None) -> None:
        if result is None:
            began[0] = process_time()
        elif name == "screening":
            cpu = process_time() - began[0]
            print(
                f"stage    {result.rows:,} steps {result.seconds:6.2f} s (processor {cpu:.2f} s), "
                f"peak {result.peak_bytes / 2**20:.0f} MiB"
            )

    with TemporaryDirectory() as place:
        cycle_run(Night(book=folder, on=ON, out=Path(place), threads=threads), progress=told)


def rules_alone(parts: dict[str, int], threads: int) -> tuple[float, float, dict[str, int]]:
    """Seconds, processor seconds and outcomes of so many rows of each kind as tables."""
    engine = ibis.duckdb.connect(threads=threads)
    edition, counts = book(*LAW_AND_HOUSE).edition(DAY), dict[str, int]()
    tables = {kind: engine.create_table(kind, facts_of(rows, kind)) for kind, rows in parts.items()}
    began, worked = perf_counter(), process_time()
    for kind, table in tables.items():
        given = {name: v for name, v in act(kind).facts().items() if v is not None}
        screened = screen(edition, table, given).select("outcome", "rules")
        engine.create_table(f"{kind}_screened", screened)
    took, cpu = perf_counter() - began, process_time() - worked
    for kind in tables:
        for row in engine.table(f"{kind}_screened").outcome.value_counts().to_pyarrow().to_pylist():
            counts[row["outcome"]] = counts.get(row["outcome"], 0) + row["outcome_count"]
    return took, cpu, counts


def main() -> None:
    """Screen the book's steps, a mix of acts and each kind; print seconds and what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "doorstep")
    wanted = parser.parse_args()
    stage(wanted.rows, wanted.threads, wanted.cache)
    mix = {kind: round(wanted.rows * share) for kind, share in MIX.items()}
    for name, parts in {"mix": mix, **{kind: {kind: wanted.rows} for kind in MIX}}.items():
        took, cpu, counts = rules_alone(parts, wanted.threads)
        told = ", ".join(f"{outcome} {count:,}" for outcome, count in sorted(counts.items()))
        print(f"{name:8} {wanted.rows:,} rows {took:6.2f} s (processor {cpu:.2f} s): {told}")


if __name__ == "__main__":
    main()
