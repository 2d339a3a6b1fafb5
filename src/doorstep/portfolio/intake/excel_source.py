"""Rows out of an Excel workbook, with everything a sheet can hide made visible or refused."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, BinaryIO
from xml.etree import ElementTree

import pyarrow as pa
from openpyxl import load_workbook
from openpyxl.utils.cell import range_boundaries

from doorstep.portfolio.intake.mapping import FileForm
from doorstep.portfolio.intake.source import (
    BATCH,
    MARKER,
    Batch,
    Broken,
    check_header,
    refusal,
)
from doorstep.portfolio.intake.words import BLANKS

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LARGEST_UNPACKED = 2 << 30
LARGEST_RATIO = 200
SMALL = 16 << 20
NAMESPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
ROUNDED_FROM = 10**15


class ExcelSource:
    """One sheet of a workbook. Raises InputError where the file as a whole cannot be used."""

    encoding = "utf-8"
    delimiter = ""
    trailer: tuple[int, list[str]] | None = None

    def __init__(self, path: Path, form: FileForm, wanted: Sequence[str]) -> None:
        self.path, self.form = path, form
        check_package(path)
        try:
            self.book = load_workbook(path, read_only=True, data_only=True)
        except Exception as error:
            raise refusal(
                "FILE_DAMAGED", path, f"The workbook cannot be opened: {error}."
            ) from None
        self.sheet = self._sheet()
        self.hidden, self.merged, self.formulas = _structure(path, self.sheet._worksheet_path)
        rows = self.sheet.iter_rows(min_row=form.header, max_row=form.header)
        head = next(rows, ())
        self.headers = [_text(cell).strip(BLANKS) for cell in head]
        while self.headers and not self.headers[-1]:
            self.headers.pop()
        if not self.headers:
            raise refusal("FILE_EMPTY", path, "The sheet has no header.")
        check_header(self.headers, wanted, path, form)

    def batches(self) -> Iterator[Batch]:
        """Rows of the sheet; empty rows are skipped."""
        batch = Batch([], [])
        rows: list[list[str]] = []
        total = max(self.sheet.max_row or 1, 1)
        for number, cells in enumerate(
            self.sheet.iter_rows(min_row=self.form.header + 1), start=self.form.header + 1
        ):
            row = [_text(cell) for cell in cells]
            for column in self.formulas.get(number, ()):
                row.extend([""] * (column - len(row)))
                row[column - 1] = row[column - 1] or f"{MARKER}CELL_FORMULA"
            if not any(text.strip(BLANKS) for text in row) and number not in self.merged:
                continue
            self._place(number, row, batch, rows)
            if len(rows) >= BATCH:
                batch.done = min(number / total, 1.0)
                yield self._columns(batch, rows)
                batch, rows = Batch([], []), []
        batch.done = 1.0
        yield self._columns(batch, rows)

    def _place(self, number: int, row: list[str], batch: Batch, rows: list[list[str]]) -> None:
        trailer, width = self.form.trailer, len(self.headers)
        if trailer and row[0].strip(BLANKS).startswith(trailer.starts_with):
            self.trailer = (number, row)
        elif number in self.merged:
            batch.broken.append(Broken(number, "CELL_MERGED", "", row))
        elif any(row[width:]):
            batch.broken.append(Broken(number, "ROW_RAGGED", "", row))
        else:
            batch.lines.append(number)
            rows.append((row + [""] * width)[:width])
            if number in self.hidden:
                batch.marks.append((number, "ROW_HIDDEN"))

    def _columns(self, batch: Batch, rows: list[list[str]]) -> Batch:
        cells: Any = zip(*rows, strict=True) if rows else ([] for _ in self.headers)
        batch.columns = [pa.array(column, pa.string()) for column in cells]
        return batch

    def _sheet(self) -> Any:
        names = self.book.sheetnames
        if self.form.sheet:
            if self.form.sheet not in names:
                raise refusal(
                    "SHEET_MISSING", self.path, f"The sheets are {', '.join(names)}.", field="sheet"
                )
            return self.book[self.form.sheet]
        if len(self.book.worksheets) != 1:
            raise refusal(
                "SHEET_NOT_CHOSEN", self.path, f"The sheets are {', '.join(names)}.", field="sheet"
            )
        return self.book.worksheets[0]


def check_package(path: Path) -> None:
    """Refuse a workbook with a password, one that is none, and one that unpacks to far too much.

    The sizes declared in the package are checked first; then every part is read through once, so
    that a false declaration is found out before anything is parsed.
    """
    with path.open("rb") as file:
        head = file.read(8)
    if head == OLE:
        import msoffcrypto

        with path.open("rb") as file:
            locked = msoffcrypto.OfficeFile(file).is_encrypted()
        code = "FILE_PASSWORD" if locked else "FILE_FORMAT"
        raise refusal(code, path, "This is not an open XLSX workbook.")
    try:
        with zipfile.ZipFile(path) as package:
            _check_sizes(package, path)
    except zipfile.BadZipFile:
        raise refusal("FILE_DAMAGED", path, "The workbook is not a whole XLSX package.") from None


def _check_sizes(package: zipfile.ZipFile, path: Path) -> None:
    if "xl/workbook.xml" not in package.namelist():
        raise refusal("FILE_PACKED", path, "It is packed as ZIP (.zip), with no workbook in it.")
    declared = sum(part.file_size for part in package.infolist())
    limit = min(LARGEST_UNPACKED, max(SMALL, path.stat().st_size * LARGEST_RATIO))
    if declared > limit:
        raise refusal("FILE_TOO_LARGE", path, f"It declares {declared >> 20} MB.")
    streamed = 0
    for part in package.infolist():
        with package.open(part) as stream:
            while piece := stream.read(1 << 20):
                streamed += len(piece)
                if streamed > limit:
                    raise refusal("FILE_TOO_LARGE", path, f"It holds more than {limit >> 20} MB.")


def _structure(path: Path, part: str) -> tuple[set[int], set[int], dict[int, list[int]]]:
    """Hidden rows, rows with merged cells, and formulas without a value by row."""
    hidden: set[int] = set()
    merged: set[int] = set()
    formulas: dict[int, list[int]] = {}
    with zipfile.ZipFile(path) as package, package.open(part.lstrip("/")) as stream:
        for element in _elements(stream):
            if element.tag == f"{NAMESPACE}row":
                number = int(element.get("r", "0"))
                if element.get("hidden") in {"1", "true"}:
                    hidden.add(number)
                _formulas(element, number, formulas)
                element.clear()
            elif element.tag == f"{NAMESPACE}mergeCell":
                _, first, _, last = range_boundaries(element.get("ref", "A1"))
                merged.update(range(first or 1, (last or 1) + 1))
    return hidden, merged, formulas


def _elements(stream: Any) -> Iterator[ElementTree.Element]:
    for _, element in ElementTree.iterparse(stream, ("end",)):  # noqa: S314
        yield element


def _formulas(row: ElementTree.Element, number: int, formulas: dict[int, list[int]]) -> None:
    for cell in row:
        if cell.find(f"{NAMESPACE}f") is not None:
            value = cell.find(f"{NAMESPACE}v")
            if value is None or value.text is None:
                column = range_boundaries(re.sub(r"\$", "", cell.get("r", "A1")))[0]
                formulas.setdefault(number, []).append(column or 1)


def _text(cell: Any) -> str:
    """A cell as the text a CSV would have; what cannot be trusted becomes a marked fault."""
    value = cell.value
    if value is None:
        return ""
    if getattr(cell, "data_type", "") == "e":
        return f"{MARKER}CELL_ERROR"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, datetime):
        whole = value.time() == time(0)
        return value.date().isoformat() if whole else value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _number(value: float) -> str:
    if abs(value) >= ROUNDED_FROM:
        return f"{MARKER}NUMBER_ROUNDED"
    text = f"{value:.15g}"
    return text if "e" not in text else f"{value:.10f}".rstrip("0").rstrip(".")


def is_workbook(file: BinaryIO) -> bool:
    """Whether the bytes begin as a workbook, old, new or locked."""
    head = file.read(8)
    return head == OLE or head.startswith(b"PK\x03\x04")
