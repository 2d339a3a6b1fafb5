"""Going to court: prepared with its pack, agreed to by a second person, followed by its days, and
recalled as soon as everything is paid. The guard is asked in `dispatch.referrals`."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.agreements.models import Agreement, CourtDate, LegalReferral, ReferralState
from doorstep.agreements.models.legal import OPEN_REFERRALS
from doorstep.cases.models import Case
from doorstep.evidence.entry import Entry
from doorstep.evidence.files import file_open, file_seal
from doorstep.evidence.services import evidence_append
from doorstep.kernel.errors import DoorstepError, InputError, Refused, Where
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission
from doorstep.workforce.services.may import must_may

PAID = "paid"
DATE_KINDS = tuple(kind for kind, _label in CourtDate.KINDS)


@transaction.atomic
def referral_prepare(*, case: Case, reason: str, by: Staff, at: datetime) -> LegalReferral:
    """Begin a referral of a case whose plan was broken. Raises Refused without permission, while a
    plan is in force (PLAN_IN_FORCE), for a case with nothing due, or with one open already;
    InputError without a reason."""
    must_may(by=by, permission=Permission.REFER_LEGAL)
    reason = _words(reason, "reason", _("Say why nothing milder is left."))
    if Agreement.objects.filter(case__borrower=case.borrower_id, state="in_force").exists():
        raise Refused(
            _("A plan is in force: while it is kept nobody goes to court."), code="PLAN_IN_FORCE"
        )
    if case.status != "open" or case.due_total <= 0:
        raise Refused(_("Nothing is overdue on this case."), code="NOTHING_DUE")
    if case.referrals.filter(state__in=OPEN_REFERRALS).exists():
        raise Refused(_("This case is on its way to court already."), code="ALREADY_OPEN")
    made = LegalReferral.objects.create(
        case=case, borrower_id=case.borrower_id, reason=reason, amount=case.due_total,
        currency=case.currency, maker=by, made_at=at,
    )  # fmt: skip
    _noted("prepared", made, by, at, reason=reason, amount=made.amount)
    return made


def referral_pack_may(*, referral: LegalReferral, by: Staff) -> None:
    """Raises Refused without permission, or WRONG_STATE unless the referral is being prepared: to
    be asked before anything for its pack is taken from anywhere."""
    must_may(by=by, permission=Permission.REFER_LEGAL)
    _must_be(referral, ReferralState.PREPARED, ReferralState.REFUSED)


@transaction.atomic
def referral_pack_keep(
    *,
    referral: LegalReferral,
    pack: bytes,
    contents: Sequence[Mapping[str, Any]],
    missing: Collection[str],
    by: Staff,
    at: datetime,
) -> LegalReferral:
    """Keep the pack that was put together, with its index and what it lacks. Only while it is being
    prepared: whoever approves reads the very file the court gets."""
    must_may(by=by, permission=Permission.REFER_LEGAL)
    referral = _locked(referral, ReferralState.PREPARED, ReferralState.REFUSED)
    digest = hashlib.sha256(pack).hexdigest()
    path = Path(settings.HOME) / "legal" / f"{referral.pk}-{digest[:16]}.zip.sealed"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(
        file_seal(
            subject=referral.case.borrower_id, place=_place(referral, digest), content=pack, at=at
        )
    )
    referral.pack, referral.pack_sha256 = str(path), digest
    referral.contents, referral.missing = [dict(each) for each in contents], sorted(missing)
    referral.state = ReferralState.PREPARED
    referral.save(update_fields=["pack", "pack_sha256", "contents", "missing", "state"])
    _noted("pack", referral, by, at, sha256=digest, missing=referral.missing)
    return referral


@transaction.atomic
def referral_submit(*, referral: LegalReferral, by: Staff, at: datetime) -> LegalReferral:
    """Ask a second person. Raises Refused without permission, without a pack, or WRONG_STATE."""
    must_may(by=by, permission=Permission.REFER_LEGAL)
    referral = _locked(referral, ReferralState.PREPARED)
    if not referral.pack_sha256:
        raise Refused(_("Put the pack together first."), code="NO_PACK")
    referral.state, referral.submitted_at = ReferralState.SUBMITTED, at
    referral.save(update_fields=["state", "submitted_at"])
    _noted("submitted", referral, by, at, sha256=referral.pack_sha256)
    return referral


@transaction.atomic
def referral_decide(
    *, referral: LegalReferral, approve: bool, why: str, by: Staff, at: datetime
) -> LegalReferral:
    """A second person agrees, or sends it back, and says why. Raises Refused without permission, to
    whoever prepared it (SAME_PERSON), WRONG_STATE, or when the pack is not the one that was kept
    (PACK_CHANGED); InputError without words."""
    must_may(by=by, permission=Permission.APPROVE_LEGAL)
    referral = _locked(referral, ReferralState.SUBMITTED)
    if referral.maker_id == by.pk:
        raise Refused(
            _("Whoever prepared this cannot approve it."), code="SAME_PERSON",
            hint=_("Ask a colleague who may approve going to court."),
        )  # fmt: skip
    referral.decided_why = _words(why, "why", _("Say why."))
    if approve and pack_open(referral) is None:
        raise Refused(_("The pack is not the one that was put together."), code="PACK_CHANGED")
    referral.state = ReferralState.APPROVED if approve else ReferralState.REFUSED
    referral.decided_by, referral.decided_at = by, at
    referral.save(update_fields=["state", "decided_by", "decided_at", "decided_why"])
    _noted("approved" if approve else "refused", referral, by, at, why=referral.decided_why)
    return referral


@transaction.atomic
def court_date_add(
    *,
    referral: LegalReferral,
    kind: str,
    on: date,
    note: str,
    by: Staff,
    at: datetime,
    court: str = "",
    court_reference: str = "",
) -> CourtDate:
    """Write down a day of the court: handing it in and the decision move the referral on. Raises
    Refused without permission or in the wrong state; InputError for an unknown kind, or handing it
    in without the court's name."""
    must_may(by=by, permission=Permission.REFER_LEGAL)
    if kind not in DATE_KINDS:
        raise InputError(_("Choose what happens on that day."), where=Where(field="kind"))
    stands = ReferralState.APPROVED if kind == "filed" else ReferralState.FILED
    referral = _locked(referral, stands)
    if kind == "filed":
        referral.court = _words(court, "court", _("Name the court."))[:200]
        referral.court_reference = court_reference.strip()[:100]
        referral.state = ReferralState.FILED
    elif kind == "decision":
        referral.state = ReferralState.DECIDED
    referral.save(update_fields=["court", "court_reference", "state"])
    made = CourtDate.objects.create(
        referral=referral, kind=kind, on=on, note=note.strip()[:500], by=by, at=at
    )
    _noted("dated", referral, by, at, what=kind, on=on.isoformat())
    return made


@transaction.atomic
def referral_recall(*, referral: LegalReferral, why: str, by: Staff, at: datetime) -> None:
    """Take a referral back by the hand of a person. Raises Refused without permission or when it is
    over; InputError without a reason."""
    must_may(by=by, permission=Permission.REFER_LEGAL)
    why = _words(why, "why", _("Say why."))
    referral = _locked(referral, *map(ReferralState, OPEN_REFERRALS))
    _recalled([referral], why, by.username, at)


@transaction.atomic
def referrals_recall_paid(*, case_ids: Collection[int], at: datetime) -> int:
    """Everything of these cases is paid: nobody goes to court over them, and where it is with the
    court already a person must tell it so. Returns how many were recalled."""
    rows = LegalReferral.objects.filter(case__any_of=list(case_ids), state__in=OPEN_REFERRALS)
    found = list(rows.select_for_update(of=("self",)))
    _recalled(found, PAID, "", at)
    return len(found)


def referrals_recall_cured(*, at: datetime) -> int:
    """The night's part: a case that closed because nothing is overdue any more."""
    rows = LegalReferral.objects.filter(case__status="closed", state__in=OPEN_REFERRALS)
    return referrals_recall_paid(case_ids=list(rows.values_list("case_id", flat=True)), at=at)


def _recalled(rows: Sequence[LegalReferral], why: str, by: str, at: datetime) -> None:
    for row in rows:
        row.state, row.recalled_at, row.recalled_why = ReferralState.RECALLED, at, why[:1000]
        row.save(update_fields=["state", "recalled_at", "recalled_why"])
    entries = [
        Entry(
            "referral.recalled", row.borrower_id, {"referral": row.pk, "why": why},
            case=str(row.case_id), agent=by,
        )
        for row in rows
    ]  # fmt: skip
    evidence_append(entries=entries, at=at)


def pack_open(referral: LegalReferral) -> bytes | None:
    """The pack as it was put together; None where it is not there, was altered, or the customer's
    key has been destroyed. It lies sealed under the customer's key."""
    path = Path(referral.pack) if referral.pack else None
    if path is None or not path.is_file():
        return None
    try:
        pack = file_open(
            subject=referral.case.borrower_id,
            place=_place(referral, referral.pack_sha256),
            sealed=path.read_bytes(),
        )
    except DoorstepError:
        return None
    return pack if hashlib.sha256(pack).hexdigest() == referral.pack_sha256 else None


def _place(referral: LegalReferral, digest: str) -> str:
    return f"agreements_legalreferral:pack:{referral.pk}:{digest}"


def _locked(referral: LegalReferral, *states: ReferralState) -> LegalReferral:
    referral = (
        LegalReferral.objects.select_for_update(of=("self",))
        .select_related("case__borrower")
        .get(pk=referral.pk)
    )
    _must_be(referral, *states)
    return referral


def _must_be(referral: LegalReferral, *states: ReferralState) -> None:
    if referral.state not in states:
        raise Refused(
            _("This referral stands elsewhere by now."), code="WRONG_STATE",
            hint=_("Load the page again."),
        )  # fmt: skip


def _words(text: str, field: str, needed: str) -> str:
    text = text.strip().replace("\x00", "")[:1000]
    if not text:
        raise InputError(needed, code="NO_REASON", where=Where(field=field))
    return text


def _noted(kind: str, row: LegalReferral, by: Staff, at: datetime, **body: Any) -> None:
    entry = Entry(
        f"referral.{kind}", row.borrower_id, {"referral": row.pk, **body}, case=str(row.case_id),
        agent=by.username,
    )  # fmt: skip
    evidence_append(entries=[entry], at=at)
