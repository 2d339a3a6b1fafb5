"""What a text must contain, by its kind, and what it does contain."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from doorstep.outreach.template import names_in, place_of
from doorstep.outreach.words import Kind, Medium, in_each_language


@dataclass(frozen=True)
class Item:
    """Something a text may have to contain. `fields`: alternatives, each a set of facts;
    `words`: a pattern a language that shows it. `before`: facts that may only come after it.
    `basis`: ids of the rules that ask for it. `meaning` a language."""

    key: str
    meaning: Mapping[str, str]
    fields: tuple[frozenset[str], ...]
    words: Mapping[str, re.Pattern[str]]
    before: frozenset[str]
    basis: tuple[str, ...]

    def within(self, text: str, *, named: Collection[str], language: str) -> bool:
        """Whether a text that names these facts contains the item."""
        pattern = self.words.get(language[:2])
        if pattern is not None and pattern.search(text):
            return True
        return any(alternative.issubset(named) for alternative in self.fields)

    def comes_first(self, text: str, *, language: str) -> bool:
        """Whether no fact of `before` is named ahead of the item's words."""
        found = self.words[language[:2]].search(text)
        places = [place_of(name, text) for name in names_in(text) if name in self.before]
        return found is not None and all(found.start() < place for place in places)


@dataclass(frozen=True)
class Neutral:
    """What a text that a stranger may read must not name or say."""

    fields: frozenset[str]
    words: Mapping[str, re.Pattern[str]]


@dataclass(frozen=True)
class Contents:
    """`contents.toml`, read."""

    items: Mapping[str, Item]
    required: Mapping[Kind, tuple[str, ...]]
    neutral: Neutral


def _read() -> Contents:
    raw = tomllib.loads((Path(__file__).parent / "contents.toml").read_text("utf-8"))
    return Contents(
        items={key: _item(key, row) for key, row in raw["items"].items()},
        required={Kind(kind): tuple(keys) for kind, keys in raw["kinds"].items()},
        neutral=Neutral(
            fields=frozenset(raw["neutral"]["fields"]), words=_patterns(raw["neutral"]["words"])
        ),
    )


def _item(key: str, row: Mapping[str, Any]) -> Item:
    return Item(
        key=key,
        meaning=in_each_language(row),
        fields=tuple(frozenset(names) for names in row.get("fields", [])),
        words=_patterns(row.get("words", {})),
        before=frozenset(row.get("before", [])),
        basis=tuple(row["basis"]),
    )


def _patterns(words: Mapping[str, str]) -> dict[str, re.Pattern[str]]:
    return {
        language: re.compile(pattern, re.IGNORECASE | re.MULTILINE)
        for language, pattern in words.items()
    }


CONTENTS = _read()


def contents_of(text: str, *, named: Collection[str], language: str) -> frozenset[str]:
    """The items a text contains."""
    return frozenset(
        key
        for key, item in CONTENTS.items.items()
        if item.within(text, named=named, language=language)
    )


def required_contents(kind: Kind, medium: Medium) -> list[str]:
    """The keys of the items a text must contain; a letter needs no word on how to stop messages."""
    return [
        key for key in CONTENTS.required[kind] if key != "opt_out" or medium is not Medium.LETTER
    ]


def missing_contents(kind: Kind, medium: Medium, contains: Collection[str]) -> list[Item]:
    """The items a text of this kind lacks, in the order they are asked for."""
    return [CONTENTS.items[key] for key in required_contents(kind, medium) if key not in contains]


def misplaced_contents(kind: Kind, text: str, *, language: str) -> list[Item]:
    """The items that are there, and come too late in the text."""
    items = [CONTENTS.items[key] for key in CONTENTS.required[kind]]
    return [
        item
        for item in items
        if item.before
        and item.within(text, named=names_in(text), language=language)
        and not item.comes_first(text, language=language)
    ]
