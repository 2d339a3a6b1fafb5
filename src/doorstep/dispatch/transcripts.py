"""Transcripts of recordings: attached as text, and read by the same lint as what we send.

What the lint finds is shown with its line, whoever said it: it helps whoever listens to find the
place, and decides nothing.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.evidence.entry import Entry
from doorstep.evidence.services import evidence_append
from doorstep.kernel.errors import InputError, Refused, Where
from doorstep.outreach.lint import lint_edition, text_lint
from doorstep.visits.models import Recording, Transcript
from doorstep.visits.models.recordings import RecordingState
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission

MOST_CHARACTERS = 200_000
LONGEST_LINE = 2000
LONGEST_QUOTE = 80


def transcript_read(content: bytes) -> str:
    """The text of a file: UTF-8 with or without its mark, lines ending in any way.

    Raises InputError for anything else, or when it is empty or too long.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(
            _("This is no text in UTF-8."), code="NOT_TEXT", where=Where(field="text")
        ) from None
    return text_checked(text)


def text_checked(text: str) -> str:
    """A transcript as it is kept. Raises InputError like `transcript_read`."""
    if "\x00" in text:
        raise InputError(_("This is no text in UTF-8."), code="NOT_TEXT", where=Where(field="text"))
    text = "\n".join(line.rstrip() for line in text.splitlines()).strip("\n")
    longest = max((len(line) for line in text.splitlines()), default=0)
    if not text.strip() or len(text) > MOST_CHARACTERS or longest > LONGEST_LINE:
        raise InputError(
            _("A transcript has 1 to 200,000 characters, and at most 2,000 in a line."),
            code="BAD_LENGTH", where=Where(field="text"),
        )  # fmt: skip
    return text


def findings_of(text: str) -> list[dict[str, Any]]:
    """What the wording lint sees, line by line (from 1), each line read by itself."""
    return [
        {
            "line": number,
            "behaviour": finding.behaviour,
            "words": line[finding.start : finding.end][:LONGEST_QUOTE],
        }
        for number, line in enumerate(text.splitlines(), 1)
        for finding in text_lint(line)
    ]


@transaction.atomic
def transcript_attach(*, recording: Recording, text: str, by: Staff, at: datetime) -> Transcript:
    """Attach a transcript; earlier ones stay. Raises Refused without permission or for a recording
    that was destroyed, InputError for a text that cannot be kept."""
    if not by.may(Permission.ADD_TO_RECORDINGS):
        raise Refused(_("Your role does not include this."), code="NOT_PERMITTED")
    if recording.state == RecordingState.REFUSED:
        raise Refused(_("This recording was destroyed."), code="NO_CONSENT")
    text = text_checked(text)
    findings = findings_of(text)
    made = Transcript.objects.create(
        recording=recording, text=text, findings=findings, edition=lint_edition(),
        attached_by=by, attached_at=at,
    )  # fmt: skip
    case = recording.visit.case
    body = {
        "recording": str(recording.pk), "transcript": made.pk, "characters": len(text),
        "findings": findings,
    }  # fmt: skip
    entry = Entry(
        "recording.transcript", case.borrower_id, body, case=str(case.pk), agent=by.username
    )
    evidence_append(entries=[entry], at=at)
    return made
