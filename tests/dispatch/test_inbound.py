"""What people write: stop first, ask later."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from doorstep.cases.models import Contact
from doorstep.channels.message import Incoming
from doorstep.dispatch.inbound import inbound_receive
from doorstep.dispatch.models import ActState, Inbound
from doorstep.portfolio.models import ContactPoint, VerificationTask
from doorstep.protections.models import Complaint, Hardship, StopRequest
from tests.dispatch.outbox import AT, make_act, make_owing_case, make_sender

pytestmark = pytest.mark.django_db


def wrote(text: str, *, value: str, key: str = "k1") -> Inbound:
    incoming = Incoming(key=key, sender=value, text=text, at=AT)
    return inbound_receive(channel="sms", incoming=incoming, at=AT)


def number_of(case) -> str:  # type: ignore[no-untyped-def]
    return ContactPoint.objects.get(borrower=case.borrower_id).value


def test_a_complaint_at_ten_stops_the_message_of_five_past_ten(tmp_path: Path) -> None:
    case = make_owing_case()
    earlier = make_act(case=case)
    make_sender(folder=tmp_path).round()
    soon = timedelta(minutes=5)
    waiting = make_act(case=case, planned_from=AT + soon, made_at=AT + soon, state_at=AT + soon)
    kept = wrote("我要投诉", value=number_of(case))
    waiting.refresh_from_db()
    assert waiting.state == ActState.WITHDRAWN
    complaint = Complaint.objects.get()
    assert (complaint.words, complaint.about_act) == ("我要投诉", earlier.reference)
    assert (kept.borrower_id, kept.done) == (case.borrower_id, ["complaint_opened"])
    assert Contact.objects.filter(borrower=case.borrower_id, direction="in").count() == 1


def test_the_same_message_twice_is_one(tmp_path: Path) -> None:
    case = make_owing_case()
    for _ in range(2):
        wrote("我要投诉", value=number_of(case))
    assert (Inbound.objects.count(), Complaint.objects.count()) == (1, 1)


def test_an_opt_out_stops_this_channel_and_what_waits_for_it() -> None:
    case = make_owing_case()
    waiting = make_act(case=case)
    wrote("TD", value=number_of(case).removeprefix("+86"))
    stop = StopRequest.objects.get()
    assert (stop.scope, stop.channel) == ("channel", "sms")
    waiting.refresh_from_db()
    assert waiting.state == ActState.WITHDRAWN
    assert waiting.verdict is not None


def test_a_wrong_number_is_marked_whoever_shares_it_and_work_is_opened() -> None:
    first, second = make_owing_case(), make_owing_case()
    value = number_of(first)
    ContactPoint.objects.filter(borrower=second.borrower_id).update(value=value)
    waiting = make_act(case=second)
    wrote("打错了", value=value)
    assert set(ContactPoint.objects.values_list("state", flat=True)) == {"third_party"}
    assert VerificationTask.objects.filter(reason="wrong_number").count() == 2
    waiting.refresh_from_db()
    assert waiting.state == ActState.WITHDRAWN


def test_hardship_is_a_claim_that_somebody_looks_into() -> None:
    case = make_owing_case()
    wrote("我失业了", value=number_of(case))
    assert Hardship.objects.get().standing == "claimed"


def test_who_says_they_paid_is_not_reminded_until_somebody_has_looked() -> None:
    case = make_owing_case()
    waiting = make_act(case=case)
    kept = wrote("已经还了", value=number_of(case))
    waiting.refresh_from_db()
    assert (waiting.state, waiting.why) == (ActState.WITHDRAWN, "says_paid")
    assert kept.seen_at is None


def test_a_stranger_is_kept_for_a_person_and_nothing_is_done() -> None:
    kept = wrote("请问你是谁?", value="+8613000000000")
    assert (kept.borrower, kept.recognised, kept.done) == (None, "other", [])
