"""The day of a crew on its phones: whole, its own alone, in a fixed number of queries."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from doorstep.evidence.door_keys import server_public_key
from doorstep.kernel import clock
from doorstep.sites.office.bill import case_bill
from doorstep.visits.models import CrewDay
from doorstep.workforce.models import DoorPin, PersonalDataAccess
from tests.sites.field.phones import crew_today, phones_of, stop_of
from tests.visits.door.passes import pass_opens, pass_read
from tests.visits.fieldwork import agents_of
from tests.visits.taping import make_phone
from tests.workforce.people import make_agent

pytestmark = pytest.mark.django_db
DAY = "/field/api/day/"


@pytest.fixture
def crew() -> CrewDay:
    return crew_today()


def test_a_crew_gets_everything_a_visit_needs(crew: CrewDay) -> None:
    visit, agents = stop_of(crew), agents_of(crew)
    DoorPin.objects.create(
        staff=agents[1], salt=b"s" * 16, iterations=310_000, hash=b"h" * 32, kept_at=clock.now()
    )
    answer = phones_of(crew)[0].ask("GET", DAY)
    assert answer.status_code == 200
    day = answer.json()
    assert [each["id"] for each in day["crew"]["members"]] == [each.pk for each in agents]
    assert day["crew"]["members"][0]["pin"] is None
    assert day["crew"]["members"][1]["pin"]["iterations"] == 310_000
    assert [each["code"] for each in day["steps"]][:3] == ["on_my_way", "arrive", "clearance"]
    assert set(day["conduct"]) == {"upset", "silent", "elderly", "child", "threats"}
    (stop,) = day["stops"]
    borrower = visit.case.borrower
    assert (stop["visit"], stop["who"]) == (visit.pk, borrower.name)
    (account,) = case_bill(visit.case).accounts
    assert stop["bill"]["total"] == account.overdue.total > 0
    assert stop["bill"]["on"] == visit.case.business_date.isoformat()
    assert stop["loans"][0]["loan_id"] == borrower.loans.get().pk
    assert stop["options"]["policy_digest"] == day["tables"]["digest"]
    assert len(base64.urlsafe_b64decode(stop["recording"]["nonce"] + "==")) == 16
    assert PersonalDataAccess.objects.filter(what="trip_pack_phone").count() == 1
    phones_of(crew)[0].ask("GET", DAY)
    assert PersonalDataAccess.objects.filter(what="trip_pack_phone").count() == 1
    assert json.dumps(day)


def test_the_pass_holds_for_this_visit_its_people_place_and_hours(crew: CrewDay) -> None:
    visit = stop_of(crew)
    stop = phones_of(crew)[0].ask("GET", DAY).json()["stops"][0]
    given = pass_read(stop["pass"], public_key=server_public_key())
    members = [each.pk for each in agents_of(crew)]
    now = clock.now()
    here = {"latitude": 30.0, "longitude": 104.0}
    assert pass_opens(given, visit=visit.pk, members=members, at=now, **here) == ""
    assert given.lives_until - given.issued_at == timedelta(hours=4)
    assert datetime.fromisoformat(stop["windows"][0][0]) == given.windows[0][0]


@pytest.mark.parametrize("state", ["done", "cancelled"])
def test_there_is_no_pass_for_a_visit_that_is_not_to_be_made(crew: CrewDay, state: str) -> None:
    stop_of(crew, state=state)
    stops = phones_of(crew)[0].ask("GET", DAY).json()["stops"]
    assert [stop["pass"] for stop in stops] == ([None] if state == "done" else [])


def test_others_and_those_without_a_crew_get_no_stops(crew: CrewDay) -> None:
    stop_of(crew)
    day = make_phone(make_agent(branch=crew.plan.branch)).ask("GET", DAY).json()
    assert (day["crew"], day["stops"]) == (None, [])
    assert day["steps"]


def test_the_day_takes_as_many_queries_for_many_stops_as_for_one(crew: CrewDay) -> None:
    phone = phones_of(crew)[0]

    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as made:
            assert phone.ask("GET", DAY).status_code == 200
        return len(made)

    stop_of(crew)
    phone.ask("GET", DAY)
    first = count()
    for hours in (1, 2, 3):
        stop_of(crew, hours=hours)
    phone.ask("GET", DAY)
    assert count() == first


def test_the_revision_changes_with_the_day_and_the_changes_say_so(crew: CrewDay) -> None:
    stop_of(crew)
    phone = phones_of(crew)[0]
    before = phone.ask("GET", DAY).json()["revision"]
    assert phone.ask("GET", "/field/api/changes/").json()["revision"] == before
    stop_of(crew, hours=1)
    assert phone.ask("GET", "/field/api/changes/").json()["revision"] != before
    assert phone.ask("GET", DAY).json()["revision"] != before
