"""The planned day of a night of this installation."""

from __future__ import annotations

from datetime import date, datetime

from django.conf import settings

from doorstep.cycle.models import Run
from doorstep.cycle.planned import Plan, plan_make
from doorstep.dispatch.gathering import COUNTRIES


def country() -> str:
    """The country whose days off the lender keeps, as calendars name it."""
    return COUNTRIES[settings.JURISDICTION]


def plan_at(*, at: datetime, on: date) -> Plan:
    """When work on a book of the day `on` would be done that is planned at an instant."""
    return plan_make(at=at, on=on, zone=settings.TIME_ZONE, country=country())


def plan_of(run: Run) -> Plan:
    """When what a run decided would be done."""
    return plan_at(at=run.started_at, on=run.business_date)
