"""A plan made lighter in one step: shown first, granted by rule or by a second person, in force
only when it is signed; and what was agreed before holds until then."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from doorstep.agreements.matching import Incoming
from doorstep.agreements.models import Agreement, CareOffer, Offer
from doorstep.agreements.payment_file import Told
from doorstep.agreements.services.easing import MOST_MONTHS, easing_show, plan_ease
from doorstep.agreements.services.offers import offer_approve, offer_submit
from doorstep.agreements.services.payments import payments_take
from doorstep.agreements.services.plans import plan_break
from doorstep.delinquency.policy import DEFAULT
from doorstep.kernel.errors import InputError, Refused
from doorstep.workforce.roles import Role
from tests.agreements.offers import Desk, lower
from tests.agreements.signing import agreed, put_seal
from tests.factories import AT, ON, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_files")]


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def running(desk: Desk) -> Agreement:
    """Twelve instalments that fit the customer's means, in force."""
    desk.finished()
    offer = offer_submit(offer=desk.offer(), by=desk.agent, at=AT, on=ON)
    return agreed(offer_approve(offer=offer, by=desk.approver, at=AT, on=ON))


def ease(desk: Desk, agreement: Agreement, **fields: Any) -> Offer:
    values: dict[str, Any] = {
        "way": "smaller", "months": 2, "reason_code": "less_income", "note": "工资晚发",
        "by": desk.agent, "at": AT, "on": ON, "policy": DEFAULT,
    } | fields  # fmt: skip
    return plan_ease(agreement=agreement, **values)


def test_half_for_two_months_is_granted_by_rule_with_its_reason(desk: Desk, running: Agreement):
    offer = ease(desk, running)

    assert (offer.state, offer.level, offer.kind) == (
        "approved", "eased_by_rule", "temporary_reduction",
    )  # fmt: skip
    assert (offer.reason_code, offer.note, offer.follows) == (
        "less_income", "工资晚发", running.offer,
    )  # fmt: skip
    rows = list(offer.instalments.order_by("number"))
    assert len(rows) == 14
    assert rows[0].due_on == running.instalments.get(number=1).due_on
    usual = running.offer.instalment_minor
    assert [usual * 49 // 100 < row.total < usual * 51 // 100 for row in rows[:3]] == [
        True,
        True,
        False,
    ]


def test_nothing_changes_before_the_new_agreement_is_signed(desk: Desk, running: Agreement):
    offer = ease(desk, running)

    running.refresh_from_db()
    assert running.state == "in_force"
    assert [each.kind for each in running.events.all()] == ["begun"]
    lighter = agreed(offer)
    running.refresh_from_db()
    assert (running.state, running.ended_why) == ("replaced", lighter.number)
    assert lighter.number != running.number
    eased = running.events.get(kind="eased")
    assert "工资晚发" in eased.note
    assert CareOffer.objects.filter(moment="plan_eased", kind="counselling").count() == 1


def test_a_bigger_step_waits_for_somebody_else(desk: Desk, running: Agreement):
    offer = ease(desk, running, months=3)

    assert (offer.state, offer.level) == ("submitted", "standard")
    with pytest.raises(Refused):
        offer_approve(offer=offer, by=desk.agent, at=AT, on=ON)
    assert offer_approve(offer=offer, by=desk.leader, at=AT, on=ON).state == "approved"


def test_looking_keeps_nothing_and_says_what_asking_would_bring(desk: Desk, running: Agreement):
    shown = easing_show(
        agreement=running, way="longer", months=6, at=AT, on=ON, policy=DEFAULT
    )  # fmt: skip

    assert Offer.objects.count() == 1
    assert shown.level is not None
    made = ease(desk, running, way="longer", months=6)
    assert made.level == shown.level.code
    assert [row.total for row in made.instalments.order_by("number")] == [
        row.total for row in shown.plan.rows
    ]
    assert made.instalment_minor < running.offer.instalment_minor
    assert len(shown.plan.rows) == 18


def test_what_came_in_since_the_book_is_not_planned_for_again(desk: Desk, running: Agreement):
    first = running.instalments.get(number=1)
    late = timedelta(days=31)
    row = Told(1, Incoming("R1", first.due, "CNY", first.due_on, running.number))
    payments_take(rows=[row], at=AT + late)

    offer = ease(desk, running, at=AT + late, on=ON + late)

    assert offer.owed_minor < running.offer.owed_minor
    assert len(offer.instalments.all()) == 11 + 2


def test_a_broken_plan_is_eased_and_stays_broken_in_its_history(desk: Desk, running: Agreement):
    plan_break(agreement=running, why="missed", by="li", at=AT)
    running.refresh_from_db()

    lighter = agreed(ease(desk, running))

    running.refresh_from_db()
    assert (running.state, lighter.state) == ("broken", "in_force")
    assert running.events.filter(kind="eased").exists()


def test_one_easing_at_a_time(desk: Desk, running: Agreement):
    offer = ease(desk, running)

    with pytest.raises(Refused) as twice:
        ease(desk, running)
    assert twice.value.code == "UNDER_WAY"
    lighter = agreed(offer)
    with pytest.raises(Refused):
        ease(desk, Agreement.objects.get(pk=running.pk))
    assert ease(desk, lighter, way="longer", months=1).follows == offer


@pytest.mark.parametrize(
    ("fields", "error", "where"),
    [
        ({"way": "free"}, InputError, "way"),
        ({"months": 0}, InputError, "months"),
        ({"months": MOST_MONTHS + 1}, InputError, "months"),
        ({"reason_code": "keeps_paying"}, InputError, "reason"),
    ],
)
def test_what_cannot_be_is_named(
    desk: Desk, running: Agreement, fields: dict[str, Any], error: type[InputError], where: str
):
    with pytest.raises(error) as caught:
        ease(desk, running, **fields)
    assert caught.value.where
    assert caught.value.where.field == where
    assert Offer.objects.count() == 1


def test_the_longest_step_can_be_asked_for(desk: Desk, running: Agreement):
    assert ease(desk, running, way="longer", months=MOST_MONTHS).months == 12 + MOST_MONTHS


def test_who_may_make_no_offers_eases_nothing(desk: Desk, running: Agreement):
    with pytest.raises(Refused):
        ease(desk, running, by=make_staff(Role.AUDITOR))
    assert Offer.objects.count() == 1


def test_a_card_plan_ends_five_years_after_the_first_however_often_it_is_eased(desk: Desk):
    desk.loan.product = "credit_card"
    desk.loan.save()
    desk.finished()
    offer = desk.offer(terms=lower(months=59), note="x")
    first = Agreement.objects.create(
        case=desk.case, offer=offer, version=1, number="RA-1", code="A", language="zh-Hans",
        state="in_force", sha256="0" * 64, summary=[], contains=[], approvals=[{"by": "x"}],
        needed=["borrower", "lender"], drafted_by=desk.agent, drafted_at=AT, in_force_at=AT,
    )  # fmt: skip
    for row in offer.instalments.all():
        first.instalments.create(
            number=row.number, due_on=row.due_on, principal_due=row.total,
            principal_outstanding=row.total,
        )  # fmt: skip

    assert easing_show(agreement=first, way="longer", months=1, at=AT, on=ON, policy=DEFAULT)
    with pytest.raises(Refused) as refused:
        ease(desk, first, way="longer", months=2)
    assert refused.value.code == "CARD_TERM"
    later = timedelta(days=40)
    with pytest.raises(Refused) as chain:
        easing_show(
            agreement=first, way="longer", months=3, at=AT + later, on=ON + later, policy=DEFAULT
        )
    assert chain.value.code == "CARD_TERM"


def test_nobody_pays_one_debt_by_two_plans(desk: Desk, running: Agreement):
    second = offer_submit(offer=desk.offer(note="x"), by=desk.agent, at=AT, on=ON)
    approved = offer_approve(offer=second, by=desk.approver, at=AT, on=ON)

    with pytest.raises(Refused) as refused:
        agreed(approved)

    assert refused.value.code == "OTHER_IN_FORCE"
    assert running.number in refused.value.message
    plan_break(agreement=running, why="x", by="li", at=AT)
    assert put_seal(Agreement.objects.get(offer=approved)).state == "in_force"
