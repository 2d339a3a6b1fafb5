"""The example bank's visits of today: agreed, planned, published, ready to be carried out."""

from __future__ import annotations

from datetime import timedelta
from time import monotonic

import pytest
from pytest_django import Settings

from doorstep.cli.demo_papers import papers_make
from doorstep.cli.demo_staff import staff_make
from doorstep.cli.demo_today import today_make
from doorstep.dispatch.models import Act, ActState
from doorstep.kernel import clock
from doorstep.visits.models import Appointment, FieldPlan, PlannedVisit
from doorstep.workforce.models import Branch, DoorPin, Staff
from tests.factories import AT, ON, make_address, make_borrower, make_case, make_loan

pytestmark = pytest.mark.django_db
MORNING = AT - timedelta(hours=6)


@pytest.fixture
def staff(settings: Settings, home: object, monkeypatch: pytest.MonkeyPatch) -> dict[str, Staff]:
    """The people of the example bank in the morning, with six cases that wait for a visit."""
    began = monotonic()
    monkeypatch.setattr(clock, "now", lambda: MORNING + timedelta(seconds=monotonic() - began))
    settings.MODE = "demo"
    found = staff_make()
    papers_make(staff=found, at=MORNING, progress=lambda share: None)
    branch = Branch.objects.get(code="B01")
    assert branch.latitude is not None
    for number in range(6):
        borrower = make_borrower(branch=branch)
        make_loan(borrower=borrower)
        make_address(
            borrower=borrower, state="verified", latitude=branch.latitude + number / 1000,
            longitude=branch.longitude,
        )  # fmt: skip
        make_case(borrower=borrower, branch=branch, step="propose_visit", priority=number)
    return found


def test_a_day_is_planned_and_waits_at_the_door(staff: dict[str, Staff]) -> None:
    plan = today_make(staff=staff, at=MORNING)
    assert plan is not None
    assert plan.first_day == ON
    visits = PlannedVisit.objects.filter(plan=plan, state="planned", appointment__isnull=False)
    assert visits.count() == 3
    soon = visits.order_by("begins_at")[0]
    assert soon.begins_at is not None
    assert soon.begins_at - MORNING < timedelta(hours=2)
    assert Act.objects.get(reference=soon.act).state == ActState.QUEUED
    assert soon.crew is not None
    assert DoorPin.objects.filter(staff__crews__crew=soon.crew).count() == soon.crew.members.count()


def test_a_second_start_on_the_same_day_makes_nothing_more(staff: dict[str, Staff]) -> None:
    today_make(staff=staff, at=MORNING)
    assert today_make(staff=staff, at=MORNING + timedelta(hours=1)) is None
    assert FieldPlan.objects.count() == 1
    assert Appointment.objects.count() == 3


def test_late_in_the_evening_there_is_none(staff: dict[str, Staff]) -> None:
    assert today_make(staff=staff, at=AT + timedelta(hours=7)) is None
    assert not FieldPlan.objects.exists()
    assert not Appointment.objects.exists()
