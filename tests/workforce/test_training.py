"""Exams: drawn, sat, marked; one point short is short, late is late, and every attempt is kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from doorstep.evidence.models import Leaf
from doorstep.kernel.errors import NotFound, Refused
from doorstep.workforce.courses import courses
from doorstep.workforce.models import Sitting, Staff
from doorstep.workforce.papers import Deed
from doorstep.workforce.roles import Role
from doorstep.workforce.selectors import agent_facts, papers_of
from doorstep.workforce.services import exam_begin, exam_end
from tests.factories import AT, ON, make_staff
from tests.workforce.people import make_agent

pytestmark = pytest.mark.django_db
LAW = courses()["law"]


def sit(staff: Staff, *, right: int, minutes: int = 10, seed: int = 1, after: int = 0) -> Sitting:
    at = AT + timedelta(minutes=after)
    sitting = exam_begin(staff=staff, course="law", seed=seed, at=at)
    answers = {question: order.index(0) for question, order in sitting.questions}
    wrong = {question: (place + 1) % 4 for question, place in list(answers.items())[right:]}
    return exam_end(
        sitting=sitting, answers=answers | wrong, by=staff, on=ON,
        at=at + timedelta(minutes=minutes),
    )  # fmt: skip


def test_the_mark_passes_and_one_point_short_does_not() -> None:
    staff = make_staff(Role.FIELD_AGENT)
    failed = sit(staff, right=LAW.pass_mark - 1)
    assert (failed.right, failed.passed, failed.valid_until) == (LAW.pass_mark - 1, False, None)
    passed = sit(staff, right=LAW.pass_mark, after=20)
    assert passed.passed
    assert passed.valid_until == ON + timedelta(days=LAW.valid_days - 1)
    assert Sitting.objects.filter(staff=staff).count() == 2
    assert Leaf.objects.filter(kind="exam").count() == 2


@pytest.mark.parametrize(("minutes", "passed"), [(LAW.minutes, True), (LAW.minutes + 1, False)])
def test_what_comes_after_the_time_does_not_count(minutes: int, passed: bool) -> None:
    assert sit(make_staff(Role.FIELD_AGENT), right=10, minutes=minutes).passed is passed


def test_a_pass_makes_an_agent_whole_and_a_failed_retake_takes_nothing_away() -> None:
    agent = make_agent(courses=("conduct", "safety", "objections"))
    now = AT + timedelta(hours=1)
    assert agent_facts(staff=[agent], at=now)["staff_qualified"].value is False
    passed = sit(agent, right=10)
    assert agent_facts(staff=[agent], at=now)["staff_qualified"].value is True
    sit(agent, right=0, after=15)
    assert papers_of(staff_ids=[agent.pk], at=now)[agent.pk].passes["law"] == passed.valid_until
    last = AT + timedelta(days=LAW.valid_days - 1)
    facts = agent_facts(staff=[agent], at=last, deed=Deed.CALL)
    assert facts["staff_qualified"].value is False  # the background check ended before


def test_three_failures_within_a_day_are_enough_and_the_next_day_is_open_again() -> None:
    staff = make_staff(Role.DESK_AGENT)
    for number in range(3):
        sit(staff, right=0, seed=number, after=15 * number)
    with pytest.raises(Refused) as caught:
        exam_begin(staff=staff, course="law", seed=9, at=AT + timedelta(hours=2))
    assert caught.value.code == "TOO_MANY_ATTEMPTS"
    assert exam_begin(staff=staff, course="conduct", seed=9, at=AT + timedelta(hours=2))
    assert exam_begin(staff=staff, course="law", seed=9, at=AT + timedelta(hours=25))


def test_an_exam_under_way_goes_on_and_one_left_lying_counts_as_failed() -> None:
    staff = make_staff(Role.DESK_AGENT)
    first = exam_begin(staff=staff, course="law", seed=1, at=AT)
    assert exam_begin(staff=staff, course="law", seed=2, at=AT + timedelta(minutes=5)) == first
    later = exam_begin(staff=staff, course="law", seed=3, at=AT + timedelta(hours=1))
    first.refresh_from_db()
    assert later.pk != first.pk
    assert (first.right, first.passed) == (0, False)


def test_nobody_hands_in_for_another_or_twice() -> None:
    staff = make_staff(Role.DESK_AGENT)
    sitting = exam_begin(staff=staff, course="law", seed=1, at=AT)
    with pytest.raises(Refused):
        exam_end(sitting=sitting, answers={}, by=make_staff(Role.DESK_AGENT), at=AT, on=ON)
    exam_end(sitting=sitting, answers={}, by=staff, at=AT, on=ON)
    with pytest.raises(Refused):
        exam_end(sitting=sitting, answers={}, by=staff, at=AT, on=ON)
    with pytest.raises(Refused):
        exam_begin(staff=make_staff(Role.AUDITOR), course="law", seed=1, at=AT)
    with pytest.raises(NotFound):
        exam_begin(staff=staff, course="none", seed=1, at=AT)


def test_the_database_knows_no_pass_below_the_mark() -> None:
    sitting = sit(make_staff(Role.DESK_AGENT), right=10)
    with pytest.raises(IntegrityError), transaction.atomic():
        Sitting.objects.filter(pk=sitting.pk).update(right=sitting.pass_mark - 1)
