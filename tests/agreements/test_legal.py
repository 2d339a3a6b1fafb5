"""Going to court and looking into evasion: never without a second person, recalled when paid."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from doorstep.agreements.matching import Incoming
from doorstep.agreements.payment_file import Told
from doorstep.agreements.services.investigations import (
    fact_add,
    investigation_decide,
    investigation_open,
    investigation_submit,
)
from doorstep.agreements.services.legal import (
    court_date_add,
    referral_decide,
    referral_pack_keep,
    referral_prepare,
    referral_recall,
    referral_submit,
)
from doorstep.agreements.services.payments import payments_take
from doorstep.dispatch.referrals import referral_approve
from doorstep.kernel.errors import InputError, Refused
from doorstep.protections.services import News, dispute_open
from doorstep.workforce.roles import Role
from tests.agreements.plans import make_agreement
from tests.factories import (
    AT,
    ON,
    make_borrower,
    make_case,
    make_instalments,
    make_loan,
    make_staff,
)

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(hours=2)


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = str(tmp_path)


@pytest.fixture
def leader():
    return make_staff(Role.TEAM_LEADER)


@pytest.fixture
def approver():
    return make_staff(Role.APPROVER)


@pytest.fixture
def case():
    borrower = make_borrower()
    loan = make_loan(borrower=borrower)
    make_instalments(loan=loan, count=10, paid=9)
    return make_case(
        borrower=borrower, due_total=110_000, due_principal=100_000, due_interest=10_000,
        due_penalty=0, due_fee=0,
    )  # fmt: skip


def prepared(case, by):
    referral = referral_prepare(case=case, reason="两期未还,四次催告无回应", by=by, at=AT)
    return referral_pack_keep(
        referral=referral, pack=b"PK pack", contents=[{"name": "01"}], missing=["contract_copy"],
        by=by, at=AT,
    )  # fmt: skip


def submitted(case, by):
    return referral_submit(referral=prepared(case, by), by=by, at=AT)


def test_a_referral_goes_from_its_pack_over_a_second_person_to_the_court(case, leader, approver):
    referral = submitted(case, leader)

    referral = referral_approve(referral=referral, why="材料齐全", by=approver, at=LATER)
    assert referral.state == "approved"
    court_date_add(
        referral=referral, kind="filed", on=ON, note="", court="某区人民法院", by=leader, at=LATER
    )
    court_date_add(
        referral=referral, kind="hearing", on=ON + timedelta(days=30), note="", by=leader, at=LATER
    )
    court_date_add(
        referral=referral, kind="decision", on=ON + timedelta(days=50), note="", by=leader, at=LATER
    )
    referral.refresh_from_db()
    assert (referral.state, referral.court) == ("decided", "某区人民法院")
    assert [each.kind for each in referral.dates.order_by("on")] == ["filed", "hearing", "decision"]


def test_whoever_prepared_it_cannot_approve_it(case):
    manager = make_staff(Role.COLLECTIONS_MANAGER)
    referral = submitted(case, manager)

    with pytest.raises(Refused) as refused:
        referral_approve(referral=referral, why="x", by=manager, at=LATER)
    assert refused.value.code == "SAME_PERSON"
    with pytest.raises(IntegrityError), transaction.atomic():
        type(referral).objects.filter(pk=referral.pk).update(decided_by=manager)


def test_a_pack_that_was_changed_is_not_approved(case, leader, approver):
    referral = submitted(case, leader)
    Path(referral.pack).write_bytes(b"PK another")

    with pytest.raises(Refused) as refused:
        referral_decide(referral=referral, approve=True, why="x", by=approver, at=LATER)
    assert refused.value.code == "PACK_CHANGED"


def test_what_is_sent_back_says_why_and_can_be_put_together_again(case, leader, approver):
    referral = submitted(case, leader)
    with pytest.raises(InputError):
        referral_decide(referral=referral, approve=False, why=" ", by=approver, at=LATER)

    referral = referral_decide(
        referral=referral, approve=False, why="缺合同", by=approver, at=LATER
    )
    assert referral.state == "refused"


def test_nobody_goes_to_court_while_a_plan_is_in_force_or_nothing_is_due(leader, case):
    agreement = make_agreement()
    with pytest.raises(Refused) as refused:
        referral_prepare(case=agreement.case, reason="x", by=leader, at=AT)
    assert refused.value.code == "PLAN_IN_FORCE"
    paid = make_case(borrower=make_borrower(), due_total=0)
    with pytest.raises(Refused):
        referral_prepare(case=paid, reason="x", by=leader, at=AT)
    prepared(case, leader)
    with pytest.raises(Refused) as twice:
        referral_prepare(case=case, reason="x", by=leader, at=AT)
    assert twice.value.code == "ALREADY_OPEN"


def test_the_guard_stops_a_referral_under_a_dispute(case, leader, approver):
    referral = submitted(case, leader)
    news = News(borrower=case.borrower, reference="d1", at=AT, by=leader, note="没有同意这笔费用")
    dispute_open(news=news, component="fee")

    with pytest.raises(Refused) as refused:
        referral_approve(referral=referral, why="x", by=approver, at=LATER)
    assert refused.value.code == "GUARD"
    referral.refresh_from_db()
    assert (referral.state, referral.decided_by) == ("submitted", None)


def test_it_is_recalled_by_itself_when_everything_is_paid(case, leader):
    referral = submitted(case, leader)
    loan = case.borrower.loans.get()
    row = Told(1, Incoming("R1", 110_000, "CNY", ON + timedelta(days=1), loan.pk))

    payments_take(rows=[row], at=AT + timedelta(days=1))

    referral.refresh_from_db()
    assert (referral.state, referral.recalled_why) == ("recalled", "paid")
    with pytest.raises(Refused):
        referral_recall(referral=referral, why="x", by=leader, at=LATER)


def test_a_suspicion_is_decided_on_facts_by_somebody_else(case, leader, approver):
    looked_into = investigation_open(case=case, suspicion="搬走未告知", by=leader, at=AT)
    with pytest.raises(InputError):
        fact_add(investigation=looked_into, text="x", source=" ", speaks_for=True, by=leader, at=AT)
    fact_add(
        investigation=looked_into, text="两处地址无人", source="外访记录", speaks_for=True,
        by=leader, at=AT,
    )  # fmt: skip
    with pytest.raises(Refused) as few:
        investigation_submit(investigation=looked_into, conclusion="x", by=leader, at=AT)
    assert few.value.code == "TOO_FEW_FACTS"
    fact_add(
        investigation=looked_into, text="本月仍有还款", source="还款流水", speaks_for=False,
        by=leader, at=AT,
    )  # fmt: skip
    investigation_submit(investigation=looked_into, conclusion="不足以认定", by=leader, at=AT)

    with pytest.raises(Refused):
        investigation_decide(
            investigation=looked_into, confirmed=True, why="x", by=leader, at=LATER
        )
    done = investigation_decide(
        investigation=looked_into, confirmed=False, why="有还款意愿", by=approver, at=LATER
    )
    assert done.state == "unfounded"
