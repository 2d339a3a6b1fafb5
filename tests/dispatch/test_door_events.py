"""A ring without a network is put to the guard afterwards, as of then: cleared, or an incident."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from doorstep.cases.models import Contact
from doorstep.dispatch.door_events import Told, events_apply
from doorstep.dispatch.erasing import borrower_erase
from doorstep.dispatch.models import Act, Incident
from doorstep.visits.models import CrewMember, DoorConflict, DoorEvent, DoorHead, PlannedVisit
from doorstep.workforce.models import Device
from tests.dispatch.field_world import begins, make_visit_due
from tests.factories import make_hold
from tests.sites.field.phones import step
from tests.visits.checks import make_impostor_report
from tests.visits.door.rows import make_conflict, make_door_event
from tests.visits.taping import make_phone

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit() -> PlannedVisit:
    return make_visit_due()


@pytest.fixture
def device(visit: PlannedVisit) -> Device:
    return make_phone(CrewMember.objects.filter(crew=visit.crew).earliest("pk").staff).device


def told(visit: PlannedVisit, device: Device, *, late: timedelta, **facts: Any) -> list[Told]:
    """The crew rang when planned; the phone says so `late`."""
    rang = step(visit, "clearance", at=begins(visit), **{"offline": True, "may": True} | facts)
    return events_apply(device=device, events=[rang], at=begins(visit) + late)


def test_what_the_guard_permits_is_cleared_afterwards_and_counted(
    visit: PlannedVisit, device: Device
) -> None:
    (result,) = told(visit, device, late=timedelta(hours=7))
    assert result.state == "applied"
    assert DoorEvent.objects.get().outcome == {"code": "CLEARED_AFTERWARDS"}
    assert Act.objects.get(reference=visit.act).state == "cleared"
    assert Contact.objects.get(channel="visit").at == begins(visit)
    assert not Incident.objects.exists()


def test_a_stop_the_phone_did_not_know_of_makes_it_an_incident(
    visit: PlannedVisit, device: Device
) -> None:
    make_hold(borrower=visit.case.borrower)
    told(visit, device, late=timedelta(hours=7))
    assert DoorEvent.objects.get().outcome["code"] == "NOT_CLEARED"
    assert Incident.objects.count() == 1


def test_a_visit_cleared_before_stays_so(visit: PlannedVisit, device: Device) -> None:
    told(visit, device, late=timedelta(0))
    Act.objects.filter(reference=visit.act).update(state="delivered")
    told(visit, device, late=timedelta(hours=1), again=True)
    assert not Incident.objects.exists()


def test_what_phones_told_of_a_person_goes_with_them(visit: PlannedVisit) -> None:
    conflict = make_conflict(visit=visit)
    make_door_event(visit=visit, state="applied", same_as=conflict.stood)
    borrower = visit.case.borrower_id
    borrower_erase(borrower_id=borrower, ground="request", by="auditor", at=begins(visit))
    assert not DoorEvent.objects.exists()
    assert not DoorConflict.objects.exists()
    assert not DoorHead.objects.exists()
    assert Device.objects.exists()


def test_a_report_of_an_impostor_stays_without_the_words_of_who_was_erased(
    visit: PlannedVisit,
) -> None:
    words = {"words": "有人在我家门口", "place": "桃源路12号", "contact": "13800001111"}
    theirs, another = (make_impostor_report(visit=each, **words) for each in (visit, None))
    borrower = visit.case.borrower_id
    borrower_erase(borrower_id=borrower, ground="request", by="auditor", at=begins(visit))
    theirs.refresh_from_db()
    another.refresh_from_db()
    assert (theirs.visit, theirs.words, theirs.place, theirs.contact) == (None, "–", "", "")
    assert another.words == words["words"]
