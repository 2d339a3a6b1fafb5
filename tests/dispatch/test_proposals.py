"""Messages proposed together: previewed with reasons, approved by a second person, then sent."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from doorstep.cases.models import Case
from doorstep.dispatch.models import ActState, Proposal, ProposalState
from doorstep.dispatch.proposals import (
    acts_approve,
    acts_propose,
    proposal_reject,
    proposal_withdraw,
)
from doorstep.evidence.models import Leaf
from doorstep.kernel.errors import InputError, Refused
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Role
from tests.dispatch.outbox import AT, make_owing_case, make_sender
from tests.factories import make_case, make_hold, make_instalments, make_promise, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager() -> Staff:
    return make_staff(Role.COLLECTIONS_MANAGER)


@pytest.fixture
def colleague() -> Staff:
    return make_staff(Role.COLLECTIONS_MANAGER)


def make_overdue_case() -> Case:
    case = make_owing_case()
    make_instalments(loan=case.borrower.loans.get())
    return case


def propose(manager: Staff, **fields: Any) -> Proposal:
    values: dict[str, Any] = {
        "cases": Case.objects.all(),
        "template": "reminder_friendly_sms",
        "planned_from": AT,
        "planned_until": AT + timedelta(hours=2),
        "by": manager,
        "at": AT,
    }
    return acts_propose(**(values | fields))


def test_the_preview_says_how_many_may_go_how_many_not_and_why(manager: Staff) -> None:
    for _ in range(5):
        make_overdue_case()
    make_hold(borrower=make_overdue_case().borrower, kind="complaint")
    make_promise(borrower=make_overdue_case().borrower)
    make_case()  # without any number
    preview = propose(manager).preview
    assert (preview["allowed"], preview["blocked"]) == (5, 2), preview
    assert sum(group["count"] for group in preview["groups"]) == 2
    assert all(group["verdict"]["reasons"] for group in preview["groups"])
    assert sum(preview["left_out"].values()) == 1


def test_nothing_goes_out_before_a_second_person_approved(
    manager: Staff, colleague: Staff, tmp_path: Path
) -> None:
    for _ in range(3):
        make_overdue_case()
    proposal = propose(manager)
    sender = make_sender(folder=tmp_path)
    sender.round()
    assert not (tmp_path / "sms").exists()
    with pytest.raises(Refused) as refused:
        acts_approve(proposal=proposal, by=manager, at=AT)
    assert refused.value.code == "SAME_PERSON"
    acts_approve(proposal=proposal, by=colleague, at=AT)
    sender.clock.move(hours=1, minutes=59)  # type: ignore[attr-defined]
    sender.round()
    assert proposal.acts.filter(state=ActState.DELIVERED).count() == 3
    kinds = Leaf.objects.order_by("index").values_list("kind", flat=True)
    assert list(kinds[:2]) == ["proposal.proposed", "proposal.approved"]


def test_messages_are_spread_over_the_time_there_is(manager: Staff) -> None:
    for _ in range(4):
        make_overdue_case()
    moments = list(propose(manager).acts.order_by("planned_from").values_list("planned_from"))
    assert len(set(moments)) == 4


def test_blocked_ones_stay_blocked_with_their_verdict(manager: Staff, colleague: Staff) -> None:
    make_overdue_case()
    make_hold(borrower=make_overdue_case().borrower, kind="deceased")
    proposal = propose(manager)
    acts_approve(proposal=proposal, by=colleague, at=AT)
    blocked = proposal.acts.get(state=ActState.BLOCKED)
    assert blocked.verdict is not None
    assert blocked.verdict["outcome"] == "forbid"
    assert proposal.acts.filter(state=ActState.QUEUED).count() == 1


def test_sent_back_with_a_reason_nothing_waits_any_more(manager: Staff, colleague: Staff) -> None:
    make_overdue_case()
    proposal = propose(manager)
    with pytest.raises(InputError):
        proposal_reject(proposal=proposal, why=" ", by=colleague, at=AT)
    proposal_reject(proposal=proposal, why="Too many this week.", by=colleague, at=AT)
    assert proposal.acts.get().state == ActState.WITHDRAWN
    with pytest.raises(Refused) as refused:
        acts_approve(proposal=proposal, by=colleague, at=AT)
    assert refused.value.code == "WRONG_STATE"


def test_taking_back_after_approval_stops_what_has_not_gone(
    manager: Staff, colleague: Staff
) -> None:
    make_overdue_case()
    proposal = acts_approve(proposal=propose(manager), by=colleague, at=AT)
    assert proposal_withdraw(proposal=proposal, by=manager, at=AT) == 1
    proposal.refresh_from_db()
    assert proposal.state == ProposalState.APPROVED


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"planned_until": AT}, "BAD_TIME"),
        ({"planned_until": AT + timedelta(days=8)}, "BAD_TIME"),
        ({"template": "call_script"}, "NO_TEMPLATE"),
        ({"template": "nothing"}, "NO_TEMPLATE"),
    ],
)
def test_what_cannot_be_proposed(manager: Staff, fields: dict[str, Any], code: str) -> None:
    make_overdue_case()
    with pytest.raises(InputError) as refused:
        propose(manager, **fields)
    assert refused.value.code == code


def test_who_may_not_propose_or_approve(manager: Staff) -> None:
    make_overdue_case()
    with pytest.raises(Refused):
        propose(make_staff(Role.DESK_AGENT))
    with pytest.raises(Refused):
        acts_approve(proposal=propose(manager), by=make_staff(Role.TEAM_LEADER), at=AT)


def test_the_number_of_queries_does_not_grow_with_the_cases(
    manager: Staff, django_assert_max_num_queries: Any
) -> None:
    for _ in range(12):
        make_overdue_case()
    with django_assert_max_num_queries(70):
        propose(manager)
