"""Rules with other values from a day on: what a lender's own change makes of a rulebook.

A change adds a row of values; earlier rows stay, so an act of June is still read by June's law.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

from doorstep.kernel.errors import InputError, Where
from doorstep.rules.bound import rule_bind
from doorstep.rules.condition import ConditionError
from doorstep.rules.pack import Pack, Rulebook
from doorstep.rules.rule import Row, Rule
from doorstep.rules.values import Value


@dataclass(frozen=True)
class Change:
    """New values of one rule from a day on. `number` names it in the pack's version."""

    number: int
    rule: str
    since: date
    values: Mapping[str, Value]


def rulebook_changed(book: Rulebook, changes: Iterable[Change]) -> Rulebook:
    """The rulebook with the changes in it, in their order; a pack's version names what it holds."""
    packs = {pack.id: pack for pack in book.packs}
    for change in changes:
        pack = next(p for p in packs.values() if any(r.id == change.rule for r in p.rules))
        packs[pack.id] = _pack_changed(pack, change)
    return Rulebook(book.catalogue, tuple(packs.values()), book.counters)


def _pack_changed(pack: Pack, change: Change) -> Pack:
    rules = tuple(_rule_changed(r, change) if r.id == change.rule else r for r in pack.rules)
    return replace(pack, rules=rules, version=f"{pack.version}+{change.number}")


def _rule_changed(rule: Rule, change: Change) -> Rule:
    rows = [row for row in rule.rows if row.since != change.since]
    rows.append(Row(change.since, dict(change.values)))
    return replace(rule, rows=tuple(sorted(rows, key=lambda row: row.since)))


def values_asked(
    *, rule: Rule, book: Rulebook, texts: Mapping[str, str], on: date
) -> dict[str, Value]:
    """What was written into the fields of a rule's values, each of the type it has now.

    Raises InputError by field where it is none, where nothing differs, or where the rule cannot be
    read with it.
    """
    row = rule.row_on(None)
    if row is None or not row.values:
        raise InputError(
            "This rule has no values.", code="NO_VALUES", hint="Its condition is in the pack."
        )
    asked = {name: _value(name, texts.get(name, ""), now) for name, now in row.values.items()}
    if asked == dict(row.values):
        raise InputError("Nothing is different.", code="NOTHING_CHANGED")
    changed = _rule_changed(rule, Change(0, rule.id, on, asked))
    try:
        rule_bind(changed, book.catalogue, on)
    except ConditionError as error:
        raise InputError(str(error), code="NOT_READABLE") from None
    return asked


def _value(name: str, text: str, now: Value) -> Value:
    text = text.strip()
    try:
        if isinstance(now, tuple):
            return tuple(_scalar(part.strip(), now[0] if now else "") for part in text.split(","))
        value: Value = _scalar(text, now)
        return value
    except ValueError:
        raise InputError(
            f"{text[:40]!r} is not of the kind that stands here now ({value_text(now)}).",
            code="BAD_VALUE",
            where=Where(field=name),
        ) from None


def _scalar(text: str, like: Any) -> Any:
    if isinstance(like, bool):
        return {"true": True, "false": False}[text] if text in ("true", "false") else _no(text)
    if isinstance(like, int):
        return number if text.isdecimal() and (number := int(text)) < 10**9 else _no(text)
    if isinstance(like, datetime):
        return datetime.fromisoformat(text)
    if isinstance(like, date):
        return date.fromisoformat(text)
    if isinstance(like, time):
        return time.fromisoformat(text)
    return text if text and len(text) <= 200 else _no(text)


def _no(text: str) -> Value:
    raise ValueError(text)


def value_text(value: Value) -> str:
    """A value as it is written into a field."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ", ".join(value_text(part) for part in value)
    if isinstance(value, time):
        return value.isoformat(timespec="minutes" if not value.second else "seconds")
    return value.isoformat() if isinstance(value, date) else str(value)


def values_from_texts(texts: Mapping[str, str], like: Mapping[str, Value]) -> dict[str, Value]:
    """Values kept as texts, of the types a rule's own values have."""
    return {name: _value(name, text, like[name]) for name, text in texts.items() if name in like}
