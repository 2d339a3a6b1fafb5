"""How long records are kept, by kind: facts with their source, read from `retention.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLE = Path(__file__).with_name("retention.toml")


@dataclass(frozen=True)
class Keep:
    """A kind of record: kept at least so long, counted from something, or until something.

    Texts by language: zh, zh_hant, en. `rules` are ids of the rule packs. A kind with neither
    length nor end is one for which no period was found.
    """

    key: str
    jurisdiction: str
    what: Mapping[str, str]
    rules: tuple[str, ...]
    source: str
    confidence: str
    least_months: int | None = None
    counted_from: Mapping[str, str] | None = None
    until: Mapping[str, str] | None = None


@cache
def retention_table() -> tuple[Keep, ...]:
    """Every kind of record, in the order of the file."""
    rows = tomllib.loads(TABLE.read_text("utf-8"))["keep"]
    return tuple(
        Keep(
            key=row["key"],
            jurisdiction=row["jurisdiction"],
            what=row["what"],
            rules=tuple(row["rules"]),
            source=row["source"],
            confidence=row["confidence"],
            least_months=12 * row["least_years"]
            if "least_years" in row
            else row.get("least_months"),
            counted_from=row.get("from"),
            until=row.get("until"),
        )
        for row in rows
    )
