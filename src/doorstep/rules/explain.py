"""The rules in force on a day, each with its sentence, source, values and condition in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from doorstep.kernel.errors import NotFound
from doorstep.rules.bound import Bound, rule_bind
from doorstep.rules.pack import Pack, Rulebook
from doorstep.rules.rule import Rule
from doorstep.rules.values import value_as_json
from doorstep.rules.words import condition_words


@dataclass(frozen=True)
class Explained:
    """One rule as it reads on one day. `bound` is None where a person must judge."""

    rule: Rule
    pack: Pack
    bound: Bound | None
    when: dict[str, str]
    unless: dict[str, str]

    def as_dict(self) -> dict[str, Any]:
        """The rule in plain JSON, as `rules explain --json` prints it."""
        rule, source = self.rule, self.rule.source
        values = self.bound.values if self.bound else {}
        return {
            "rule": rule.id,
            "part_of": rule.part_of,
            "title": dict(rule.title),
            "law": rule.law,
            "severity": rule.severity.value,
            "outcome": rule.effect.value,
            "source": {
                "title": source.title,
                "article": source.article,
                "force": source.force,
                "link": source.link,
                "confidence": source.confidence.value,
                "in_force": source.in_force.isoformat() if source.in_force else None,
                "last_confirmed": _day(source.last_confirmed),
                "draft": source.draft,
            },
            "pack": self.pack.name,
            "reviewed_on": _day(self.pack.reviewed_on),
            "review_due": _day(self.pack.review_due),
            "values": {name: value_as_json(value) for name, value in values.items()},
            "applies_to": {name: list(codes) for name, codes in rule.applies_to.items()},
            "when": self.when,
            "unless": self.unless,
            "needs": sorted(self.bound.needs) if self.bound else [],
            "exception_to": list(rule.exception_to),
            "not_encoded": rule.not_encoded,
        }


def rules_explain(
    book: Rulebook, *, on: date, jurisdiction: str = "", rule: str = "", drafts: bool = True
) -> list[Explained]:
    """The rules in force on a day, of one jurisdiction or all, or one with its parts.

    Raises NotFound for a jurisdiction without a pack and for a rule that is not there or not in
    force on that day.
    """
    packs = [pack for pack in book.packs if jurisdiction.lower() in ("", pack.jurisdiction)]
    if not packs:
        known = ", ".join(sorted({pack.jurisdiction for pack in book.packs}))
        raise NotFound(
            f"No pack for {jurisdiction!r}.", code="NO_JURISDICTION", hint=f"There are: {known}."
        )
    found = [
        _explained(one, pack, book, on)
        for pack, one in _chosen(packs, rule)
        if one.in_force(on) and (drafts or not one.source.draft)
    ]
    if rule and not found:
        raise NotFound(
            f"There is no rule {rule} in force on {on}.", code="NO_RULE",
            hint="Leave the rule out to see all of that day.",
        )  # fmt: skip
    return found


def _chosen(packs: list[Pack], rule: str) -> Iterator[tuple[Pack, Rule]]:
    for pack in packs:
        for one in pack.rules:
            if rule in ("", one.id, one.part_of):
                yield pack, one


def _explained(rule: Rule, pack: Pack, book: Rulebook, on: date) -> Explained:
    bound = rule_bind(rule, book.catalogue, on)
    when = bound.when if bound else None
    unless = bound.unless if bound else None
    return Explained(
        rule=rule,
        pack=pack,
        bound=bound,
        when={c: condition_words(when, book.catalogue, c) for c in ("zh", "en")} if when else {},
        unless={c: condition_words(unless, book.catalogue, c) for c in ("zh", "en")}
        if unless else {},
    )  # fmt: skip


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
