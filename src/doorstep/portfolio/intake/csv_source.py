"""Rows out of delimited text, strictly: an open quotation mark costs its own line only.

A record may hold line breaks inside quotation marks. Where a mark stays open it would swallow the
lines after it; that is noticed when a swallowed line is itself a whole row, when the record runs
over a hundred lines, or when what follows the closing mark is no separator. Then the line that
opened it is rejected and reading goes on at the next physical line.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from re import compile as pattern
from typing import TextIO

import pyarrow as pa

from doorstep.portfolio.intake.encodings import SAMPLE, encoding_of, header_fits
from doorstep.portfolio.intake.mapping import FileForm
from doorstep.portfolio.intake.source import (
    BATCH,
    LONGEST_FIELD,
    Batch,
    Broken,
    check_header,
    refusal,
)
from doorstep.portfolio.intake.words import BLANKS

LONGEST_LINE = 4 << 20
MOST_LINES = 100
DELIMITERS = ",\t;|，"
DAMAGE = pattern("[\udc80-\udcff\ufffd]")
csv.field_size_limit(LONGEST_LINE * 2)


class _Swallowed(Exception):  # noqa: N818
    """A record runs over more lines than any real one."""


class _Lines:
    """Physical lines with their numbers; those of the record at hand are held to be read again."""

    def __init__(self, text: TextIO) -> None:
        self.fresh = iter(partial(text.readline, LONGEST_LINE), "")
        self.again: deque[str] = deque()
        self.held: list[str] = []
        self.number = 1

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self.again.popleft() if self.again else next(self.fresh)
        self.held.append(line)
        if len(self.held) > MOST_LINES:
            raise _Swallowed
        return line

    def taken(self) -> None:
        """The held lines made a record."""
        self.number += len(self.held)
        self.held.clear()

    def only_first(self) -> None:
        """Only the first held line is done with; the others are read again."""
        self.again.extendleft(reversed(self.held[1:]))
        self.held.clear()
        self.number += 1

    def skip_rest_of_line(self) -> None:
        """Read away what is left of an endless line."""
        for piece in self.fresh:
            if piece.endswith(("\n", "\r")):
                return


class CsvSource:
    """A delimited text file. Raises InputError where the file as a whole cannot be used."""

    trailer: tuple[int, list[str]] | None = None

    def __init__(self, path: Path, form: FileForm, wanted: Sequence[str]) -> None:
        self.path, self.form = path, form
        self.size = path.stat().st_size
        with path.open("rb") as file:
            sample = file.read(SAMPLE)
        if not sample.strip(b"\x00\r\n\t \xef\xbb\xbf\xff\xfe"):
            raise refusal("FILE_EMPTY", path, "There is nothing in the file.")
        self.encoding = encoding_of(
            sample, declared=form.encoding, file=path.name, fits=partial(header_fits, wanted=wanted)
        )
        head = self._head()
        self.delimiter = self._delimiter(head, wanted)
        self.headers = [name.strip(BLANKS) for name in _split(head, self.delimiter)]
        check_header(self.headers, wanted, path, form)

    def open(self) -> TextIO:
        """The file as text; bytes that are no text become lone surrogates (U+FFFD in UTF-16)."""
        errors = "replace" if self.encoding.startswith("utf-16") else "surrogateescape"
        return self.path.open(encoding=self.encoding, errors=errors, newline="")

    def batches(self) -> Iterator[Batch]:
        """Rows of as many fields as the header; others are broken."""
        rows: list[list[str]] = []
        batch = Batch([], [])
        with self.open() as text:
            for line, row, code in self._records(_Lines(text)):
                if code:
                    batch.broken.append(Broken(line, code, "", row))
                else:
                    batch.lines.append(line)
                    rows.append(row)
                if len(rows) >= BATCH or len(batch.broken) >= BATCH:
                    batch.done = min(text.buffer.tell() / max(self.size, 1), 1.0)
                    yield self._columns(batch, rows)
                    rows, batch = [], Batch([], [])
        batch.done = 1.0
        yield self._columns(batch, rows)

    def _columns(self, batch: Batch, rows: list[list[str]]) -> Batch:
        cells = zip(*rows, strict=True) if rows else ([] for _ in self.headers)
        batch.columns = [pa.array(column, pa.string()) for column in cells]
        return batch

    def _records(self, lines: _Lines) -> Iterator[tuple[int, list[str], str]]:
        """(line, fields, code of what is wrong or '') for each row after the header."""
        width = len(self.headers)
        for _ in range(self.form.header):
            next(lines)
        lines.taken()
        while True:
            reader = csv.reader(lines, delimiter=self.delimiter, strict=True)
            try:
                for row in reader:
                    held = lines.held
                    if len(held) > 1 and _suspicious(row, held, self.delimiter, width):
                        break
                    if row and (len(row) > 1 or row[0].strip(BLANKS)):
                        found = self._row(lines.number, row, held, width)
                        if held[-1][-1:] not in "\r\n" and len(held[-1]) >= LONGEST_LINE:
                            lines.skip_rest_of_line()
                        if found:
                            yield found
                    lines.taken()
                else:
                    return
            except (csv.Error, _Swallowed):
                pass
            yield lines.number, [lines.held[0].rstrip("\r\n")[:LONGEST_FIELD]], "ROW_QUOTE_OPEN"
            lines.only_first()

    def _row(
        self, number: int, row: list[str], held: list[str], width: int
    ) -> tuple[int, list[str], str] | None:
        trailer = self.form.trailer
        if trailer and row[0].strip(BLANKS).startswith(trailer.starts_with):
            self.trailer = (number, row)
            return None
        return number, row, _damage(row, held, width)

    def _head(self) -> str:
        with self.open() as text:
            for _ in range(self.form.header - 1):
                text.readline(LONGEST_LINE)
            return text.readline(LONGEST_LINE).rstrip("\r\n")

    def _delimiter(self, head: str, wanted: Sequence[str]) -> str:
        def hits(delimiter: str) -> tuple[int, int]:
            names = [name.strip(BLANKS) for name in _split(head, delimiter)]
            return sum(name in names for name in wanted), len(names)

        best = max(DELIMITERS, key=hits)
        declared = self.form.delimiter
        if declared == "auto":
            return best if hits(best)[1] > 1 else ","
        if hits(declared)[1] == 1 and hits(best)[1] > 1 and hits(best)[0] > hits(declared)[0]:
            raise refusal(
                "DELIMITER_WRONG", self.path,
                f"Declared {declared!r}; the header is separated by {best!r}.",
                field="delimiter", line=self.form.header,
            )  # fmt: skip
        return declared


def _split(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter), [])


def _damage(row: list[str], held: list[str], width: int) -> str:
    """What is wrong with a whole record, or ''."""
    first = held[0]
    if len(held) == 1 and len(first) < LONGEST_FIELD and first.isascii() and "\x00" not in first:
        return "" if len(row) == width else "ROW_RAGGED"
    if sum(map(len, held)) > LONGEST_FIELD and max(map(len, row)) > LONGEST_FIELD:
        return "FIELD_TOO_LONG"
    for line in held:
        if "\x00" in line:
            return "ROW_NUL"
        if not line.isascii() and DAMAGE.search(line):
            return "ROW_BYTES_BAD"
    return "" if len(row) == width else "ROW_RAGGED"


def _suspicious(row: list[str], held: list[str], delimiter: str, width: int) -> bool:
    """Whether a record of several lines looks like rows swallowed by an open quotation mark."""
    if len(row) != width:
        return True
    if width == 1:
        return False
    counts = [line.count(delimiter) + 1 for line in held]
    whole = [
        count == width and '"' not in line for count, line in zip(counts[1:], held[1:], strict=True)
    ]
    return any(whole) or (counts[0] == width and width in counts[1:])
