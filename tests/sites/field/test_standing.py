"""What a crew may do as things stand now: who goes by which plan, passes, a second question at the
door, a ring that is told late, a call for help while the database takes no writing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError

from doorstep.dispatch.door_events import events_apply
from doorstep.dispatch.models import Act, Incident
from doorstep.dispatch.visit_acts import visit_acts_make, visit_acts_withdraw
from doorstep.dispatch.worker import acts_expire
from doorstep.kernel import clock
from doorstep.sites.field import auth
from doorstep.visits.models import Alarm, CrewDay, DoorEvent, FieldPlan, PlannedVisit
from doorstep.visits.selectors.visitor import visit_by_code
from doorstep.workforce.models import AuthorityLetter, Device, Staff
from doorstep.workforce.roles import Role
from tests.dispatch.field_world import begins, make_visit_due
from tests.factories import AT, make_hold, make_staff
from tests.sites.field.phones import crew_today, event, phones_of, sent, step, stop_of
from tests.visits.checks import CODE, make_door
from tests.visits.fieldwork import agents_of, make_crew
from tests.visits.taping import Phone, make_phone

pytestmark = pytest.mark.django_db
DAY, CHANGES = "/field/api/day/", "/field/api/changes/"


@pytest.fixture
def crew() -> CrewDay:
    return crew_today()


@pytest.fixture
def visit(crew: CrewDay) -> PlannedVisit:
    return stop_of(crew)


def at_the_door(visit: PlannedVisit) -> PlannedVisit:
    """The visit as it waits for its crew to ask."""
    by = make_staff(Role.COLLECTIONS_MANAGER)
    visit_acts_make(visits=[visit], by=by, at=clock.now() - timedelta(hours=1))
    return visit


def asks(phone: Phone, visit: PlannedVisit) -> dict[str, Any]:
    answer = phone.ask("POST", f"/field/api/visits/{visit.pk}/clear/", {})
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


# ---------------------------------------------------------------- which plan


def an_outlook(crew: CrewDay) -> None:
    """The crew's day becomes the second of a plan that began yesterday."""
    FieldPlan.objects.filter(pk=crew.plan_id).update(first_day=crew.day - timedelta(days=1), days=2)


def test_an_outlook_is_nobodys_day(crew: CrewDay, visit: PlannedVisit) -> None:
    phone = phones_of(crew)[0]
    assert phone.ask("GET", DAY).json()["stops"][0]["visit"] == visit.pk
    an_outlook(crew)
    day = phone.ask("GET", DAY).json()
    assert (day["crew"], day["stops"]) == (None, [])
    fixed = crew_of_the_day(crew)
    assert phone.ask("GET", DAY).json()["crew"]["id"] == fixed.pk


def crew_of_the_day(crew: CrewDay) -> CrewDay:
    """The same people in the plan of the day itself."""
    plan = FieldPlan.objects.get(pk=crew.plan_id)
    plan.pk, plan.first_day, plan.days = None, crew.day, 1
    plan.save()
    return make_crew(plan=plan, members=agents_of(crew), at=clock.now())


def test_a_code_names_nobody_by_an_outlook() -> None:
    door = make_door()
    assert visit_by_code(code=CODE, at=AT) is not None
    an_outlook(door.crew)
    assert visit_by_code(code=CODE, at=AT) is None


# ---------------------------------------------------------------- passes


def a_pass(phone: Phone) -> object:
    return phone.ask("GET", DAY).json()["stops"][0]["pass"]


@pytest.mark.parametrize("what", ["letter", "account"])
def test_no_pass_is_signed_once_one_of_the_crew_may_not_go(
    crew: CrewDay, visit: PlannedVisit, what: str
) -> None:
    phone, partner = phones_of(crew)[0], agents_of(crew)[1]
    assert a_pass(phone)
    if what == "letter":
        revoked = {"revoked_at": clock.now(), "revoked_why": "x", "revoked_by": partner}
        AuthorityLetter.objects.filter(staff=partner).update(**revoked)
    else:
        Staff.objects.filter(pk=partner.pk).update(is_active=False)
    assert a_pass(phone) is None


def test_a_visit_withdrawn_after_the_ring_stays_in_the_day_without_a_pass(
    crew: CrewDay, visit: PlannedVisit
) -> None:
    phone = phones_of(crew)[0]
    sent(phone, step(visit, "on_my_way"))
    PlannedVisit.objects.filter(pk=visit.pk).update(state="cancelled")
    other = stop_of(crew, hours=1, state="cancelled")
    (stop,) = phone.ask("GET", DAY).json()["stops"]
    assert (stop["visit"], stop["state"], stop["pass"]) == (visit.pk, "cancelled", None)
    assert stop["visit"] != other.pk


# ---------------------------------------------------------------- at the door


def test_asked_again_the_guard_answers_again(crew: CrewDay, visit: PlannedVisit) -> None:
    first, second = phones_of(crew)
    at_the_door(visit)
    assert asks(first, visit)["may"]
    again = asks(second, visit)
    assert (again["may"], bool(again["pass"])) == (True, True)
    make_hold(borrower=visit.case.borrower)
    no = asks(second, visit)
    assert (no["may"], no["pass"]) == (False, None)
    assert no["why"]


@pytest.fixture
def due() -> PlannedVisit:
    return make_visit_due()


@pytest.fixture
def device(due: PlannedVisit) -> Device:
    assert due.crew is not None
    return make_phone(agents_of(due.crew)[0]).device


def rang(due: PlannedVisit, device: Device, *, late: timedelta) -> DoorEvent:
    """The crew rang by its pass when planned, and tells of it late."""
    told = step(due, "clearance", at=begins(due), offline=True, may=True)
    events_apply(device=device, events=[told], at=begins(due) + late)
    return DoorEvent.objects.get()


def test_a_lawful_ring_told_late_is_cleared_though_its_hour_is_over(
    due: PlannedVisit, device: Device
) -> None:
    evening = begins(due) + timedelta(hours=7)
    acts_expire(at=evening)
    assert Act.objects.get(reference=due.act).state == "expired"
    assert rang(due, device, late=timedelta(hours=7)).outcome == {"code": "CLEARED_AFTERWARDS"}
    assert not Incident.objects.exists()


@pytest.mark.parametrize(("minutes", "code"), [(5, "CLEARED_AFTERWARDS"), (-5, "NOT_CLEARED")])
def test_what_was_withdrawn_after_the_ring_does_not_count_before_it_does(
    due: PlannedVisit, device: Device, minutes: int, code: str
) -> None:
    visit_acts_withdraw(
        visits=PlannedVisit.objects.filter(pk=due.pk), why="x", by=None,
        at=begins(due) + timedelta(minutes=minutes),
    )  # fmt: skip
    assert rang(due, device, late=timedelta(hours=1)).outcome["code"] == code
    state = Act.objects.get(reference=due.act).state
    assert state == ("cleared" if minutes > 0 else "withdrawn")


# ---------------------------------------------------------------- help


def test_help_does_not_wait_for_the_note_that_a_phone_was_seen(
    crew: CrewDay, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(**_fields: object) -> None:
        raise OperationalError("database is locked")

    phone = phones_of(crew)[0]
    monkeypatch.setattr(auth, "device_seen", locked)
    answer = phone.ask("POST", "/field/api/sos/", {"key": "k1"})
    assert (answer.status_code, answer.json()["alerted"]) == (201, True)
    assert Alarm.objects.get().raised_by == phone.staff
    with pytest.raises(OperationalError):
        phone.ask("GET", CHANGES)


def test_notes_go_on_after_it(crew: CrewDay, visit: PlannedVisit) -> None:
    assert sent(phones_of(crew)[0], event(visit)) == [("applied", "")]
