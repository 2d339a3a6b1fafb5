"""How long the night needs to screen a million borrowers by the whole Chinese and house packs.

    PYTHONPATH=. .venv/bin/python benchmarks/screening.py [--rows 1000000] [--threads 2]

One kind of act at ten in the morning, every fact the rules read in a column, two in a hundred rows
away from the ordinary in each. Counting contacts and reading registers is not measured: their
columns are in memory. Written out: outcome and rules of every row, into a table.
"""

from __future__ import annotations

import argparse
from datetime import date
from time import perf_counter, process_time
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
from tests.rulepacks.kit import LAW_AND_HOUSE, ORDINARY, act, book

from doorstep.rules.screening import screen
from doorstep.rules.tables import as_cell, column_type
from doorstep.rules.tree import Type

DAY = date(2026, 5, 12)
OTHER: dict[Type, Any] = {
    Type.INT: 7, Type.MONEY: 7, Type.DAY: date(2026, 5, 20), Type.HOURS: ("09:00-12:00",),
    Type.TIME: 0,
}  # fmt: skip


def book_of(rows: int, kind: str) -> pa.Table:
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


def main() -> None:
    """Screen messages, calls, visits and letters; print seconds and what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--threads", type=int, default=2)
    wanted = parser.parse_args()
    engine = ibis.duckdb.connect(threads=wanted.threads)
    edition = book(*LAW_AND_HOUSE).edition(DAY)
    for kind in ("message", "call", "visit", "letter"):
        table = engine.create_table(kind, book_of(wanted.rows, kind))
        action = act(kind)
        given = {name: v for name, v in action.facts().items() if v is not None}
        began, worked = perf_counter(), process_time()
        screened = screen(edition, table, given).select("outcome", "rules")
        out = engine.create_table(f"{kind}_screened", screened)
        took, cpu = perf_counter() - began, process_time() - worked
        counts = out.outcome.value_counts().to_pyarrow().to_pylist()
        told = ", ".join(f"{row['outcome']} {row['outcome_count']:,}" for row in counts)
        print(f"{kind:8} {wanted.rows:,} rows {took:6.2f} s (processor {cpu:.2f} s): {told}")


if __name__ == "__main__":
    main()
