"""A visit from the first word to the door: proposed, agreed, announced, confirmed; and a complaint
in the morning that takes it back everywhere at once."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from doorstep.cases.models import Case
from doorstep.dispatch.models import Act, ActState, CallResult
from doorstep.dispatch.sandbox import reply_pretend
from doorstep.dispatch.visit_acts import visit_clear
from doorstep.dispatch.visit_making import plan_work
from doorstep.dispatch.visit_notices import (
    notice_propose,
    notice_send,
    notices_changed,
    notices_send,
    reconfirm,
)
from doorstep.dispatch.visit_plans import plan_publish
from doorstep.evidence.models import Leaf
from doorstep.kernel.errors import InputError, Refused
from doorstep.protections.models import StopScope
from doorstep.protections.services import News, complaint_open, stop_request_record
from doorstep.visits.models import (
    Appointment,
    AppointmentStep,
    CrewTold,
    PlannedVisit,
    RiskAssessment,
)
from doorstep.visits.selectors.told import told_to
from doorstep.visits.services.appointments import (
    appointment_agree,
    appointment_confirm,
    appointment_decline,
)
from doorstep.visits.services.risk import risk_approve, risk_assess
from doorstep.workforce.models import Encounter, Staff
from doorstep.workforce.roles import Role
from tests.dispatch.field_world import (
    make_appointment,
    make_crew,
    make_field_branch,
    make_manager,
    make_open_plan,
    make_visit_case,
)
from tests.dispatch.outbox import Clock, make_act, make_sender
from tests.factories import AT, ON, make_staff

pytestmark = pytest.mark.django_db
FOUR = AT + timedelta(hours=22)  # tomorrow, 14:00 in China
SLOT = (FOUR, FOUR + timedelta(hours=1))


@pytest.fixture
def desk() -> Staff:
    return make_manager()


@pytest.fixture
def case(desk: Staff) -> Case:
    branch = make_field_branch()
    make_crew(branch=branch)
    return make_visit_case(branch=branch)


def propose(case: Case, by: Staff, **more: Any) -> Appointment:
    values: dict[str, Any] = {
        "offered": [SLOT], "through": "sms", "at": AT, "address": case.borrower.addresses.get(),
    }  # fmt: skip
    return notice_propose(case=case, by=by, **(values | more))


def agree(appointment: Appointment, by: Staff, at: datetime = AT, **more: Any) -> Appointment:
    values: dict[str, Any] = {"from_at": SLOT[0], "until_at": SLOT[1], "how": "reply Y"} | more
    return appointment_agree(appointment=appointment, by=by, at=at, **values)


def publish(case: Case, by: Staff, at: datetime = AT) -> PlannedVisit:
    assert case.branch is not None
    plan = plan_work(plan=make_open_plan(branch=case.branch, by=by), clock=Clock(at))
    plan_publish(plan=plan, by=by, at=at)
    return PlannedVisit.objects.get(plan=plan, case=case)


def kept(act: Act, folder: Path) -> str:
    """What the sandbox's telephone shows of a message."""
    return str(json.loads((folder / "sms" / f"{act.reference}.json").read_text("utf-8"))["text"])


def complain(case: Case, at: datetime) -> None:
    news = News(borrower=case.borrower, reference=f"c{case.pk}", at=at)
    complaint_open(news=news, words="你们打得太多了")


def test_from_the_invitation_to_a_complaint_that_takes_the_visit_back(
    case: Case, desk: Staff, home: Path, settings: Any
) -> None:
    settings.HOME = home
    folder, clock = home / "sandbox", Clock(AT)
    sender = make_sender(folder=folder, clock=clock)

    appointment = propose(case, desk)
    sender.round()
    invitation = Act.objects.get(case=case)
    assert "2026年11月21日" in kept(invitation, folder)
    assert "14:00至15:00" in kept(invitation, folder)
    assert invitation.purpose == "service"

    agree(appointment, desk)
    visit = publish(case, desk)
    assert visit.appointment_id == appointment.pk
    assert visit.begins_at is not None
    assert SLOT[0] <= visit.begins_at <= SLOT[1]

    clock.move(minutes=5)
    notice = notice_send(visit=visit, by=desk, at=clock())
    sender.round()
    told = kept(notice, folder)
    names = [member.staff.display_name for member in visit.crew.members.all()]  # type: ignore[union-attr]
    assert all(name in told for name in names), told
    assert "工号W" in told
    assert appointment.code in told
    assert "https://check." in told
    assert case.borrower.name not in told

    clock.move(hours=1)
    asked = reconfirm(appointment=appointment, by=desk, at=clock())
    sender.round()
    assert "仍然方便请回复Y" in kept(asked, folder)
    appointment_confirm(appointment=appointment, how="reply Y", by=desk, at=clock())

    clock.move(hours=16, minutes=37)  # 09:42 on the day of the visit
    complain(case, clock())
    visit.refresh_from_db()
    appointment.refresh_from_db()
    assert (visit.state, visit.why) == ("cancelled", "withdrawn")
    assert visit.why_more["rule"] == "HOUSE-COMPLAINT"
    assert appointment.state == "cancelled"
    assert Act.objects.get(reference=visit.act).state == ActState.WITHDRAWN
    crew = {member.staff for member in visit.crew.members.all()}  # type: ignore[union-attr]
    assert {row.staff for row in CrewTold.objects.filter(visit=visit)} == crew
    for agent in crew:
        assert [row.what for row in told_to(staff=agent, at=clock())] == ["withdrawn"]

    sender.round()
    said = Act.objects.get(template="visit_withdrawn_sms", case=case)
    assert said.state in (ActState.SENT, ActState.DELIVERED), said.verdict
    assert "我们的人员不会前来" in kept(said, folder)
    steps = list(AppointmentStep.objects.values_list("what", flat=True).order_by("pk"))
    assert steps == [
        "proposed", "offer_sent", "agreed", "notice", "reconfirm", "confirmed", "withdrawn",
        "withdrawal_told",
    ]  # fmt: skip
    kinds = set(Leaf.objects.values_list("kind", flat=True))
    assert {f"appointment.{step}" for step in steps} <= kinds
    assert {"visit.withdrawn", "visit.crew_told", "withdrawn", "decision"} <= kinds


def test_a_text_that_has_not_gone_out_is_taken_back_and_nobody_is_told_of_what_they_never_heard(
    case: Case, desk: Staff
) -> None:
    propose(case, desk)
    complain(case, AT + timedelta(minutes=1))
    (offer,) = Act.objects.filter(case=case)
    assert offer.state == ActState.WITHDRAWN
    assert Appointment.objects.get().state == "cancelled"


def test_what_does_not_stand_against_a_visit_leaves_it_alone(case: Case, desk: Staff) -> None:
    appointment = agree(propose(case, desk), desk)
    news = News(borrower=case.borrower, reference="s1", at=AT)
    stop_request_record(news=news, scope=StopScope.CHANNEL, channel="sms")
    appointment.refresh_from_db()
    assert appointment.state == "agreed"


def test_another_borrowers_complaint_takes_nothing_from_this_one(case: Case, desk: Staff) -> None:
    other = make_visit_case(branch=case.branch)  # type: ignore[arg-type]
    mine, theirs = make_appointment(case=case, by=desk), make_appointment(case=other, by=desk)
    complain(other, AT)
    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert (mine.state, theirs.state) == ("agreed", "cancelled")


def test_a_time_in_the_evening_is_not_put_forward(case: Case, desk: Staff) -> None:
    late = AT + timedelta(hours=26, minutes=31)  # 18:31 in China
    with pytest.raises(Refused) as refused:
        propose(case, desk, offered=[(late, late + timedelta(minutes=30))])
    assert refused.value.code == "OUTSIDE_HOURS"
    assert not Appointment.objects.exists()
    with pytest.raises(InputError):
        propose(case, desk, offered=[SLOT, SLOT])  # a text names one time


def test_a_high_risk_is_proposed_only_when_a_second_person_agrees_and_by_daylight(
    case: Case, desk: Staff
) -> None:
    assessed = risk_assess(case=case, factors=["weapon"], by=desk, at=AT, on=ON)
    with pytest.raises(Refused) as refused:
        propose(case, desk)
    assert refused.value.code == "RISK_NOT_APPROVED"
    risk_approve(assessment=assessed, by=make_staff(Role.APPROVER), at=AT)
    dusk = AT + timedelta(hours=24, minutes=20)  # 16:20: the sun sets at 16:53 in Shanghai
    with pytest.raises(Refused) as refused:
        propose(case, desk, offered=[(dusk, dusk + timedelta(hours=1))])
    assert refused.value.code == "OUTSIDE_HOURS"
    assert propose(case, desk).state == "proposed"
    assert RiskAssessment.objects.get().level == "high"


def test_on_the_phone_only_with_a_call_in_which_the_customer_was_established(
    case: Case, desk: Staff
) -> None:
    with pytest.raises(Refused) as refused:
        propose(case, desk, through="phone")
    assert refused.value.code == "NO_CALL"
    call = make_act(case=case, kind="call", channel="phone", number="mobile:1")
    CallResult.objects.create(
        act=call, by=desk, verified_at=AT - timedelta(minutes=3), verified_how="asked", at=AT
    )
    later = (SLOT[0] + timedelta(hours=1), SLOT[1] + timedelta(hours=1))
    appointment = propose(case, desk, through="phone", offered=[SLOT, later])
    assert AppointmentStep.objects.get().act == call.reference
    assert len(appointment.offered) == 2
    assert not Act.objects.filter(template="appointment_sms").exists()


def test_visits_nobody_agreed_upon_are_announced_with_a_code_and_an_hour(
    case: Case, desk: Staff, django_assert_max_num_queries: Any
) -> None:
    visit = publish(case, desk)
    sent = notices_send(visits=[visit], by=desk, at=AT)
    appointment = Appointment.objects.get()
    assert appointment.proposed_through == "notice"
    text = sent.acts[appointment.pk].content["text"]
    assert appointment.code in text
    assert len(appointment.code) == 9
    visit.refresh_from_db()
    assert visit.appointment_id == appointment.pk


def test_announcing_many_visits_takes_no_more_queries_than_announcing_two(
    case: Case, desk: Staff, django_assert_max_num_queries: Any
) -> None:
    assert case.branch is not None
    for n in range(2, 8):
        make_visit_case(branch=case.branch, north=n / 2)
    publish(case, desk)
    visits = list(PlannedVisit.objects.filter(state="planned"))
    assert len(visits) >= 6
    with django_assert_max_num_queries(80) as few:
        notices_send(visits=visits[:2], by=desk, at=AT)
    with django_assert_max_num_queries(len(few) + 1):
        notices_send(visits=visits[2:], by=desk, at=AT)


def test_a_visit_that_moves_out_of_its_hour_is_told_and_one_that_keeps_it_is_not(
    case: Case, desk: Staff
) -> None:
    appointment = agree(propose(case, desk), desk)
    visit = publish(case, desk)
    notice_send(visit=visit, by=desk, at=AT)
    assert not notices_changed(visits=[visit], by=desk, at=AT).acts
    assert visit.begins_at is not None
    assert visit.ends_at is not None
    visit.begins_at += timedelta(hours=2)
    visit.ends_at += timedelta(hours=2)
    visit.save()
    sent = notices_changed(visits=[visit], by=desk, at=AT)
    text = sent.acts[appointment.pk].content["text"]
    assert "安排有变" in text
    appointment.refresh_from_db()
    assert appointment.from_at is not None
    assert appointment.from_at <= visit.begins_at
    assert appointment.confirmed_at is None
    assert AppointmentStep.objects.filter(what="moved").exists()


def test_who_was_told_names_is_told_when_others_come_at_the_hour_they_know(
    case: Case, desk: Staff
) -> None:
    appointment = agree(propose(case, desk), desk)
    visit = publish(case, desk)
    notice_send(visit=visit, by=desk, at=AT)
    assert visit.crew is not None
    assert case.branch is not None
    one = visit.crew.members.order_by("pk")[0]
    one.staff = make_crew(branch=case.branch)[0]
    one.save()
    sent = notices_changed(visits=[visit], by=desk, at=AT)
    assert one.staff.display_name in sent.acts[appointment.pk].content["text"]
    appointment.refresh_from_db()
    assert (appointment.from_at, appointment.until_at) == SLOT
    assert not notices_changed(visits=[visit], by=desk, at=AT).acts


def test_nobody_is_reconfirmed_before_it_is_known_who_comes(case: Case, desk: Staff) -> None:
    appointment = agree(propose(case, desk), desk)
    with pytest.raises(Refused) as refused:
        reconfirm(appointment=appointment, by=desk, at=AT)
    assert refused.value.code == "NO_CREW"


def test_who_may_not_propose_visits_sends_nothing(case: Case, desk: Staff) -> None:
    visit = publish(case, desk)
    agent, auditor = make_staff(Role.FIELD_AGENT), make_staff(Role.AUDITOR)
    for by in (agent, auditor):
        with pytest.raises(Refused):
            propose(case, by)
        with pytest.raises(Refused):
            notices_send(visits=[visit], by=by, at=AT)
    assert not Appointment.objects.exists()


def test_a_borrower_without_a_number_is_to_be_called(case: Case, desk: Staff) -> None:
    case.borrower.contact_points.all().delete()
    visit = publish(case, desk)
    with pytest.raises(Refused) as refused:
        notice_send(visit=visit, by=desk, at=AT)
    assert refused.value.code == "NO_POINT"


def test_a_declined_visit_is_over_and_a_new_one_may_be_proposed(case: Case, desk: Staff) -> None:
    first = propose(case, desk)
    with pytest.raises(Refused) as refused:
        propose(case, desk)
    assert refused.value.code == "OPEN_APPOINTMENT"
    appointment_decline(appointment=first, why="no", by=desk, at=AT)
    assert propose(case, desk).pk != first.pk


def test_a_reply_that_complains_takes_the_visit_back(
    case: Case, desk: Staff, home: Path, settings: Any
) -> None:
    """The whole way: the sandbox's telephone answers, the machine does the rest."""
    settings.HOME = home
    appointment = propose(case, desk)
    make_sender(folder=home / "sandbox", clock=Clock(AT)).round()
    offer = Act.objects.get(case=case)
    assert offer.state in (ActState.SENT, ActState.DELIVERED)
    reply_pretend(act=offer, text="我要投诉", at=AT + timedelta(minutes=5))
    appointment.refresh_from_db()
    assert appointment.state == "cancelled"
    assert Act.objects.filter(template="visit_withdrawn_sms").exists()


def test_what_happened_there_this_morning_keeps_the_crew_from_the_door(
    case: Case, desk: Staff
) -> None:
    visit = publish(case, desk)
    assert visit.begins_at is not None
    member = visit.crew.members.first()  # type: ignore[union-attr]
    assert member is not None
    Encounter.objects.create(
        borrower_id=case.borrower_id, at=visit.begins_at - timedelta(hours=3), weight=4,
        written_by=desk,
    )  # fmt: skip
    with pytest.raises(Refused) as refused:
        visit_clear(visit=visit, by=member.staff, clock=Clock(visit.begins_at))
    assert refused.value.code == "RISK_NOT_APPROVED"
    assert Act.objects.get(reference=visit.act).state == ActState.QUEUED
