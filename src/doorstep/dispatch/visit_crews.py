"""The crews of a branch's days, from its rosters, and who stays behind and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from doorstep.rules.moments import wall
from doorstep.visits.crews import Formed, OnDuty, crews_form
from doorstep.workforce.models import Branch, RosterDay, Staff, Vehicle
from doorstep.workforce.roles import Role
from doorstep.workforce.selectors import agents_on
from doorstep.workforce.shifts import HOURS


def crews_of_days(
    *, branch: Branch, first: date, days: int, at: datetime, thirds: int = 0
) -> dict[date, Formed]:
    """The crews that can be formed on each day; not those of a shift that is over at `at`. `thirds`
    of them have a third agent, where somebody is left over."""
    staff = list(
        Staff.objects.filter(branch=branch, role=Role.FIELD_AGENT, is_active=True).order_by("pk")
    )
    rostered: dict[date, dict[int, RosterDay]] = defaultdict(dict)
    last = first + timedelta(days=days - 1)
    for row in RosterDay.objects.filter(
        staff__in=staff, day__range=(first, last), withdrawn_at=None
    ):
        rostered[row.day][row.staff_id] = row
    vehicles = list(Vehicle.objects.filter(branch=branch).order_by("pk"))
    found = {}
    for n in range(days):
        day = first + timedelta(days=n)
        some = [each for each in staff if each.pk in rostered[day]]
        found[day] = _formed(some, rostered[day], vehicles, day, at, thirds) if some else Formed()
    return found


def _formed(
    staff: list[Staff],
    rows: Mapping[int, RosterDay],
    vehicles: list[Vehicle],
    day: date,
    at: datetime,
    thirds: int,
) -> Formed:
    zone = ZoneInfo(settings.TIME_ZONE)
    on_duty = []
    for agent in agents_on(staff=staff, on=day, at=at):
        begins, ends = (wall(day, each, zone) for each in HOURS[rows[agent.id].shift])
        if ends > at:
            begins = max(begins, at)
            on_duty.append(OnDuty(agent, begins, ends, rows[agent.id].vehicle_id))
    seats = {each.pk: each.seats for each in vehicles if _is_in(each, day)}
    return crews_form(on_duty, day=day, vehicles=seats, thirds=thirds)


def _is_in(vehicle: Vehicle, day: date) -> bool:
    away = vehicle.out_from and vehicle.out_until and vehicle.out_from <= day <= vehicle.out_until
    return not away and vehicle.seats >= 2


def behind_as_json(formed: Mapping[date, Formed]) -> list[dict[str, Any]]:
    """Who stays behind on which day, and why, in plain JSON."""
    return [
        {"day": day.isoformat(), "staff": staff_id, "why": [str(r.why) for r in reasons]}
        for day, each in sorted(formed.items())
        for staff_id, reasons in sorted(each.behind.items())
    ]
