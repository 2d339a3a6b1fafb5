"""Signing: each party to the same document, the lender last, and in force in the same moment."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.agreements import document
from doorstep.agreements.models import (
    Agreement,
    AgreementState,
    Party,
    PlanInstalment,
    Signature,
    Way,
)
from doorstep.agreements.selectors.agreements import (
    document_place,
    parties_missing,
    pdf_of,
    picture_of,
    picture_place,
)
from doorstep.agreements.services.agreements import (
    agreement_end,
    agreement_locked,
    agreement_note,
    offer_must_stand,
)
from doorstep.agreements.services.care import care_offer
from doorstep.agreements.services.plans import plan_begin, plan_events_note
from doorstep.evidence.files import file_seal
from doorstep.kernel.errors import DoorstepError, InputError, Refused, Where
from doorstep.kernel.money import babel_locale
from doorstep.kernel.pdf import sheet_render
from doorstep.kernel.pdf_overlay import pdf_overlay
from doorstep.kernel.pdf_sign import pdf_sign
from doorstep.protections.terms import local_day
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission
from doorstep.workforce.seal import seal
from doorstep.workforce.services.may import must_may

SHEET = document.FOLDER / "signatures.typ"
PARTS = ("principal", "interest", "fee", "penalty")


@dataclass(frozen=True)
class Signed:
    """What a party did: the way, its name as signed, where, which sentences were confirmed, and the
    proof: a drawing (PNG) or scan (JPEG), or where a recording lies."""

    way: str
    name: str
    place: str
    consent: Sequence[str]
    picture: bytes | None = None
    recording: str = ""


@transaction.atomic
def agreement_sign(
    *, agreement: Agreement, party: str, signed: Signed, sha256: str, by: Staff, at: datetime
) -> Signature:
    """Record that the borrower or a witness signed the document with digest `sha256`.

    Raises Refused without permission, WRONG_STATE, NOT_APPROVED, OFFER_LAPSED, CHANGED (another
    document was shown), NOT_A_PARTY, SIGNED (this party has signed); InputError where a sentence
    was not confirmed, the place is missing, the name is another or the proof is missing.
    """
    must_may(by=by, permission=Permission.SIGN_AGREEMENTS)
    agreement = agreement_locked(agreement)
    offer_must_stand(agreement.offer, at)
    if sha256 != agreement.sha256:
        raise Refused(
            _("This is not the document that was shown."),
            code="CHANGED",
            hint=_("Show the present version, and let it be signed."),
        )
    _must_be_next(agreement, party)
    signed = _checked(signed, party=party, agreement=agreement)
    row = _keep(agreement, party, signed, by, at)
    if agreement.state != AgreementState.SIGNING:
        agreement.state = AgreementState.SIGNING
        agreement.save(update_fields=["state"])
    _note(row, by=by, at=at)
    return row


@transaction.atomic
def agreement_seal(
    *, agreement: Agreement, place: str, sha256: str, by: Staff, at: datetime
) -> Agreement:
    """Sign for the lender: the signatures are laid into the document, the seal is put over all of
    it, and the agreement is in force, with its instalments, from this moment.

    Raises Refused as `agreement_sign`, NOT_ALL_SIGNED before everybody else has signed, and
    OTHER_IN_FORCE while a plan runs over the same loans that this one does not follow;
    DoorstepError when the document cannot be made or sealed, and then nothing is in force.
    """
    must_may(by=by, permission=Permission.SIGN_AGREEMENTS)
    agreement = agreement_locked(agreement)
    offer_must_stand(agreement.offer, at)
    if sha256 != agreement.sha256:
        raise Refused(_("This is not the document that was shown."), code="CHANGED")
    if others := [each for each in parties_missing(agreement) if each != Party.LENDER]:
        words = ", ".join(str(Party(each).label) for each in others)
        raise Refused(
            _("Not everybody has signed yet: %(who)s.") % {"who": words}, code="NOT_ALL_SIGNED"
        )
    _must_be_alone(agreement)
    own = seal(at=at)
    signed = Signed(Way.SEAL, own.name or agreement.number, _place(place), ())
    row = _keep(agreement, Party.LENDER, signed, by, at)
    sealed = pdf_sign(pdf=_laid_in(agreement, at), seal=own, reason=agreement.number, at=at)
    _sealed_keep(agreement, sealed, at)
    agreement.state, agreement.in_force_at = AgreementState.IN_FORCE, at
    agreement.save(update_fields=["state", "in_force_at"])
    _replace_earlier(agreement, at)
    _instalments_make(agreement)
    plan_begin(agreement=agreement, at=at)
    _note(row, by=by, at=at)
    more = {"sealed_sha256": agreement.document.sealed_sha256, "parties": agreement.needed}
    agreement_note(kind="agreement_in_force", agreement=agreement, by=by, at=at, more=more)
    return agreement


def _must_be_alone(agreement: Agreement) -> None:
    """Raises Refused OTHER_IN_FORCE while another agreement over one of these loans runs that this
    one does not follow: nobody pays one debt by two plans."""
    loans = agreement.offer.loans.values("pk")
    running = Agreement.objects.filter(state=AgreementState.IN_FORCE, offer__loans__in=loans)
    others = running.exclude(pk=agreement.pk)
    if agreement.offer.follows_id is not None:
        others = others.exclude(offer=agreement.offer.follows_id)
    if (other := others.order_by("pk").first()) is not None:
        raise Refused(
            _("Another agreement over these loans is in force: %(number)s.")
            % {"number": other.number},
            code="OTHER_IN_FORCE",
            hint=_("Ease that one: its successor replaces it."),
        )


def _must_be_next(agreement: Agreement, party: str) -> None:
    if party not in agreement.needed or party == Party.LENDER:
        raise Refused(_("Nobody signs this agreement as that."), code="NOT_A_PARTY")
    if party not in parties_missing(agreement):
        raise Refused(_("This party has signed."), code="SIGNED")


def _checked(signed: Signed, *, party: str, agreement: Agreement) -> Signed:
    if list(signed.consent) != list(document.words()[agreement.language]["consents"]):
        raise _bad("consent", _("Every sentence must be confirmed by whoever signs."))
    name = " ".join(signed.name.replace("\x00", "").split())[:300]
    own = agreement.case.borrower.name
    if party == Party.BORROWER and name != " ".join(own.split()):
        raise _bad("name", _("The name is not as it stands in the document."))
    if not name:
        raise _bad("name", _("Write the name of whoever signs."))
    recording = signed.recording.strip().replace("\x00", "")[:200]
    wants_picture = signed.way in (Way.SCREEN, Way.PAPER)
    if signed.way not in (Way.SCREEN, Way.TYPED, Way.PAPER, Way.RECORDING):
        raise _bad("way", _("Choose how it is signed."))
    if wants_picture and not signed.picture:
        raise _bad("picture", _("The signature itself is missing."))
    if signed.way == Way.RECORDING and not recording:
        raise _bad("recording", _("Write where the recording lies."))
    return Signed(
        signed.way, name, _place(signed.place), list(signed.consent),
        signed.picture if wants_picture else None,
        recording if signed.way == Way.RECORDING else "",
    )  # fmt: skip


def _place(raw: str) -> str:
    place = " ".join(raw.replace("\x00", "").split())[:200]
    if not place:
        raise _bad("place", _("Write where it is signed."))
    return place


def _bad(field: str, why: str) -> InputError:
    return InputError(why, code="NOT_SIGNED", where=Where(field=field))


def _keep(agreement: Agreement, party: str, signed: Signed, by: Staff, at: datetime) -> Signature:
    picture = signed.picture
    sealed = None
    if picture is not None:
        place = picture_place(agreement.pk, party)
        sealed = file_seal(
            subject=agreement.case.borrower_id, place=place, content=picture, at=at
        )  # fmt: skip
    return Signature.objects.create(
        agreement=agreement, party=party, way=signed.way, name=signed.name, at=at,
        place=signed.place, consent=list(signed.consent), picture=sealed,
        picture_sha256=hashlib.sha256(picture).hexdigest() if picture else "",
        recording=signed.recording, sha256=agreement.sha256, taken_by=by,
    )  # fmt: skip


def _note(row: Signature, *, by: Staff, at: datetime) -> None:
    more = {
        "party": row.party, "way": row.way, "place": row.place, "consent": row.consent,
        "picture_sha256": row.picture_sha256, "recording": row.recording,
    }  # fmt: skip
    agreement_note(kind="agreement_signed", agreement=row.agreement, by=by, at=at, more=more)


def _laid_in(agreement: Agreement, at: datetime) -> bytes:
    """The document with what each party did drawn into its box. Raises DoorstepError
    DOCUMENT_CHANGED unless the bytes are those that were signed."""
    pdf = pdf_of(agreement)
    if hashlib.sha256(pdf).hexdigest() != agreement.sha256:
        raise DoorstepError(
            _("The document kept is not the one that was signed."), code="DOCUMENT_CHANGED"
        )
    said = document.words()[agreement.language]
    values = {
        "signatures": [_drawn(each, agreement, said) for each in agreement.signatures.all()],
        "hash_label": said["sign_hash"],
        "hash": agreement.sha256,
    }
    sheet = sheet_render(
        template=SHEET, values=values, language=agreement.language, title=said["sign_title"], at=at
    )
    return pdf_overlay(pdf=pdf, sheet=sheet)


def _drawn(row: Signature, agreement: Agreement, said: Any) -> dict[str, Any]:
    zone = ZoneInfo(agreement.case.borrower.time_zone)
    when = format_datetime(
        row.at.astimezone(zone), "long", locale=babel_locale(agreement.language)
    )  # fmt: skip
    picture = picture_of(row) if row.way == Way.SCREEN else None
    return {
        "box": agreement.needed.index(row.party),
        "picture": list(picture or b""),
        "name": row.name,
        "at": when,
        "place": row.place,
        "way": said["ways"][row.way].format(recording=row.recording),
    }


def _sealed_keep(agreement: Agreement, sealed: bytes, at: datetime) -> None:
    kept = agreement.document
    place = document_place(agreement.number, agreement.version, "sealed")
    kept.sealed = file_seal(
        subject=agreement.case.borrower_id, place=place, content=sealed, at=at
    )  # fmt: skip
    kept.sealed_sha256 = hashlib.sha256(sealed).hexdigest()
    kept.save(update_fields=["sealed", "sealed_sha256"])


def _replace_earlier(agreement: Agreement, at: datetime) -> None:
    """An agreement whose plan was eased gives way to the one that follows it; one that was broken
    stays so, and its history says what became of it."""
    earlier = agreement.offer.follows
    if earlier is None:
        return
    over = (AgreementState.IN_FORCE, AgreementState.BROKEN)
    found = list(earlier.agreements.filter(state__in=over))
    note = f"{agreement.number} {agreement.offer.note}".strip()
    plan_events_note(
        kind="eased", agreement_ids=[each.pk for each in found], on=local_day(at), at=at, note=note
    )  # fmt: skip
    if found:
        care_offer(case=agreement.case, moment="plan_eased", on=local_day(at))
    for each in found:
        if each.state == AgreementState.IN_FORCE:
            agreement_end(
                agreement=each, state=AgreementState.REPLACED, why=agreement.number, at=at
            )
            agreement_note(kind="agreement_replaced", agreement=each, by=None, at=at)


def _instalments_make(agreement: Agreement) -> None:
    PlanInstalment.objects.bulk_create(
        PlanInstalment(
            agreement=agreement,
            number=row.number,
            due_on=row.due_on,
            **{f"{part}_due": getattr(row, part) for part in PARTS},
            **{f"{part}_outstanding": getattr(row, part) for part in PARTS},
        )
        for row in agreement.offer.instalments.all()
    )
