"""Safety in the field as plain rules: how long a timer runs, who is told when, what is done. Pure.

The parameters and the emergency plan's steps are data in `emergency.toml`.
"""

from __future__ import annotations

import hashlib
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "emergency.toml"
LANGUAGES = ("zh-Hans", "zh-Hant", "en")
CREW_WELL = "crew_well"


@dataclass(frozen=True)
class Level:
    """A level of the escalation: people of `role`, of the branch or everywhere (`within`), are told
    `after` the alarm was raised."""

    code: str
    role: str
    within: str
    after: timedelta


@dataclass(frozen=True)
class Step:
    """A step of the emergency plan in each language."""

    code: str
    words: Mapping[str, str]


@dataclass(frozen=True)
class Emergency:
    """The whole of `emergency.toml`; times as spans."""

    slack: timedelta
    short: timedelta
    grace: timedelta
    well: timedelta
    neglected: timedelta
    most_well: int
    margin: timedelta
    levels: tuple[Level, ...]
    steps: tuple[Step, ...]
    numbers: Mapping[str, Mapping[str, str]]

    def step_codes(self) -> tuple[str, ...]:
        """The codes of the steps in their order."""
        return tuple(step.code for step in self.steps)


@dataclass(frozen=True)
class Times:
    """When a timer is due, and when its alarm is raised if nobody says anything."""

    due_at: datetime
    alarm_at: datetime


@dataclass(frozen=True)
class Place:
    """A point on earth (WGS-84)."""

    latitude: float
    longitude: float


@lru_cache(maxsize=1)
def emergency() -> Emergency:
    """The emergency plan that ships."""
    return emergency_read(FILE.read_text("utf-8"))


def emergency_read(text: str) -> Emergency:
    """An emergency plan written as TOML. Raises KeyError or ValueError for a part that is missing
    or that has no wording in one of the languages."""
    raw = tomllib.loads(text)
    timer = raw["timer"]
    return Emergency(
        slack=_minutes(timer["slack"]),
        short=_minutes(timer["short"]),
        grace=_minutes(timer["grace"]),
        well=_minutes(timer["well"]),
        neglected=_minutes(timer["neglected"]),
        most_well=int(timer["most_well"]),
        margin=_minutes(raw["positions"]["margin"]),
        levels=tuple(_level(each) for each in raw["levels"]),
        steps=tuple(_step(each) for each in raw["steps"]),
        numbers=raw["numbers"],
    )


def _minutes(number: Any) -> timedelta:
    span = timedelta(minutes=float(number))
    if span < timedelta(0):
        raise ValueError(f"{number} minutes are fewer than none.")
    return span


def _level(raw: Mapping[str, Any]) -> Level:
    return Level(raw["code"], raw["role"], raw["within"], _minutes(raw["after"]))


def _step(raw: Mapping[str, Any]) -> Step:
    return Step(raw["code"], {language: raw[language] for language in LANGUAGES})


def timer_times(
    *, began_at: datetime, minutes: float, plan: Emergency, short: bool = False
) -> Times:
    """The times of a timer that begins when the crew is at the door; `minutes` is how long the
    visit was planned to take. `short`: the risk asks for a word sooner."""
    span = timedelta(minutes=minutes) + plan.slack
    due = began_at + (min(span, plan.short) if short else span)
    return Times(due_at=due, alarm_at=due + plan.grace)


def timer_times_well(
    *, due_at: datetime, at: datetime, plan: Emergency, short: bool = False
) -> Times:
    """The times after "I am well" at `at`: never earlier than they were."""
    due = max(due_at, at + (min(plan.well, plan.short) if short else plan.well))
    return Times(due_at=due, alarm_at=due + plan.grace)


def sos_key(*, staff_id: int, key: str, at: datetime) -> str:
    """The key under which an SOS is kept once, however often it is sent.

    `key` is what the phone made up; any text serves. Without one, what the same person sends within
    a minute is the same SOS.
    """
    told = key.strip() or at.strftime("%Y%m%dT%H%M")
    return "sos-" + hashlib.sha256(f"{staff_id}:{told}".encode()).hexdigest()[:40]


def place_of(latitude: object, longitude: object) -> Place | None:
    """A point from whatever a phone sent; None for what is no point on earth."""
    try:
        found = Place(float(str(latitude)), float(str(longitude)))
    except ValueError:
        return None
    if not (math.isfinite(found.latitude) and math.isfinite(found.longitude)):
        return None
    on_earth = abs(found.latitude) <= 90 and abs(found.longitude) <= 180
    return found if on_earth else None


def place_told(latitude: object, longitude: object) -> Place | None:
    """The same from the numbers of a phone app; a text is no number there."""
    plain = all(
        isinstance(each, int | float) and not isinstance(each, bool)
        for each in (latitude, longitude)
    )
    return place_of(latitude, longitude) if plain else None


def within_shift(*, at: datetime, begins_at: datetime, ends_at: datetime, plan: Emergency) -> bool:
    """Whether a position may be kept at `at`: people are followed at work and not beyond."""
    return begins_at - plan.margin <= at <= ends_at + plan.margin
