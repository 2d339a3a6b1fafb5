"""Texts by which a real visitor is known: notices carry code, domain and hotline; a crew that sets
out is announced once; customers are warned of impostors through the one door."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from doorstep.dispatch.door_events import events_apply
from doorstep.dispatch.impostor_warnings import (
    impostor_warning_propose,
    warned_of,
)
from doorstep.dispatch.models import Act, ActState, Proposal
from doorstep.dispatch.proposals import acts_approve
from doorstep.dispatch.visit_notices import notices_send
from doorstep.dispatch.visit_setting_out import crew_set_out_tell
from doorstep.dispatch.visit_withdrawing import visits_withdraw
from doorstep.kernel.errors import InputError, Refused
from doorstep.visits.models import AppointmentStep, ImpostorReport, PlannedVisit
from doorstep.visits.selectors.visitor import visit_by_code
from doorstep.visits.services.impostors import impostor_report_take
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Role
from tests.dispatch.field_world import begins, crew_of, make_manager, make_visit_due
from tests.factories import AT, make_branch, make_staff
from tests.sites.field.phones import step
from tests.visits.checks import make_impostor_report
from tests.visits.fieldwork import agents_of
from tests.visits.taping import make_phone

pytestmark = pytest.mark.django_db


@pytest.fixture
def announced() -> tuple[PlannedVisit, Staff]:
    """A visit whose borrower was told, and who leads its crew."""
    visit = make_visit_due()
    manager = make_staff(Role.COLLECTIONS_MANAGER)
    notices_send(visits=[visit], by=manager, at=AT)
    visit.refresh_from_db()
    return visit, agents_of(crew_of(visit))[0]


def text_of(act: Act) -> str:
    return str(act.content["text"])


def test_the_notice_carries_code_domain_and_hotline(announced: tuple[PlannedVisit, Staff]) -> None:
    visit, _lead = announced
    assert visit.appointment is not None
    words = text_of(Act.objects.get(kind="message", case=visit.case))
    for part in (visit.appointment.code, "check.yunchuan-bank.example", "400-000-0000"):
        assert part in words
    found = visit_by_code(code=visit.appointment.code, at=begins(visit))
    assert found is not None
    assert found.visit_id == visit.pk


def test_a_crew_that_sets_out_is_announced_once(announced: tuple[PlannedVisit, Staff]) -> None:
    visit, lead = announced
    assert visit.appointment is not None
    at = begins(visit) - timedelta(minutes=20)
    act = crew_set_out_tell(visit=visit, by=lead, at=at)
    assert act is not None
    assert (act.state, act.purpose, act.template) == (
        ActState.QUEUED, "service", "visit_set_out_sms",
    )  # fmt: skip
    for part in (visit.appointment.code, "已经出发", "400-000-0000", "check.yunchuan-bank"):
        assert part in text_of(act)
    assert crew_set_out_tell(visit=visit, by=lead, at=at + timedelta(minutes=1)) is None
    steps = AppointmentStep.objects.filter(appointment=visit.appointment, what="set_out")
    assert [step.act for step in steps] == [act.reference]


def test_a_crew_is_not_announced_when_nothing_can_be_told(
    announced: tuple[PlannedVisit, Staff],
) -> None:
    visit, lead = announced
    assert visit.ends_at is not None
    assert crew_set_out_tell(visit=visit, by=lead, at=visit.ends_at) is None
    PlannedVisit.objects.filter(pk=visit.pk).update(appointment=None)
    assert crew_set_out_tell(visit=visit, by=lead, at=begins(visit)) is None


def test_without_a_number_the_appointment_says_why(announced: tuple[PlannedVisit, Staff]) -> None:
    visit, lead = announced
    visit.case.borrower.contact_points.update(state="wrong")
    assert crew_set_out_tell(visit=visit, by=lead, at=begins(visit)) is None
    step = AppointmentStep.objects.get(appointment=visit.appointment, what="set_out")
    assert (step.act, step.why) == ("", "NO_POINT")


def test_only_its_crew_sets_out_and_only_for_a_visit_that_is_on(
    announced: tuple[PlannedVisit, Staff],
) -> None:
    visit, lead = announced
    with pytest.raises(Refused) as refused:
        crew_set_out_tell(visit=visit, by=make_staff(Role.FIELD_AGENT), at=AT)
    assert refused.value.code == "NOT_PERMITTED"
    visits_withdraw(visits=[visit], appointments=[], why="test", by=make_manager(), at=AT)
    with pytest.raises(Refused) as gone:
        crew_set_out_tell(visit=visit, by=lead, at=AT)
    assert gone.value.code == "NOT_PLANNED"


def test_a_visit_taken_back_is_not_known_any_more(announced: tuple[PlannedVisit, Staff]) -> None:
    visit, _lead = announced
    assert visit.appointment is not None
    visits_withdraw(visits=[visit], appointments=[], why="test", by=make_manager(), at=AT)
    assert visit_by_code(code=visit.appointment.code, at=begins(visit)) is None


def warn(report: ImpostorReport, by: Staff, **fields: Any) -> Proposal:
    values: dict[str, Any] = {
        "whom": "coming", "branch": "", "planned_from": AT,
        "planned_until": AT + timedelta(days=1), "at": AT,
    }  # fmt: skip
    return impostor_warning_propose(report=report, by=by, **(values | fields))


def test_a_warning_is_proposed_approved_by_another_and_names_no_account(
    announced: tuple[PlannedVisit, Staff],
) -> None:
    visit, _lead = announced
    report, manager = make_impostor_report(happened_on=AT.date()), make_manager()
    impostor_report_take(report=report, by=manager, at=AT)
    proposal = warn(report, manager)
    report.refresh_from_db()
    assert report.proposals == [proposal.pk]
    act = proposal.acts.get()
    assert (act.case, act.state, act.purpose) == (visit.case, ActState.PROPOSED, "service")
    words = text_of(act)
    assert "冒充" in words
    assert not [each for each in ("欠", "逾期", "贷款", "还款") if each in words]
    with pytest.raises(Refused) as refused:
        acts_approve(proposal=proposal, by=manager, at=AT)
    assert refused.value.code == "SAME_PERSON"
    acts_approve(proposal=proposal, by=make_manager(), at=AT)
    act.refresh_from_db()
    assert act.state == ActState.QUEUED


def test_whom_a_warning_concerns(announced: tuple[PlannedVisit, Staff]) -> None:
    visit, _lead = announced
    manager = make_manager()
    later = make_impostor_report(happened_on=AT.date() + timedelta(days=9))
    near = {"by": manager, "at": AT}
    assert warned_of(report=later, whom="coming", branch="", **near).count() == 0
    named = make_impostor_report(happened_on=later.happened_on, visit=visit)
    assert warned_of(report=named, whom="coming", branch="", **near).count() == 1
    branch, other = visit.case.branch_id or "", make_branch().pk
    assert warned_of(report=later, whom="branch", branch=branch, **near).count() == 1
    assert warned_of(report=later, whom="branch", branch=other, **near).count() == 0
    for whom, where in (("everybody", ""), ("branch", "")):
        with pytest.raises(InputError):
            warned_of(report=later, whom=whom, branch=where, **near)


def test_nobody_is_warned_of_our_own_people_or_without_permission(
    announced: tuple[PlannedVisit, Staff],
) -> None:
    report = make_impostor_report(
        finding="ours", closed_how="x", closed_at=AT, closed_by=make_manager(),
        taken_by=make_manager(), taken_at=AT,
    )  # fmt: skip
    with pytest.raises(Refused) as ours:
        warn(report, make_manager())
    assert ours.value.code == "WRONG_STATE"
    for role in (Role.COMPLIANCE_OFFICER, Role.TEAM_LEADER):
        with pytest.raises(Refused) as refused:
            warn(make_impostor_report(), make_staff(role))
        assert refused.value.code == "NOT_PERMITTED"


@pytest.mark.parametrize(("late", "texts"), [(0, 1), (60, 0)])
def test_the_phones_first_step_tells_the_borrower_unless_it_is_heard_late(
    announced: tuple[PlannedVisit, Staff], late: int, texts: int
) -> None:
    visit, lead = announced
    at = begins(visit) - timedelta(minutes=30)
    said = step(visit, "on_my_way", at=at)
    device = make_phone(lead).device
    (result,) = events_apply(device=device, events=[said], at=at + timedelta(minutes=late))
    assert result.state == "applied"
    assert Act.objects.filter(template="visit_set_out_sms").count() == texts
