"""A batch of text as typed columns of one table, with the faults of each row.

Each distinct text is read once by its reader. Columns that are wholly plain (whole numbers,
printable ASCII) are taken by Arrow at once: the shortcut gives what the reader would.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from doorstep.portfolio.intake import amounts, days, people, words
from doorstep.portfolio.intake.datum import to_wgs84
from doorstep.portfolio.intake.faults import Doubt, Fault
from doorstep.portfolio.intake.mapping import Block, ColumnSource, Mapping
from doorstep.portfolio.intake.source import MARKER, Batch
from doorstep.portfolio.schema import ARROW_TYPES, TABLES, Column, Kind, Table

PLAIN_TEXT = r"^[!\"$-&(-~]([ -~]*[!-~])?$"
PLAIN_INTEGER = r"^\d{1,15}$"
ROUNDED = r"^\d(\.\d+)?[eE]\+?\d\d?$"
Make = Callable[[str], Callable[[str], Any]]


@dataclass
class Typed:
    """Columns of a table, and faults as (row, column, code)."""

    columns: dict[str, Any]
    faults: list[tuple[int, str, str]] = field(default_factory=list)


@dataclass
class Part:
    """Some rows of a batch as rows of a table.

    `rows` are their numbers in the batch (one number may come several times). Without a table there
    are only faults. `shown(row, name)` gives the header and the text a fault is about.
    """

    table: Table | None
    rows: Any
    typed: Typed
    shown: Callable[[int, str], tuple[str, str]]


@dataclass(frozen=True)
class Reading:
    """What reading needs beside the text: the mapping, and the day of the book."""

    mapping: Mapping
    on: date

    @property
    def latest(self) -> date:
        """Days after this are too far away to be real."""
        return date(self.on.year + self.mapping.values.farthest_years, 12, 31)


def read_block(block: Block, batch: Batch, headers: Sequence[str], reading: Reading) -> Typed:
    """Every column of the block's table for all rows of the batch; absent ones are empty."""
    table, rows = TABLES[block.table], len(batch.lines)
    texts = {
        name: source_texts(source, batch, headers, rows) for name, source in block.columns.items()
    }
    typed = Typed({})
    for column in table.columns:
        source = block.columns.get(column.name)
        if source is None:
            array = pa.nulls(rows, ARROW_TYPES[column.kind])
        else:
            array = _read(table, column, source, texts, typed, reading)
        _require(column, array, typed)
        typed.columns[column.name] = _filled(column, array)
    if table.name == "addresses":
        _place(typed, texts, reading)
    return typed


def source_texts(source: ColumnSource, batch: Batch, headers: Sequence[str], rows: int) -> Any:
    """The texts (or typed values of Parquet) a column comes from."""
    if source.const is not None:
        return pa.array([source.const] * rows, pa.string())
    if source.header:
        return batch.columns[headers.index(source.header)]
    cells = {
        name: as_text(batch.columns[headers.index(name)]).to_pylist() for name in source.headers
    }
    made = [source.pattern] * rows
    for name, values in cells.items():
        made = [
            text.replace("{" + name + "}", (value or "").strip())
            for text, value in zip(made, values, strict=True)
        ]
    return pa.array(made, pa.string())


def as_text(array: Any) -> Any:
    """Any Arrow column as text; floats as a person would write them."""
    if pa.types.is_string(array.type):
        return array
    if pa.types.is_floating(array.type):
        return pa.array(
            [None if v is None else f"{v:.15g}" for v in array.to_pylist()], pa.string()
        )
    if pa.types.is_timestamp(array.type):
        return pa.array(
            [None if v is None else v.isoformat() for v in array.to_pylist()], pa.string()
        )
    return array.cast(pa.string())


def _read(
    table: Table,
    column: Column,
    source: ColumnSource,
    texts: dict[str, Any],
    typed: Typed,
    reading: Reading,
) -> Any:
    texts_here = texts[column.name]
    ready = _already_typed(column, texts_here, reading, source)
    if ready is not None:
        return ready
    array = as_text(texts_here)
    quick = _quick(table, column, source, array, reading)
    if quick is not None:
        return quick
    by, make = _maker(table, column, source, reading)
    kind = ARROW_TYPES[column.kind]
    if by is None or by not in typed.columns:
        return read_texts(array, make(""), kind, column.name, typed.faults)
    return _grouped(array, typed.columns[by], make, kind, column.name, typed.faults)


def _maker(
    table: Table, column: Column, source: ColumnSource, reading: Reading
) -> tuple[str | None, Make]:
    """The column another one's reading depends on (or None), and the maker of readers by it."""
    values = reading.mapping.values
    if column.kind is Kind.MONEY:
        unit = source.unit or values.unit
        return "currency", lambda currency: amounts.amount_reader(
            currency=currency or values.currency, unit=unit, decimal=values.decimal, negative=False
        )
    if (table.name, column.name) == ("contact_points", "value"):
        return "kind", lambda kind: {
            "email": people.read_email,
            "messenger": words.identifier_reader("value"),
        }.get(kind, people.phone_reader(region=values.phone_region))
    if column.name == "id_number":
        return "id_kind", lambda kind: people.id_reader(
            kind=kind or values.id_kind, checksum=values.id_checksum
        )
    reader = _plain_reader(table, column, source, reading)
    return None, lambda _: reader


def _plain_reader(
    table: Table, column: Column, source: ColumnSource, reading: Reading
) -> Callable[[str], Any]:
    values, kind = reading.mapping.values, column.kind
    if kind is Kind.CODE:
        return words.code_reader(column.codes, reading.mapping.codes.get(source.codes, {}))
    if kind is Kind.INTEGER:
        return words.integer_reader(least=0)
    if kind is Kind.RATE:
        return words.rate_reader(source.unit or values.rate)
    if kind is Kind.DEGREES:
        return words.degrees_reader(90 if column.name == "latitude" else 180)
    if kind is Kind.DAY:
        return days.day_reader(orders=values.dates, latest=reading.latest)
    if kind is Kind.INSTANT:
        return days.instant_reader(zone=values.zone)
    if column.name == "currency":
        return amounts.read_currency
    if column.name == "time_zone":
        return words.read_zone
    if column.name in {"name", "owner_name"} and table.name != "employers":
        return people.name_reader(column.name)
    if column.name.endswith(("_id", "_ref", "_code")) or column.name == "uscc":
        return words.identifier_reader(f"{table.name}.{column.name}")
    return words.text_reader(f"{table.name}.{column.name}")


def read_texts(
    array: Any,
    read: Callable[[str], Any],
    kind: Any,
    name: str,
    faults: list[tuple[int, str, str]],
    rows: Any = None,
) -> Any:
    """Read each distinct text once. `rows` are the row numbers where the array is a selection."""
    encoded = array.dictionary_encode()
    values: list[Any] = []
    odd: dict[int, str] = {}
    for place, text in enumerate(encoded.dictionary.to_pylist()):
        value = _one(text, read)
        if type(value) is Fault:
            odd[place] = value.code
            value = None
        elif type(value) is Doubt:
            odd[place] = value.code
            value = value.value
        values.append(value)
    if odd:
        indices = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        for row in np.flatnonzero(np.isin(indices, list(odd))):
            where = int(row) if rows is None else int(rows[row])
            faults.append((where, name, odd[int(indices[row])]))
    return pa.array(values, kind).take(encoded.indices)


def _one(text: str, read: Callable[[str], Any]) -> Any:
    if text.startswith(MARKER):
        return Fault(text[1:])
    plain = words.stripped(text)
    return read(plain) if plain else None


def _grouped(
    array: Any, by: Any, make: Make, kind: Any, name: str, faults: list[tuple[int, str, str]]
) -> Any:
    groups = [value.as_py() for value in pc.unique(by)]
    if len(groups) == 1:
        return read_texts(array, make(groups[0] or ""), kind, name, faults)
    parts, order = [], []
    for group in groups:
        mask = pc.is_null(by) if group is None else pc.fill_null(pc.equal(by, group), False)
        rows = np.flatnonzero(mask.to_numpy(zero_copy_only=False))
        parts.append(
            read_texts(array.take(pa.array(rows)), make(group or ""), kind, name, faults, rows)
        )
        order.append(rows)
    back = np.argsort(np.concatenate(order), kind="stable") if order else np.array([], np.int64)
    return pa.concat_arrays(parts).take(pa.array(back)) if parts else pa.nulls(0, kind)


def _already_typed(column: Column, array: Any, reading: Reading, source: ColumnSource) -> Any:
    """A column of Parquet that has our type and only values a reader would accept; else None."""
    if array.type != ARROW_TYPES[column.kind] or pa.types.is_string(array.type):
        return None
    if column.kind is Kind.DAY:
        good = _within(array, days.EARLIEST, reading.latest)
    elif column.kind is Kind.MONEY:
        unit = source.unit or reading.mapping.values.unit
        good = unit == "minor" and _within(array, 0, amounts.LARGEST - 1)
    elif column.kind is Kind.RATE:
        good = (
            _within(array, 0, 10_000_000) and (source.unit or reading.mapping.values.rate) == "ppm"
        )
    elif column.kind is Kind.INTEGER:
        good = _within(array, 0, 10**9)
    else:
        most = 90 if column.name == "latitude" else 180
        good = column.kind is Kind.INSTANT or _within(array, -most, most)
    return array if good else None


def _within(array: Any, least: Any, most: Any) -> bool:
    edges = pc.min_max(array).as_py()
    return edges["min"] is None or bool(least <= edges["min"] and edges["max"] <= most)


def _quick(table: Table, column: Column, source: ColumnSource, array: Any, reading: Reading) -> Any:
    """The whole column at once, where every text is plain; None otherwise."""
    values = reading.mapping.values
    if (
        column.kind is Kind.MONEY
        and (source.unit or values.unit) == "minor"
        and values.decimal != ","
    ):
        return _all_match(array, PLAIN_INTEGER, ARROW_TYPES[column.kind])
    if column.kind is not Kind.TEXT or column.name in {
        "currency",
        "id_number",
        "value",
        "time_zone",
        "name",
        "owner_name",
    }:
        return None
    longest = words.longest_of(f"{table.name}.{column.name}")
    widest = pc.max(pc.binary_length(array)).as_py()
    if widest is not None and widest > longest:
        return None
    if pc.any(pc.match_substring_regex(array, ROUNDED)).as_py():
        return None
    return _all_match(array, PLAIN_TEXT, pa.string())


def _all_match(array: Any, regex: str, kind: Any) -> Any:
    empty = pc.equal(array, "")
    cleared = pc.if_else(empty, pa.scalar(None, pa.string()), array)
    matched = pc.all(pc.match_substring_regex(cleared, regex)).as_py()
    return None if matched is False else cleared.cast(kind)


def _require(column: Column, array: Any, typed: Typed) -> None:
    if column.required and array.null_count:
        told = {row for row, name, _ in typed.faults if name == column.name}
        missing = np.flatnonzero(pc.is_null(array).to_numpy(zero_copy_only=False))
        typed.faults.extend(
            (int(row), column.name, "VALUE_MISSING") for row in missing if int(row) not in told
        )


def _filled(column: Column, array: Any) -> Any:
    if column.default is None or not array.null_count:
        return array
    return pc.fill_null(array, pa.scalar(column.default, array.type))


def _place(typed: Typed, texts: dict[str, Any], reading: Reading) -> None:
    """Points become WGS-84; their datum is the row's or the mapping's."""
    latitudes = typed.columns["latitude"].to_pylist()
    longitudes = typed.columns["longitude"].to_pylist()
    datums = typed.columns["source_datum"].to_pylist()
    wrong = {row for row, name, _ in typed.faults if name in {"latitude", "longitude"}}
    for row, (latitude, longitude) in enumerate(zip(latitudes, longitudes, strict=True)):
        if (latitude is None) != (longitude is None):
            latitudes[row] = longitudes[row] = None
            if row not in wrong:
                typed.faults.append((row, "latitude", "POINT_HALF"))
        elif latitude is None:
            datums[row] = None
        else:
            datums[row] = datums[row] or reading.mapping.values.datum
            latitudes[row], longitudes[row] = to_wgs84(latitude, longitude, datum=datums[row])
    typed.columns["latitude"] = pa.array(latitudes, pa.float64())
    typed.columns["longitude"] = pa.array(longitudes, pa.float64())
    typed.columns["source_datum"] = pa.array(datums, pa.string())
