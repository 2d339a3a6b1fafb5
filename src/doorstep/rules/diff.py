"""What changed between two rulebooks, or between two days of one, and from which day on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from doorstep.rules.pack import Rulebook
from doorstep.rules.rule import Rule
from doorstep.rules.values import value_as_json

_TEXTS = ("law", "not_encoded")


@dataclass(frozen=True)
class Difference:
    """One change. `what` is added, removed or changed; `since` the first day it shows (None: all).

    `decides` tells whether it can change a verdict, or only what people read.
    """

    rule: str
    what: str
    field: str
    old: Any
    new: Any
    since: date | None = None
    decides: bool = True

    def as_dict(self) -> dict[str, Any]:
        """The change in plain JSON."""
        return {
            "rule": self.rule,
            "what": self.what,
            "field": self.field,
            "old": self.old,
            "new": self.new,
            "since": self.since.isoformat() if self.since else None,
            "decides": self.decides,
        }


def books_differ(old: Rulebook, new: Rulebook) -> list[Difference]:
    """Every difference between the rules of two books, whatever the day."""
    before = {rule.id: rule for rule in old.rules}
    after = {rule.id: rule for rule in new.rules}
    changes: list[Difference] = []
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            changes.append(Difference(name, "removed", "", before[name].title["en"], None))
        elif name not in before:
            since = after[name].source.in_force
            changes.append(Difference(name, "added", "", None, after[name].title["en"], since))
        else:
            changes += _rule_changes(before[name], after[name])
    return changes


def days_differ(book: Rulebook, first: date, second: date) -> list[Difference]:
    """What another day makes of the same book: rules that begin or end, values that take over."""
    changes = []
    for rule in sorted(book.rules, key=lambda one: one.id):
        binds = rule.in_force(first), rule.in_force(second)
        if binds == (False, True):
            changes.append(Difference(rule.id, "added", "", None, rule.title["en"], _begins(rule)))
        elif binds == (True, False):
            changes.append(Difference(rule.id, "removed", "", rule.title["en"], None, rule.until))
        elif binds == (True, True):
            earlier, later = rule.row_on(first), rule.row_on(second)
            if earlier is not None and later is not None and earlier is not later:
                changes += _value_changes(rule.id, earlier.values, later.values, later.since)
    return changes


def _begins(rule: Rule) -> date | None:
    return rule.source.in_force or (rule.rows[0].since if rule.rows else None)


def _rule_changes(old: Rule, new: Rule) -> Iterator[Difference]:
    for name, before, after in _deciding(old, new):
        if before != after:
            yield Difference(old.id, "changed", name, before, after)
    yield from _rows_changed(old, new)
    for name in _TEXTS:
        if getattr(old, name) != getattr(new, name):
            yield _read(old.id, name, getattr(old, name), getattr(new, name))
    for name in ("title", "reason"):
        before, after = dict(getattr(old, name)), dict(getattr(new, name))
        if before != after:
            yield _read(old.id, name, before, after)
    if old.source != new.source and old.source.in_force == new.source.in_force:
        yield _read(old.id, "source", str(old.source), str(new.source))


def _read(rule: str, name: str, old: Any, new: Any) -> Difference:
    return Difference(rule, "changed", name, old, new, decides=False)


def _deciding(old: Rule, new: Rule) -> Iterator[tuple[str, Any, Any]]:
    yield "severity", old.severity.value, new.severity.value
    yield "outcome", old.effect.value, new.effect.value
    yield "in_force", _plain(old.source.in_force), _plain(new.source.in_force)
    yield "draft", old.source.draft, new.source.draft
    yield "until", _plain(old.until), _plain(new.until)
    yield "applies_to", _scope(old), _scope(new)
    yield "exception_to", list(old.exception_to), list(new.exception_to)
    yield "part_of", old.part_of, new.part_of
    tests = [rule.test for rule in (old, new)]
    for name in ("when", "unless", "not_before"):
        before, after = (getattr(test, name) if test else "" for test in tests)
        yield f"rule.{name}", before, after
    before, after = (list(test.conditions) if test else [] for test in tests)
    yield "rule.conditions", before, after
    before, after = (
        {n: value_as_json(v) for n, v in t.silence.items()} if t else {} for t in tests
    )
    yield "rule.silence", before, after


def _silence(rule: Rule) -> dict[str, object]:
    silence = rule.test.silence if rule.test else {}
    return {name: value_as_json(value) for name, value in silence.items()}


def _scope(rule: Rule) -> dict[str, list[str]]:
    return {name: list(codes) for name, codes in rule.applies_to.items()}


def _rows_changed(old: Rule, new: Rule) -> Iterator[Difference]:
    """The values that differ on the days of either book's rows, each with its first day."""
    for day in sorted({row.since for row in (*old.rows, *new.rows)}):
        before, after = old.row_on(day), new.row_on(day)
        if (before.since if before else None) != day and (after.since if after else None) != day:
            continue
        earlier = dict(before.values) if before else {}
        later = dict(after.values) if after else {}
        yield from _value_changes(old.id, earlier, later, day)


def _value_changes(rule: str, old: Any, new: Any, since: date) -> Iterator[Difference]:
    for name in sorted(old.keys() | new.keys()):
        before, after = (values.get(name) for values in (old, new))
        if before != after:
            texts = [None if v is None else value_as_json(v) for v in (before, after)]
            yield Difference(rule, "changed", f"values.{name}", texts[0], texts[1], since)


def _plain(day: date | None) -> str | None:
    return day.isoformat() if day else None
