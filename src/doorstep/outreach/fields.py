"""The facts a text may name, read once from `fields.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Field:
    """A fact that texts may name. Kinds: text, money, day, clock, words (a text a language)."""

    name: str
    kind: str
    supplied_by: str
    zh: str
    en: str


def _read() -> dict[str, Field]:
    raw = tomllib.loads((Path(__file__).parent / "fields.toml").read_text("utf-8"))
    return {
        name: Field(name, row["kind"], row["from"], row["zh"], row["en"])
        for name, row in raw.items()
    }


FIELDS = _read()
