"""A book folder as the night reads it: the columns it needs, with the types it needs.

Tolerant of what it does not need (more columns, more files, missing optional columns and tables)
and strict with the rest: a missing required column, a column of the wrong type, an empty required
cell, a key that occurs twice or an impossible amount is refused by file, column and row.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import pyarrow as pa
import pyarrow.parquet as pq

from doorstep.cycle.engine import Engine
from doorstep.cycle.files import sha256_of
from doorstep.cycle.inputs import NEEDED
from doorstep.kernel.errors import InputError, Where
from doorstep.portfolio.schema import TABLES, Column, Kind, Table

MUST_BE_THERE = ("loans", "instalments")
IBIS_TYPES = {
    Kind.TEXT: "string",
    Kind.CODE: "string",
    Kind.INTEGER: "int64",
    Kind.MONEY: "int64",
    Kind.RATE: "int64",
    Kind.DEGREES: "float64",
    Kind.DAY: "date",
    Kind.INSTANT: "timestamp('UTC')",
}


@dataclass(frozen=True)
class Contents:
    """What a file's own statistics say: its columns, rows, and, where every row group tells, how
    many cells of a column are empty, and the least and greatest whole number in it."""

    columns: frozenset[str]
    rows: int
    empty: dict[str, int]
    ranges: dict[str, tuple[int, int]]

    def may_be_empty(self, column: str) -> bool:
        """Whether some cell of the column may be empty."""
        return self.empty.get(column, 1) > 0

    def may_be_negative(self, column: str) -> bool:
        """Whether some cell of the column may be below zero."""
        return column not in self.ranges or self.ranges[column][0] < 0

    def is_nought(self, column: str) -> bool:
        """Whether every cell of the column is zero."""
        return self.ranges.get(column) == (0, 0) and not self.may_be_empty(column)


@dataclass(frozen=True)
class Book:
    """A checked book folder: what each table's file holds, and its digest."""

    folder: Path
    contents: dict[str, Contents]
    digests: dict[str, str]

    def path(self, table: str) -> Path:
        """The table's file."""
        return self.folder / f"{table}.parquet"


def book_open(folder: Path) -> Book:
    """Read the headers of a book's files and digest them. Raises InputError (see the module)."""
    if not folder.is_dir():
        raise InputError(
            "There is no such folder.",
            code="NO_BOOK",
            hint="Give the folder that holds loans.parquet and the other tables.",
            where=Where(file=str(folder), field="--book"),
        )
    present = [name for name in NEEDED if (folder / f"{name}.parquet").exists()]
    for name in MUST_BE_THERE:
        if name not in present:
            raise InputError(
                "The book has no such table.",
                code="TABLE_MISSING",
                hint="`doorstep intake schema` prints every table and column of a book.",
                where=Where(file=f"{name}.parquet"),
            )
    contents = {name: _header(folder / f"{name}.parquet", TABLES[name]) for name in present}
    with ThreadPoolExecutor(2) as pool:
        digests = list(pool.map(sha256_of, [folder / f"{name}.parquet" for name in present]))
    return Book(folder, contents, dict(zip(present, digests, strict=True)))


def book_table(engine: Engine, book: Book, name: str, *, place: str | None = None) -> Any:
    """The needed columns of a table as an Ibis table; an optional table that is absent is empty.

    With `place`, a column of that name tells each row's place in the file.
    """
    table = TABLES[name]
    wanted = [table.column(column) for column in NEEDED[name]]
    if name not in book.contents:
        nothing = pa.schema([table.arrow().field(column.name) for column in wanted]).empty_table()
        return engine.arrow(nothing, f"no_{name}")
    path, contents = book.path(name), book.contents[name]
    raw = engine.numbered(path) if place else engine.table(path)
    columns = {column.name: _column(raw, column, contents) for column in wanted}
    return raw.select(**columns, **({place: raw.file_row_number} if place else {}))


def nought(book: Book, name: str) -> frozenset[str]:
    """The amounts of a table that are zero in every row."""
    contents = book.contents[name]
    amounts = [c for c in TABLES[name].columns if c.kind is Kind.MONEY and c.name in NEEDED[name]]
    return frozenset(
        column.name
        for column in amounts
        if contents.is_nought(column.name)
        or (column.name not in contents.columns and column.default == 0)
    )


def _column(raw: Any, column: Column, contents: Contents) -> Any:
    kind = IBIS_TYPES[column.kind]
    if column.name not in contents.columns:
        return ibis.literal(column.default, type=kind)
    if column.kind is Kind.MONEY and contents.is_nought(column.name):
        return ibis.literal(0, type=kind)
    value = raw[column.name]
    if value.type().copy(nullable=True) != dt.dtype(kind):
        value = value.cast(kind)
    if column.default is None or not contents.may_be_empty(column.name):
        return value
    return value.fill_null(column.default)


def _header(path: Path, table: Table) -> Contents:
    try:
        with pq.ParquetFile(path) as file:
            schema, rows = file.schema_arrow, file.metadata.num_rows
            empty, ranges = _statistics(file.metadata)
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            f"Not readable as Parquet: {error}", code="NOT_PARQUET", where=Where(file=path.name)
        ) from None
    for name in NEEDED[table.name]:
        column = table.column(name)
        places = schema.get_all_field_indices(name)
        if len(places) > 1:
            raise _bad(path, name, "COLUMN_TWICE", "This column occurs twice.")
        if not places and column.required:
            raise _bad(path, name, "COLUMN_MISSING", "This column is required and missing.")
        if places and not _fits(schema.field(places[0]).type, column.kind):
            found = schema.field(places[0]).type
            needed = table.arrow().field(name).type
            raise _bad(path, name, "COLUMN_TYPE", f"Holds {found}, must hold {needed}.")
    return Contents(frozenset(schema.names), rows, empty, ranges)


def _statistics(metadata: Any) -> tuple[dict[str, int], dict[str, tuple[int, int]]]:
    """Empty cells and range of each column for which every row group has statistics."""
    empty: dict[str, list[int | None]] = {}
    ranges: dict[str, list[tuple[int, int] | None]] = {}
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        for place in range(group.num_columns):
            column = group.column(place)
            name, told = column.path_in_schema, column.statistics
            empty.setdefault(name, []).append(told.null_count if told is not None else None)
            if column.physical_type in ("INT64", "INT32"):
                known = told is not None and told.has_min_max
                bounds = (told.min_raw, told.max_raw) if known else None
                ranges.setdefault(name, []).append(bounds)
    return (
        {name: sum(c for c in counts if c) for name, counts in empty.items() if None not in counts},
        {
            name: (min(b[0] for b in bounds if b), max(b[1] for b in bounds if b))
            for name, bounds in ranges.items()
            if bounds and None not in bounds
        },
    )


def _fits(found: pa.DataType, kind: Kind) -> bool:
    types = pa.types
    if types.is_dictionary(found):
        found = found.value_type
    if types.is_null(found):
        return True
    if kind in (Kind.TEXT, Kind.CODE):
        return bool(types.is_string(found) or types.is_large_string(found))
    if kind in (Kind.INTEGER, Kind.MONEY, Kind.RATE):
        return bool(types.is_integer(found))
    if kind is Kind.DAY:
        return bool(types.is_date(found))
    if kind is Kind.INSTANT:
        return bool(types.is_timestamp(found) and found.tz is not None)
    return bool(types.is_floating(found) or types.is_integer(found))


def _bad(path: Path, column: str, code: str, message: str) -> InputError:
    return InputError(
        message,
        code=code,
        hint="`doorstep intake schema` prints every column and its type.",
        where=Where(file=path.name, field=column),
    )
