"""Erasing a subject: its key is destroyed, so that its commitments mean nothing any more.

The log itself stays as it is and still verifies. A legal hold keeps a subject from being erased.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from django.db import transaction

from doorstep.evidence.entry import Entry
from doorstep.evidence.models import LegalHold, Sealed, Subject
from doorstep.evidence.services import evidence_append, log_lock
from doorstep.kernel.errors import InputError, NotFound, Refused, Where


class Ground(StrEnum):
    """Why a subject is erased: a word of its own, so that no name slips into the log."""

    REQUEST = "request"  # the person asked, and nothing in law stands against it
    PURPOSE_OVER = "purpose_over"  # nothing is left to do, and every retention period is over
    MISTAKE = "mistake"  # the records should never have been kept


def erasure_must_be_free(*, subject: str, ground: str) -> None:
    """Raises Refused while a legal hold stands, InputError for a ground that is none."""
    if ground not in list(Ground):
        raise InputError(
            f"{ground!r} is no ground to erase somebody.",
            code="BAD_GROUND",
            hint=f"Use one of {', '.join(Ground)}.",
            where=Where(field="ground"),
        )
    hold = LegalHold.objects.filter(subject=subject, ended_at__isnull=True).first()
    if hold is not None:
        raise Refused(
            f"A legal hold of {hold.placed_at:%Y-%m-%d} by {hold.placed_by} keeps these records.",
            code="LEGAL_HOLD",
            hint="End the hold first; its reason is with it.",
        )


@transaction.atomic
def subject_erase(*, subject: str, ground: str, by: str, at: datetime) -> int:
    """Destroy the subject's key and documents; returns the place in the log that says so.

    Raises NotFound when the log knows nobody of that name, and as `erasure_must_be_free` does.
    """
    erasure_must_be_free(subject=subject, ground=ground)
    log_lock()  # before any subject, as appending does
    row = Subject.objects.filter(subject=subject).exclude(subject="").first()
    if row is None:
        raise NotFound(f"The evidence log knows no subject {subject!r}.", code="NO_SUBJECT")
    entry = Entry("erasure", "", {"ref": row.ref, "ground": ground, "by": by}, agent=by)
    [place] = evidence_append(entries=[entry], at=at)
    row.subject, row.wrapped, row.erased_at, row.erased_in = None, None, at, place
    row.save(update_fields=["subject", "wrapped", "erased_at", "erased_in"])
    Sealed.objects.filter(leaf__subject=row).delete()
    LegalHold.objects.filter(subject=subject).delete()
    return place


@transaction.atomic
def legal_hold_place(*, subject: str, reason: str, by: str, at: datetime) -> LegalHold:
    """Keep a subject's records from being erased. Raises InputError without a reason."""
    reason = " ".join(reason.replace("\x00", "").split())
    if not 4 <= len(reason) <= 300:
        raise InputError(
            "Say in 4 to 300 characters why the records must be kept.",
            code="NO_REASON",
            where=Where(field="reason"),
        )
    hold = LegalHold.objects.create(subject=subject, reason=reason, placed_by=by, placed_at=at)
    _log_hold("placed", hold, by=by, at=at)
    return hold


@transaction.atomic
def legal_hold_end(*, hold: LegalHold, by: str, at: datetime) -> LegalHold:
    """End a legal hold. Raises Refused when it was ended already."""
    ended = LegalHold.objects.filter(pk=hold.pk, ended_at__isnull=True)
    if not ended.update(ended_at=at, ended_by=by):
        raise Refused("This legal hold was ended already.", code="ENDED_ALREADY")
    hold.refresh_from_db()
    _log_hold("ended", hold, by=by, at=at)
    return hold


def _log_hold(deed: str, hold: LegalHold, *, by: str, at: datetime) -> None:
    body = {"deed": deed, "hold": hold.pk, "reason": hold.reason, "by": by}
    evidence_append(entries=[Entry("legal_hold", hold.subject, body, agent=by)], at=at)
