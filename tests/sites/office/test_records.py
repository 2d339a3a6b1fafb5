"""Visit records in the office: the list, one record, its PDF, what is missing, a visit past us."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from doorstep.cases.models import Case
from doorstep.dispatch.models import Incident
from doorstep.dispatch.visit_landing import report_land
from doorstep.kernel import clock
from doorstep.visits.models import CrewDay, VisitRecord, VisitRecordDocument
from doorstep.workforce.models import PersonalDataAccess, Staff
from doorstep.workforce.roles import Role
from tests.agreements.offers import Desk
from tests.factories import make_branch, make_staff
from tests.visits.doors import cleared, report, steps
from tests.visits.fieldwork import agents_of, make_crew, make_field_plan, make_visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def crew(desk: Desk) -> CrewDay:
    now = clock.now()
    return make_crew(plan=make_field_plan(branch=desk.branch, at=now), at=now)


@pytest.fixture
def record(desk: Desk, crew: CrewDay) -> VisitRecord:
    return filed(crew, desk.case)


def filed(crew: CrewDay, case: Case, **more: Any) -> VisitRecord:
    now = clock.now()
    visit = cleared(make_visit(crew=crew, case=case, at=now))
    return report_land(
        visit=visit, event=report(crew, at=now, **more), by=agents_of(crew)[0], at=now,
        events=steps(at=now),
    )  # fmt: skip


def signed_in(staff: Staff) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def test_the_list_shows_what_was_filed_and_opens_it(desk: Desk, record: VisitRecord) -> None:
    client = signed_in(desk.leader)
    shown = client.get(reverse("office:records")).content.decode()
    assert record.number in shown
    assert desk.case.borrower.name not in shown
    page = client.get(reverse("office:record", args=[record.pk])).content.decode()
    for words in ("授权书", record.contents["said"], desk.case.borrower.name, "18"):
        assert words in page, words
    assert PersonalDataAccess.objects.filter(staff=desk.leader, what="visit_record").exists()


def test_who_does_not_go_there_sees_it_covered(desk: Desk, record: VisitRecord) -> None:
    home = record.contents["place"]["address"]
    auditor = make_staff(Role.AUDITOR)
    page = signed_in(auditor).get(reverse("office:record", args=[record.pk])).content.decode()
    assert desk.case.borrower.name not in page
    assert home not in page
    assert "30.0001" not in page
    answer = signed_in(auditor).get(reverse("office:record_pdf", args=[record.pk]))
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content != filed_pdf(desk.leader, record)
    assert PersonalDataAccess.objects.filter(staff=auditor, what="visit_record_masked").count() == 2


def filed_pdf(staff: Staff, record: VisitRecord) -> bytes:
    answer = signed_in(staff).get(reverse("office:record_pdf", args=[record.pk]))
    assert answer.status_code == 200
    return answer.content


def test_the_pdf_is_the_one_that_was_filed(desk: Desk, record: VisitRecord) -> None:
    kept = VisitRecordDocument.objects.get(record=record)
    assert hashlib.sha256(filed_pdf(desk.leader, record)).hexdigest() == kept.sha256


def test_the_crew_reads_its_own_until_its_day_is_over(crew: CrewDay, record: VisitRecord) -> None:
    address = reverse("office:record", args=[record.pk])
    agent = agents_of(crew)[1]
    assert signed_in(agent).get(address).status_code == 200
    CrewDay.objects.filter(pk=crew.pk).update(
        begins_at=clock.now() - timedelta(hours=40), ends_at=clock.now() - timedelta(hours=30)
    )
    assert signed_in(agent).get(address).status_code == 404


def test_others_do_not_learn_that_it_exists(record: VisitRecord) -> None:
    address = reverse("office:record", args=[record.pk])
    for role in (Role.FIELD_AGENT, Role.DESK_AGENT):
        stranger = make_staff(role, branch=make_branch())
        assert signed_in(stranger).get(address).status_code == 404
    assert signed_in(make_staff(Role.ANALYST)).get(address).status_code == 403


def test_a_visit_without_a_record_shows_once_the_crews_day_is_over(
    desk: Desk, crew: CrewDay
) -> None:
    make_visit(crew=crew, case=desk.case, at=clock.now() - timedelta(hours=5), state="done")
    client = signed_in(desk.leader)
    address = f"{reverse('office:records')}?view=missing"
    assert desk.case.borrower_id not in client.get(address).content.decode()
    CrewDay.objects.filter(pk=crew.pk).update(ends_at=clock.now() - timedelta(minutes=1))
    assert desk.case.borrower_id in client.get(address).content.decode()
    assert address in client.get(reverse("office:today")).content.decode()


def test_a_visit_without_a_record_shows_to_those_who_see_its_case_alone(
    desk: Desk, crew: CrewDay
) -> None:
    make_visit(crew=crew, case=desk.case, at=clock.now() - timedelta(hours=5), state="done")
    CrewDay.objects.filter(pk=crew.pk).update(ends_at=clock.now() - timedelta(minutes=1))
    address = f"{reverse('office:records')}?view=missing"
    stranger = signed_in(Desk(branch=desk.branch).leader).get(address)
    assert desk.case.borrower_id not in stranger.content.decode()
    manager = signed_in(make_staff(Role.COLLECTIONS_MANAGER)).get(address)
    assert desk.case.borrower_id in manager.content.decode()


def test_a_record_filed_takes_the_visit_off_the_missing_ones(
    desk: Desk, crew: CrewDay, record: VisitRecord
) -> None:
    CrewDay.objects.filter(pk=crew.pk).update(ends_at=clock.now() - timedelta(minutes=1))
    shown = signed_in(desk.leader).get(f"{reverse('office:records')}?view=missing")
    assert desk.case.borrower_id not in shown.content.decode()


def test_the_list_asks_the_same_however_many_there_are(desk: Desk, crew: CrewDay) -> None:
    client = signed_in(desk.leader)
    for view in ("filed", "missing"):
        address = f"{reverse('office:records')}?view={view}"
        filed(crew, Desk(branch=desk.branch).case)
        client.get(address)
        with CaptureQueriesContext(connection) as few:
            client.get(address)
        for _each in range(3):
            filed(crew, Desk(branch=desk.branch).case)
        with CaptureQueriesContext(connection) as many:
            client.get(address)
        assert len(many) == len(few)


def test_a_document_that_could_not_be_made_is_made_later(desk: Desk, record: VisitRecord) -> None:
    VisitRecordDocument.objects.all().delete()
    client = signed_in(desk.leader)
    assert client.get(reverse("office:record_pdf", args=[record.pk])).status_code == 404
    address = reverse("office:record_file", args=[record.pk])
    assert address in client.get(reverse("office:record", args=[record.pk])).content.decode()
    client.post(address)
    assert VisitRecordDocument.objects.filter(record=record).exists()
    assert signed_in(desk.agent).post(address).status_code == 403


def test_a_visit_past_us_is_recorded_and_opens_an_incident(desk: Desk) -> None:
    client = signed_in(desk.agent)
    address = reverse("office:uncleared_visit", args=[desk.case.pk])
    assert client.get(address).status_code == 200
    when = (clock.now() - timedelta(hours=30)).strftime("%Y-%m-%dT%H:%M")
    form = {"when": when, "people": "高立诚、石若兰", "outcome": "not_met", "said": "路过时敲了门"}
    client.post(address, form)
    record = VisitRecord.objects.get()
    assert (record.visit, record.cleared, record.late) == (None, False, True)
    assert Incident.objects.get().pk == record.landed["incident"]
    assert client.get(reverse("office:record", args=[record.pk])).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [{"when": "soon"}, {"when": "9999-01-01T00:00"}, {"people": ""}, {"outcome": "agreed"},
     {"outcome": "x"}, {"said": ""}, {"said": "\x00"}],
)  # fmt: skip
def test_a_visit_past_us_without_its_parts_is_refused(desk: Desk, wrong: dict[str, str]) -> None:
    when = (clock.now() - timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M")
    form = {"when": when, "people": "高立诚", "outcome": "not_met", "said": "敲了门"} | wrong
    answer = signed_in(desk.agent).post(
        reverse("office:uncleared_visit", args=[desk.case.pk]), form
    )
    assert answer.status_code == 422
    assert not VisitRecord.objects.exists()
    assert not Incident.objects.exists()


def test_the_case_file_tells_of_the_visit(desk: Desk, record: VisitRecord) -> None:
    shown = signed_in(desk.leader).get(reverse("office:case", args=[desk.case.pk]))
    assert record.number in shown.content.decode()
