"""What every reader of a file gives: a header, then batches of rows with their line numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from doorstep.kernel.errors import InputError, Where
from doorstep.portfolio.intake.faults import hint_of
from doorstep.portfolio.intake.mapping import FileForm

BATCH = 50_000
LONGEST_FIELD = 65_536
MARKER = "\x00"
"""Begins a cell that could not be taken out of its file; the code of the fault follows."""


@dataclass(frozen=True)
class Broken:
    """A row that cannot be split into fields. `fields` is the row as far as it goes."""

    line: int
    code: str
    column: str
    fields: Sequence[str]


@dataclass
class Batch:
    """Rows in columns: `columns[i]` belongs to `headers[i]`; `lines` are physical line numbers.

    `marks` are warnings about whole rows (line, code). `done` is the share of the file read.
    """

    lines: list[int]
    columns: list[Any]
    broken: list[Broken] = field(default_factory=list)
    marks: list[tuple[int, str]] = field(default_factory=list)
    done: float = 0.0


class Source(Protocol):
    """A file opened for reading. `trailer` is known once the batches are through."""

    headers: list[str]
    encoding: str
    delimiter: str
    trailer: tuple[int, list[str]] | None

    def batches(self) -> Iterator[Batch]:
        """The rows, in order."""


def refusal(
    code: str, path: Path, message: str, *, field: str = "", line: int | None = None
) -> InputError:
    """The file as a whole cannot be used."""
    where = Where(file=path.name, line=line, field=field or None)
    return InputError(message, code=code, hint=hint_of(code), where=where)


def check_header(headers: list[str], wanted: Sequence[str], path: Path, form: FileForm) -> None:
    """Refuse a header that lacks a wanted column, or has it twice."""
    missing = [name for name in wanted if name not in headers]
    if missing:
        raise refusal(
            "HEADER_MISSING", path, f"There is no column {missing[0]!r} in the header.",
            field=missing[0], line=form.header,
        )  # fmt: skip
    twice = [name for name in dict.fromkeys(headers) if name and headers.count(name) > 1]
    if twice:
        raise refusal(
            "HEADER_DUPLICATE", path, f"Two columns are called {twice[0]!r}.",
            field=twice[0], line=form.header,
        )  # fmt: skip
