"""Deeds on authority letters: issued signed, revoked at once."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.evidence.entry import Entry
from doorstep.evidence.services import evidence_append
from doorstep.kernel.errors import InputError, Refused, Where
from doorstep.kernel.numbers import number_new
from doorstep.kernel.pdf_sign import pdf_sign
from doorstep.workforce.letter import LetterText, letter_pdf
from doorstep.workforce.models import AuthorityLetter, LetterDocument, Staff
from doorstep.workforce.papers import Deed, Missing, Paper, papers_missing
from doorstep.workforce.roles import Permission
from doorstep.workforce.seal import seal
from doorstep.workforce.selectors import papers_of
from doorstep.workforce.services.may import must_may
from doorstep.workforce.services.roster import roster_settle

LONGEST = timedelta(days=92)
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # nothing that is read as something else
BEFORE_A_LETTER = (Paper.LETTER, Paper.PHOTOGRAPH)


@transaction.atomic
def letter_issue(
    *,
    staff: Staff,
    text: LetterText,
    valid_from: date,
    valid_until: date,
    by: Staff,
    at: datetime,
) -> AuthorityLetter:
    """Issue a letter for a period of at most 92 days, as a signed PDF.

    Raises Refused without permission, for oneself, or for somebody who lacks anything else on its
    first day (no letter for the untrained); InputError for a period that cannot be; DoorstepError
    when the document cannot be made or signed, and then there is no letter.
    """
    must_may(by=by, permission=Permission.ISSUE_LETTERS, whom=staff)
    if by.pk == staff.pk:
        raise Refused(_("Somebody else must do this for you."), code="OWN_PAPERS")
    _check_period(valid_from, valid_until)
    held = papers_of(staff_ids=[staff.pk], at=at)[staff.pk]
    missing = papers_missing(held, deed=Deed.VISIT, on=valid_from, at=at)
    if others := [each for each in missing if each.paper is not Paper.LETTER]:
        raise PapersMissing(others)
    letter = AuthorityLetter(
        number=_number(at), code=_code(), staff=staff, lender=text.lender["zh-Hans"],
        valid_from=valid_from, valid_until=valid_until, issued_by=by, issued_at=at,
    )  # fmt: skip
    letter.save()
    pdf = letter_pdf(letter=letter, text=text, work_id=held.work_id, at=at)
    signed = pdf_sign(pdf=pdf, seal=seal(at=at), reason=letter.number, at=at)
    digest = hashlib.sha256(signed).hexdigest()
    LetterDocument.objects.create(letter=letter, pdf=signed, sha256=digest)
    evidence_append(entries=[_entry("authority_issued", letter, by, sha256=digest)], at=at)
    return letter


@transaction.atomic
def letter_revoke(*, letter: AuthorityLetter, why: str, by: Staff, at: datetime) -> AuthorityLetter:
    """Revoke a letter from this instant on; days rostered under it are taken back.

    Raises Refused without permission or when it was revoked before, InputError without a reason.
    """
    must_may(by=by, permission=Permission.REVOKE_LETTERS, whom=letter.staff)
    why = why.strip().replace("\x00", "")[:300]
    if not why:
        raise InputError(_("Say why it is revoked."), where=Where(field="why"))
    changed = AuthorityLetter.objects.filter(pk=letter.pk, revoked_at=None).update(
        revoked_at=at, revoked_by=by, revoked_why=why
    )
    if not changed:
        raise Refused(_("This letter was revoked before."), code="REVOKED")
    letter.refresh_from_db()
    roster_settle(staff=[letter.staff], at=at)
    evidence_append(entries=[_entry("authority_revoked", letter, by, why=why)], at=at)
    return letter


class PapersMissing(Refused):
    """Refused because of papers that are missing or expired; `missing` lists them."""

    def __init__(self, missing: Sequence[Missing]) -> None:
        super().__init__(
            _("Papers are missing or have run out."),
            code="PAPERS_MISSING",
            hint=_("The file of the colleague says which."),
        )
        self.missing = missing


def _check_period(first: date, last: date) -> None:
    if last < first:
        raise InputError(_("It ends before it begins."), where=Where(field="valid_until"))
    if last - first >= LONGEST:
        raise InputError(_("A letter runs for 92 days at most."), where=Where(field="valid_until"))


def _number(at: datetime) -> str:
    return number_new(
        prefix=f"AL-{at:%Y}-",
        taken=lambda number: AuthorityLetter.objects.filter(number=number).exists(),
    )


def _code() -> str:
    drawn = "".join(secrets.choice(ALPHABET) for _each in range(8))
    return f"{drawn[:4]}-{drawn[4:]}"


def _entry(kind: str, letter: AuthorityLetter, by: Staff, **more: str) -> Entry:
    body = {
        "number": letter.number, "of": letter.staff.username, "lender": letter.lender,
        "from": letter.valid_from.isoformat(), "until": letter.valid_until.isoformat(), **more,
    }  # fmt: skip
    return Entry(kind=kind, subject="", agent=by.username, body=body)
