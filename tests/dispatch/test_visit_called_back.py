"""A stop that arrives while a crew stands before the door, cleared, and has not rung yet."""

from __future__ import annotations

from datetime import timedelta

import pytest

from doorstep.dispatch.visit_acts import visit_clear
from doorstep.dispatch.visit_withdrawing import visits_look_again
from doorstep.protections.services import News, complaint_open
from doorstep.visits.models import CrewMember, CrewTold, DoorHead, PlannedVisit
from doorstep.visits.models.days import VisitState
from doorstep.visits.services.safety import timer_start
from tests.dispatch.field_world import begins, make_visit_due
from tests.visits.door.rows import make_door_event

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit() -> PlannedVisit:
    """A visit whose crew was cleared a minute ago and stands before the door."""
    made = make_visit_due()
    agent = CrewMember.objects.filter(crew=made.crew).earliest("pk").staff
    answer = visit_clear(visit=made, by=agent, clock=lambda: begins(made))
    assert answer.may
    timer_start(visit=made, by=agent, at=begins(made))
    made.refresh_from_db()
    assert made.state == VisitState.UNDER_WAY
    return made


def complain(visit: PlannedVisit) -> None:
    at = begins(visit) + timedelta(minutes=1)
    news = News(borrower=visit.case.borrower, reference=f"c{visit.pk}", at=at)
    complaint_open(news=news, words="请不要上门")


def test_the_crew_is_told_before_it_rings(visit: PlannedVisit) -> None:
    complain(visit)
    told = CrewTold.objects.filter(visit=visit, what="withdrawn")
    assert {each.staff_id for each in told} == {
        member.staff_id for member in CrewMember.objects.filter(crew=visit.crew)
    }
    assert {each.why for each in told} == {"HOUSE-COMPLAINT"}
    visit.refresh_from_db()
    assert visit.state == VisitState.UNDER_WAY  # what happened at the door is still to be told


def test_a_crew_that_talks_already_is_not_interrupted(visit: PlannedVisit) -> None:
    assert visit.crew is not None
    event = make_door_event(visit=visit, kind="step", topic="step:identity")
    DoorHead.objects.update_or_create(
        case=visit.case, day=visit.crew.day, topic=event.topic, defaults={"event": event}
    )
    complain(visit)
    assert not CrewTold.objects.filter(what="withdrawn").exists()


def test_the_visit_itself_in_the_counts_calls_nobody_back(visit: PlannedVisit) -> None:
    at = begins(visit) + timedelta(minutes=1)
    visits_look_again(borrower_ids=[visit.case.borrower_id], at=at)
    assert not CrewTold.objects.filter(what="withdrawn").exists()
