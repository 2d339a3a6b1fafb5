"""Phones of a crew that is out today, and events as they write them."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from doorstep.kernel import clock
from doorstep.sites.field.times import iso
from doorstep.visits.models import CrewDay, PlannedVisit
from tests.factories import (
    make_address,
    make_borrower,
    make_branch,
    make_case,
    make_contact_point,
    make_instalments,
    make_loan,
)
from tests.visits.fieldwork import agents_of, make_crew, make_field_plan, make_visit
from tests.visits.taping import Phone, make_phone
from tests.workforce.people import make_agent

EVENTS = "/field/api/events/"
_numbers = itertools.count(1)


def crew_today(**fields: Any) -> CrewDay:
    """Two agents with their papers, out now."""
    now, branch = clock.now(), make_branch()
    letter = {"valid_from": clock.today(), "valid_until": clock.today() + timedelta(days=30)}
    members = [make_agent(branch=branch, letter=letter) for _each in "ab"]
    plan = make_field_plan(branch=branch, at=now, first_day=clock.today())
    return make_crew(plan=plan, members=members, at=now, **fields)


def stop_of(crew: CrewDay, *, hours: float = 0, **fields: Any) -> PlannedVisit:
    """A stop of the crew with a bill and a verified number."""
    borrower = make_borrower(branch=crew.plan.branch)
    make_instalments(loan=make_loan(borrower=borrower))
    make_contact_point(borrower=borrower, value="+8613812345678")
    at = clock.now() + timedelta(hours=hours)
    case = make_case(borrower=borrower, branch=crew.plan.branch)
    return make_visit(
        crew=crew, case=case, at=at, address=make_address(borrower=borrower), **fields
    )


def phones_of(crew: CrewDay) -> list[Phone]:
    """A phone of each of the crew."""
    return [make_phone(staff=agent) for agent in agents_of(crew)]


def event(
    visit: PlannedVisit | int, kind: str = "note", *, at: datetime | None = None, **fields: Any
) -> dict[str, Any]:
    """An event as a phone sends it."""
    event_id, when = str(uuid4()), iso(at or clock.now())
    number = visit if isinstance(visit, int) else visit.pk
    bodies: dict[str, dict[str, Any]] = {
        "note": {"text": "门口有狗"}, "check_in": {"what": "arrived"},
        "leave_now": {"why": "不安全"}, "dispute": {"loan": None, "text": "不认这笔罚息"},
    }  # fmt: skip
    adding = kind in ("note", "position", "recording_gap", "check_in")
    values: dict[str, Any] = {
        "id": event_id, "visit": number, "kind": kind, "after": None, "at": when,
        "topic": f"{kind}:{event_id}" if adding else kind, "clock_at": when,
        "number": next(_numbers), "body": bodies.get(kind, {}),
    }  # fmt: skip
    return values | fields


def step(
    visit: PlannedVisit | int, code: str, *, how: str = "done", after: str | None = None,
    at: datetime | None = None, **facts: Any,
) -> dict[str, Any]:  # fmt: skip
    """A step as a phone writes it down."""
    body = {"step": code, "how": how, "why": "", **facts}
    return event(visit, "step", topic=f"step:{code}", body=body, after=after, at=at)


def sent(phone: Phone, *events: object) -> list[tuple[str, str]]:
    """Send the events; state and code of each result."""
    answer = phone.ask("POST", EVENTS, {"events": list(events)})
    assert answer.status_code == 200, answer.content
    return [(each["state"], each["code"]) for each in answer.json()["results"]]
