"""Offers: worked out here, approved by others than their maker, answered with reasons."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from pytest_django import Settings

from doorstep.agreements.models import Affordability, Offer, OfferApproval, OfferState
from doorstep.agreements.proposal import Proposal
from doorstep.agreements.selectors.offers import (
    approvals_snapshot,
    offers_visible_to,
    place_open_to,
)
from doorstep.agreements.services.affordability import affordability_finish, affordability_save
from doorstep.agreements.services.offers import (
    offer_approve,
    offer_counter,
    offer_make,
    offer_refuse,
    offer_submit,
    offer_withdraw,
    offers_lapse,
)
from doorstep.agreements.terms import Terms
from doorstep.delinquency.policy import DEFAULT
from doorstep.evidence.models import Leaf
from doorstep.kernel.errors import InputError, Refused
from doorstep.protections.models import Component, Hardship
from doorstep.protections.services import News, dispute_open, legal_stop_record
from tests.agreements.offers import DISPOSABLE, FIRST, Desk, lower
from tests.factories import AT, ON, make_borrower, make_loan

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(minutes=5)


@pytest.fixture(autouse=True)
def own_keys(home: Path, settings: Settings) -> None:
    settings.EVIDENCE_KEYS = home / "keys.toml"


@pytest.fixture
def desk() -> Desk:
    return Desk()


def submitted(desk: Desk, **more: object) -> Offer:
    return offer_submit(offer=desk.offer(**more), by=desk.agent, at=AT, on=ON)  # type: ignore[arg-type]


def test_a_form_is_saved_as_it_is_filled_and_then_says_what_is_left(desk: Desk) -> None:
    first = affordability_save(case=desk.case, form=desk.form(lines=()), by=desk.agent, at=AT)
    again = affordability_save(case=desk.case, form=desk.form(), by=desk.leader, at=LATER)
    assert first.pk == again.pk
    done = affordability_finish(draft=again, by=desk.leader, at=LATER, on=ON)
    assert done.disposable_minor == DISPOSABLE
    assert Hardship.objects.get(borrower=desk.case.borrower).cause == "job_loss"
    newer = desk.finished()
    done.refresh_from_db()
    assert (done.state, newer.state) == ("replaced", "stated")


def test_a_form_without_any_income_is_not_finished(desk: Desk) -> None:
    draft = affordability_save(case=desk.case, form=desk.form(lines=()), by=desk.agent, at=AT)
    with pytest.raises(InputError) as caught:
        affordability_finish(draft=draft, by=desk.agent, at=AT, on=ON)
    assert caught.value.code == "NO_INCOME"


def test_an_offer_adds_up_to_the_minor_unit(desk: Desk) -> None:
    desk.finished()
    offer = desk.offer()
    rows = list(offer.instalments.all())
    assert len(rows) == 12
    assert rows[0].due_on == FIRST
    assert sum(row.total for row in rows) == offer.total_minor
    assert sum(row.principal for row in rows) == 1_200_000
    older = offer.owed_minor - 1_200_000
    assert sum(row.fee + row.penalty for row in rows) <= older
    assert all(
        [sum(column) for column in zip(*row.by_loan.values(), strict=True)]
        == [row.principal, row.interest, row.fee, row.penalty]
        for row in rows
    )
    assert offer.affordable is True


def test_a_second_person_approves_and_it_can_be_signed_for_two_weeks(desk: Desk) -> None:
    desk.finished()
    offer = submitted(desk)
    assert (offer.state, offer.level) == (OfferState.SUBMITTED, "standard")
    assert place_open_to(offer=offer, staff=desk.leader) == 0
    done = offer_approve(offer=offer, by=desk.leader, at=LATER, on=ON)
    assert done.state == OfferState.APPROVED
    assert done.valid_until == ON + timedelta(days=13)
    assert approvals_snapshot(offer=done)[0]["by"] == desk.leader.username
    kinds = set(Leaf.objects.values_list("kind", flat=True))
    assert {"offer.made", "offer.submitted", "offer.agreed", "offer.approved"} <= kinds


def test_whoever_made_it_never_approves_or_refuses_it(desk: Desk) -> None:
    desk.finished()
    offer = submitted(desk, by=desk.leader)
    with pytest.raises(Refused) as caught:
        offer_approve(offer=offer, by=desk.leader, at=LATER, on=ON)
    assert caught.value.code == "SAME_PERSON"
    with pytest.raises(Refused) as caught:
        offer_refuse(offer=offer, reasons=["too_long"], words="x", by=desk.leader, at=LATER)
    assert caught.value.code == "SAME_PERSON"
    with pytest.raises(IntegrityError), transaction.atomic():
        OfferApproval.objects.create(
            offer=offer, position=0, role="team_leader", maker=desk.leader, by=desk.leader, at=AT
        )


def test_a_large_waiver_needs_two_people_of_two_roles(desk: Desk) -> None:
    desk.finished()
    terms = Terms("settlement", 1, FIRST, rate_ppm=0, settle_percent=70)
    offer = submitted(desk, terms=terms, note="A relative pays")
    assert (offer.level, offer.needed) == ("exceptional", [["approver"], ["collections_manager"]])
    with pytest.raises(Refused) as caught:
        offer_approve(offer=offer, by=desk.leader, at=LATER, on=ON)
    assert caught.value.code == "NOT_YOUR_LEVEL"
    half = offer_approve(offer=offer, by=desk.manager, at=LATER, on=ON)
    assert half.state == OfferState.SUBMITTED
    with pytest.raises(Refused) as caught:
        offer_approve(offer=offer, by=desk.manager, at=LATER, on=ON)
    assert caught.value.code == "SAME_PERSON"
    assert offer_approve(offer=offer, by=desk.approver, at=LATER, on=ON).state == "approved"


def test_an_agent_may_not_approve(desk: Desk) -> None:
    desk.finished()
    with pytest.raises(Refused) as caught:
        offer_approve(offer=submitted(desk, by=desk.leader), by=desk.agent, at=LATER, on=ON)
    assert caught.value.code == "NOT_PERMITTED"


def test_easing_within_the_rule_is_approved_at_once_and_by_nobody(desk: Desk) -> None:
    desk.finished()
    terms = Terms("temporary_reduction", 12, FIRST, smaller=2, smaller_percent=50)
    offer = offer_submit(offer=desk.offer(terms=terms), by=desk.agent, at=AT, on=ON, easing=True)
    assert (offer.state, offer.level, offer.needed) == ("approved", "eased_by_rule", [])
    assert approvals_snapshot(offer=offer)[0]["role"] == "rule"
    longer = Terms("temporary_reduction", 12, FIRST, smaller=3, smaller_percent=50)
    asked = offer_submit(offer=desk.offer(terms=longer), by=desk.agent, at=AT, on=ON, easing=True)
    assert (asked.state, asked.level) == ("submitted", "standard")


def test_what_is_not_known_to_fit_says_why_it_is_offered(desk: Desk) -> None:
    offer = desk.offer()
    assert offer.affordable is None
    with pytest.raises(InputError) as caught:
        offer_submit(offer=offer, by=desk.agent, at=AT, on=ON)
    assert caught.value.code == "SAY_WHY"
    said = offer_submit(offer=desk.offer(note="Starts work in May"), by=desk.agent, at=AT, on=ON)
    assert said.level == "larger"


def test_a_customers_own_proposal_is_taken_in_the_same_form(desk: Desk) -> None:
    desk.finished()
    offer = offer_counter(
        case=desk.case, proposal=Proposal(100_000, FIRST, pause=2), loans=[desk.loan.pk],
        words="工资每月 10 号到账", by=desk.agent, at=AT, on=ON, policy=DEFAULT,
    )  # fmt: skip
    assert (offer.kind, offer.proposed_by, offer.state) == ("deferral", "borrower", "submitted")
    assert offer.answer_by is not None
    assert offer.answer_by > ON
    assert max(row.total for row in offer.instalments.all()) <= 100_000
    no = offer_refuse(
        offer=offer, reasons=["too_long"], words="请看我们的另一个方案。", by=desk.leader, at=LATER
    )
    assert (no.state, no.refused_for) == ("refused", ["too_long"])


def test_a_proposal_that_would_never_end_names_the_least(desk: Desk) -> None:
    with pytest.raises(Refused) as caught:
        offer_counter(
            case=desk.case, proposal=Proposal(1_000, FIRST), loans=[desk.loan.pk], words="",
            by=desk.agent, at=AT, on=ON, policy=DEFAULT,
        )  # fmt: skip
    assert caught.value.code == "TOO_LITTLE"
    assert "¥" in caught.value.hint
    assert not Offer.objects.exists()


@pytest.mark.parametrize(
    ("reasons", "words"), [([], "x"), (["too_long"], " "), (["nonsense"], "x")]
)
def test_a_refusal_has_reasons_and_words(desk: Desk, reasons: list[str], words: str) -> None:
    desk.finished()
    with pytest.raises(InputError):
        offer_refuse(offer=submitted(desk), reasons=reasons, words=words, by=desk.leader, at=LATER)


def test_a_payment_since_then_means_counting_again(desk: Desk) -> None:
    desk.finished()
    offer = submitted(desk)
    desk.loan.balance -= 10_000
    desk.loan.save()
    with pytest.raises(Refused) as caught:
        offer_approve(offer=offer, by=desk.leader, at=LATER, on=ON)
    assert caught.value.code == "COUNT_AGAIN"


def test_what_is_disputed_is_in_no_plan(desk: Desk) -> None:
    news = News(borrower=desk.case.borrower, reference="d1", at=AT)
    dispute_open(news=news, loan=desk.loan, component=Component.INTEREST)
    offer = desk.offer(note="x")
    assert offer.snapshot[0]["disputed"][1] > 0
    assert offer.snapshot[0]["owed"][1] == 0


def test_nobody_deals_with_the_dead(desk: Desk) -> None:
    news = News(borrower=desk.case.borrower, reference="s1", at=AT, claimed=True)
    legal_stop_record(news=news, bar="deceased")
    with pytest.raises(Refused) as caught:
        desk.offer()
    assert caught.value.code == "LEGAL_STOP"


def test_a_card_plan_of_more_than_five_years_is_not_made(desk: Desk) -> None:
    card = make_loan(borrower=desk.case.borrower, product="credit_card", balance=5_000_000)

    def made(months: int) -> Offer:
        return offer_make(
            case=desk.case, terms=Terms("instalments", months, FIRST, rate_ppm=0), loans=[card.pk],
            reason_code="job_loss", by=desk.agent, at=AT, on=ON, policy=DEFAULT,
        )  # fmt: skip

    assert made(60).months == 60
    with pytest.raises(Refused) as caught:
        made(61)
    assert caught.value.code == "CARD_TERM"


def test_loans_of_others_and_of_two_currencies_make_no_plan(desk: Desk) -> None:
    foreign = make_loan(borrower=desk.case.borrower, currency="HKD", balance=100)
    stranger = make_loan(borrower=make_borrower())
    for loans in ([stranger.pk], [], [desk.loan.pk, foreign.pk]):
        with pytest.raises(InputError):
            offer_make(
                case=desk.case, terms=lower(), loans=loans, reason_code="job_loss", by=desk.agent,
                at=AT, on=ON, policy=DEFAULT,
            )  # fmt: skip


def test_what_nobody_signs_in_time_lapses(desk: Desk) -> None:
    desk.finished()
    offer = offer_approve(offer=submitted(desk), by=desk.leader, at=LATER, on=ON)
    assert offers_lapse(on=ON + timedelta(days=13), at=LATER) == 0
    assert offers_lapse(on=ON + timedelta(days=14), at=LATER) == 1
    offer.refresh_from_db()
    assert offer.state == OfferState.LAPSED


def test_an_offer_is_taken_back_with_a_reason(desk: Desk) -> None:
    desk.finished()
    offer = submitted(desk)
    with pytest.raises(InputError):
        offer_withdraw(offer=offer, why=" ", by=desk.agent, at=LATER)
    gone = offer_withdraw(offer=offer, why="客户改变主意", by=desk.agent, at=LATER)
    assert gone.state == OfferState.WITHDRAWN
    with pytest.raises(Refused) as caught:
        offer_approve(offer=offer, by=desk.leader, at=LATER, on=ON)
    assert caught.value.code == "WRONG_STATE"


def test_the_queue_holds_what_each_may_see(desk: Desk) -> None:
    desk.finished()
    submitted(desk)
    assert offers_visible_to(staff=desk.approver).filter(state="submitted").count() == 1
    assert not offers_visible_to(staff=Desk().approver).exists()


def test_the_database_keeps_what_does_not_add_up_out(desk: Desk) -> None:
    row = desk.finished()
    with pytest.raises(IntegrityError), transaction.atomic():
        Affordability.objects.filter(pk=row.pk).update(disposable_minor=1)
