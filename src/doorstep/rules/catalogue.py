"""The fact catalogue: every fact a rule may read, what it means and who supplies it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from doorstep.rules.condition import FactType
from doorstep.rules.faults import Faults
from doorstep.rules.hours import hours_canonical
from doorstep.rules.tree import Type
from doorstep.rules.values import NOTHING, Value

_AGE = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?")
_MAY_BE_NOTHING = (Type.CODE, Type.TEXT, Type.TIME, Type.DAY, Type.INSTANT)


class Supplier(StrEnum):
    """Which part of the house knows a fact."""

    ACTION = "action"
    BORROWER = "borrower"
    CONTACT_POINT = "contact_point"
    PROTECTIONS = "protections"
    COUNTERS = "counters"
    WORKFORCE = "workforce"
    AGREEMENT = "agreement"
    CONTENT = "content"
    LENDER = "lender"
    CALENDAR = "calendar"
    RECORDS = "records"
    VISIT = "visit"
    AGENCY = "agency"
    CLAIM = "claim"
    REQUEST = "request"


@dataclass(frozen=True)
class Meaning:
    """One fact. `max_age`: how old it may be when decided on; None: any age.

    `case` is the dotted place of the fact in the words of the law cases, where it is the same
    thing. `if_unknown` is `forbid` or `ask`: what happens when a rule needs it and nobody knows.
    `words` say its codes in zh and en.
    """

    name: str
    type: Type
    zh: str
    en: str
    supplied_by: Supplier
    codes: tuple[str, ...] = ()
    of: Type = Type.TEXT
    max_age: timedelta | None = None
    case: str = ""
    if_unknown: str = "forbid"
    unit: str = ""
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def fact_type(self) -> FactType:
        """What a condition must know of it."""
        return FactType(self.type, self.codes, self.of)


Catalogue = Mapping[str, Meaning]
_KEYS = {
    "type", "zh", "en", "supplied_by", "codes", "of", "max_age", "case", "if_unknown", "unit",
    "words",
}  # fmt: skip


def catalogue_read(tables: Mapping[str, Any], faults: Faults) -> dict[str, Meaning]:
    """The catalogue in the tables of `facts.toml`; what cannot be used goes into `faults`."""
    found = {}
    for name, raw in tables.items():
        meaning = _meaning(name, raw, faults) if isinstance(raw, dict) else None
        if meaning is None:
            faults.add("BAD_FACT", name, "Not a table that describes a fact.")
            continue
        found[name] = meaning
    return found


def _meaning(name: str, raw: dict[str, Any], faults: Faults) -> Meaning | None:
    for key in raw.keys() - _KEYS:
        faults.add("UNKNOWN_KEY", f"{name}.{key}", "Unknown key.", f"Known: {_all(_KEYS)}.")
    for code in raw.get("words", {}).keys() - set(raw.get("codes", raw.get("words", {}))):
        faults.add("UNKNOWN_CODE", f"{name}.words.{code}", f"{name} is never {code!r}.")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        faults.add("BAD_FACT", name, "Fact names are lower_case_words.")
    try:
        return Meaning(
            name=name,
            type=Type(raw["type"]),
            zh=raw["zh"],
            en=raw["en"],
            supplied_by=Supplier(raw["supplied_by"]),
            codes=tuple(raw.get("codes", ())),
            of=Type(raw.get("of", "text")),
            max_age=age_read(raw["max_age"]) if "max_age" in raw else None,
            case=raw.get("case", ""),
            if_unknown=raw.get("if_unknown", "forbid"),
            unit=raw.get("unit", ""),
            words=raw.get("words", {}),
        )
    except KeyError as error:
        faults.add("BAD_FACT", name, f"{error.args[0]} is missing.")
    except ValueError as error:
        faults.add("BAD_FACT", name, f"{error}.", f"Types: {_all(Type)}. From: {_all(Supplier)}.")
    return None


def age_read(text: str) -> timedelta:
    """A span written as P30D, PT15M, P1DT12H. ValueError where it is not."""
    match = _AGE.fullmatch(text)
    if not match or not any(match.groups()):
        raise ValueError(f"{text!r} is no span such as P30D or PT15M")
    days, hours, minutes = (int(part or 0) for part in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes)


def value_read(raw: Any, meaning: Meaning) -> Value:
    """A value from TOML or a program as the fact's type wants it. ValueError names the fault."""
    if isinstance(raw, (list, tuple)):
        return _list(tuple(raw), meaning)
    if raw is NOTHING or (raw == "nothing" and "nothing" not in meaning.codes):
        if meaning.type in _MAY_BE_NOTHING:
            return NOTHING
        raise ValueError(f"{meaning.name} is a {meaning.type} and cannot be nothing")
    if not _is(raw, meaning.type):
        raise ValueError(f"{meaning.name} is a {meaning.type}, not {raw!r}")
    if meaning.type is Type.CODE and meaning.codes and raw not in meaning.codes:
        raise ValueError(f"{meaning.name} is never {raw!r}; its codes: {_all(meaning.codes)}")
    return raw  # type: ignore[no-any-return]


def _list(raw: tuple[Any, ...], meaning: Meaning) -> Value:
    if meaning.type is Type.HOURS:
        hours_canonical(raw)
        return raw
    if meaning.type is not Type.LIST:
        raise ValueError(f"{meaning.name} is a {meaning.type}, not a list")
    for item in raw:
        if not _is(item, meaning.of):
            raise ValueError(f"{meaning.name} is a list of {meaning.of}, not of {item!r}")
        if meaning.codes and item not in meaning.codes:
            raise ValueError(f"{meaning.name} never has {item!r}; it may: {_all(meaning.codes)}")
    return raw


def _is(raw: Any, kind: Type) -> bool:
    match kind:
        case Type.BOOL:
            return isinstance(raw, bool)
        case Type.INT | Type.MONEY:
            return isinstance(raw, int) and not isinstance(raw, bool)
        case Type.TEXT | Type.CODE:
            return isinstance(raw, str)
        case Type.TIME:
            return isinstance(raw, time) and raw.tzinfo is None
        case Type.DAY:
            return isinstance(raw, date) and not isinstance(raw, datetime)
        case Type.INSTANT:
            return isinstance(raw, datetime) and raw.tzinfo is not None
        case _:
            return False


def _all(names: Any) -> str:
    return ", ".join(sorted(str(name) for name in names))
