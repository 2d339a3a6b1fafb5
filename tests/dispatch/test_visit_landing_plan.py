"""A plan signed at the door: in force where it may be, waiting where somebody must agree."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from doorstep.agreements.models import Agreement, Offer
from doorstep.agreements.services.offers import offer_approve, offer_submit
from doorstep.agreements.terms import Terms
from doorstep.dispatch.visit_landing import report_land
from doorstep.dispatch.visit_landing_plan import door_plan_conclude
from doorstep.dispatch.visit_landing_record import digest_of
from doorstep.kernel.errors import DoorstepError, InputError, Refused
from doorstep.portfolio.models import Loan
from doorstep.visits.models import CrewDay, PlannedVisit, VisitRecord, VisitSignature
from tests.agreements.offers import FIRST, Desk, lower
from tests.factories import AT, ON
from tests.visits.doors import PNG, Word, bargain, cleared, heard, report, steps
from tests.visits.fieldwork import agents_of, make_crew, make_field_plan, make_visit

pytestmark = pytest.mark.django_db
END = AT + timedelta(minutes=40)
DEAR = Terms("settlement", 1, FIRST, settle_percent=60)


@pytest.fixture
def desk() -> Desk:
    found = Desk()
    found.finished()
    return found


@pytest.fixture
def visit(desk: Desk) -> PlannedVisit:
    crew = make_crew(plan=make_field_plan(branch=desk.branch))
    return cleared(make_visit(crew=crew, case=desk.case))


def crew_of(visit: PlannedVisit) -> CrewDay:
    assert visit.crew is not None
    return visit.crew


def landed(visit: PlannedVisit, signed: Word, **more: Any) -> VisitRecord:
    crew = crew_of(visit)
    return report_land(
        visit=visit, event=report(crew, at=END, **{"outcome": "agreed"} | more),
        by=agents_of(crew)[0], at=END, events=[*steps(), heard(signed)],
    )  # fmt: skip


def test_an_offer_others_have_approved_is_signed_sealed_and_in_force(
    desk: Desk, visit: PlannedVisit
) -> None:
    offer = offer_submit(offer=desk.offer(), by=desk.agent, at=AT, on=ON)
    offer_approve(offer=offer, by=desk.leader, at=AT, on=ON)
    word = bargain(desk.case, terms=lower(), loans=[desk.loan.pk], offer=offer.pk)
    record = landed(visit, word)
    assert record.landed["plan"]["offer"] == offer.pk
    agreement = Agreement.objects.get(pk=record.landed["plan"]["agreement"])
    assert (agreement.offer, agreement.state) == (offer, "in_force")
    assert {each.party for each in agreement.signatures.all()} == {"borrower", "lender"}
    assert agreement.signatures.get(party="borrower").at == AT - timedelta(minutes=3)
    assert agreement.instalments.count() == 12
    assert record.contents["agreement"]["state"] == "in_force"
    signed = VisitSignature.objects.filter(record=record, about="agreement")
    assert {each.party for each in signed} == {"borrower", "agent", "second_agent"}
    assert Offer.objects.count() == 1


def test_an_approval_that_has_run_out_makes_it_the_customers_own_proposal(
    desk: Desk, visit: PlannedVisit
) -> None:
    offer = offer_submit(offer=desk.offer(), by=desk.agent, at=AT, on=ON)
    offer_approve(offer=offer, by=desk.leader, at=AT, on=ON)
    Offer.objects.filter(pk=offer.pk).update(valid_until=ON - timedelta(days=1))
    word = bargain(desk.case, terms=lower(), loans=[desk.loan.pk], offer=offer.pk)
    made = Offer.objects.get(pk=landed(visit, word).landed["plan"]["offer"])
    assert (made.pk != offer.pk, made.state, made.proposed_by) == (True, "submitted", "borrower")
    assert not Agreement.objects.exists()


@pytest.mark.parametrize(("minutes", "bound"), [(2, False), (-2, True)])
def test_the_customers_last_word_on_a_plan_counts(
    desk: Desk, visit: PlannedVisit, minutes: int, bound: bool
) -> None:
    signed = heard(bargain(desk.case, terms=DEAR, loans=[desk.loan.pk]))
    no = Word("declined", {"why": "想再考虑"}, signed.at + timedelta(minutes=minutes))
    crew, by = crew_of(visit), agents_of(crew_of(visit))[0]
    told = [*steps(), signed, heard(no)]
    outcomes = ("agreed", "declined") if bound else ("declined", "agreed")
    with pytest.raises(InputError):
        report_land(visit=visit, event=report(crew, at=END, outcome=outcomes[1]), by=by, at=END,
                    events=told)  # fmt: skip
    record = report_land(visit=visit, event=report(crew, at=END, outcome=outcomes[0]), by=by,
                         at=END, events=told)  # fmt: skip
    assert ("plan" in record.landed) is bound
    assert Offer.objects.exists() is bound


def test_what_nobody_has_approved_waits_with_the_doors_signatures(
    desk: Desk, visit: PlannedVisit
) -> None:
    record = landed(visit, bargain(desk.case, terms=DEAR, loans=[desk.loan.pk]))
    offer = Offer.objects.get(pk=record.landed["plan"]["offer"])
    maker = agents_of(crew_of(visit))[0]
    assert (offer.state, offer.proposed_by, offer.maker) == ("submitted", "borrower", maker)
    assert not Agreement.objects.exists()
    assert record.contents["agreement"]["state"] == "submitted"
    assert VisitSignature.objects.filter(record=record, about="agreement").count() == 3
    with pytest.raises(Refused):
        offer_approve(offer=offer, by=maker, at=END, on=ON)
    with pytest.raises(Refused) as early:
        door_plan_conclude(record=record, offer=offer, by=desk.manager, at=END)
    assert early.value.code == "NOT_APPROVED"


def test_approved_later_it_is_concluded_with_the_signature_of_the_door(
    desk: Desk, visit: PlannedVisit
) -> None:
    record = landed(visit, bargain(desk.case, terms=DEAR, loans=[desk.loan.pk]))
    offer = Offer.objects.get(pk=record.landed["plan"]["offer"])
    Offer.objects.filter(pk=offer.pk).update(
        state="approved", decided_at=END, valid_until=ON + timedelta(days=9), needed=[]
    )
    offer.refresh_from_db()
    before = digest_of(VisitRecord.objects.get())
    bound = door_plan_conclude(record=record, offer=offer, by=desk.manager, at=END)
    assert bound.agreement is not None
    assert bound.agreement.state == "in_force"
    assert bound.agreement.signatures.get(party="borrower").at < END
    assert digest_of(VisitRecord.objects.get()) == digest_of(record) == before
    other = desk.offer(by=desk.agent)
    with pytest.raises(Refused) as refused:
        door_plan_conclude(record=record, offer=other, by=desk.manager, at=END)
    assert refused.value.code == "NOT_FROM_HERE"


@pytest.mark.parametrize("about", [{"loans": ["L999"]}, {"terms": DEAR.as_json()}])
def test_a_named_offer_is_about_its_own_loans_and_kind(
    desk: Desk, visit: PlannedVisit, about: dict[str, Any]
) -> None:
    offer = offer_submit(offer=desk.offer(), by=desk.agent, at=AT, on=ON)
    offer_approve(offer=offer, by=desk.leader, at=AT, on=ON)
    word = bargain(desk.case, terms=lower(), loans=[desk.loan.pk], offer=offer.pk)
    word.body.update(about)
    with pytest.raises(Refused) as refused:
        landed(visit, word)
    assert refused.value.code == "FIGURES_DIFFER"


@pytest.mark.parametrize("place", [1, 2, 3, 4])
def test_one_minor_unit_off_lands_nothing(desk: Desk, visit: PlannedVisit, place: int) -> None:
    word = bargain(desk.case, terms=lower(), loans=[desk.loan.pk])
    word.body["rows"][3][place] += 1
    with pytest.raises(Refused) as refused:
        landed(visit, word)
    assert refused.value.code == "FIGURES_DIFFER"
    assert not VisitRecord.objects.exists()
    assert not Offer.objects.exists()


def test_a_payment_since_the_morning_shows_as_figures_that_differ(
    desk: Desk, visit: PlannedVisit
) -> None:
    word = bargain(desk.case, terms=lower(), loans=[desk.loan.pk])
    Loan.objects.filter(pk=desk.loan.pk).update(balance=1_100_000)
    with pytest.raises(DoorstepError):
        landed(visit, word)
    assert not VisitRecord.objects.exists()
    record = landed(visit, word, outcome="declined", without_agreement="账上已有新的还款")
    assert record.contents["agreement"]["state"] == "not_concluded"
    assert not Offer.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"terms": None}, {"terms": {"kind": "gift", "months": 3, "first_on": FIRST.isoformat()}},
        {"terms": {"kind": "instalments", "months": 1.5, "first_on": FIRST.isoformat()}},
        {"terms": {"kind": "instalments", "months": 3, "first_on": "9999-12-31"}},
        {"terms": {"kind": "instalments", "months": 3, "first_on": 5}},
        {"terms": {"kind": "instalments", "months": 3, "first_on": FIRST.isoformat(), "waive": 5}},
        {"rows": None}, {"rows": [[1]]}, {"rows": [["x", 1, 1, 1, 1]]}, {"rows": [5] * 1000},
        {"total": "1"}, {"total": None}, {"loans": [5]}, {"loans": None}, {"loans": ["other"]},
        {"language": "xx"}, {"language": ["en"]}, {"consents": []}, {"consents": [[]]},
        {"place": ""}, {"signatures": []}, {"offer": "1"}, {"offer": True}, {"offer": 2**70},
        {"on": "2020-01-01"}, {"on": None},
    ],
)  # fmt: skip
def test_a_plan_that_cannot_be_lands_nothing(
    desk: Desk, visit: PlannedVisit, fields: dict[str, Any]
) -> None:
    word = bargain(desk.case, terms=lower(), loans=[desk.loan.pk])
    word.body |= fields
    with pytest.raises(DoorstepError):
        landed(visit, word)
    assert not VisitRecord.objects.exists()


def test_the_name_signed_is_the_customers_and_the_offer_too(
    desk: Desk, visit: PlannedVisit
) -> None:
    word = bargain(desk.case, terms=lower(), loans=[desk.loan.pk])
    word.body["signatures"][0] = {"party": "borrower", "name": "别人", "png": PNG}
    with pytest.raises(InputError):
        landed(visit, word)
    other = Desk()
    other.finished()
    word = bargain(desk.case, terms=lower(), loans=[desk.loan.pk], offer=other.offer().pk)
    with pytest.raises(Refused) as refused:
        landed(visit, word)
    assert refused.value.code == "NO_OFFER"
    assert not VisitRecord.objects.exists()
