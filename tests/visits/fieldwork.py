"""A published field day with a crew, visits and people around them, as rows."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from typing import Any

from doorstep.cases.models import Case
from doorstep.visits.models import Alarm, CrewDay, CrewMember, FieldPlan, PlannedVisit
from doorstep.workforce.models import Branch, Staff
from doorstep.workforce.roles import Role
from tests.factories import AT, make_address, make_branch, make_case, make_staff

_numbers = itertools.count(1)


def make_field_plan(
    *, branch: Branch | None = None, at: datetime = AT, state: str = "published", **fields: Any
) -> FieldPlan:
    """A plan of one day, without crews."""
    planner = fields.pop("by", None) or make_staff(Role.COLLECTIONS_MANAGER)
    values: dict[str, Any] = {
        "first_day": at.date(), "days": 1, "seconds": 1.0, "made_by": planner, "made_at": at,
        "published_by": planner, "published_at": at, **fields,
    }  # fmt: skip
    return FieldPlan.objects.create(branch=branch or make_branch(), state=state, **values)


def make_crew(
    *,
    plan: FieldPlan | None = None,
    members: list[Staff] | None = None,
    at: datetime = AT,
    **fields: Any,
) -> CrewDay:
    """Two agents out together from two hours before `at` until six hours after; the first leads."""
    plan = plan or make_field_plan(at=at)
    values: dict[str, Any] = {
        "key": f"crew-{next(_numbers)}", "day": plan.first_day,
        "begins_at": at - timedelta(hours=2), "ends_at": at + timedelta(hours=6), **fields,
    }  # fmt: skip
    crew = CrewDay.objects.create(plan=plan, **values)
    agents = members or [make_staff(Role.FIELD_AGENT, branch=plan.branch) for _ in "ab"]
    CrewMember.objects.bulk_create(
        [
            CrewMember(plan=plan, crew=crew, staff=each, day=crew.day, leads=not place)
            for place, each in enumerate(agents)
        ]
    )
    return crew


def make_visit(
    *, crew: CrewDay, case: Case | None = None, at: datetime = AT, **fields: Any
) -> PlannedVisit:
    """A visit of a crew, planned to take 30 minutes from `at`."""
    case = case or make_case(branch=crew.plan.branch)
    home = case.borrower.addresses.first() or make_address(borrower=case.borrower)
    values: dict[str, Any] = {
        "address": home, "latitude": 30.0, "longitude": 104.0,
        "minutes": 30, "value": 5_000, "arrives_at": at, "begins_at": at,
        "ends_at": at + timedelta(minutes=30), "place": 1, **fields,
    }  # fmt: skip
    return PlannedVisit.objects.create(plan=crew.plan, crew=crew, case=case, **values)


def make_alarm(*, branch: Branch, **fields: Any) -> Alarm:
    """An SOS of somebody of a branch on no crew."""
    values: dict[str, Any] = {
        "kind": "sos", "key": f"key-{next(_numbers)}", "raised_at": AT,
        "raised_by": make_staff(Role.FIELD_AGENT, branch=branch), **fields,
    }  # fmt: skip
    return Alarm.objects.create(branch=branch, **values)


def agents_of(crew: CrewDay) -> list[Staff]:
    """Those of a crew, the one who leads first."""
    return [member.staff for member in crew.members.order_by("-leads", "pk")]
