"""Reminders before each instalment of a plan: once, where the borrower prefers, through the one
door; silent while a promise is young, and not for what is paid."""

from __future__ import annotations

from datetime import timedelta

import pytest

from doorstep.agreements.matching import Incoming
from doorstep.agreements.payment_file import Told
from doorstep.agreements.services.payments import payments_take
from doorstep.dispatch.models import Act, PlanReminder
from doorstep.dispatch.reminder_plans import YOUNG, reminders_queue
from doorstep.protections.models import Channel
from doorstep.protections.services import News, preference_record
from tests.agreements.plans import make_agreement
from tests.dispatch.outbox import Clock, make_sender
from tests.factories import (
    AT,
    ON,
    make_borrower,
    make_case,
    make_contact_point,
    make_loan,
    make_promise,
    make_staff,
)

pytestmark = pytest.mark.django_db
BEFORE = AT + timedelta(days=7)  # the first instalment is due in three days; 16:00 in China


@pytest.fixture
def agreement():
    borrower = make_borrower()
    make_contact_point(borrower=borrower)
    make_loan(borrower=borrower)
    case = make_case(borrower=borrower)
    return make_agreement(case=case, loans=list(borrower.loans.all()))


def test_the_next_instalment_is_reminded_of_once_and_as_service(agreement):
    assert reminders_queue(at=BEFORE - timedelta(days=1)).queued == 0

    assert reminders_queue(at=BEFORE).queued == 1
    assert reminders_queue(at=BEFORE + timedelta(days=1)).queued == 0

    act = Act.objects.get()
    assert (act.purpose, act.channel, act.state) == ("service", "sms", "queued")
    assert "860.00" in act.content["text"]
    assert PlanReminder.objects.get().instalment.number == 1


def test_it_goes_out_through_the_one_door_although_contact_about_the_debt_has_stopped(
    agreement, tmp_path
):
    reminders_queue(at=BEFORE)

    make_sender(clock=Clock(BEFORE + timedelta(minutes=5)), folder=tmp_path).round()

    assert Act.objects.get().state in ("sent", "delivered")


def test_the_preferred_way_comes_first(agreement):
    make_contact_point(borrower=agreement.case.borrower, kind="email", value="a@example.com")
    news = News(borrower=agreement.case.borrower, reference="p1", at=AT, by=make_staff())
    preference_record(news=news, stance="prefers", subject="channel", channel=Channel.EMAIL)

    reminders_queue(at=BEFORE)

    assert Act.objects.get().channel == "email"


def test_a_young_promise_keeps_everybody_silent_and_an_older_one_does_not(agreement):
    promise = make_promise(
        borrower=agreement.case.borrower, made_on=ON + timedelta(days=6),
        due_on=ON + timedelta(days=20),
    )  # fmt: skip

    first = reminders_queue(at=BEFORE)
    assert (first.queued, first.left_out) == (0, {YOUNG: 1})

    promise.made_on = ON
    promise.save()
    assert reminders_queue(at=BEFORE).queued == 1


def test_whoever_pays_first_is_not_reminded(agreement):
    reminders_queue(at=BEFORE)
    row = Told(1, Incoming("R1", 86_000, "CNY", ON + timedelta(days=7), agreement.number))

    payments_take(rows=[row], at=BEFORE)

    act = Act.objects.get()
    assert (act.state, act.why) == ("withdrawn", "paid")
    assert reminders_queue(at=BEFORE).queued == 0


def test_nobody_without_a_number_is_reminded_and_it_is_told_why():
    make_agreement()

    assert reminders_queue(at=BEFORE).left_out == {"no_point": 1}
