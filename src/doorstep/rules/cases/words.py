"""The words of cases, shared by the concerns: instants, days, which list a free text falls into."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from doorstep.rules.cases.case_file import ABSENT, Case
from doorstep.rules.catalogue import Catalogue, Meaning, value_read
from doorstep.rules.counters import Counter
from doorstep.rules.tree import Type
from doorstep.rules.values import NOTHING, Value

Facts = dict[str, Value | None]


@dataclass(frozen=True)
class Tools:
    """What the concerns need beside the case: the catalogue, the counters, a reader of texts.

    `behaviours_of` gives the forbidden behaviours (FB-...) found in a text.
    """

    catalogue: Catalogue
    counters: Mapping[str, Counter] = field(default_factory=dict)
    behaviours_of: Callable[[str], Sequence[str]] = field(default=lambda text: ())


def instant(text: str) -> datetime | None:
    """An instant with its offset out of a text (remarks after it are left), or None."""
    found = re.match(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?", text)
    if not found:
        return None
    try:
        return datetime.fromisoformat(found.group(0))
    except ValueError:
        return None


def day(text: str) -> date | None:
    """The first day written in a text, or None."""
    found = re.search(r"\d{4}-\d\d-\d\d", text)
    try:
        return date.fromisoformat(found.group(0)) if found else None
    except ValueError:
        return None


def first(text: str, lists: Iterable[tuple[str, str]], otherwise: str = "") -> str:
    """The code of the first pattern that is found in the text, of (code, pattern) pairs."""
    lowered = text.lower().replace("_", " ").replace("-", " ")
    return next((code for code, pattern in lists if re.search(pattern, lowered)), otherwise)


def code(tools: Tools, name: str, value: str) -> str | None:
    """The value where the catalogue has it among the fact's codes; `other` or None where not."""
    codes = tools.catalogue[name].codes if name in tools.catalogue else ()
    if value in codes or not codes:
        return value
    return "other" if "other" in codes else None


def same_thing(case: Case, tools: Tools) -> Facts:
    """Facts that the case says word for word, at the place the catalogue names."""
    found: Facts = {}
    for meaning in tools.catalogue.values():
        if meaning.case and (value := case.get(meaning.case)) is not ABSENT:
            found[meaning.name] = as_fact(value, meaning)
    return found


def as_fact(value: Any, meaning: Meaning) -> Value | None:
    """A value of a case as the fact's type wants it; None (unknown) where it cannot be."""
    if value is None:
        return None
    if isinstance(value, str):
        value = _from_text(value, meaning)
    if isinstance(value, list):
        value = tuple(item for item in value if not meaning.codes or item in meaning.codes)
    try:
        return value_read(value, meaning)
    except ValueError:
        return "other" if "other" in meaning.codes else None


def _from_text(text: str, meaning: Meaning) -> Any:
    match meaning.type:
        case Type.DAY:
            return day(text)
        case Type.INSTANT:
            return instant(text)
        case Type.INT | Type.MONEY:
            found = re.search(r"-?\d+", text)
            return int(found.group(0)) if found else None
        case Type.BOOL:
            return {"yes": True, "no": False, "true": True, "false": False}.get(text.lower())
        case Type.LIST | Type.HOURS:
            return [text]
        case _:
            return text or NOTHING
