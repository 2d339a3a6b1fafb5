"""Agreements drawn up and given up: a document of every version, from approved offers alone."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from doorstep.agreements import document
from doorstep.agreements.font import must_be_printable
from doorstep.agreements.models import (
    Agreement,
    AgreementDocument,
    AgreementState,
    Offer,
    OfferState,
    Party,
)
from doorstep.agreements.models.agreements import UNSIGNED
from doorstep.agreements.selectors.agreements import document_place, plan_stated, signer_of
from doorstep.agreements.selectors.offers import approvals_snapshot
from doorstep.evidence.entry import Entry
from doorstep.evidence.files import file_seal
from doorstep.evidence.services import evidence_append
from doorstep.guard.action import Action, Kind
from doorstep.guard.decide import decide
from doorstep.guard.facts import Facts
from doorstep.guard.verdict import Outcome, Verdict
from doorstep.kernel.errors import InputError, Refused, Where
from doorstep.kernel.numbers import number_new
from doorstep.kernel.pdf import pdf_render
from doorstep.rules.selectors import rulebook_at
from doorstep.workforce.letter import qr_square
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission
from doorstep.workforce.services.may import must_may

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # nothing that is read as something else


@transaction.atomic
def agreement_draft(
    *,
    offer: Offer,
    language: str,
    lender: document.Lender,
    by: Staff,
    at: datetime,
    witness: bool = False,
) -> Agreement:
    """Draw up the agreement on an approved offer, or its next version: a version nobody has sealed
    is replaced, and its signatures count no more.

    `lender` is in the document's language; with `witness` a third party must sign. Raises Refused
    without permission, NOT_APPROVED, OFFER_LAPSED, IN_FORCE (a change then needs an offer of its
    own), CONTENTS_MISSING, or with the rule by which the guard does not permit it; InputError for a
    language there is no wording in; DoorstepError when a character cannot be printed or the
    document cannot be made. Then nothing is kept.
    """
    must_may(by=by, permission=Permission.SIGN_AGREEMENTS)
    if language not in document.LANGUAGES:
        raise InputError(_("Choose a language."), where=Where(field="language"))
    offer = _approved(offer, at)
    before = _given_way(offer, by, at)
    number = before.number if before else _number(at)
    version = before.version + 1 if before else 1
    parties = tuple(p for p in Party.values if p != Party.WITNESS or witness)
    paper = document.Paper(
        number, version, code_new(), offer_day(offer, at), language, parties
    )  # fmt: skip
    plan = plan_stated(offer)
    values = _values(offer, plan, lender, paper)
    verdict = _permitted(offer, plan, document.contents_of(values), at)
    pdf = pdf_render(
        template=document.TEMPLATE, values=values, language=language, title=values["title"], at=at
    )
    made = Agreement.objects.create(
        case=offer.case, offer=offer, version=version, number=number, code=paper.code,
        language=language, sha256=hashlib.sha256(pdf).hexdigest(), summary=values["plain"],
        contains=document.contents_of(values), approvals=approvals_snapshot(offer=offer),
        needed=parties, drafted_by=by, drafted_at=at,
    )  # fmt: skip
    sealed = file_seal(
        subject=offer.borrower_id, place=document_place(number, version, "pdf"), content=pdf, at=at
    )
    AgreementDocument.objects.create(agreement=made, pdf=sealed)
    more = {
        "approvals": made.approvals, "contains": made.contains, "language": language,
        "verdict": verdict.record,
    }  # fmt: skip
    agreement_note(kind="agreement_drafted", agreement=made, by=by, at=at, more=more)
    return made


@transaction.atomic
def agreement_cancel(*, agreement: Agreement, why: str, by: Staff, at: datetime) -> Agreement:
    """Give up an agreement that is not in force. Raises Refused without permission or WRONG_STATE,
    InputError without a reason."""
    must_may(by=by, permission=Permission.SIGN_AGREEMENTS)
    why = why.strip().replace("\x00", "")[:300]
    if not why:
        raise InputError(_("Say why it is not concluded."), where=Where(field="why"))
    agreement = agreement_locked(agreement)
    agreement_end(agreement=agreement, state=AgreementState.CANCELLED, why=why, at=at)
    agreement_note(kind="agreement_cancelled", agreement=agreement, by=by, at=at, more={"why": why})
    return agreement


def agreement_locked(agreement: Agreement) -> Agreement:
    """The agreement read afresh and locked. Raises Refused WRONG_STATE unless it waits to be
    signed."""
    fresh = (
        Agreement.objects.select_for_update(of=("self",))
        .select_related("case__borrower", "offer", "document")
        .get(pk=agreement.pk)
    )
    if fresh.state not in UNSIGNED:
        raise Refused(
            _("This version is not open for signing any more."),
            code="WRONG_STATE",
            hint=_("Load the page again."),
        )
    return fresh


def agreement_end(*, agreement: Agreement, state: str, why: str, at: datetime) -> None:
    """Close an agreement in a state that is an end."""
    agreement.state, agreement.ended_at, agreement.ended_why = state, at, why
    agreement.save(update_fields=["state", "ended_at", "ended_why"])


def offer_must_stand(offer: Offer, at: datetime) -> None:
    """Raises Refused NOT_APPROVED or OFFER_LAPSED for what may not be signed."""
    if offer.state != OfferState.APPROVED:
        raise Refused(
            _("This offer is not approved."),
            code="NOT_APPROVED",
            hint=_("Nothing is signed before everybody who must agree has agreed."),
        )
    if offer.valid_until is not None and offer.valid_until < offer_day(offer, at):
        raise Refused(
            _("The approval of this offer has run out."),
            code="OFFER_LAPSED",
            hint=_("Make the offer again, so that figures and approval are fresh."),
        )


def offer_day(offer: Offer, at: datetime) -> date:
    """The borrower's calendar day of an instant."""
    return at.astimezone(ZoneInfo(offer.borrower.time_zone)).date()


def code_new() -> str:
    """A code to check a document by, that nobody can guess."""
    drawn = "".join(secrets.choice(ALPHABET) for _each in range(8))
    return f"{drawn[:4]}-{drawn[4:]}"


def agreement_note(
    *,
    kind: str,
    agreement: Agreement,
    by: Staff | None,
    at: datetime,
    more: Mapping[str, Any] | None = None,
) -> None:
    """A line in the evidence log about one version, bound to its document by the digest."""
    body = {
        "number": agreement.number,
        "version": agreement.version,
        "offer": agreement.offer_id,
        "sha256": agreement.sha256,
        **(more or {}),
    }
    entry = Entry(
        kind=kind, subject=agreement.case.borrower_id, case=str(agreement.case_id),
        agent=by.username if by else "", body=body,
    )  # fmt: skip
    evidence_append(entries=[entry], at=at)


def _approved(offer: Offer, at: datetime) -> Offer:
    rows = Offer.objects.select_for_update(of=("self",)).select_related(
        "case", "borrower", "affordability"
    )
    offer = rows.get(pk=offer.pk)
    offer_must_stand(offer, at)
    return offer


def _given_way(offer: Offer, by: Staff, at: datetime) -> Agreement | None:
    """The latest version there is; an open one is closed for the next."""
    latest = offer.agreements.select_for_update(of=("self",)).order_by("-version").first()
    if latest is None or latest.state not in (*UNSIGNED, AgreementState.IN_FORCE):
        return latest
    if latest.state == AgreementState.IN_FORCE:
        raise Refused(
            _("This agreement is in force."),
            code="IN_FORCE",
            hint=_("A change needs an offer of its own, approved and signed."),
        )
    agreement_end(agreement=latest, state=AgreementState.REPLACED, why="new_version", at=at)
    agreement_note(kind="agreement_replaced", agreement=latest, by=by, at=at)
    return latest


def _values(
    offer: Offer, plan: document.Plan, lender: document.Lender, paper: document.Paper
) -> dict[str, Any]:
    signer = signer_of(offer.borrower)
    values = document.document_values(plan=plan, lender=lender, signer=signer, paper=paper)
    values["square"] = qr_square(f"{lender.verify_at} {paper.number} {paper.code}")
    must_be_printable(document.texts_of(values))
    if missing := document.contents_missing(values, is_card=plan.is_card):
        raise Refused(
            _("The document lacks what it must contain: %(what)s.") % {"what": ", ".join(missing)},
            code="CONTENTS_MISSING",
        )
    return values


def _permitted(offer: Offer, plan: document.Plan, contains: Sequence[str], at: datetime) -> Verdict:
    """The guard's yes to this agreement (CN-CC-70-TERM, CN-CC-70-CONTENT and whatever else speaks).
    Raises Refused with the first rule that does not permit it."""
    last = plan.dues[-1].due_on
    product = document.CARD if plan.is_card else plan.owed[0].product
    action = Action(
        kind=Kind.AGREEMENT,
        at=at,
        zone=offer.borrower.time_zone,
        recipient_ref=offer.borrower_id,
        details={
            "product": product,
            "term_months": document.months_between(offer_day(offer, at), last),
            "contains": tuple(contains),
        },
    )
    verdict = decide(rulebook=rulebook_at(at), action=action, facts=Facts({}), at=at)
    if verdict.outcome is Outcome.PERMIT:
        return verdict
    for reason in verdict.reasons:
        words = reason.words.get((get_language() or "zh")[:2]) or reason.words.get("zh", "")
        raise Refused(words, code=reason.rule)
    raise Refused(_("The rules do not permit this agreement."), code=str(verdict.outcome))


def _number(at: datetime) -> str:
    return number_new(
        prefix=f"RA-{at:%Y}-", taken=lambda number: Agreement.objects.filter(number=number).exists()
    )
