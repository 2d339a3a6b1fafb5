"""What the check of a book wrote into its folder: problems row by row, and rows to correct."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from doorstep.portfolio.intake.book import PROBLEMS_FILE

COLUMNS = ["file", "line", "column", "shown"]


@dataclass(frozen=True)
class Finding:
    """One problem at its place. `shown` is the cut start of the value."""

    file: str
    line: int
    column: str
    shown: str


class Findings(Sequence[Finding]):
    """The problems of one code in a book's folder; only the asked slice is made into rows."""

    def __init__(self, *, folder: Path, code: str, names: Sequence[str]) -> None:
        path = folder / PROBLEMS_FILE
        self.names = names
        self.table: Any = None
        if path.is_file():
            self.table = _rows_of(path, code)

    def __len__(self) -> int:
        return 0 if self.table is None else int(self.table.num_rows)

    def __getitem__(self, at: Any) -> Any:
        if isinstance(at, slice):
            start, stop, _step = at.indices(len(self))
            return [self._finding(row) for row in self._slice(start, stop - start)]
        return self._finding(self._slice(at, 1)[0])

    def __iter__(self) -> Iterator[Finding]:
        return iter(self[:])

    def _slice(self, start: int, length: int) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.table.slice(start, max(length, 0)).to_pylist()
        return rows

    def _finding(self, row: dict[str, Any]) -> Finding:
        name = self.names[row["file"]] if row["file"] < len(self.names) else ""
        return Finding(name, row["line"], row["column"] or "", row["shown"] or "")


def _rows_of(path: Path, code: str) -> Any:
    """The problems of a code, batch by batch (`pyarrow.dataset` would load pandas: two seconds)."""
    with pq.ParquetFile(path) as file:
        found = [
            batch.filter(pc.equal(batch.column("code"), code)).select(COLUMNS)
            for batch in file.iter_batches(columns=[*COLUMNS, "code"])
        ]
    return pa.Table.from_batches(found) if found else None


def rejected_files(*, folder: Path) -> list[Path]:
    """The files of rows to correct, in the format each came in."""
    place = folder / "rejected"
    return sorted(place.iterdir()) if place.is_dir() else []


def rejected_download(files: Sequence[Path]) -> tuple[str, BinaryIO]:
    """One file as it is, several in a ZIP: (suffix, stream)."""
    if len(files) == 1:
        return files[0].suffix, files[0].open("rb")
    stream = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            archive.write(path, path.name)
    stream.seek(0)
    return ".zip", stream
