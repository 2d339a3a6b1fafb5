"""What both ways of screening share: the rules of the planned day, what is given of each kind of
act, and until when an act has to wait, by the guard's own definition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from doorstep.cycle.engine import Engine
from doorstep.cycle.planned import KINDS, Plan, given_facts
from doorstep.rules.pack import Edition
from doorstep.rules.screening import facts_read, waits_read
from doorstep.rules.tables import cell_value
from doorstep.rules.values import Value
from doorstep.rules.waiting import earliest

CLOCK = ("local_at", "local_time", "local_day")
ACT_KINDS = tuple(dict.fromkeys(KINDS.values()))
MAY_WAIT = ("permit", "permit_if", "not_before")


@dataclass(frozen=True)
class Asked:
    """The edition of the planned day, asked of the acts of a plan."""

    engine: Engine
    edition: Edition
    plan: Plan
    one_zone: bool = False

    def in_zones(self, zones: set[str]) -> Asked:
        """The same, asked of acts in these zones: one clock where that is the lender's alone."""
        return replace(self, one_zone=zones <= {self.plan.zone})

    @property
    def shared(self) -> Mapping[str, Mapping[str, Value]]:
        """What is given of all these acts, by kind."""
        return self.given if self.one_zone else self.timeless

    @cached_property
    def given(self) -> Mapping[str, Mapping[str, Value]]:
        """What is given of every act of a kind, with the clock of the lender's zone."""
        return {kind: given_facts(kind, self.plan) for kind in ACT_KINDS}

    @cached_property
    def timeless(self) -> Mapping[str, Mapping[str, Value]]:
        """The same without any clock."""
        return {
            kind: {name: value for name, value in given.items() if name not in CLOCK}
            for kind, given in self.given.items()
        }

    @cached_property
    def reads(self) -> Mapping[str, frozenset[str]]:
        """The facts that decide an act of a kind and are not given; clocks among them."""
        return {kind: facts_read(self.edition, given) for kind, given in self.timeless.items()}

    @cached_property
    def waits(self) -> Mapping[str, frozenset[str]]:
        """Of these the facts on which it depends how long it has to wait, without clocks."""
        found = {kind: waits_read(self.edition, given) for kind, given in self.timeless.items()}
        return {kind: names - {*CLOCK} for kind, names in found.items()}

    @cached_property
    def review_overdue(self) -> bool:
        """Whether a pack is past its review, and a person decides what is not forbidden."""
        return any(p.review_overdue(self.plan.at.date()) for p in self.edition.packs)

    def moments(self, kind: str, zone: str, own: Mapping[str, Value]) -> dict[str, datetime | None]:
        """The first moment of the planned day from which an act may be done (`opens`), and until
        when it waits as of the screened instant (`waited`)."""
        known = {**self.timeless[kind], **own}
        return {
            name: earliest(self.edition, known | clock(moment, zone))
            for name, moment in (("opens", self.plan.opens), ("waited", self.plan.at))
        }

    def values(self, cells: Mapping[str, Any], zone: str) -> dict[str, Value]:
        """Cells as facts; those that are not known are left out."""
        found: dict[str, Value] = {}
        for name, cell in cells.items():
            value = cell_value(cell, self.edition.catalogue[name].type)
            if isinstance(value, datetime):
                value = value.replace(tzinfo=ZoneInfo(zone))
            if value is not None:
                found[name] = value
        return found


def clock(moment: datetime, zone: str) -> dict[str, Value]:
    """The clock of a zone at a moment."""
    local = moment.astimezone(ZoneInfo(zone))
    return {"local_at": local, "local_time": local.time(), "local_day": local.date()}
