"""Who would do it: the guard hears of every agent's papers at the door, whatever was planned."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from doorstep.dispatch.gathering import facts_gather, facts_standing
from doorstep.dispatch.models import Act
from doorstep.dispatch.rulebook import rulebook_current
from doorstep.guard.decide import decide
from doorstep.rules.values import NOTHING
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Role
from doorstep.workforce.services import letter_revoke
from tests.dispatch.outbox import make_act
from tests.factories import AT, ON, make_address, make_case, make_contact_point, make_staff
from tests.workforce.people import make_agent, make_letter

pytestmark = pytest.mark.django_db
STAFF_RULES = {"HOUSE-AUTHORITY", "CN-NIFA-STAFF", "CN-CBA-VISIT-TWO"}


def a_visit(*agents: Staff) -> Act:
    case = make_case()
    make_address(borrower=case.borrower)
    act = make_act(
        case=case, contact_point=make_contact_point(borrower=case.borrower), kind="visit",
        channel="visit",
    )  # fmt: skip
    act.agents.set(agents)
    return act


def against(act: Act, *, at: Any = AT) -> set[str]:
    """The rules about those who go that stand against the visit."""
    (asked,) = facts_gather(acts=[act], at=at, rulebook=rulebook_current())
    verdict = decide(
        rulebook=rulebook_current(), action=replace(asked.action, at=at), facts=asked.facts, at=at
    )
    return {reason.rule for reason in verdict.reasons if reason.outcome == "forbid"} & STAFF_RULES


def test_two_with_valid_papers_have_no_rule_about_staff_against_them() -> None:
    assert against(a_visit(make_agent(), make_agent())) == set()


def test_one_alone_nobody_or_somebody_without_papers_is_refused_at_the_door() -> None:
    assert against(a_visit(make_agent())) == {"CN-CBA-VISIT-TWO"}
    assert against(a_visit()) == STAFF_RULES
    untrained = make_agent(courses=("law", "conduct", "objections"))
    assert against(a_visit(make_agent(), untrained)) == {"CN-NIFA-STAFF"}
    assert against(a_visit(make_agent(), make_agent(letter=False))) == {"HOUSE-AUTHORITY"}


def test_a_letter_revoked_after_planning_stops_the_visit_at_once() -> None:
    agent = make_agent(letter=False)
    letter = make_letter(staff=agent)
    act = a_visit(make_agent(), agent)
    assert against(act) == set()
    letter_revoke(letter=letter, why="lost", by=make_staff(Role.COLLECTIONS_MANAGER), at=AT)
    assert against(act) == {"HOUSE-AUTHORITY"}


def test_the_last_day_of_a_letter_counts_and_the_next_does_not() -> None:
    act = a_visit(make_agent(), make_agent(letter={"valid_until": ON}))
    (standing,) = facts_standing(acts=[act], at=AT, rulebook=rulebook_current())
    tomorrow = standing.at(AT + timedelta(days=1))
    assert standing.now.facts["authorised_until"].value == ON
    assert tomorrow.facts["authorised_until"].value == ON
    assert against(act, at=AT + timedelta(days=1)) == {"HOUSE-AUTHORITY"}


def test_a_call_tells_whether_its_caller_is_qualified_and_a_message_tells_nothing() -> None:
    case = make_case()
    point = make_contact_point(borrower=case.borrower)
    call = make_act(case=case, contact_point=point, kind="call", channel="phone")
    Act.objects.filter(pk=call.pk).update(proposed_by=make_agent(letter=False))
    call.refresh_from_db()
    message = make_act(case=case, contact_point=point)
    said, silent = facts_gather(acts=[call, message], at=AT, rulebook=rulebook_current())
    assert said.facts["staff_qualified"].value is True
    assert "authorised_until" not in said.facts
    assert "staff_qualified" not in silent.facts


def test_nobody_known_is_never_taken_for_somebody() -> None:
    (asked,) = facts_gather(acts=[a_visit()], at=AT, rulebook=rulebook_current())
    assert asked.facts["authorised_until"].value is NOTHING
    assert asked.facts["staff_qualified"].value is False
    assert asked.action.details["agents"] == 0
