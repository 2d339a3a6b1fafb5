"""Which blocks a file feeds: written in the mapping, or found by name for the canonical layout."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from doorstep.portfolio.intake.mapping import Block, ColumnSource, Mapping
from doorstep.portfolio.intake.source import refusal
from doorstep.portfolio.schema import TABLES, Table

CHINESE_NAMES = {
    "单位": "employers", "客户": "borrowers", "联系方式": "contact_points", "地址": "addresses",
    "借据": "loans", "贷款": "loans", "还款计划": "instalments", "还款": "payments",
    "流水": "payments", "触达": "contacts", "保护": "protections", "承诺": "promises",
    "标记": "flags",
}  # fmt: skip


def wanted_headers(mapping: Mapping) -> list[str]:
    """Headers a file must have by the mapping (none are known beforehand for canonical files)."""
    if mapping.shape == "card-months":
        card = mapping.card
        singles = [card["id"], card["limit"], card.get("sex", "")]
        return [h for h in (*singles, *card["statuses"], *card["bills"], *card["payments"]) if h]
    names: dict[str, None] = {}
    for block in mapping.blocks:
        for source in block.columns.values():
            names |= dict.fromkeys(source.headers)
        for total, parts in block.totals:
            names |= dict.fromkeys((total, *parts))
    return list(names)


def canonical_block(path: Path, headers: Sequence[str]) -> Block:
    """The block of a canonical file: its table by the file's name, else by its header.

    Raises InputError TABLE_UNKNOWN, or HEADER_MISSING for a required column.
    """
    table = _named(path.stem) or _by_header(headers)
    if table is None:
        raise refusal("TABLE_UNKNOWN", path, "It is no table of a book.", line=1)
    columns = {}
    for column in table.columns:
        header = next((name for name in (column.name, column.zh) if name in headers), None)
        if header is not None:
            columns[column.name] = ColumnSource(header=header)
        elif column.required:
            raise refusal(
                "HEADER_MISSING", path,
                f"There is no column {column.name!r} ({column.zh}) for table {table.name}.",
                field=column.name, line=1,
            )  # fmt: skip
    return Block(table.name, columns)


def _named(stem: str) -> Table | None:
    plain = re.sub(r"[\s_\-.()（）\d]+$", "", stem.lower())
    if plain in TABLES:
        return TABLES[plain]
    for words, name in CHINESE_NAMES.items():
        if plain in {words, f"{words}表", f"{words}信息"}:
            return TABLES[name]
    return next(
        (
            TABLES[name]
            for name in sorted(TABLES, key=len, reverse=True)
            if plain.endswith(f"_{name}")
        ),
        None,
    )


def _by_header(headers: Sequence[str]) -> Table | None:
    """The only table whose required columns are all there; the one with most columns of several."""

    def fits(table: Table) -> bool:
        return all(c.name in headers or c.zh in headers for c in table.columns if c.required)

    def share(table: Table) -> float:
        return sum(c.name in headers or c.zh in headers for c in table.columns) / len(table.columns)

    fitting = sorted((t for t in TABLES.values() if fits(t)), key=share, reverse=True)
    if not fitting or (len(fitting) > 1 and share(fitting[0]) == share(fitting[1])):
        return None
    return fitting[0]
