"""Deeds on samples: recordings drawn, scored, and low ones talked over with their crew."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.evidence.entry import Entry
from doorstep.evidence.services import evidence_append
from doorstep.kernel.errors import InputError, Refused, Where
from doorstep.visits.models import CrewMember, Recording, SampleDraw, SampleReview
from doorstep.visits.models.recordings import RecordingState
from doorstep.visits.scoring import sample_of, score_of, sheet
from doorstep.visits.selectors.recordings import recordings_on_days
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission

LONGEST_DRAW = timedelta(days=92)
LONGEST_NOTE = 1000
EARLIEST = date(2000, 1, 1)


@transaction.atomic
def sample_draw(
    *, first_day: date, last_day: date, share: int, by: Staff, at: datetime, seed: str = ""
) -> SampleDraw:
    """Draw a share (per mille) of the recordings that ended on these days and were never drawn. The
    seed is drawn here and kept, so that nobody knows beforehand what will be listened to and
    everybody can draw it again afterwards.

    Raises Refused without permission, InputError for a share or days that cannot be, or when there
    is nothing to draw from.
    """
    _must(by, Permission.SCORE_RECORDINGS)
    if not 1 <= share <= 1000:
        raise InputError(
            _("Draw between 0.1 and 100 percent."), code="BAD_SHARE", where=Where(field="share")
        )
    today = at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    if not EARLIEST <= first_day <= last_day <= today or last_day - first_day > LONGEST_DRAW:
        raise InputError(
            _("Draw from days up to today, three months at most."), where=Where(field="first_day")
        )
    found = recordings_on_days(first_day=first_day, last_day=last_day).filter(review=None)
    ids = list(found.values_list("pk", flat=True))
    if not ids:
        raise InputError(
            _("No recording ended on these days that was not drawn before."), code="NOTHING_THERE"
        )
    draw = SampleDraw.objects.create(
        first_day=first_day, last_day=last_day, share=share, found=len(ids),
        seed=seed or secrets.token_hex(16), drawn_by=by, drawn_at=at,
    )  # fmt: skip
    drawn = sample_of(recordings=ids, share=share, seed=draw.seed)
    SampleReview.objects.bulk_create([SampleReview(draw=draw, recording_id=pk) for pk in drawn])
    body = {
        "draw": draw.pk, "from": first_day.isoformat(), "to": last_day.isoformat(), "share": share,
        "seed": draw.seed, "found": draw.found, "drawn": [str(pk) for pk in drawn],
    }  # fmt: skip
    evidence_append(entries=[Entry("recording.sample", "", body, agent=by.username)], at=at)
    return draw


@transaction.atomic
def review_score(
    *, review: SampleReview, points: Mapping[str, int | None], note: str, by: Staff, at: datetime
) -> SampleReview:
    """Score a drawn recording by the sheet, once. A low score is to be talked over with the crew.

    Raises Refused without permission, for one's own visit, or when it is scored already; InputError
    for a sheet that is not filled, or a low score without a word on why.
    """
    _must(by, Permission.SCORE_RECORDINGS)
    row = SampleReview.objects.select_for_update(of=("self",)).get(pk=review.pk)
    if row.score is not None:
        raise Refused(_("This recording has been scored already."), code="SCORED_ALREADY")
    visit = row.recording.visit
    if CrewMember.objects.filter(crew=visit.crew_id, staff=by).exists():
        raise Refused(_("Nobody scores a visit of their own."), code="OWN_VISIT")
    if row.recording.state == RecordingState.REFUSED:
        raise Refused(_("This recording was destroyed."), code="NO_CONSENT")
    used = sheet()
    try:
        score = score_of(points=points, by=used)
    except ValueError:
        raise InputError(
            _("Answer every question of the sheet."), code="NOT_FILLED", where=Where(field="points")
        ) from None
    row.note = _words(note)
    if score.low and not row.note:
        raise InputError(
            _("Say what should be talked over."), code="NO_NOTE", where=Where(field="note")
        )
    row.sheet, row.scores, row.score, row.low = used.version, dict(points), score.percent, score.low
    row.scored_by, row.scored_at = by, at
    if score.low:
        day = at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
        row.talked_due_on = day + timedelta(days=used.talk_days)
    row.save()
    _log("recording.scored", row, by=by, at=at)
    return row


@transaction.atomic
def review_talk(*, review: SampleReview, how: str, by: Staff, at: datetime) -> SampleReview:
    """Say that a low score was talked over with the crew, and what came of it. Raises Refused for
    one that needs none, that is done, or for whoever scored it; InputError without words."""
    _must(by, Permission.ADD_TO_RECORDINGS)
    row = SampleReview.objects.select_for_update(of=("self",)).get(pk=review.pk)
    if not row.low or row.talked_at is not None:
        raise Refused(_("Nothing is left to talk over here."), code="WRONG_STATE")
    if row.scored_by_id == by.pk:
        raise Refused(_("Somebody else than who scored it says so."), code="SAME_PERSON")
    row.talked_how = _words(how)
    if not row.talked_how:
        raise InputError(_("Say what came of it."), code="NO_NOTE", where=Where(field="how"))
    row.talked_by, row.talked_at = by, at
    row.save(update_fields=["talked_how", "talked_by", "talked_at"])
    _log("recording.talked_over", row, by=by, at=at)
    return row


def _must(by: Staff, permission: Permission) -> None:
    if not by.may(permission):
        raise Refused(_("Your role does not include this."), code="NOT_PERMITTED")


def _words(text: str) -> str:
    return text.replace("\x00", "").strip()[:LONGEST_NOTE]


def _log(kind: str, row: SampleReview, *, by: Staff, at: datetime) -> None:
    recording: Recording = row.recording
    case = recording.visit.case
    body = {
        "recording": str(recording.pk), "visit": recording.visit_id, "sheet": row.sheet,
        "scores": row.scores, "score": row.score, "low": row.low, "note": row.note,
        "talked_how": row.talked_how,
    }  # fmt: skip
    entry = Entry(kind, case.borrower_id, body, case=str(case.pk), agent=by.username)
    evidence_append(entries=[entry], at=at)
