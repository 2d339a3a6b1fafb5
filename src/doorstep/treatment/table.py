"""The ladder as read from TOML: rows, their conditions, priorities and texts; checked on loading.

A row matches when all its conditions hold; the first match wins. A condition is one of
    fact = value              exactly this
    fact = {from = 1, to = 9} at least / at most, both included; either may be left out
    fact = {in = [..]}        one of these
    fact = {absent = true}    not known (or `false`: known)
A fact that is absent meets only `absent = true`.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from doorstep.cases.steps import Step
from doorstep.kernel.errors import InputError, Where
from doorstep.treatment.facts import CATALOGUE, FactKind

LANGUAGES = ("zh-Hans", "zh-Hant", "en")


@dataclass(frozen=True)
class Condition:
    """What a row asks of one fact: a range, a set, or whether it is known."""

    fact: str
    low: int | None = None
    high: int | None = None
    members: tuple[Any, ...] | None = None
    absent: bool | None = None

    def holds(self, value: Any) -> bool:
        """Whether the fact's value meets the condition."""
        if self.absent is not None:
            return (value is None) == self.absent
        if value is None:
            return False
        if self.members is not None:
            return value in self.members
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)

    def within(self, other: Condition) -> bool:
        """Whether every value that meets this condition meets `other` too."""
        if self.absent:
            return other.absent is True
        if other.absent is not None:
            return not other.absent
        if self.absent is False:
            return False
        if self.members is not None:
            return all(other.holds(member) for member in self.members)
        if other.members is not None:
            return False
        low = other.low is None or (self.low is not None and self.low >= other.low)
        return low and (other.high is None or (self.high is not None and self.high <= other.high))


@dataclass(frozen=True)
class Term:
    """Points of a priority: `points` for every full `every` of a fact, never above `most`."""

    fact: str
    every: int
    points: int
    most: int


@dataclass(frozen=True)
class Row:
    """One row of the ladder."""

    key: str
    step: Step
    due_in_days: int
    base: int
    terms: tuple[Term, ...]
    conditions: tuple[Condition, ...]
    reason: dict[str, str]
    next: dict[str, str]

    def covers(self, other: Row) -> bool:
        """Whether every borrower that would match `other` matches this row already."""
        theirs = {condition.fact: condition for condition in other.conditions}
        return all(c.fact in theirs and theirs[c.fact].within(c) for c in self.conditions)


@dataclass(frozen=True)
class Ladder:
    """A versioned decision table. `version` is what decisions and pages refer to."""

    version: str
    effective_from: date
    rows: tuple[Row, ...]
    words: dict[str, dict[str, str]] = field(default_factory=dict)

    def row(self, key: str) -> Row:
        """The row with that key; KeyError when there is none."""
        return next((row for row in self.rows if row.key == key), None) or _missing(key)


def _missing(key: str) -> Row:
    raise KeyError(key)


def ladder_load(path: Path) -> Ladder:
    """The ladder in a TOML file; InputError names the row and field that cannot be used."""
    try:
        text = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _bad(path.name, None, f"Not readable as TOML: {error}.") from None
    return ladder_from_mapping(text, file=path.name)


def ladder_from_mapping(values: dict[str, Any], *, file: str) -> Ladder:
    """The ladder in plain values, checked: known facts, reachable rows, a last catch-all row."""
    known = {"id", "version", "effective_from", "rows", "hold_words"}
    _only(values, known, file, None)
    for name in ("id", "version", "effective_from", "rows", "hold_words"):
        if name not in values:
            raise _bad(file, name, "Missing.")
    if not isinstance(values["effective_from"], date):
        raise _bad(file, "effective_from", "Not a day.", "Write it as 2026-01-31.")
    rows = tuple(_row(raw, file) for raw in values["rows"])
    _check_rows(rows, file)
    words = {
        kind: _texts(raw, file, f"hold_words.{kind}") for kind, raw in values["hold_words"].items()
    }
    return Ladder(f"{values['id']}-{values['version']}", values["effective_from"], rows, words)


def _row(raw: dict[str, Any], file: str) -> Row:
    key = raw.get("key")
    if not isinstance(key, str) or not key:
        raise _bad(file, "rows.key", "A row has no key.")
    where = f"row {key}"
    _only(raw, {"key", "step", "due_in_days", "priority", "when", "reason", "next"}, file, where)
    try:
        step = Step(str(raw.get("step")))
    except ValueError:
        known = ", ".join(step.value for step in Step)
        raise _bad(file, f"{where}.step", "Unknown step.", f"Known: {known}.") from None
    base, terms = _priority(raw.get("priority", 0), file, where)
    return Row(
        key=key,
        step=step,
        due_in_days=_whole(raw.get("due_in_days", 0), file, f"{where}.due_in_days"),
        base=base,
        terms=terms,
        conditions=tuple(
            _condition(fact, asked, file, where) for fact, asked in raw.get("when", {}).items()
        ),
        reason=_texts(raw.get("reason"), file, f"{where}.reason"),
        next=_texts(raw.get("next"), file, f"{where}.next"),
    )


def _priority(raw: Any, file: str, where: str) -> tuple[int, tuple[Term, ...]]:
    field_ = f"{where}.priority"
    if not isinstance(raw, dict):
        return _whole(raw, file, field_), ()
    _only(raw, {"base", "terms"}, file, field_)
    terms = []
    for term in raw.get("terms", []):
        _only(term, {"fact", "every", "points", "most"}, file, field_)
        meaning = CATALOGUE.get(term.get("fact"))
        if meaning is None or meaning.kind not in (FactKind.COUNT, FactKind.MONEY):
            raise _bad(file, field_, f"{term.get('fact')!r} is no fact that counts.")
        if meaning.may_be_absent:
            raise _bad(file, field_, f"{term['fact']} may be absent and cannot give points.")
        numbers = [_whole(term.get(name), file, field_) for name in ("every", "points", "most")]
        if numbers[0] < 1:
            raise _bad(file, field_, "`every` must be 1 or more.")
        terms.append(Term(term["fact"], *numbers))
    return _whole(raw.get("base", 0), file, field_), tuple(terms)


def _condition(fact: str, asked: Any, file: str, where: str) -> Condition:
    place = f"{where}.when.{fact}"
    meaning = CATALOGUE.get(fact)
    if meaning is None:
        raise _bad(file, place, "Unknown fact.", f"Known: {', '.join(CATALOGUE)}.")
    if not isinstance(asked, dict):
        return Condition(fact, members=(_value(asked, meaning.kind, file, place),))
    _only(asked, {"from", "to", "in", "absent"}, file, place)
    if set(asked) == {"absent"} and isinstance(asked["absent"], bool):
        return Condition(fact, absent=asked["absent"])
    if set(asked) == {"in"} and asked["in"]:
        return Condition(
            fact, members=tuple(_value(value, meaning.kind, file, place) for value in asked["in"])
        )
    if not asked or set(asked) - {"from", "to"}:
        raise _bad(file, place, "Use a value, {from, to}, {in} or {absent}.")
    if meaning.kind not in (FactKind.COUNT, FactKind.MONEY):
        raise _bad(file, place, "A range fits counts and amounts only.")
    low, high = (None if n not in asked else _whole(asked[n], file, place) for n in ("from", "to"))
    if low is not None and high is not None and low > high:
        raise _bad(file, place, f"Nothing lies from {low} to {high}.")
    return Condition(fact, low=low, high=high)


def _value(value: Any, kind: FactKind, file: str, place: str) -> Any:
    fits = {
        FactKind.COUNT: isinstance(value, int) and not isinstance(value, bool),
        FactKind.MONEY: isinstance(value, int) and not isinstance(value, bool),
        FactKind.WORD: isinstance(value, str),
        FactKind.YES_NO: isinstance(value, bool),
        FactKind.DAY: False,
    }
    if not fits[kind]:
        raise _bad(file, place, f"{value!r} is not a {kind.value}.")
    return value


def _check_rows(rows: tuple[Row, ...], file: str) -> None:
    if not rows or rows[-1].conditions:
        raise _bad(
            file,
            "rows",
            "The last row has conditions, so some borrowers would get no decision.",
            "End with a row without `when` that catches the rest.",
        )
    for number, row in enumerate(rows):
        for earlier in rows[:number]:
            if earlier.key == row.key:
                raise _bad(file, f"row {row.key}", "This key is used twice.")
            if earlier.covers(row):
                raise _bad(
                    file,
                    f"row {row.key}",
                    f"No borrower can reach it: row {earlier.key} above matches first.",
                    "Move it up or narrow the row above.",
                )


def _texts(raw: Any, file: str, place: str) -> dict[str, str]:
    if not isinstance(raw, dict) or set(raw) != set(LANGUAGES):
        raise _bad(file, place, f"Texts are needed in {', '.join(LANGUAGES)} and no other.")
    for language, text in raw.items():
        if not isinstance(text, str) or not text.strip():
            raise _bad(file, f"{place}.{language}", "The text is empty.")
    return dict(raw)


def _whole(value: Any, file: str, place: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _bad(file, place, f"{value!r} is not a whole number.")
    return value


def _only(values: dict[str, Any], known: set[str], file: str, where: str | None) -> None:
    for name in values:
        if name not in known:
            place = f"{where}.{name}" if where else name
            raise _bad(file, place, "Unknown name.", f"Known: {', '.join(sorted(known))}.")


def _bad(file: str, place: str | None, message: str, hint: str = "") -> InputError:
    return InputError(message, code="BAD_LADDER", hint=hint, where=Where(file=file, field=place))
