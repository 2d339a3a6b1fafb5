"""The facts a text may name, read once from `fields.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from doorstep.outreach.words import in_each_language


@dataclass(frozen=True)
class Field:
    """A fact that texts may name. Kinds: text, money, day, clock, words (a text a language)."""

    name: str
    kind: str
    supplied_by: str
    meaning: Mapping[str, str]


def _read() -> dict[str, Field]:
    raw = tomllib.loads((Path(__file__).parent / "fields.toml").read_text("utf-8"))
    return {
        name: Field(name, row["kind"], row["from"], in_each_language(row))
        for name, row in raw.items()
    }


FIELDS = _read()
