"""Facts for the texts of many borrowers, set by set."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from doorstep.cases.models import Case
from doorstep.outreach.gathering import Beside, facts_gather, reading_for
from doorstep.outreach.lender import COURT, PENALTY
from doorstep.outreach.mass import mass_render
from doorstep.outreach.render import message_render
from doorstep.outreach.shelf import shipped_template
from doorstep.outreach.words import Medium, Reading
from doorstep.workforce.roles import Role
from tests.factories import (
    ON,
    make_borrower,
    make_case,
    make_instalments,
    make_loan,
    make_note,
    make_staff,
)
from tests.outreach.sayings import LENDER

pytestmark = pytest.mark.django_db


def case_with_loan(**borrower: object) -> Case:
    person = make_borrower(**borrower)  # type: ignore[arg-type]
    loan = make_loan(borrower=person, contract_ref="HT-2026-7788")
    make_instalments(loan=loan)
    return make_case(borrower=person)


def test_the_facts_of_a_case_are_those_of_its_night() -> None:
    case = case_with_loan()
    known = facts_gather(cases=[case], lender=LENDER, on=ON)[case.pk]
    facts = known.facts
    assert (facts["who"], facts["account_tail"], facts["amount_due"]) == ("欧***", "7788", 123_456)
    assert (facts["due_on"], facts["as_of"], facts["days_late"]) == (date(2026, 11, 8), ON, "12")
    assert facts["next_due_on"] == date(2026, 12, 5)
    assert facts["next_amount"] == 110_000
    assert facts["consequence_penalty"] == PENALTY
    assert facts["consequence_court"] is None
    assert (known.language, known.reading) == ("zh-Hans", Reading.USUAL)
    text = message_render(
        template=shipped_template("reminder_friendly_sms"), facts=facts, language=known.language
    )
    assert "欧***您好，您尾号7788的消费贷款有1,234.56 元应于2026年11月8日归还" in text.text


def test_many_cases_take_as_many_queries_as_one() -> None:
    few = [case_with_loan()]
    many = [case_with_loan() for _ in range(12)]
    with CaptureQueriesContext(
        connection,
    ) as one:
        facts_gather(cases=few, lender=LENDER, on=ON)
    with CaptureQueriesContext(connection) as twelve:
        facts_gather(cases=many, lender=LENDER, on=ON)
    assert len(one) == len(twelve) == 4


def test_court_is_told_only_where_it_was_decided_and_penalty_only_where_it_runs() -> None:
    decided, other = case_with_loan(), case_with_loan()
    Case.objects.filter(pk=other.pk).update(due_penalty=0)
    other.refresh_from_db()
    known = facts_gather(
        cases=[decided, other], lender=LENDER, on=ON, beside=Beside(court=frozenset([decided.pk]))
    )
    assert known[decided.pk].facts["consequence_court"] == COURT
    assert known[other.pk].facts["consequence_court"] is None
    assert known[other.pk].facts["consequence_penalty"] is None


def test_the_sender_is_named_only_where_there_is_a_relation() -> None:
    agent = make_staff(Role.DESK_AGENT, display_name="李雷")
    known_to, stranger = case_with_loan(), case_with_loan()
    for case in (known_to, stranger):
        Case.objects.filter(pk=case.pk).update(assignee=agent)
        case.refresh_from_db()
    make_note(case=known_to, by=agent)
    make_note(case=stranger, by=make_staff(Role.DESK_AGENT))
    known = facts_gather(cases=[known_to, stranger], lender=LENDER, on=ON)
    assert known[known_to.pk].facts["sender"] == "李雷"
    assert known[stranger.pk].facts["sender"] is None


def test_older_people_get_the_plain_wording_and_everybody_their_language() -> None:
    old = case_with_loan(birth_date=ON.replace(year=ON.year - 65), language="zh-Hant")
    young = case_with_loan(birth_date=ON.replace(year=ON.year - 65) + timedelta(days=1))
    known = facts_gather(cases=[old, young], lender=LENDER, on=ON)
    assert (known[old.pk].language, known[old.pk].reading) == ("zh-Hant", Reading.PLAIN)
    assert known[young.pk].reading is Reading.USUAL
    assert reading_for(None, on=ON, plain_from=65) is Reading.USUAL


def test_what_another_part_knows_is_added() -> None:
    case = case_with_loan()
    promise = {"promise_amount": 50_000, "promise_on": date(2026, 11, 15)}
    known = facts_gather(
        cases=[case], lender=LENDER, on=ON, beside=Beside(facts={case.pk: promise})
    )
    text = message_render(
        template=shipped_template("broken_promise_sms"), facts=known[case.pk].facts,
        language="zh-Hans",
    )  # fmt: skip
    assert "约定2026年11月15日归还的500.00 元" in text.text


def test_a_mass_counts_segments_and_cost_and_leaves_out_what_cannot_be_written() -> None:
    cases = [case_with_loan() for _ in range(3)] + [make_case()]
    known = facts_gather(cases=cases, lender=LENDER, on=ON)
    template = shipped_template("reminder_friendly_sms")
    mass = mass_render(templates=dict.fromkeys(known, template), known=known, prices=LENDER.prices)
    assert len(mass.texts) == 3
    assert [(each.case_id, each.code) for each in mass.unwritten] == [
        (cases[-1].pk, "FACT_MISSING")
    ]
    assert mass.segments == 3 * mass.longest
    assert mass.cost == mass.segments * LENDER.prices.of(Medium.SMS, 1)
    assert mass.languages == {"zh-Hans": 3}
    empty = mass_render(templates={}, known={}, prices=LENDER.prices)
    assert (empty.segments, empty.longest, empty.cost) == (0, 0, 0)
