"""Which deadlines are in force: the lender's policy file over what is shipped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from doorstep.protections.parameters import Parameters, parameters_load

POLICY_FILE = "policy.toml"


def parameters_now() -> Parameters:
    """The parameters of the lender's policy file in HOME. Raises as `parameters_load`."""
    return parameters_load(Path(settings.HOME) / POLICY_FILE)


def local_day(at: datetime) -> date:
    """The lender's calendar day of an instant."""
    return at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def start_of(day: date) -> datetime:
    """The instant at which the lender's calendar day begins."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(settings.TIME_ZONE))


@dataclass(frozen=True)
class Deadline:
    """A day by which somebody must act: the term it follows from and the day it counts from."""

    term: str
    after: date
    day: date
    sure: bool

    def as_fields(self) -> dict[str, Any]:
        """The columns of a protection that hold it."""
        return {
            "due_on": self.day,
            "due_term": self.term,
            "due_after": self.after,
            "due_sure": self.sure,
        }


NO_DEADLINE: dict[str, Any] = {
    "due_on": None,
    "due_term": "",
    "due_after": None,
    "due_sure": True,
}


def deadline(term: str, *, at: datetime) -> Deadline:
    """The deadline of a term for news that came at an instant."""
    return deadline_after(term, after=local_day(at))


def deadline_after(term: str, *, after: date) -> Deadline:
    """The deadline of a term that begins on the day after."""
    reached = parameters_now().due(term, after=after)
    return Deadline(term, after, reached.day, reached.sure)


def claim_deadline(kind: str, *, at: datetime) -> Deadline:
    """How long an unconfirmed claim of that kind holds."""
    return deadline(parameters_now().claim_term(kind), at=at)
