"""The example bank's field days: crews on every day, and something agreed to be planned."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from pytest_django import Settings

from doorstep.cli.demo_papers import papers_make
from doorstep.cli.demo_staff import staff_make
from doorstep.cli.demo_visits import visits_make
from doorstep.dispatch.visit_crews import crews_of_days
from doorstep.visits.models import Appointment, RiskAssessment
from doorstep.workforce.models import Branch, Staff
from tests.factories import AT, ON, make_address, make_borrower, make_case, make_loan

pytestmark = pytest.mark.django_db
BRANCHES = ("B01", "B02", "B03")


@pytest.fixture
def staff(settings: Settings, home: object) -> dict[str, Staff]:
    settings.MODE = "demo"
    found = staff_make()
    papers_make(staff=found, at=AT, progress=lambda share: None)
    return found


def test_every_branch_with_people_is_on_the_map_and_has_a_crew_on_every_day(
    staff: dict[str, Staff],
) -> None:
    for branch in Branch.objects.filter(code__in=BRANCHES):
        assert branch.latitude is not None
        formed = crews_of_days(branch=branch, first=ON + timedelta(days=1), days=7, at=AT)
        assert all(each.crews for each in formed.values()), (branch.code, formed)


def test_some_visits_are_agreed_some_proposed_some_assessed_once(staff: dict[str, Staff]) -> None:
    for number in range(40):
        branch = Branch.objects.get(code=BRANCHES[number % 2])
        borrower = make_borrower(branch=branch)
        make_loan(borrower=borrower)
        make_address(
            borrower=borrower, state="verified", latitude=branch.latitude,
            longitude=branch.longitude,
        )  # fmt: skip
        make_case(borrower=borrower, branch=branch, step="propose_visit", priority=number)
    told: list[float] = []
    visits_make(staff=staff, at=AT, progress=told.append)
    assert told[-1] == 1.0
    states = Counter(Appointment.objects.values_list("state", flat=True))
    assert states == {"agreed": 14, "proposed": 4}
    levels = Counter(RiskAssessment.objects.values_list("level", flat=True))
    assert levels["high"] == 4
    assert RiskAssessment.objects.filter(approved_at=None, level="high").count() == 2
    visits_make(staff=staff, at=AT, progress=told.append)
    assert Appointment.objects.count() == 18
