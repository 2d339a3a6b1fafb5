"""From a file's rows to staged tables: typed columns, each row with its file and line.

A line is staged whole or not at all: a fault in any of the rows it makes rejects the line. Sums of
every money column are kept apart as read, staged and rejected, so that the end can be reconciled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from doorstep.portfolio.intake import words
from doorstep.portfolio.intake.amounts import amount_reader
from doorstep.portfolio.intake.card_lines import CardLayout
from doorstep.portfolio.intake.columns import (
    Part,
    Reading,
    Typed,
    as_text,
    read_block,
    read_texts,
    source_texts,
)
from doorstep.portfolio.intake.faults import FAULTS, Level, Problem, shown_text
from doorstep.portfolio.intake.mapping import Block, Mapping
from doorstep.portfolio.intake.source import MARKER, Batch, Broken, Source, refusal
from doorstep.portfolio.schema import TABLES, Kind, Table

PLACE = [pa.field("_file", pa.int32()), pa.field("_line", pa.int64())]
PROBLEMS = pa.schema(
    [
        ("file", pa.int32()), ("line", pa.int64()), ("table", pa.string()), ("column", pa.string()),
        ("code", pa.string()), ("level", pa.string()), ("shown", pa.string()),
    ]
)  # fmt: skip


@dataclass
class Sum:
    """A control total of one money column, in minor units; `unreadable` values have no amount."""

    read: int = 0
    accepted: int = 0
    rejected: int = 0
    unreadable: int = 0


@dataclass
class FileCount:
    """Rows of one file."""

    rows: int = 0
    rejected: int = 0


def staged_schema(table: Table) -> Any:
    """A table's columns, all nullable, with the place each row came from."""
    return pa.schema([pa.field(f.name, f.type) for f in table.arrow()] + PLACE)


@dataclass
class Stage:
    """The folder that staged tables and problems are written to. Close it before reading them."""

    folder: Path
    sums: dict[str, Sum] = field(default_factory=dict)
    writers: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.problems = pq.ParquetWriter(self.folder / "problems.parquet", PROBLEMS)

    def write(self, table: Table, columns: dict[str, Any], file: int, lines: Any) -> None:
        """Append rows of a table."""
        schema = staged_schema(table)
        arrays = [columns[f.name] for f in schema if not f.name.startswith("_")]
        arrays += [pa.array(np.full(len(lines), file, np.int32)), pa.array(lines, pa.int64())]
        if table.name not in self.writers:
            path = self.folder / f"{table.name}.parquet"
            self.writers[table.name] = pq.ParquetWriter(path, schema)
        self.writers[table.name].write_batch(pa.RecordBatch.from_arrays(arrays, schema=schema))

    def tell(self, file: int, table: str, problems: Iterable[Problem]) -> None:
        """Append problems."""
        rows = [(file, p.line, table, p.column, p.code, p.level.value, p.shown) for p in problems]
        if rows:
            cells = zip(*rows, strict=True)
            arrays = [pa.array(c, f.type) for c, f in zip(cells, PROBLEMS, strict=True)]
            self.problems.write_batch(pa.RecordBatch.from_arrays(arrays, schema=PROBLEMS))

    def sum_of(self, table: Table, name: str) -> Sum:
        """The control total of a column."""
        return self.sums.setdefault(f"{table.name}.{name}", Sum())

    def close(self) -> None:
        """Finish the files."""
        for writer in (*self.writers.values(), self.problems):
            writer.close()


@dataclass
class FileStaging:
    """Stages one file batch by batch."""

    stage: Stage
    file: int
    path: Path
    source: Source
    mapping: Mapping
    blocks: Sequence[Block]
    reading: Reading
    count: FileCount = field(default_factory=FileCount)
    trailer_sum: int = 0

    def run(self, progress: Callable[[float], None]) -> FileCount:
        """Stage every row. Raises InputError where the closing row disagrees or no row is there."""
        card = None
        if self.mapping.shape == "card-months":
            card = CardLayout(self.mapping, self.source.headers, self.reading.on)
        for batch in self.source.batches():
            self.broken(batch.broken)
            self.warn(batch.marks)
            self.count.rows += len(batch.lines) + len(batch.broken)
            if batch.lines:
                self.add_trailer_sum(batch)
                self.rows(batch, card)
            progress(batch.done)
        if self.count.rows == 0:
            raise refusal("FILE_NO_ROWS", self.path, "There are no rows under the header.")
        self.check_trailer()
        return self.count

    def broken(self, rows: Sequence[Broken]) -> None:
        """Rows that could not be split into fields are rejected."""
        self.count.rejected += len(rows)
        problems = [
            Problem(
                row.line, row.column, row.code, shown_text("".join(row.fields)[:40], personal=True)
            )
            for row in rows
        ]
        self.stage.tell(self.file, "", problems)

    def warn(self, marks: Sequence[tuple[int, str]]) -> None:
        """Tell about whole rows."""
        self.stage.tell(self.file, "", [Problem(line, "", code, "") for line, code in marks])

    def rows(self, batch: Batch, card: CardLayout | None) -> None:
        """Read a batch into every block, then stage the lines that have no fault."""
        bad = np.zeros(len(batch.lines), bool)
        parts = card.parts(batch) if card else [self.part(block, batch) for block in self.blocks]
        for part in parts:
            self.faults(part, batch, bad)
        lines = np.array(batch.lines, np.int64)
        for part in parts:
            if part.table is not None:
                self.keep(part.table, part, lines, ~bad[part.rows])
        self.count.rejected += int(bad.sum())

    def keep(self, table: Table, part: Part, lines: Any, good: Any) -> None:
        """Stage the good rows of a part."""
        self.add_sums(table, part.typed, good)
        if good.all():
            self.stage.write(table, part.typed.columns, self.file, lines[part.rows])
        elif good.any():
            mask = pa.array(good)
            columns = {name: array.filter(mask) for name, array in part.typed.columns.items()}
            self.stage.write(table, columns, self.file, lines[part.rows][good])

    def part(self, block: Block, batch: Batch) -> Part:
        """One block's rows of the batch."""
        headers = self.source.headers
        rows = np.arange(len(batch.lines))
        if block.unless_empty:
            texts = as_text(
                source_texts(block.columns[block.unless_empty], batch, headers, len(rows))
            )
            filled = [bool(words.stripped(text)) for text in texts.to_pylist()]
            rows = np.flatnonzero(filled)
            take = pa.array(rows)
            batch = Batch([batch.lines[i] for i in rows], [c.take(take) for c in batch.columns])
        typed = read_block(block, batch, headers, self.reading)
        for total, parts in block.totals:
            self.check_total(total, parts, batch, typed)

        def shown(row: int, name: str) -> tuple[str, str]:
            source = block.columns.get(name)
            if source is None:
                return name, ""
            text = as_text(source_texts(source, batch, headers, len(batch.lines)).slice(row, 1))
            return " ".join(source.headers) or name, text[0].as_py() or ""

        return Part(TABLES[block.table], rows, typed, shown)

    def check_total(self, total: str, parts: Sequence[str], batch: Batch, typed: Typed) -> None:
        """A total column must be the sum of its parts in every row where all can be read."""
        values = self.mapping.values
        read = amount_reader(currency=values.currency, unit=values.unit, decimal=values.decimal)
        sums = [
            read_texts(
                as_text(batch.columns[self.source.headers.index(name)]), read, pa.int64(), name, []
            )
            for name in (total, *parts)
        ]
        for row, (whole, *pieces) in enumerate(zip(*(s.to_pylist() for s in sums), strict=True)):
            if whole is not None and whole != sum(piece or 0 for piece in pieces):
                typed.faults.append((row, total, "TOTAL_NOT_PARTS"))

    def faults(self, part: Part, batch: Batch, bad: Any) -> None:
        """Tell the faults of a part and mark the lines they reject."""
        columns = part.table.columns if part.table else ()
        personal = {column.name for column in columns if column.personal}
        problems = []
        for row, name, code in part.typed.faults:
            header, text = part.shown(row, name)
            text = "" if text.startswith(MARKER) else text
            place = int(part.rows[row])
            short = shown_text(text, personal=name in personal)
            problems.append(Problem(batch.lines[place], header, code, short))
            if FAULTS[code][0] is Level.ROW:
                bad[place] = True
        self.stage.tell(self.file, part.table.name if part.table else "", problems)

    def add_sums(self, table: Table, typed: Typed, good: Any) -> None:
        """Add up what was read and what of it is rejected."""
        unread = {(row, name) for row, name, code in typed.faults if FAULTS[code][0] is Level.ROW}
        for column in table.columns:
            if column.kind is Kind.MONEY:
                array, total = typed.columns[column.name], self.stage.sum_of(table, column.name)
                total.read += pc.sum(array).as_py() or 0
                total.rejected += pc.sum(array.filter(pa.array(~good))).as_py() or 0
                total.unreadable += sum(name == column.name for _, name in unread)

    def add_trailer_sum(self, batch: Batch) -> None:
        """Add up the column that the closing row has a total of."""
        trailer, values = self.mapping.file.trailer, self.mapping.values
        if trailer and trailer.total_of and trailer.total_of in self.source.headers:
            read = amount_reader(currency=values.currency, unit=values.unit, decimal=values.decimal)
            column = as_text(batch.columns[self.source.headers.index(trailer.total_of)])
            self.trailer_sum += pc.sum(read_texts(column, read, pa.int64(), "", [])).as_py() or 0

    def check_trailer(self) -> None:
        """Compare the closing row with what was read."""
        trailer, values = self.mapping.file.trailer, self.mapping.values
        if trailer is None:
            return
        if self.source.trailer is None:
            raise refusal(
                "TRAILER_MISSING", self.path, f"No row begins with {trailer.starts_with!r}."
            )
        line, row = self.source.trailer
        if trailer.count_field:
            text = row[trailer.count_field - 1].strip() if len(row) >= trailer.count_field else ""
            if words.integer_reader()(text) != self.count.rows:
                raise refusal(
                    "TRAILER_COUNT", self.path,
                    f"It says {text or 'nothing'}; there are {self.count.rows}.", line=line,
                )  # fmt: skip
        if trailer.total_field:
            text = row[trailer.total_field - 1].strip() if len(row) >= trailer.total_field else ""
            read = amount_reader(currency=values.currency, unit=values.unit, decimal=values.decimal)
            if read(text) != self.trailer_sum:
                raise refusal(
                    "TRAILER_TOTAL", self.path,
                    f"The sum of {trailer.total_of} is another than it says.",
                    field=trailer.total_of or "", line=line,
                )  # fmt: skip
