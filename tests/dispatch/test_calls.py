"""The call desk: cleared for one number, the right party first, an outcome, and when again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from doorstep.cases.models import Case, Contact
from doorstep.dispatch.calls import Asked, call_clear, call_record, call_verify
from doorstep.dispatch.models import Act, ActState, CallResult
from doorstep.evidence.models import Leaf
from doorstep.kernel.errors import InputError, Refused
from doorstep.portfolio.models import ContactPoint
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Role
from tests.dispatch.outbox import AT, Clock, make_owing_case
from tests.factories import make_contact, make_contact_point, make_hold, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def caller() -> Staff:
    return make_staff(Role.DESK_AGENT)


@pytest.fixture
def case() -> Case:
    return make_owing_case(step="call")


def ask(case: Case, caller: Staff, clock: Clock | None = None) -> Asked:
    point = ContactPoint.objects.filter(borrower=case.borrower_id).first()
    assert point is not None
    return call_clear(case=case, contact_point=point, by=caller, clock=clock or Clock())


def test_a_permitted_call_shows_the_number_once_and_counts_from_then_on(
    case: Case, caller: Staff
) -> None:
    asked = ask(case, caller)
    assert asked.may, asked.act.verdict
    assert asked.number.startswith("+86")
    contact = Contact.objects.get(clearance=asked.act.clearance_id)
    assert (contact.channel, contact.result) == ("call", "")
    assert Leaf.objects.get().kind == "decision"


def test_at_night_it_is_not_cleared_and_says_when(case: Case, caller: Staff) -> None:
    night = Clock(AT.replace(hour=15))  # 23:00 in China
    asked = ask(case, caller, night)
    assert not asked.may
    assert asked.number == ""
    assert asked.act.verdict is not None
    assert asked.act.verdict["outcome"] == "not_before"
    assert asked.act.verdict["not_before"] is not None
    assert asked.act.state == ActState.BLOCKED


def test_three_talks_a_day_are_the_limit_and_the_desk_cannot_make_a_fourth(
    case: Case, caller: Staff
) -> None:
    for hours in (1, 2):
        make_contact(
            borrower=case.borrower, at=AT - timedelta(hours=hours), channel="call",
            result="right_party",
        )  # fmt: skip
    third = ask(case, caller)
    assert third.may, third.act.verdict
    call_record(act=third.act, outcome="no_answer", by=caller, at=AT)
    Contact.objects.filter(clearance=third.act.clearance_id).update(result="reached")
    fourth = ask(case, caller, Clock(AT + timedelta(hours=3)))
    assert not fourth.may
    assert fourth.act.verdict is not None
    assert "CN-GBT-VOICE-3" in [reason["rule"] for reason in fourth.act.verdict["reasons"]]


def test_nothing_about_the_debt_before_the_right_party_check(case: Case, caller: Staff) -> None:
    act = ask(case, caller).act
    with pytest.raises(InputError) as refused:
        call_record(act=act, outcome="promised", by=caller, at=AT)
    assert refused.value.code == "NOT_VERIFIED"
    with pytest.raises(InputError):
        call_verify(act=act, how="  ", by=caller, at=AT)
    call_verify(act=act, how="last four digits of the identity number", by=caller, at=AT)
    result = call_record(act=act, outcome="promised", by=caller, at=AT, recording="rec-1")
    assert result.again_at == AT + timedelta(days=1)
    assert Contact.objects.get(clearance=act.clearance_id).result == "promised"


def test_the_database_too_wants_the_check_before_a_talk(case: Case, caller: Staff) -> None:
    act = ask(case, caller).act
    with pytest.raises(IntegrityError), transaction.atomic():
        CallResult.objects.create(act=act, outcome="promised", by=caller, at=AT)


def test_one_call_at_a_time_and_it_is_recorded_before_the_next(case: Case, caller: Staff) -> None:
    ask(case, caller)
    with pytest.raises(Refused) as refused:
        ask(make_owing_case(), caller)
    assert refused.value.code == "CALL_OPEN"


def test_a_busy_number_rests_a_quarter_of_an_hour(case: Case, caller: Staff) -> None:
    act = ask(case, caller).act
    call_record(act=act, outcome="busy", by=caller, at=AT)
    with pytest.raises(Refused) as refused:
        ask(case, caller, Clock(AT + timedelta(minutes=14)))
    assert refused.value.code == "TOO_SOON"
    assert ask(case, caller, Clock(AT + timedelta(minutes=15))).may


def test_a_wrong_number_is_marked_at_once_and_never_cleared_again(
    case: Case, caller: Staff
) -> None:
    act = ask(case, caller).act
    call_record(act=act, outcome="wrong_party", by=caller, at=AT)
    point = ContactPoint.objects.get(borrower=case.borrower_id)
    assert point.state == "third_party"
    assert not ask(case, caller, Clock(AT + timedelta(days=1))).may


def test_a_dispute_blocks_the_call(case: Case, caller: Staff) -> None:
    make_hold(borrower=case.borrower, kind="complaint")
    asked = ask(case, caller)
    assert not asked.may
    assert Act.objects.get().state == ActState.BLOCKED


def test_somebody_elses_number_and_somebody_without_permission_are_refused(case: Case) -> None:
    other = make_owing_case()
    theirs = make_contact_point(borrower=other.borrower)
    caller = make_staff(Role.DESK_AGENT)
    with pytest.raises(Refused) as refused:
        call_clear(case=case, contact_point=theirs, by=caller, clock=Clock())
    assert refused.value.code == "NOT_THEIRS"
    with pytest.raises(Refused) as refused:
        ask(case, make_staff(Role.AUDITOR))
    assert refused.value.code == "NOT_PERMITTED"


def test_only_the_caller_records_the_call(case: Case, caller: Staff) -> None:
    act = ask(case, caller).act
    with pytest.raises(Refused):
        call_record(act=act, outcome="busy", by=make_staff(Role.DESK_AGENT), at=AT)
