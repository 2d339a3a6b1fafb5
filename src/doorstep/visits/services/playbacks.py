"""Listening to recordings: who, when and what for is on record before a sound is heard."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.evidence.access import LONGEST_PURPOSE, access_record
from doorstep.kernel.errors import Refused
from doorstep.visits.models import Playback, Recording
from doorstep.visits.selectors.recordings import Consent, may_be_heard
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission

LISTENS_FOR = timedelta(hours=4)


@transaction.atomic
def playback_open(
    *, recording: Recording, purpose: str, by: Staff, at: datetime, copy: bool = False
) -> Playback:
    """Put on record that somebody listens to a recording, or takes a `copy` of it for the borrower.

    Raises Refused without permission or without the borrower's consent on record, InputError
    without a purpose.
    """
    if not by.may(Permission.HEAR_RECORDINGS):
        raise Refused(_("Your role does not include this."), code="NOT_PERMITTED")
    if may_be_heard(recording) is not Consent.GIVEN:
        raise Refused(
            _("The borrower's consent to this recording is not on record."), code="NO_CONSENT"
        )
    case = recording.visit.case
    what = f"recording {recording.pk}" + (" (copy)" if copy else "")
    access_record(
        subject=case.borrower_id, what=what, purpose=purpose, by=by.username, at=at,
        case=str(case.pk),
    )  # fmt: skip
    words = " ".join(purpose.replace("\x00", "").split())[:LONGEST_PURPOSE]
    return Playback.objects.create(recording=recording, by=by, at=at, purpose=words, copy=copy)


def playback_standing(*, playback_id: int, by: Staff, at: datetime) -> Playback | None:
    """The playback somebody opened, while it lasts; else none."""
    found = Playback.objects.select_related("recording__visit__case")
    return found.filter(
        pk=playback_id, by=by, copy=False, at__gt=at - LISTENS_FOR, at__lte=at
    ).first()
