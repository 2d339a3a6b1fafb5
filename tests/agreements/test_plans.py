"""Plans in force: contact stops when they begin, and what every night makes of them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection

from doorstep.agreements.matching import Incoming
from doorstep.agreements.models import CareOffer, PlanWatch
from doorstep.agreements.payment_file import Told
from doorstep.agreements.selectors.standing import own_rows, plan_rows, promises_of
from doorstep.agreements.services.payments import payments_take
from doorstep.agreements.services.plans import plan_break, plans_watch
from doorstep.agreements.services.promises import promise_cancel, promise_give, promises_watch
from doorstep.kernel.errors import InputError, Refused
from doorstep.treatment.holds import holdings
from doorstep.workforce.roles import Role
from tests.agreements.plans import make_agreement
from tests.factories import (
    AT,
    ON,
    make_borrower,
    make_case,
    make_hold,
    make_loan,
    make_promise,
    make_staff,
)

pytestmark = pytest.mark.django_db


def day(days):
    return ON + timedelta(days=days)


def watch(days):
    """The night over the book of a day, worked the night after it."""
    return plans_watch(on=day(days), at=AT + timedelta(days=days))


def pay(agreement, amount, days, reference):
    row = Told(1, Incoming(reference, amount, "CNY", day(days), agreement.number))
    payments_take(rows=[row], at=AT + timedelta(days=days))


def state_of(agreement):
    agreement.refresh_from_db()
    return agreement.state, PlanWatch.objects.get(agreement=agreement).health


def test_a_plan_that_begins_is_watched_and_holds_the_borrower_from_that_day():
    agreement = make_agreement()

    found = PlanWatch.objects.get(agreement=agreement)
    assert (found.health, found.next_due_on, found.behind) == ("on_track", day(10), 0)
    borrower = agreement.case.borrower_id
    plain = promises_of(borrower_ids=[borrower], on=ON)[borrower]
    held = holdings(protections=(), promises=plain, on=ON)
    assert [(each.kind, each.loan_id) for each in held] == [
        ("agreement", agreement.offer.loans.get().pk)
    ]
    assert agreement.events.get().kind == "begun"


def test_a_late_payment_is_a_risk_and_help_is_offered_but_contact_stays_stopped():
    agreement = make_agreement()

    assert watch(10).counts() == {"watched": 1}
    assert watch(11).events["at_risk"] == [agreement.pk]
    assert state_of(agreement) == ("in_force", "at_risk")
    assert CareOffer.objects.filter(moment="plan_at_risk", kind="counselling").count() == 1
    held = holdings(
        protections=(),
        promises=promises_of(borrower_ids=[agreement.case.borrower_id], on=day(11))[
            agreement.case.borrower_id
        ],
        on=day(11),
    )
    assert [each.kind for each in held] == ["agreement"]


def test_money_brings_a_plan_back_on_track():
    agreement = make_agreement()
    watch(12)

    pay(agreement, 86_000, 13, "R1")

    assert state_of(agreement) == ("in_force", "on_track")
    assert [e.kind for e in agreement.events.order_by("pk")] == ["begun", "at_risk", "recovered"]


def test_two_missed_instalments_break_a_plan_once_and_the_ladder_counts_it():
    agreement = make_agreement()
    borrower = agreement.case.borrower_id
    watch(20)
    assert watch(40).events.get("broken") is None

    assert watch(41).events["broken"] == [agreement.pk]
    assert state_of(agreement) == ("broken", "broken")
    assert watch(42).counts() == {"watched": 0}
    rows = promises_of(borrower_ids=[borrower], on=day(41))[borrower]
    assert holdings(protections=(), promises=rows, on=day(41)) == []
    assert [each.is_broken(on=day(41)) for each in rows] == [True]
    assert [e.kind for e in agreement.events.order_by("pk")] == ["begun", "at_risk", "broken"]


def test_whoever_has_a_cause_is_spared_and_a_person_decides():
    agreement = make_agreement()
    make_hold(borrower=agreement.case.borrower, kind="hardship", ends_on=None)
    watch(20)

    assert watch(41).events["spared"] == [agreement.pk]

    assert state_of(agreement) == ("in_force", "at_risk")
    assert PlanWatch.objects.get().cause == "hardship"
    assert watch(42).events == {}
    plan_break(agreement=agreement, why="查明无困难", by="li", at=AT + timedelta(days=43))
    assert state_of(agreement) == ("broken", "broken")


def test_a_plan_paid_to_its_end_is_kept_and_a_call_back_may_be_offered():
    agreement = make_agreement()

    pay(agreement, 258_000, 5, "R1")

    assert state_of(agreement) == ("kept", "kept")
    offered = set(CareOffer.objects.filter(moment="paid_up").values_list("kind", "answer"))
    assert offered == {("education", "none"), ("call_back", "none")}


def test_the_same_night_again_changes_nothing():
    agreement = make_agreement()
    watch(41)
    before = state_of(agreement), agreement.events.count()

    watch(41)

    assert (state_of(agreement), agreement.events.count()) == before


def test_the_night_reads_a_plan_as_one_part_a_loan_and_what_began_today_as_begun():
    case = make_case(borrower=make_borrower())
    loans = [make_loan(borrower=case.borrower), make_loan(borrower=case.borrower)]
    make_agreement(case=case, loans=loans, at=AT + timedelta(days=1))

    rows = list(plan_rows(on=ON))

    assert {row.loan_id for row in rows} == {loan.pk for loan in loans}
    assert {(row.kind, row.state, row.made_on) for row in rows} == {("agreement", "running", ON)}


def test_watching_asks_as_often_for_many_plans_as_for_one(django_assert_num_queries):
    for _ in range(3):
        make_agreement()
    asked = 9 if connection.vendor == "postgresql" else 5  # a table for the rows, and its end
    with django_assert_num_queries(asked):
        plans_watch(on=day(1), at=AT)
    for _ in range(5):
        make_agreement()
    with django_assert_num_queries(asked):
        plans_watch(on=day(2), at=AT)


def test_a_promise_given_here_rests_the_case_at_once_and_is_decided_by_its_day():
    case = make_case(borrower=make_borrower())
    desk = make_staff(Role.DESK_AGENT)

    promise = promise_give(
        case=case, loan=None, amount=50_000, due_on=day(5), note="发薪日", by=desk, at=AT
    )

    rows = promises_of(borrower_ids=[case.borrower_id], on=ON - timedelta(days=1))
    held = holdings(protections=(), promises=rows[case.borrower_id], on=ON - timedelta(days=1))
    assert [each.kind for each in held] == ["promise"]  # the book is a day older than the promise
    assert [row.promise_id for row in own_rows(on=ON)] == [promise.pk]
    assert promises_watch(on=day(7)) == 0
    assert promises_watch(on=day(8)) == 1
    promise.refresh_from_db()
    assert promise.state == "broken"


@pytest.mark.parametrize(
    ("amount", "due"), [(0, ON), (100, ON - timedelta(days=1)), (100, date(2027, 6, 1))]
)
def test_a_promise_is_some_money_on_a_near_day(amount, due):
    with pytest.raises(InputError):
        promise_give(
            case=make_case(borrower=make_borrower()), loan=None, amount=amount, due_on=due,
            note="", by=make_staff(Role.DESK_AGENT), at=AT,
        )  # fmt: skip


def test_a_promise_can_be_taken_back_with_a_reason_but_not_the_lenders():
    case = make_case(borrower=make_borrower())
    desk = make_staff(Role.DESK_AGENT)
    promise = promise_give(
        case=case, loan=None, amount=1, due_on=day(5), note="", by=desk, at=AT
    )  # fmt: skip

    with pytest.raises(InputError):
        promise_cancel(promise=promise, why="", by=desk, at=AT)
    assert promise_cancel(promise=promise, why="记错了", by=desk, at=AT).state == "cancelled"
    with pytest.raises(Refused):
        promise_cancel(promise=make_promise(borrower=case.borrower), why="x", by=desk, at=AT)
