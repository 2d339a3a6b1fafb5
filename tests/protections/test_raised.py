"""Complaints and disputes: owner, deadline, answer, escalation, and when contact goes on."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from doorstep.kernel.errors import InputError, Refused
from doorstep.protections.models import Complaint, Dispute
from doorstep.protections.selectors import protection_facts
from doorstep.protections.services import (
    claim_settle,
    complaint_answer,
    complaint_contact_resume,
    complaint_escalate,
    complaint_extend,
    complaint_open,
    deadlines_settle,
    dispute_answer,
    dispute_open,
    raised_assign,
)
from doorstep.workforce.roles import Role
from tests.factories import AT, make_borrower, make_loan, make_staff
from tests.protections.making import news, officer

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def resting(complaint: Complaint) -> object:
    facts = protection_facts(borrower_ids=[complaint.borrower_id], at=complaint.known_from + HOUR)
    return facts[complaint.borrower_id]["complaint_open"].value


def test_a_complaint_by_message_has_an_owner_and_a_deadline_at_once() -> None:
    by = officer()
    complaint = complaint_open(news=news(), words="我要投诉", topic="frequency")
    assert complaint.owner == by
    assert (complaint.due_on, complaint.due_sure) == (date(2026, 12, 5), True)
    assert resting(complaint) is True


def test_complaints_go_to_whoever_has_least_to_answer() -> None:
    first, second = officer(), officer()
    owners = [complaint_open(news=news(), words="so").owner for _ in range(3)]
    assert owners == [first, second, first]


def test_where_nobody_may_answer_the_complaint_stands_without_an_owner() -> None:
    assert complaint_open(news=news(), words="so").owner is None


def test_contact_goes_on_only_by_a_decision_after_an_answer() -> None:
    by = officer()
    complaint = complaint_open(news=news(), words="so")
    with pytest.raises(Refused) as early:
        complaint_contact_resume(of=complaint, why="enough", by=by, at=AT + HOUR)
    assert early.value.code == "ANSWER_FIRST"
    answered = complaint_answer(
        of=complaint, outcome="upheld", answer="We are sorry.", by=by, at=AT + DAY
    )
    assert (answered.due_on, answered.ends_at, resting(answered)) == (None, None, True)
    resumed = complaint_contact_resume(of=answered, why="He agrees", by=by, at=AT + 2 * DAY)
    assert resting(resumed) is False
    with pytest.raises(Refused):
        complaint_contact_resume(of=resumed, why="again", by=by, at=AT + 3 * DAY)


def test_the_database_lets_no_contact_go_on_before_the_answer() -> None:
    complaint = complaint_open(news=news(), words="so")
    with pytest.raises(IntegrityError), transaction.atomic():
        Complaint.objects.filter(pk=complaint.pk).update(ends_at=AT + DAY)


def test_half_an_answer_is_no_answer() -> None:
    complaint = complaint_open(news=news(), words="so")
    with pytest.raises(IntegrityError), transaction.atomic():
        Complaint.objects.filter(pk=complaint.pk).update(outcome="upheld")


def test_an_answer_is_given_once_and_has_an_outcome_and_words() -> None:
    by = officer()
    complaint = complaint_open(news=news(), words="so")
    for outcome, words in (("", "sorry"), ("maybe", "sorry"), ("upheld", " ")):
        with pytest.raises(InputError):
            complaint_answer(of=complaint, outcome=outcome, answer=words, by=by, at=AT + HOUR)
    answered = complaint_answer(of=complaint, outcome="upheld", answer="so", by=by, at=AT + HOUR)
    with pytest.raises(Refused, match="answered already"):
        complaint_answer(of=answered, outcome="upheld", answer="so", by=by, at=AT + HOUR)


def test_a_complicated_complaint_gets_more_time_twice_and_no_more() -> None:
    by = officer()
    complaint = complaint_open(news=news(), words="so")
    complaint = complaint_extend(of=complaint, why="We ask the agency", by=by, at=AT + DAY)
    assert complaint.due_on == date(2026, 12, 20)
    complaint = complaint_extend(of=complaint, why="And a court", by=by, at=AT + 2 * DAY)
    assert complaint.due_on == date(2027, 1, 19)
    with pytest.raises(Refused) as refused:
        complaint_extend(of=complaint, why="And the moon", by=by, at=AT + 3 * DAY)
    assert refused.value.code == "NO_MORE_TIME"


def test_escalation_needs_a_reason_and_another_person_who_may_answer() -> None:
    by, above, agent = officer(), officer(), make_staff(Role.DESK_AGENT)
    complaint = complaint_open(news=news(), words="so", owner=by)
    for to, why in ((above, " "), (by, "so"), (agent, "so")):
        with pytest.raises(InputError):
            complaint_escalate(of=complaint, to=to, why=why, by=by, at=AT + HOUR)
    up = complaint_escalate(of=complaint, to=above, why="About me", by=by, at=AT + HOUR)
    assert (up.owner, up.level, up.escalated_why) == (above, 1, "About me")
    assert raised_assign(of=up, owner=by, by=above, at=AT + DAY).owner == by
    with pytest.raises(InputError):
        raised_assign(of=Complaint.objects.get(known_until=None), owner=agent, by=by, at=AT + DAY)


def test_a_desk_agent_records_a_complaint_and_cannot_answer_it() -> None:
    agent = make_staff(Role.DESK_AGENT)
    complaint = complaint_open(news=news(by=agent), words="so")
    with pytest.raises(Refused):
        complaint_answer(of=complaint, outcome="rejected", answer="no", by=agent, at=AT + HOUR)
    with pytest.raises(Refused):
        complaint_escalate(of=complaint, to=officer(), why="x", by=agent, at=AT + HOUR)


def test_a_disputed_loan_rests_until_it_is_answered() -> None:
    borrower = make_borrower()
    loan, other = make_loan(borrower=borrower), make_loan(borrower=borrower)
    by = officer()
    dispute = dispute_open(news=news(borrower), loan=loan, component="fee", amount=3000)
    assert (dispute.owner, dispute.due_on) == (by, date(2026, 12, 4))
    facts = protection_facts(borrower_ids=[borrower.pk], at=AT)[borrower.pk]
    assert facts["disputed_debts"].value == (loan.pk,)
    assert other.pk not in facts["disputed_debts"].value  # type: ignore[operator]
    answered = dispute_answer(of=dispute, outcome="upheld", answer="Waived.", by=by, at=AT + DAY)
    assert answered.ends_at == AT + DAY
    later = protection_facts(borrower_ids=[borrower.pk], at=AT + DAY)[borrower.pk]
    assert later["dispute_open"].value is False


def test_a_dispute_is_about_ones_own_loan_and_a_real_amount() -> None:
    loan = make_loan(borrower=make_borrower())
    own = make_borrower()
    with pytest.raises(InputError):
        dispute_open(news=news(own), loan=loan)
    for amount in (0, -5, 2**63):
        with pytest.raises(InputError):
            dispute_open(news=news(own), loan=make_loan(borrower=own), amount=amount)
    with pytest.raises(InputError):
        dispute_open(news=news(own), amount=500)
    assert not Dispute.objects.exists()


def test_the_lenders_own_days_count(home: Path) -> None:
    (home / "policy.toml").write_text(
        '[protections.terms.complaint_answer]\ndays = 3\ncount = "working"\nsource = "house"\n',
        "utf-8",
    )
    assert complaint_open(news=news(), words="so").due_on == date(2026, 11, 25)


def test_a_deadline_that_waited_for_the_calendar_becomes_sure_by_a_new_version() -> None:
    borrower = make_borrower()
    late_in_the_year = AT + 36 * DAY
    dispute = dispute_open(news=news(borrower, at=late_in_the_year))
    assert (dispute.due_on, dispute.due_sure) == (date(2027, 1, 11), False)
    assert deadlines_settle(at=late_in_the_year + DAY) == 0, "still not published"
    complaint = complaint_open(news=news(borrower), words="so")
    Complaint.objects.filter(pk=complaint.pk).update(due_sure=False, due_on=AT.date())
    assert deadlines_settle(at=AT + DAY) == 1
    fresh = Complaint.objects.get(known_until=None)
    assert (fresh.due_on, fresh.due_sure, fresh.version) == (date(2026, 12, 5), True, 2)


def test_a_complaint_that_was_none_is_refuted_and_asks_no_more() -> None:
    by = officer()
    complaint = complaint_open(news=news(claimed=True), words="so")
    settled = claim_settle(complaint, confirmed=False, why="A mix-up", by=by, at=AT + HOUR)
    assert resting(settled) is False
    with pytest.raises(Refused):
        complaint_answer(of=settled, outcome="upheld", answer="x", by=by, at=AT + DAY)
