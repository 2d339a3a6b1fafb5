"""The first rows of a delivery as they would be read, with the raw text beside. Keeps nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.utils.translation import get_language

from doorstep.kernel.money import format_minor
from doorstep.portfolio.intake.card_lines import CardLayout
from doorstep.portfolio.intake.columns import (
    Part,
    Reading,
    Typed,
    as_text,
    read_block,
    source_texts,
)
from doorstep.portfolio.intake.files import open_source
from doorstep.portfolio.intake.layout import canonical_block, wanted_headers
from doorstep.portfolio.intake.mapping import Block, Mapping
from doorstep.portfolio.intake.source import MARKER, Batch, Source
from doorstep.portfolio.schema import TABLES, Column, Kind, Table
from doorstep.sites.office.book_layout import column_meaning, table_words
from doorstep.sites.office.book_words import fault_kind

ROWS = 8


@dataclass(frozen=True)
class Cell:
    """One value: the raw text (None where it is worked out), what was read, or why nothing was."""

    raw: str | None
    read: str
    fault: str = ""
    refuses: bool = False


@dataclass(frozen=True)
class Heading:
    """A column of ours, and where it comes from."""

    name: str
    meaning: str
    source: str


@dataclass(frozen=True)
class PreviewRow:
    """A line of the file as one row of a table."""

    line: int
    cells: Sequence[Cell]


@dataclass(frozen=True)
class TablePreview:
    """The first rows of one file for one table. `broken` are lines that cannot be split."""

    file: str
    words: str
    columns: Sequence[Heading]
    rows: Sequence[PreviewRow]
    unused: Sequence[str]
    broken: Sequence[tuple[int, str]]


def delivery_preview(*, paths: Sequence[Path], mapping: Mapping, on: date) -> list[TablePreview]:
    """What each file would give. Raises InputError where a file cannot be read by the mapping."""
    reading = Reading(mapping, on)
    return [preview for path in paths for preview in _of_file(path, reading)]


def _of_file(path: Path, reading: Reading) -> list[TablePreview]:
    mapping = reading.mapping
    source = open_source(path, mapping.file, wanted_headers(mapping))
    first = _first_rows(source)
    if mapping.shape == "card-months":
        return _of_card_months(path, first, CardLayout(mapping, source.headers, reading.on))
    blocks = mapping.blocks or (canonical_block(path, source.headers),)
    return [_of_block(path, block, blocks, first, source, reading) for block in blocks]


def _first_rows(source: Source) -> Batch:
    """The first few rows of the file."""
    for batch in source.batches():
        broken = [row for row in batch.broken if row.line <= (batch.lines or [0])[:ROWS][-1] + ROWS]
        return Batch(
            lines=list(batch.lines[:ROWS]),
            columns=[column.slice(0, ROWS) for column in batch.columns],
            broken=broken[:ROWS],
        )
    return Batch([], [])


def _of_block(
    path: Path,
    block: Block,
    blocks: Sequence[Block],
    batch: Batch,
    source: Source,
    reading: Reading,
) -> TablePreview:
    table = TABLES[block.table]
    shown = [column for column in table.columns if column.name in block.columns]
    typed = read_block(block, batch, source.headers, reading) if batch.lines else Typed({})
    texts = {
        name: as_text(source_texts(column, batch, source.headers, len(batch.lines))).to_pylist()
        for name, column in block.columns.items()
        if batch.lines
    }
    used = {name for b in blocks for column in b.columns.values() for name in column.headers}
    return TablePreview(
        file=path.name,
        words=table_words(table.name),
        columns=[
            Heading(c.name, column_meaning(c), ", ".join(block.columns[c.name].headers))
            for c in shown
        ],
        rows=_rows(shown, batch.lines, typed, texts, reading.mapping.values.currency),
        unused=[name for name in source.headers if name and name not in used],
        broken=[(row.line, fault_kind(row.code).words) for row in batch.broken],
    )


def _of_card_months(path: Path, batch: Batch, card: CardLayout) -> list[TablePreview]:
    """What the first monthly lines become: rows that are worked out, with no raw text beside."""
    parts = card.parts(batch)
    told = [(row.line, fault_kind(row.code).words) for row in batch.broken] + [
        (batch.lines[row], f"{name}: {fault_kind(code).words}")
        for part in parts
        for row, name, code in part.typed.faults
    ]
    previews: list[TablePreview] = []
    for part in parts:
        if part.table is not None and len(part.rows):
            broken = [] if previews else told
            previews.append(_of_part(path, part, part.table, batch, broken, card.values.currency))
    return previews


def _of_part(
    path: Path,
    part: Part,
    table: Table,
    batch: Batch,
    broken: list[tuple[int, str]],
    currency: str,
) -> TablePreview:
    lines = [batch.lines[row] for row in part.rows[:ROWS]]
    columns = {name: array.slice(0, ROWS) for name, array in part.typed.columns.items()}
    shown = [c for c in table.columns if set(columns[c.name].to_pylist()) - {None, c.default}]
    return TablePreview(
        file=path.name,
        words=table_words(table.name),
        columns=[Heading(c.name, column_meaning(c), "") for c in shown],
        rows=_rows(shown, lines, Typed(columns), {}, currency),
        unused=[],
        broken=broken,
    )


def _rows(
    shown: Sequence[Column],
    lines: Sequence[int],
    typed: Typed,
    texts: dict[str, list[Any]],
    currency: str,
) -> list[PreviewRow]:
    """Rows of cells; `currency` is that of amounts whose row names none."""
    faults = {(row, name): code for row, name, code in reversed(typed.faults)}
    values = {c.name: typed.columns[c.name].to_pylist() for c in shown if typed.columns}
    currencies = values.get("currency") or [currency] * len(lines)

    def cell(column: Column, at: int) -> Cell:
        raw = texts[column.name][at] if texts else None
        read = _shown(column, values[column.name][at], currencies[at] or currency)
        return _cell(raw, read, faults.get((at, column.name)))

    return [PreviewRow(line, [cell(c, at) for c in shown]) for at, line in enumerate(lines)]


def _cell(raw: Any, read: str, code: str | None) -> Cell:
    text = "" if raw is not None and str(raw).startswith(MARKER) else raw
    if code is None:
        return Cell(text, read)
    kind = fault_kind(code)
    return Cell(text, read, kind.words, kind.refuses)


def _shown(column: Column, value: Any, currency: str) -> str:
    """A typed value as people read it."""
    if value is None:
        return "–"
    if column.kind is Kind.MONEY:
        return format_minor(value, currency, language=get_language() or "zh-hans")
    if column.kind is Kind.RATE:
        return f"{value / 10_000:g} %"
    if column.kind is Kind.INSTANT:
        return f"{value:%Y-%m-%d %H:%M %Z}"
    return str(value)
