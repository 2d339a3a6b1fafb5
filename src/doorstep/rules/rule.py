"""A rule: one sentence of law or of the lender, its source, its values by day, its condition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from doorstep.rules.values import Value


class Severity(StrEnum):
    """How hard a rule is: it stops, asks for something first, warns, tells or permits."""

    BLOCK = "block"
    REQUIRE = "require"
    WARN = "warn"
    INFO = "info"
    PERMIT = "permit"


class Effect(StrEnum):
    """What it means when a rule's condition holds."""

    FORBID = "forbid"
    NOT_BEFORE = "not_before"
    ASK = "ask"
    PERMIT_IF = "permit_if"
    REQUIRE = "require"
    END_CONTACT = "end_contact"
    PERMIT = "permit"
    NONE = "none"


class Confidence(StrEnum):
    """How far the rule was confirmed against its source."""

    SEEN_PRIMARY = "seen-primary"
    SEEN_QUOTED = "seen-quoted"
    FROM_MEMORY = "from-memory"
    HOUSE = "house"


@dataclass(frozen=True)
class Source:
    """Where a rule comes from. `in_force` None: not known; `last_confirmed` None: never."""

    title: str
    article: str
    force: str
    confidence: Confidence
    link: str = ""
    in_force: date | None = None
    last_confirmed: date | None = None
    draft: bool = False

    def __str__(self) -> str:
        return f"{self.title} {self.article}".strip()


# The screens of `applies_to` and the fact each one looks at.
SCREENS = {
    "kinds": "kind", "channels": "channel", "recipients": "recipient", "products": "product",
    "actors": "actor", "directions": "direction", "purposes": "purpose",
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """The values of a rule from a day on, until the next row."""

    since: date
    values: Mapping[str, Value]


@dataclass(frozen=True)
class Test:
    """What a rule tests: texts of conditions, and what silence about a fact means here."""

    when: str
    unless: str = ""
    not_before: str = ""
    conditions: tuple[str, ...] = ()
    silence: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Example:
    """Facts under which the rule is silent (good) or speaks (bad). `on`: the day it is read for.

    `not_before` is the instant a bad example of a rule that waits must name; `says` what the rule
    must mean by speaking: its outcome, or `warn` where it only warns.
    """

    facts: Mapping[str, Value]
    on: date | None = None
    not_before: datetime | None = None
    says: str = ""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule as its file says it. `test` None: left wholly to a person's judgement."""

    id: str
    pack: str
    file: str
    title: Mapping[str, str]
    law: str
    severity: Severity
    effect: Effect
    source: Source
    reason: Mapping[str, str]
    applies_to: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rows: tuple[Row, ...] = ()
    test: Test | None = None
    exception_to: tuple[str, ...] = ()
    part_of: str = ""
    not_encoded: str = ""
    until: date | None = None
    good: tuple[Example, ...] = ()
    bad: tuple[Example, ...] = ()

    def row_on(self, on: date | None) -> Row | None:
        """The values of a day; of the newest row when `on` is None; None when there are none."""
        rows = [row for row in self.rows if on is None or row.since <= on]
        return rows[-1] if rows else None

    def in_force(self, on: date | None) -> bool:
        """Whether the rule binds on that day (a draft as if it had been passed)."""
        if on is None:
            return True
        if self.until and on >= self.until:
            return False
        if self.source.in_force and on < self.source.in_force:
            return False
        return not self.rows or self.row_on(on) is not None

    @property
    def says(self) -> str:
        """What it means when the rule speaks: its outcome, or `warn` where it only warns."""
        return "warn" if self.severity is Severity.WARN else self.effect.value

    @property
    def reported_as(self) -> str:
        """The id that people know: the rule's own, or that of the rule it is a part of."""
        return self.part_of or self.id
