"""Rejected rows, written back in the format and encoding they came in, with the reason beside.

A row comes back as it was sent, with its codes in a last column, so it can be corrected and sent
again as a file of its own. Cells of text that a spreadsheet would run as a formula get a leading
apostrophe, which intake takes away again.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl import Workbook

from doorstep.portfolio.intake.columns import as_text
from doorstep.portfolio.intake.files import format_of, open_source
from doorstep.portfolio.intake.mapping import Mapping
from doorstep.portfolio.intake.source import MARKER, Source

REASON = "_reason"
FORMULA = re.compile(r"[=+@\t\r]|-(?![\d.,])")
NUMBER = re.compile(r"[+-]?[\d.,]+%?|\+\d[\d\s\-]+")
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


def return_rows(database: Any, *, files: Sequence[Path], mapping: Mapping, folder: Path) -> None:
    """Write `rejected/<file name>` for each file with rejected rows. Needs the table `problems`."""
    for place, path in enumerate(files):
        reasons: dict[int, str] = dict(
            database.execute(
                "SELECT line, string_agg(DISTINCT code, ' ' ORDER BY code) FROM problems "
                "WHERE file = ? AND level = 'row' GROUP BY line",
                [place],
            ).fetchall()
        )
        if reasons:
            (folder / "rejected").mkdir(exist_ok=True)
            source = open_source(path, mapping.file, [])
            WRITERS[format_of(path)](source, folder / "rejected" / path.name, reasons)


def _rows(source: Source, reasons: dict[int, str]) -> Iterator[list[str]]:
    for batch in source.batches():
        found = [(row.line, list(row.fields)) for row in batch.broken]
        places = [place for place, line in enumerate(batch.lines) if line in reasons]
        if places:
            take = pa.array(places)
            columns = [as_text(column.take(take)).to_pylist() for column in batch.columns]
            rows = [[cell or "" for cell in row] for row in zip(*columns, strict=True)]
            found += zip((batch.lines[place] for place in places), rows, strict=True)
        for line, row in sorted(found, key=lambda item: item[0]):
            yield [*row, reasons[line]]


def _header(source: Source) -> list[str]:
    return source.headers if REASON in source.headers else [*source.headers, REASON]


def _fitted(source: Source, row: list[str]) -> list[str]:
    """Without the reason of a former return."""
    if REASON in source.headers and len(row) == len(source.headers) + 1:
        at = source.headers.index(REASON)
        return (
            [*row[:at], *row[at + 1 : -1], row[-1]] if at != len(row) - 2 else [*row[:-2], row[-1]]
        )
    return row


def _csv(source: Source, path: Path, reasons: dict[int, str]) -> None:
    errors = "replace" if source.encoding.startswith("utf-16") else "surrogateescape"
    with path.open("w", encoding=source.encoding, errors=errors, newline="") as file:
        writer = csv.writer(file, delimiter=source.delimiter, lineterminator="\r\n")
        writer.writerow(_header(source))
        for row in _rows(source, reasons):
            writer.writerow([harmless(cell) for cell in _fitted(source, row)])


def harmless(cell: str) -> str:
    """With a leading apostrophe where a spreadsheet would take the text for a formula."""
    return f"'{cell}" if FORMULA.match(cell) and not NUMBER.fullmatch(cell) else cell


def _xlsx(source: Source, path: Path, reasons: dict[int, str]) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(_header(source))
    for row in _rows(source, reasons):
        clean = [
            UNWRITABLE.sub("", "" if c.startswith(MARKER) else c) for c in _fitted(source, row)
        ]
        sheet.append([harmless(cell) for cell in clean])
    book.save(path)


def _parquet(source: Source, path: Path, reasons: dict[int, str]) -> None:
    writer = None
    for batch in source.batches():
        places = [place for place, line in enumerate(batch.lines) if line in reasons]
        if places:
            take = pa.array(places)
            names = [name for name in source.headers if name != REASON]
            columns = [batch.columns[source.headers.index(name)].take(take) for name in names]
            columns.append(pa.array([reasons[batch.lines[place]] for place in places]))
            table = pa.table(columns, names=[*names, REASON])
            writer = writer or pq.ParquetWriter(path, table.schema)
            writer.write_table(table)
    if writer:
        writer.close()


WRITERS = {"csv": _csv, "xlsx": _xlsx, "parquet": _parquet}
