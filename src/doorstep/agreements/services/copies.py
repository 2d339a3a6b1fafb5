"""The borrower's copy: a code to fetch the signed document with, for a time."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from doorstep.agreements.models import Agreement, AgreementCopy
from doorstep.agreements.services.agreements import ALPHABET, agreement_note
from doorstep.kernel.errors import Refused
from doorstep.portfolio.models import Borrower
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission
from doorstep.workforce.services.may import must_may

LASTS = timedelta(days=30)
MOST_TRIES = 5
LAST_CHARACTERS = 4


@transaction.atomic
def copy_make(*, agreement: Agreement, by: Staff, at: datetime) -> tuple[AgreementCopy, str]:
    """A copy to be fetched within 30 days, and its code, which is kept nowhere. Raises Refused
    without permission, or NOT_SEALED before the lender has sealed the agreement."""
    must_may(by=by, permission=Permission.SIGN_AGREEMENTS)
    if not agreement.document.sealed_sha256:
        raise Refused(_("This agreement is not sealed yet."), code="NOT_SEALED")
    drawn = "".join(secrets.choice(ALPHABET) for _each in range(12))
    code = f"{drawn[:4]}-{drawn[4:8]}-{drawn[8:]}"
    made = AgreementCopy.objects.create(
        agreement=agreement, code_digest=_digest(code), made_by=by, made_at=at,
        expires_at=at + LASTS,
    )  # fmt: skip
    agreement_note(
        kind="agreement_copy_made", agreement=agreement, by=by, at=at, more={"copy": made.pk}
    )
    return made, code


def copy_take(*, code: str, last: str, at: datetime) -> Agreement:
    """The agreement a code opens, to whoever also knows the last four characters of the customer's
    identity number (or customer number, where there is none).

    Raises Refused NO_COPY, the same for a code that does not exist, is over, or had five wrong
    answers: nobody learns which.
    """
    with transaction.atomic():
        taken = _taken(code, last, at)
    if taken is None:  # outside, so that the wrong answer stays counted
        raise Refused(
            _("There is no document under this code, or the last characters are not right."),
            code="NO_COPY",
            hint=_("After five wrong tries a code stops working. Call us for another one."),
        )
    return taken


def _taken(code: str, last: str, at: datetime) -> Agreement | None:
    rows = AgreementCopy.objects.select_for_update(of=("self",)).select_related(
        "agreement__case__borrower", "agreement__document"
    )
    row = rows.filter(
        code_digest=_digest(code), expires_at__gt=at, tries__lt=MOST_TRIES
    ).first()  # fmt: skip
    if row is None:
        return None
    if not secrets.compare_digest(
        _plain(last).encode(), last_characters(row.agreement.case.borrower).encode()
    ):
        AgreementCopy.objects.filter(pk=row.pk).update(tries=F("tries") + 1)
        return None
    row.tries, row.taken_at = 0, row.taken_at or at
    row.save(update_fields=["tries", "taken_at"])
    agreement_note(
        kind="agreement_copy_taken", agreement=row.agreement, by=None, at=at, more={"copy": row.pk}
    )
    return row.agreement


def last_characters(borrower: Borrower) -> str:
    """What only the customer is asked for beside the code."""
    return _plain(borrower.id_number or borrower.pk)[-LAST_CHARACTERS:]


def _digest(code: str) -> str:
    return hashlib.sha256(_plain(code).encode()).hexdigest()


def _plain(text: str) -> str:
    return "".join(each for each in text.upper() if each.isalnum())[:64]
