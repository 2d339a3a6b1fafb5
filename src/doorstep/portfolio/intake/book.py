"""A whole book from a lender's files: stage each file, check across them, write the tables.

The folder ends up with one Parquet file a table of `schema.TABLES` (all of them, sorted by key),
`problems.parquet`, and `rejected/` with the rows to correct. It is made beside its final place and
moved there whole, so a book that is there is complete.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from doorstep.portfolio.intake.checks import MERGED, Checks, open_database, quoted
from doorstep.portfolio.intake.columns import Reading
from doorstep.portfolio.intake.faults import FAULTS
from doorstep.portfolio.intake.files import open_source
from doorstep.portfolio.intake.layout import canonical_block, wanted_headers
from doorstep.portfolio.intake.mapping import Mapping
from doorstep.portfolio.intake.returned import return_rows
from doorstep.portfolio.intake.staging import FileCount, FileStaging, Stage, Sum
from doorstep.portfolio.schema import TABLES, Kind, Table

Progress = Callable[[str, float], None]
PROBLEMS_FILE = "problems.parquet"


@dataclass
class Outcome:
    """What became of the files. rows = accepted + rejected, of each file and in all."""

    files: list[FileCount]
    sums: dict[str, Sum]
    groups: list[dict[str, Any]] = field(default_factory=list)
    tables: dict[str, int] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """Rows in all files."""
        return sum(file.rows for file in self.files)

    @property
    def rejected(self) -> int:
        """Rows rejected in all files."""
        return sum(file.rejected for file in self.files)

    @property
    def accepted(self) -> int:
        """Rows accepted in all files."""
        return self.rows - self.rejected

    def totals(self) -> dict[str, dict[str, int]]:
        """Control totals by money column: read = accepted + rejected, and values without amount."""
        return {
            name: dict(vars(total))
            for name, total in sorted(self.sums.items())
            if total.read or total.unreadable
        }


def book_make(
    *,
    files: Sequence[Path],
    mapping: Mapping,
    on: date,
    folder: Path,
    progress: Progress = lambda stage, share: None,
    alone: bool = False,
) -> Outcome:
    """Read the files into `folder` (replaced when it exists). Raises InputError where a file as a
    whole cannot be used; then nothing is left behind.

    `alone`: the files are not the whole day, so rows whose parents are elsewhere are accepted.
    """
    making = folder.with_name(f".{folder.name}.making")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    try:
        outcome = _make(files, mapping, on, making, progress, alone)
        shutil.rmtree(folder, ignore_errors=True)
        making.replace(folder)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return outcome


def _make(
    files: Sequence[Path], mapping: Mapping, on: date, folder: Path, progress: Progress, alone: bool
) -> Outcome:
    stage = Stage(folder / "staged")
    counts = []
    try:
        for place, path in enumerate(files):
            counts.append(_stage_file(place, path, files, mapping, on, stage, progress))
    finally:
        stage.close()
    progress("check", 0.0)
    database = open_database(folder)
    try:
        checks = Checks(database, mapping, on, wide=len(mapping.blocks) > 1, alone=alone)
        checks.open(stage.folder)
        checks.run()
        progress("check", 1.0)
        progress("write", 0.0)
        outcome = Outcome(counts, stage.sums)
        _write_tables(database, folder, outcome, wide=checks.wide, progress=progress)
        _reject_found(database, outcome)
        _write_problems(database, folder, stage.folder, outcome)
        return_rows(database, files=files, mapping=mapping, folder=folder)
    finally:
        database.close()
    reconcile(outcome)
    shutil.rmtree(stage.folder)
    shutil.rmtree(folder / "spill", ignore_errors=True)
    progress("write", 1.0)
    return outcome


def _stage_file(
    place: int,
    path: Path,
    files: Sequence[Path],
    mapping: Mapping,
    on: date,
    stage: Stage,
    progress: Progress,
) -> FileCount:
    source = open_source(path, mapping.file, wanted_headers(mapping))
    blocks = mapping.blocks
    if mapping.shape == "canonical":
        blocks = (canonical_block(path, source.headers),)
    staging = FileStaging(stage, place, path, source, mapping, blocks, Reading(mapping, on))
    sizes = [file.stat().st_size for file in files]
    before, whole = sum(sizes[:place]), max(sum(sizes), 1)
    return staging.run(lambda done: progress("read", (before + done * sizes[place]) / whole))


def _write_tables(
    database: Any, folder: Path, outcome: Outcome, *, wide: bool, progress: Progress
) -> None:
    for place, table in enumerate(TABLES.values()):
        _write_table(database, table, folder, wide=wide)
        path = folder / f"{table.name}.parquet"
        outcome.tables[table.name] = pq.ParquetFile(path).metadata.num_rows
        progress("write", (place + 1) / len(TABLES))
        sums = [
            c.name
            for c in table.columns
            if c.kind is Kind.MONEY and f"{table.name}.{c.name}" in outcome.sums
        ]
        if sums:
            made = ", ".join(f'coalesce(sum("{name}"), 0)::HUGEINT' for name in sums)
            kept = database.execute(f"SELECT {made} FROM read_parquet(?)", [str(path)]).fetchone()
            gone = database.execute(
                f"SELECT {made} FROM staged_{table.name} SEMI JOIN rejected USING (_file, _line)"
            ).fetchone()
            for name, accepted, rejected in zip(sums, kept, gone, strict=True):
                outcome.sums[f"{table.name}.{name}"].accepted = int(accepted)
                outcome.sums[f"{table.name}.{name}"].rejected += int(rejected)


def _write_table(database: Any, table: Table, folder: Path, *, wide: bool) -> None:
    """Write a table sorted by key, in the schema's exact types, a batch at a time."""
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    key = ", ".join(f'"{name}"' for name in table.key)
    distinct = f"DISTINCT ON ({key})" if wide and table.name in MERGED else ""
    reader = database.execute(
        f"SELECT {distinct} {columns} FROM {table.name} ORDER BY {key}"
    ).to_arrow_reader(65_536)
    with pq.ParquetWriter(folder / f"{table.name}.parquet", table.arrow()) as writer:
        for batch in reader:
            writer.write_batch(batch.cast(table.arrow()))


def _reject_found(database: Any, outcome: Outcome) -> None:
    """Count the lines that the checks rejected, file by file."""
    for file, lines in database.execute(
        "SELECT _file, count(*) FROM rejected GROUP BY 1"
    ).fetchall():
        outcome.files[file].rejected += lines


def _write_problems(database: Any, folder: Path, staged: Path, outcome: Outcome) -> None:
    path, read = quoted(folder / PROBLEMS_FILE), quoted(staged / PROBLEMS_FILE)
    database.execute(
        "CREATE TABLE problems AS SELECT * FROM ("
        f"FROM read_parquet('{read}') UNION ALL "
        'SELECT file, line, "table", "column", code, level, \'\' AS shown FROM found) '
        "ORDER BY file, line"
    )
    database.execute(f"COPY problems TO '{path}' (FORMAT parquet)")
    found = database.execute(
        'SELECT code, level, "table", "column", count(*), min(line) FROM problems '
        "GROUP BY ALL ORDER BY level, count(*) DESC, code"
    ).fetchall()
    outcome.groups = [
        {
            "code": code,
            "level": level,
            "table": table,
            "column": column,
            "count": count,
            "line": line,
            "hint": FAULTS[code][1],
        }
        for code, level, table, column, count, line in found
    ]


def reconcile(outcome: Outcome) -> None:
    """Every amount that was read is either accepted or rejected. Raises AssertionError if not,
    which is a fault of this program and never of a file."""
    for name, total in outcome.sums.items():
        if total.read != total.accepted + total.rejected:
            raise AssertionError(f"control total of {name} does not add up: {total}")
    for count in outcome.files:
        if not 0 <= count.rejected <= count.rows:
            raise AssertionError(f"rows do not add up: {count}")
