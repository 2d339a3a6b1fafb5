"""A plan signed at the door becomes an agreement in force, or a proposal that waits for approval.

What the phone showed is worked out again here from the books, and must agree to the minor unit: the
figures of a phone are never taken over. Nobody approves what they made: an offer that others have
approved (or that the rules let anybody grant) is signed and sealed; any other becomes the
customer's own proposal, in the queue of those who may decide, with the door's signatures kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.agreements.models import Agreement, Offer, OfferState, Party, ProposedBy, Way
from doorstep.agreements.services.agreements import offer_day
from doorstep.agreements.services.offer_making import offer_make
from doorstep.agreements.services.offers import offer_submit
from doorstep.agreements.services.signatures import Signed, agreement_seal, agreement_sign
from doorstep.cases.models import Case
from doorstep.delinquency.policy import Policy
from doorstep.dispatch.agreement_copies import copy_send
from doorstep.dispatch.agreement_making import agreement_make
from doorstep.dispatch.visit_report import Bargain, Pen
from doorstep.evidence.files import file_open
from doorstep.kernel.errors import DoorstepError, InputError, Refused, Where
from doorstep.visits.models import SignedWhat, VisitRecord
from doorstep.visits.selectors.records import signature_place
from doorstep.workforce.models import Staff

OLDEST = timedelta(days=3)
FURTHEST = timedelta(days=92)
Row = tuple[date, int, int, int, int]


@dataclass(frozen=True)
class Bound:
    """What a plan signed at the door has become: the offer, the agreement where it is in force, and
    the code of the fault where the document could not be made yet."""

    offer: Offer
    agreement: Agreement | None = None
    fault: str = ""

    def as_json(self) -> dict[str, Any]:
        """Keys to keep beside the record."""
        agreement = self.agreement
        return {
            "offer": self.offer.pk,
            "agreement": agreement.pk if agreement else None,
            "number": agreement.number if agreement else "",
            "fault": self.fault,
        }


def plan_land(
    *, case: Case, bargain: Bargain, signed_at: datetime, by: Staff, at: datetime, policy: Policy
) -> Bound:
    """Make what was signed into an agreement in force, or into a proposal that waits.

    Raises Refused FIGURES_DIFFER where any row is not what the books give, and as `offer_make`,
    `offer_submit`, `agreement_sign` and `agreement_seal`; InputError for terms that cannot be.
    """
    pen = _customers(bargain, case)
    offer = _offer_named(case, bargain)
    if offer is None or not _open(offer, at):
        _must_be_sensible(bargain, offer_day_of(case, signed_at))
        signed_on = offer_day_of(case, signed_at).isoformat()
        note = _("Signed by the customer at the door on %(day)s.") % {"day": signed_on}
        offer = offer_make(
            case=case, terms=bargain.terms, loans=bargain.loans, reason_code="own_proposal", by=by,
            at=at, on=bargain.on, policy=policy, proposed_by=ProposedBy.BORROWER,
            note=f"{note} {bargain.words}".strip(),
        )  # fmt: skip
        _must_agree(offer, bargain)
        offer = offer_submit(offer=offer, by=by, at=at, on=bargain.on)
    else:
        _must_agree(offer, bargain)
    if offer.state != OfferState.APPROVED:
        return Bound(offer)
    return concluded(
        offer=offer, language=bargain.language, consents=bargain.consents, place=bargain.place,
        pen=pen, signed_at=signed_at, by=by, at=at,
    )  # fmt: skip


def concluded(
    *, offer: Offer, language: str, consents: Sequence[str], place: str, pen: Pen,
    signed_at: datetime, by: Staff, at: datetime,
) -> Bound:  # fmt: skip
    """Draw up the agreement on an approved offer, put the customer's signature of the door under
    it, seal it for the lender, and tell the customer where the copy is.

    A document that cannot be made now (fonts, seal) leaves the offer approved, to be drawn up
    later; the fault is named. Raises Refused and InputError as the deeds that it is made of.
    """
    signed = Signed(Way.SCREEN, pen.name, place, list(consents), pen.picture)
    try:
        with transaction.atomic():
            made = agreement_make(offer=offer, language=language, by=by, at=at)
            agreement_sign(
                agreement=made, party=Party.BORROWER, signed=signed, sha256=made.sha256, by=by,
                at=signed_at,
            )  # fmt: skip
            made = agreement_seal(agreement=made, place=place, sha256=made.sha256, by=by, at=at)
    except (Refused, InputError):
        raise
    except DoorstepError as error:
        return Bound(offer, fault=error.code)
    copy_send(agreement=made, by=by, at=at)
    return Bound(offer, made)


@transaction.atomic
def door_plan_conclude(*, record: VisitRecord, offer: Offer, by: Staff, at: datetime) -> Bound:
    """Conclude, with the signatures of the door, a plan that had to wait for approval and has it
    now. Raises Refused NOT_FROM_HERE for an offer that was not signed at this visit, and as
    `concluded`."""
    told = record.contents.get("agreement") or {}
    if record.landed.get("plan", {}).get("offer") != offer.pk or not told:
        raise Refused(_("This plan was not signed at this visit."), code="NOT_FROM_HERE")
    kept = record.signatures.get(about=SignedWhat.AGREEMENT, party=Party.BORROWER)
    picture = file_open(
        subject=record.case.borrower_id,
        place=signature_place(record.number, SignedWhat.AGREEMENT, Party.BORROWER),
        sealed=bytes(kept.sealed),
    )
    return concluded(
        offer=offer, language=told["language"], consents=told["consents"], place=told["place"],
        pen=Pen(Party.BORROWER, kept.name, picture), signed_at=kept.at, by=by, at=at,
    )  # fmt: skip


def offer_day_of(case: Case, at: datetime) -> date:
    """The borrower's calendar day of an instant."""
    return offer_day(Offer(borrower=case.borrower), at)


def rows_of(offer: Offer) -> list[Row]:
    """The rows of an offer as a phone states them."""
    return [
        (row.due_on, row.principal, row.interest, row.penalty, row.fee)
        for row in offer.instalments.all()
    ]


def _offer_named(case: Case, bargain: Bargain) -> Offer | None:
    if bargain.offer is None:
        return None
    found = (
        Offer.objects.filter(pk=bargain.offer, case__borrower=case.borrower_id)
        .select_related("case", "borrower")
        .first()
    )
    if found is None:
        raise Refused(_("There is no such offer for this customer."), code="NO_OFFER")
    return found


def _open(offer: Offer, at: datetime) -> bool:
    """Whether the offer can be signed, or still be approved; else the plan is proposed anew."""
    if offer.state == OfferState.APPROVED:
        return offer.valid_until is not None and offer.valid_until >= offer_day(offer, at)
    return offer.state == OfferState.SUBMITTED


def _must_be_sensible(bargain: Bargain, signed_on: date) -> None:
    if not signed_on - OLDEST <= bargain.on <= signed_on:
        raise _bad("on", _("The plan was counted as of another day than the visit's."))
    if not bargain.on < bargain.terms.first_on <= bargain.on + FURTHEST:
        raise _bad("first_on", _("The first payment is too early or too far away."))


def _customers(bargain: Bargain, case: Case) -> Pen:
    """The customer's signature. Raises InputError under another name."""
    pen = next(pen for pen in bargain.pens if pen.party == Party.BORROWER)
    if " ".join(pen.name.split()) != " ".join(case.borrower.name.split()):
        raise _bad("name", _("The name is not as it stands in the document."))
    return pen


def _must_agree(offer: Offer, bargain: Bargain) -> None:
    figures = (rows_of(offer), offer.total_minor)
    about = (offer.kind, sorted(loan.pk for loan in offer.loans.all()))
    told = (list(bargain.rows), bargain.total)
    if figures == told and about == (bargain.terms.kind, sorted(bargain.loans)):
        return
    raise Refused(
        _("The plan signed at the door is not what the books give: the figures differ."),
        code="FIGURES_DIFFER",
        hint=_("Fetch the day anew, explain the plan again and have it signed; or close the "
               "report without it and say why."),
    )  # fmt: skip


def _bad(field: str, why: str) -> InputError:
    return InputError(why, code="BAD_TERMS", where=Where(field=field))
