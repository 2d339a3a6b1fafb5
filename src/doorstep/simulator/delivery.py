"""The bank's files: a folder a business date, and the hidden truth in a folder of its own."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from doorstep.kernel.errors import InputError, Where
from doorstep.portfolio.schema import TABLES, Kind
from doorstep.simulator.bank import Bank, Book, book_of, truth_of

FORMATS = ("parquet", "csv")
TRUTH = "truth"
MAPPING = """\
# The canonical layout. Every identity number fails its check on purpose, so nobody is told.
shape = "canonical"

[values]
unit = "minor"
rate = "ppm"
id_checksum = "ignore"
"""


def delivery_write(bank: Bank, *, folder: Path, on: date, form: str = "parquet") -> Path:
    """Write the book of `on` into `folder`/<date>: a file for each table that has rows, and the
    mapping to read them by; returns that folder."""
    if form not in FORMATS:
        raise InputError(
            f"Unknown format {form!r}.", hint="Use parquet or csv.", where=Where(field="--format")
        )
    day = folder / on.isoformat()
    _write(book_of(bank, on=on), day, form)
    (day / "mapping.toml").write_text(MAPPING, "utf-8")
    return day


def delivery_days(on: date) -> tuple[date, date]:
    """The business dates of the example: the day before, and the day."""
    return on - timedelta(days=1), on


def truth_write(bank: Bank, *, folder: Path) -> Path:
    """Write what nobody may look at but a later evaluation; returns the folder."""
    _write(truth_of(bank), folder / TRUTH, "parquet")
    return folder / TRUTH


def _write(book: Book, folder: Path, form: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in book.items():
        if not table.num_rows:
            continue  # a lender with nothing to say of a table sends no file
        if form == "csv":
            pacsv.write_csv(_as_text(name, table), folder / f"{name}.csv")
        else:
            pq.write_table(table, folder / f"{name}.parquet", compression="zstd")


def _as_text(name: str, table: pa.Table) -> pa.Table:
    """The table with its instants as ISO 8601 in UTC; everything else is canonical as it is."""
    for column in TABLES[name].columns:
        if column.kind is Kind.INSTANT:
            place = table.schema.get_field_index(column.name)
            written = pc.strftime(table.column(place), format="%Y-%m-%dT%H:%M:%SZ")
            table = table.set_column(
                place, column.name, pc.replace_substring(written, ".000000", "")
            )
    return table
