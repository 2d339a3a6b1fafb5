"""Pages about visits agreed upon: lists, one appointment, the proposal, risks, and what is told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from doorstep.cases.models import Case
from doorstep.dispatch.models import Act
from doorstep.kernel import clock
from doorstep.protections.services import News, complaint_open
from doorstep.visits.models import Appointment, CrewTold, FieldPlan, PlannedVisit, RiskAssessment
from doorstep.workforce.models import Branch, Staff
from doorstep.workforce.roles import Role
from tests.dispatch.field_world import make_crew as rostered
from tests.dispatch.field_world import make_field_branch, make_visit_case
from tests.dispatch.outbox import make_inbound
from tests.factories import AT, make_staff
from tests.visits.appointments import FOUR, make_appointment, make_risk
from tests.visits.fieldwork import agents_of, make_crew, make_field_plan, make_visit

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_four(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the afternoon of the factories' day."""
    monkeypatch.setattr(clock, "now", lambda: AT)


@pytest.fixture
def branch() -> Branch:
    return make_field_branch()


@pytest.fixture
def case(branch: Branch) -> Case:
    rostered(branch=branch)
    return make_visit_case(branch=branch)


def at_desk(staff: Staff | Role) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(staff if isinstance(staff, Staff) else make_staff(staff))
    return client


def text_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def slot_of(begins: datetime) -> str:
    return f"{begins.isoformat()}/{(begins + timedelta(hours=1)).isoformat()}"


def planned(case: Case, appointment: Appointment) -> PlannedVisit:
    """A published visit that keeps the appointment."""
    assert case.branch is not None
    plan = FieldPlan.objects.filter(branch=case.branch).first() or make_field_plan(
        branch=case.branch, first_day=FOUR.date()
    )
    crew = plan.crews.first() or make_crew(
        plan=plan, at=FOUR, members=list(rostered(branch=case.branch))
    )
    return make_visit(
        crew=crew, case=case, at=FOUR, appointment=appointment, address=appointment.address
    )


def test_the_proposal_shows_hours_pairs_worth_and_risk_and_sends_an_invitation(case: Case) -> None:
    desk = at_desk(Role.COLLECTIONS_MANAGER)
    page = text_of(desk, f"/cases/{case.pk}/visit/")
    assert "Times the guard leaves open" in page
    assert "Expected benefit over no visit" in page
    assert "Low risk" in page
    assert " + Field Agent" in page
    home = case.borrower.addresses.get()
    form = {"slots": slot_of(FOUR), "through": "sms", "address": home.pk}
    answer = desk.post(f"/cases/{case.pk}/visit/", form)
    appointment = Appointment.objects.get()
    assert answer["Location"] == f"/visits/appointments/{appointment.pk}/"
    assert Act.objects.get(case=case).template == "appointment_sms"
    assert "Invitation" in text_of(desk, answer["Location"])
    assert "settle that one first" in text_of(desk, f"/cases/{case.pk}/visit/")


def test_a_proposal_at_night_comes_back_with_the_reason_and_what_was_ticked(case: Case) -> None:
    desk = at_desk(Role.COLLECTIONS_MANAGER)
    night = FOUR + timedelta(hours=8)
    home = case.borrower.addresses.get()
    answer = desk.post(
        f"/cases/{case.pk}/visit/",
        {"slots": slot_of(night), "through": "sms", "address": home.pk},
    )
    assert answer.status_code == 422
    assert "could not begin at every moment" in answer.content.decode()
    for odd in ("", "x/y", "2026-11-21T06:00:00/2026-11-21T07:00:00", "1/2/3"):
        form = {"slots": odd, "through": "sms", "address": home.pk}
        assert desk.post(f"/cases/{case.pk}/visit/", form).status_code == 422
    assert not Appointment.objects.exists()


def test_a_high_risk_closes_the_form_until_somebody_approves(case: Case) -> None:
    manager, approver = at_desk(Role.COLLECTIONS_MANAGER), make_staff(Role.APPROVER)
    approver.branch = case.branch
    approver.save()
    answer = manager.post(f"/cases/{case.pk}/risk/", {"factor": ["weapon"], "note": "said so"})
    assert answer.status_code == 302
    assert "Look at the risk first" in text_of(manager, f"/cases/{case.pk}/visit/")
    made = RiskAssessment.objects.get()
    second = at_desk(approver)
    assert "A weapon in the home" in text_of(second, "/visits/risks/")
    assert "high risk to decide" in text_of(second, "/")
    assert "high risk to decide" not in text_of(manager, "/")
    assert "somebody else must decide" in text_of(manager, f"/visits/risks/{made.pk}/")
    manager.post(f"/visits/risks/{made.pk}/decide/", {"decision": "approve"})
    made.refresh_from_db()
    assert made.approved_at is None
    second.post(f"/visits/risks/{made.pk}/decide/", {"decision": "approve"})
    assert "Times the guard leaves open" in text_of(manager, f"/cases/{case.pk}/visit/")
    assert "Approved" in text_of(second, "/visits/risks/?view=decided")


def test_a_risk_is_sent_back_only_with_a_reason(case: Case) -> None:
    made = make_risk(case=case)
    manager = at_desk(Role.COLLECTIONS_MANAGER)
    manager.post(f"/visits/risks/{made.pk}/decide/", {"decision": "reject", "why": " "})
    made.refresh_from_db()
    assert made.rejected_why == ""
    manager.post(f"/visits/risks/{made.pk}/decide/", {"decision": "reject", "why": "Write"})
    assert "Sent back: no visit" in text_of(manager, f"/cases/{case.pk}/risk/")


def test_the_list_says_what_waits_and_keeps_each_to_their_own(case: Case) -> None:
    mine = make_appointment(case=case)
    manager, stranger = at_desk(Role.COLLECTIONS_MANAGER), at_desk(Role.DESK_AGENT)
    page = text_of(manager, "/visits/appointments/")
    assert "Not in a published plan yet" in page
    assert case.borrower_id in page
    assert case.borrower_id not in text_of(stranger, "/visits/appointments/")
    assert stranger.get(f"/visits/appointments/{mine.pk}/").status_code == 404
    assert case.borrower_id in text_of(manager, "/visits/appointments/?day=2026-11-21")
    assert case.borrower_id not in text_of(manager, "/visits/appointments/?day=2026-11-22")
    assert "No appointment here" in text_of(manager, "/visits/appointments/?view=over")
    assert text_of(manager, "/visits/appointments/?day=soon&view=none")
    assert "appointment to see to" in text_of(manager, "/")


def test_every_step_is_done_from_the_page(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    manager = at_desk(Role.COLLECTIONS_MANAGER)
    appointment = make_appointment(case=case, state="proposed", from_at=None, until_at=None)
    path = f"/visits/appointments/{appointment.pk}/"

    def deed(name: str, **form: Any) -> str:
        answer = manager.post(f"{path}deed/", {"deed": name, **form}, follow=True)
        assert answer.status_code == 200
        return answer.content.decode()

    assert "Say the day and the hours" in deed("agree", how="Y")
    assert "agreed for" in deed("agree", slot=slot_of(FOUR), how="reply Y", wish_woman="1")
    assert "Publish the day" in deed("reconfirm")
    planned(case, appointment)
    assert "The notice waits to be sent" in deed("notice")
    assert "waits to be sent" in deed("reconfirm")
    assert "confirmed again" in deed("confirm", how="Y")
    assert "has not come yet" in deed("keep")
    assert "Choose what to do" in deed("burn")
    monkeypatch.setattr(clock, "now", lambda: FOUR + timedelta(minutes=40))
    manager.logout()
    manager.force_login(make_staff(Role.COLLECTIONS_MANAGER))
    assert "took place as agreed" in deed("keep")
    texts = Act.objects.filter(case=case).values_list("template", flat=True)
    assert set(texts) == {"visit_notice_sms", "visit_confirm_sms"}


def test_a_complaint_stands_on_the_first_page_of_the_crew_and_its_leader(case: Case) -> None:
    appointment = make_appointment(case=case)
    visit = planned(case, appointment)
    assert visit.crew is not None
    leader = make_staff(Role.TEAM_LEADER, branch=case.branch)
    agent = agents_of(visit.crew)[0]
    news = News(borrower=case.borrower, reference="c", at=AT)
    complaint_open(news=news, words="你们打得太多了")

    own = at_desk(agent)
    page = text_of(own, "/")
    assert "Withdrawn: do not go" in page
    assert "A complaint has not been answered" in page
    assert case.borrower.name not in page
    lead = text_of(at_desk(leader), "/")
    assert lead.count("has not seen it yet") == 2
    other = make_staff(Role.TEAM_LEADER, branch=make_field_branch(code="OTHER"))
    assert "Withdrawn: do not go" not in text_of(at_desk(other), "/")

    told = CrewTold.objects.get(staff=agent)
    at_desk(make_staff(Role.FIELD_AGENT)).post("/visits/told/", {"told": told.pk})
    told.refresh_from_db()
    assert told.seen_at is None
    own.post("/visits/told/", {"told": [told.pk, "x"]})
    assert "Withdrawn: do not go" not in text_of(own, "/")
    assert "has seen it" in text_of(at_desk(leader), "/")


def test_cancelling_from_the_page_takes_everything_back(case: Case) -> None:
    appointment = make_appointment(case=case)
    visit = planned(case, appointment)
    manager = at_desk(Role.COLLECTIONS_MANAGER)
    path = f"/visits/appointments/{appointment.pk}/deed/"
    manager.post(path, {"deed": "cancel", "why": ""})
    appointment.refresh_from_db()
    assert appointment.state == "agreed"
    manager.post(path, {"deed": "cancel", "why": "The crew is ill"})
    visit.refresh_from_db()
    assert (visit.state, visit.why) == ("cancelled", "withdrawn")
    assert CrewTold.objects.filter(visit=visit).count() == 2
    assert Act.objects.filter(template="visit_withdrawn_sms").count() == 1


def test_the_case_file_names_the_appointment_and_the_risk(case: Case) -> None:
    appointment = make_appointment(case=case)
    page = text_of(at_desk(Role.COLLECTIONS_MANAGER), f"/cases/{case.pk}/")
    assert f"/visits/appointments/{appointment.pk}/" in page
    assert "Low risk" in page
    analyst = text_of(at_desk(Role.ANALYST), f"/cases/{case.pk}/")
    assert f"/visits/appointments/{appointment.pk}/" not in analyst


@pytest.mark.parametrize(
    "path", ["/visits/appointments/?view=agreed", "/visits/risks/", "/visits/appointments/"]
)
def test_lists_take_the_same_queries_for_few_and_many(
    path: str, branch: Branch, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    def fill(count: int) -> None:
        for _each in range(count):
            one = make_visit_case(branch=branch)
            planned(one, make_appointment(case=one))
            make_risk(case=one)

    client = at_desk(Role.COLLECTIONS_MANAGER)
    fill(2)
    client.get(path)
    with django_assert_max_num_queries(18) as few:
        client.get(path)
    fill(8)
    with django_assert_num_queries(len(few)):
        client.get(path)


def test_an_answer_by_text_is_pointed_out(case: Case) -> None:
    appointment = make_appointment(case=case, state="proposed", from_at=None, until_at=None)
    make_inbound(text="Y", borrower=case.borrower, case=case, at=AT + timedelta(seconds=1))
    page = text_of(at_desk(Role.COLLECTIONS_MANAGER), "/visits/appointments/?view=proposed")
    assert "An answer has come: read it" in page
    one = text_of(at_desk(Role.COLLECTIONS_MANAGER), f"/visits/appointments/{appointment.pk}/")
    assert "What the customer wrote since" in one
