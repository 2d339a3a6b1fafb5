"""Which deadlines are in force: the lender's policy file over what is shipped."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings

from doorstep.kernel.working_days import DayReached
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


def due(name: str, *, at: datetime) -> DayReached:
    """The last day of a term for news that came at an instant."""
    return parameters_now().due(name, after=local_day(at))
