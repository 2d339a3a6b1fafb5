"""What a text must contain, by its kind, and what it does contain."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from doorstep.outreach.words import Kind


@dataclass(frozen=True)
class Item:
    """Something a text may have to contain. `fields`: alternatives, each a set of facts;
    `words`: a pattern a language that shows it. `basis`: ids of the rules that ask for it."""

    key: str
    zh: str
    en: str
    fields: tuple[frozenset[str], ...]
    words: Mapping[str, re.Pattern[str]]
    basis: tuple[str, ...]

    def within(self, text: str, *, named: Collection[str], language: str) -> bool:
        """Whether a text that names these facts contains the item."""
        pattern = self.words.get(language)
        if pattern is not None and pattern.search(text):
            return True
        return any(alternative.issubset(named) for alternative in self.fields)


def _read() -> tuple[dict[str, Item], dict[Kind, tuple[str, ...]]]:
    raw = tomllib.loads((Path(__file__).parent / "contents.toml").read_text("utf-8"))
    items = {
        key: Item(
            key=key,
            zh=row["zh"],
            en=row["en"],
            fields=tuple(frozenset(names) for names in row.get("fields", [])),
            words={
                language: re.compile(pattern, re.IGNORECASE)
                for language, pattern in row.get("words", {}).items()
            },
            basis=tuple(row["basis"]),
        )
        for key, row in raw["items"].items()
    }
    return items, {Kind(kind): tuple(keys) for kind, keys in raw["kinds"].items()}


ITEMS, REQUIRED = _read()


def contents_of(text: str, *, named: Collection[str], language: str) -> frozenset[str]:
    """The items a text contains."""
    return frozenset(
        key for key, item in ITEMS.items() if item.within(text, named=named, language=language)
    )


def missing_contents(kind: Kind, contains: Collection[str]) -> list[Item]:
    """The items a text of this kind lacks, in the order they are asked for."""
    return [ITEMS[key] for key in REQUIRED.get(kind, ()) if key not in contains]
