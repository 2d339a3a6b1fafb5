"""A branch on the map with rostered crews and borrowers whom a visit was proposed for."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from doorstep.cases.models import Case
from doorstep.dispatch.visit_making import plan_work
from doorstep.dispatch.visit_plans import plan_publish
from doorstep.visits.models import Appointment, CrewDay, FieldPlan, PlannedVisit
from doorstep.visits.services.plans import plan_open
from doorstep.workforce.models import Branch, Shift, Staff, Vehicle
from doorstep.workforce.roles import Role
from tests.dispatch.outbox import Clock
from tests.factories import (
    AT,
    ON,
    make_address,
    make_borrower,
    make_branch,
    make_case,
    make_contact_point,
    make_loan,
    make_staff,
)
from tests.workforce.people import make_agent, make_letter, make_roster_day

TOMORROW = ON + timedelta(days=1)
LATITUDE, LONGITUDE = 31.23, 121.47
STEP = 0.01  # degrees: about a kilometre


def make_field_branch(**fields: Any) -> Branch:
    """A branch on the map."""
    branch = make_branch(**fields)
    branch.latitude, branch.longitude = LATITUDE, LONGITUDE
    branch.save()
    return branch


def make_manager() -> Staff:
    """Whoever plans."""
    return make_staff(Role.COLLECTIONS_MANAGER)


def make_rostered(
    *, branch: Branch, day: date = TOMORROW, shift: str = Shift.DAY, days: int = 1, **fields: Any
) -> Staff:
    """An agent with everything in order who works on the day."""
    agent = make_agent(branch=branch, letter=False, **fields)
    letter = make_letter(staff=agent)
    for n in range(days):
        make_roster_day(letter=letter, day=day + timedelta(days=n), shift=shift)
    return agent


def make_crew(*, branch: Branch, day: date = TOMORROW, **fields: Any) -> tuple[Staff, Staff]:
    """Two agents who work on the day."""
    return (
        make_rostered(branch=branch, day=day, **fields),
        make_rostered(branch=branch, day=day, **fields),
    )


def make_vehicle(*, branch: Branch, **fields: Any) -> Vehicle:
    """A car of the branch."""
    number = Vehicle.objects.count() + 1
    return Vehicle.objects.create(
        **{"branch": branch, "plate": f"例A{number:05}", "seats": 5, "range_km": 400} | fields
    )


def make_visit_due() -> PlannedVisit:
    """The first visit of a day that was planned and published; its agents may go to it."""
    branch, manager = make_field_branch(), make_manager()
    make_crew(branch=branch)
    make_visit_case(branch=branch)
    plan = plan_work(plan=make_open_plan(branch=branch, by=manager), clock=Clock(AT))
    plan_publish(plan=plan, by=manager, at=AT)
    return PlannedVisit.objects.filter(plan=plan, state="planned").order_by("begins_at")[0]


def make_visit_case(
    *, branch: Branch, north: float = 1.0, east: float = 0.0, step: str = "propose_visit",
    placed: bool = True, **fields: Any,
) -> Case:  # fmt: skip
    """A borrower with an overdue loan, some kilometres north and east of the branch."""
    borrower = make_borrower(branch=branch, **fields.pop("borrower", {}))
    make_loan(borrower=borrower)
    make_contact_point(borrower=borrower)
    make_address(
        borrower=borrower, state="verified",
        latitude=LATITUDE + north * STEP if placed else None,
        longitude=LONGITUDE + east * STEP if placed else None,
    )  # fmt: skip
    values = {"bucket": 3, "due_total": 1_200_000} | fields
    return make_case(borrower=borrower, branch=branch, step=step, **values)


def make_appointment(*, case: Case, by: Staff, **fields: Any) -> Appointment:
    """A visit agreed for tomorrow from 14:00 to 15:00 in China."""
    start = AT + timedelta(hours=22)
    values: dict[str, Any] = {
        "address": case.borrower.addresses.first(), "proposed_through": "phone",
        "from_at": start, "until_at": start + timedelta(hours=1), "code": "417123",
        "state": "agreed", "proposed_by": by, "proposed_at": AT,
    }  # fmt: skip
    return Appointment.objects.create(case=case, **(values | fields))


def make_open_plan(*, branch: Branch, by: Staff, **fields: Any) -> FieldPlan:
    """A plan of tomorrow that waits for its worker; sixty steps of the engine."""
    values: dict[str, Any] = {
        "first_day": TOMORROW, "days": 1, "by": by, "at": AT, "on": ON, "seconds": 30.0,
        "iterations": 60,
    }  # fmt: skip
    return plan_open(branch=branch, **(values | fields))


def begins(visit: PlannedVisit) -> datetime:
    """When a planned visit begins."""
    assert visit.begins_at is not None
    return visit.begins_at


def crew_of(visit: PlannedVisit) -> CrewDay:
    """Who makes a planned visit."""
    assert visit.crew is not None
    return visit.crew
