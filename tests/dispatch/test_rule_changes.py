"""Story 13: two calls a day instead of three, from an hour on, tried first, by two people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from doorstep.dispatch.rule_changes import change_decide, change_propose, change_try
from doorstep.evidence.models import Leaf
from doorstep.kernel.errors import InputError, NotFound, Refused
from doorstep.rules.models import ChangeState, RuleChange
from doorstep.rules.selectors import rulebook_at, rulebook_shipped
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Role
from tests.factories import make_borrower, make_contact, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.database]

AT = datetime(2026, 6, 20, 6, 0, tzinfo=UTC)
JULY = datetime(2026, 6, 30, 16, 0, tzinfo=UTC)  # midnight in Shanghai
RULE = "CN-GBT-VOICE-3"


def field() -> str:
    """The name of the rule's one value."""
    row = rulebook_shipped().rule(RULE).row_on(None)
    assert row is not None
    (name,) = row.values
    return name


def proposed(by: Staff | None = None, calls: str = "2", **fields: object) -> RuleChange:
    asked = {
        "rule": RULE, "values": {field(): calls}, "source": "A circular", "article": "7",
        "link": "", "note": "From July on", "effective_at": JULY, "at": AT,
        "by": by or make_staff(Role.COMPLIANCE_OFFICER),
    }  # fmt: skip
    return change_propose(**{**asked, **fields})  # type: ignore[arg-type]


def value_at(at: datetime, on: datetime) -> object:
    row = rulebook_at(at).rule(RULE).row_on(on.date())
    assert row is not None
    return row.values[field()]


def test_a_change_binds_from_its_hour_on_and_june_is_still_read_by_junes_law() -> None:
    change = change_try(change=proposed(), at=AT)
    change_decide(change=change, approve=True, why="", by=make_staff(Role.APPROVER), at=AT)
    assert value_at(JULY - timedelta(seconds=1), JULY) == 3
    assert value_at(JULY, JULY + timedelta(days=1)) == 2
    assert value_at(JULY, AT) == 3
    (pack,) = (p for p in rulebook_at(JULY).packs if p.id == change.pack)
    assert pack.version.endswith(f"+{change.pk}")
    assert [leaf.kind for leaf in Leaf.objects.order_by("index")] == [
        "rule.proposed", "rule.approved",
    ]  # fmt: skip


def test_the_trial_names_the_calls_that_would_not_have_been_made() -> None:
    borrower = make_borrower(branch_code="B4")
    for minutes in (0, 30, 60):
        make_contact(
            borrower=borrower, at=AT - timedelta(days=2, minutes=-minutes), channel="call",
            result="right_party",
        )  # fmt: skip
    quiet = make_borrower()
    make_contact(borrower=quiet, at=AT - timedelta(days=2), channel="call", result="right_party")
    found = change_try(change=proposed(), at=AT).simulation
    assert (found["tried"], found["stops"], found["frees"]) == (4, 1, 0)
    assert found["branches"]["stops"] == [["B4", 1]] or found["branches"]["stops"] == [("B4", 1)]
    assert found["examples"]["stops"] == [borrower.pk]


def test_who_proposed_it_cannot_approve_it() -> None:
    officer = make_staff(Role.COMPLIANCE_OFFICER)
    change = change_try(change=proposed(by=officer), at=AT)
    with pytest.raises(Refused) as refused:
        change_decide(change=change, approve=True, why="", by=officer, at=AT)
    assert refused.value.code == "FOUR_EYES"
    assert rulebook_at(JULY) is rulebook_shipped()


def test_what_was_not_tried_is_not_approved_but_may_be_sent_back() -> None:
    change = proposed()
    approver = make_staff(Role.APPROVER)
    with pytest.raises(Refused) as refused:
        change_decide(change=change, approve=True, why="", by=approver, at=AT)
    assert refused.value.code == "NOT_TRIED"
    with pytest.raises(InputError):
        change_decide(change=change, approve=False, why=" ", by=approver, at=AT)
    sent = change_decide(change=change, approve=False, why="No source", by=approver, at=AT)
    assert sent.state == ChangeState.REJECTED
    assert proposed().state == ChangeState.PROPOSED  # the place is free for a better one


def test_an_approval_after_its_hour_binds_from_the_approval_on() -> None:
    change = change_try(change=proposed(effective_at=AT + timedelta(hours=1)), at=AT)
    late = AT + timedelta(hours=5)
    change_decide(change=change, approve=True, why="", by=make_staff(Role.APPROVER), at=late)
    assert rulebook_at(late - timedelta(seconds=1)) is rulebook_shipped()
    assert value_at(late, late) == 2


@pytest.mark.parametrize("calls", ["", "two", "-1", "3.5", "9" * 12, "３"])
def test_a_value_of_another_kind_is_refused_by_its_field(calls: str) -> None:
    with pytest.raises(InputError) as refused:
        proposed(calls=calls)
    assert refused.value.where.field == field() or refused.value.code == "NOTHING_CHANGED"


@pytest.mark.parametrize(
    "fields",
    [
        {"source": " "},
        {"note": ""},
        {"effective_at": AT - timedelta(seconds=1)},
        {"effective_at": AT + timedelta(days=731)},
    ],
)
def test_a_change_needs_its_source_its_reason_and_an_hour_ahead(fields: dict[str, object]) -> None:
    with pytest.raises(InputError):
        proposed(**fields)
    assert not RuleChange.objects.exists()


def test_one_proposal_of_a_rule_waits_at_a_time() -> None:
    proposed()
    with pytest.raises(Refused) as refused:
        proposed()
    assert refused.value.code == "PROPOSED_ALREADY"


def test_a_rule_nobody_knows_and_a_role_that_may_not() -> None:
    with pytest.raises(NotFound):
        proposed(rule="CN-NONE")
    with pytest.raises(Refused):
        proposed(by=make_staff(Role.DESK_AGENT))
    assert not RuleChange.objects.exists()
