"""Promises and plans watched to the day and the minor unit: what each part is, and the whole.

A part is one amount due on one day. It is missed when it is not paid in full by the end of its last
day, which is the due day and the grace that follows it. Nothing here reads a clock: `on` is the
borrower's calendar day.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any


class Standing(StrEnum):
    """What one part is on a day."""

    WAITING = "waiting"
    PART_PAID = "part_paid"
    DUE = "due"
    EARLY = "early"
    PAID = "paid"
    LATE = "late"
    MISSED = "missed"


SETTLED = frozenset({Standing.EARLY, Standing.PAID, Standing.LATE})


class Health(StrEnum):
    """How a plan is doing; only `BROKEN` and `KEPT` end it."""

    ON_TRACK = "on_track"
    AT_RISK = "at_risk"
    BROKEN = "broken"
    KEPT = "kept"


class Outcome(StrEnum):
    """What became of a promise."""

    RUNNING = "running"
    KEPT = "kept"
    BROKEN = "broken"


@dataclass(frozen=True)
class Terms:
    """The lender's parameters of watching a plan (`watch.toml`)."""

    grace_days: int = 5
    missed_to_break: int = 2
    days_to_break: int = 30


@dataclass(frozen=True)
class Part:
    """An amount due on a day with what came of it, in minor units. `settled_on` is the value day of
    the money that completed it; None while something is outstanding."""

    number: int
    due_on: date
    due: int
    paid: int = 0
    waived: int = 0
    settled_on: date | None = None

    @property
    def outstanding(self) -> int:
        """Due less paid and waived."""
        return self.due - self.paid - self.waived


@dataclass(frozen=True)
class Plan:
    """A plan on a day: its health, the next open part, the missed parts, how much is behind."""

    health: Health
    next_number: int | None
    next_due_on: date | None
    missed: tuple[int, ...]
    behind: int
    breaks_on: date | None


def part_standing(part: Part, *, on: date, grace_days: int) -> Standing:
    """What the part is on the day. A part wholly waived counts as paid."""
    if part.outstanding == 0:
        if part.settled_on is None or part.settled_on == part.due_on:
            return Standing.PAID
        return Standing.EARLY if part.settled_on < part.due_on else Standing.LATE
    if on > part.due_on + timedelta(days=grace_days):
        return Standing.MISSED
    if part.paid or part.waived:
        return Standing.PART_PAID
    return Standing.WAITING if on < part.due_on else Standing.DUE


def promise_outcome(*, amount: int, paid: int, due_on: date, grace_days: int, on: date) -> Outcome:
    """What a promise is on the day: kept once the amount is there, broken the day after its grace.

    Money that comes later never makes a broken promise kept: whoever decides that it was broken
    looks once, on the day after.
    """
    if paid >= amount:
        return Outcome.KEPT
    return Outcome.BROKEN if on > due_on + timedelta(days=grace_days) else Outcome.RUNNING


def plan_standing(parts: Sequence[Part], *, on: date, terms: Terms) -> Plan:
    """How a plan of these parts is doing on the day.

    Broken: `missed_to_break` parts missed together, or one open `days_to_break` days. At risk: one
    missed, or one past its due day and not paid. Kept: nothing outstanding.
    """
    still = sorted((part for part in parts if part.outstanding), key=lambda part: part.due_on)
    if not still:
        return Plan(Health.KEPT, None, None, (), 0, None)
    grace = timedelta(days=terms.grace_days)
    missed = [part for part in still if on > part.due_on + grace]
    past = [part for part in still if part.due_on < on]
    breaks_on = plan_breaks_on([part.due_on for part in still], terms=terms)
    health = Health.AT_RISK if past else Health.ON_TRACK
    if on >= breaks_on:
        health = Health.BROKEN
    return Plan(
        health=health,
        next_number=still[0].number,
        next_due_on=still[0].due_on,
        missed=tuple(part.number for part in missed),
        behind=sum(part.outstanding for part in past),
        breaks_on=breaks_on,
    )


def plan_breaks_on(still_due: Sequence[date], *, terms: Terms) -> date:
    """The day on which a plan with these open due days (ascending) is broken if no money comes."""
    oldest = still_due[0] + timedelta(days=terms.days_to_break + 1)
    if len(still_due) < terms.missed_to_break:
        return oldest
    last = still_due[terms.missed_to_break - 1] + timedelta(days=terms.grace_days + 1)
    return min(oldest, last)


def is_young(*, made_on: date, on: date, young_days: int) -> bool:
    """Whether a promise was made so lately that a reminder could do harm."""
    return 0 <= (on - made_on).days < young_days


PARAMETERS: dict[str, dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "watch.toml").read_text("utf-8")
)
TERMS = Terms(
    **{
        name: PARAMETERS["plan"][name]
        for name in ("grace_days", "missed_to_break", "days_to_break")
    }
)
