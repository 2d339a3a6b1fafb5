"""Recordings of visits in the office: which there are, whether they hold, and what they say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from doorstep.cases.selectors import cases_visible_to
from doorstep.dispatch.transcripts import transcript_attach, transcript_read
from doorstep.evidence.recording import LONGEST_SEGMENT, Finding
from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError, InputError, Where
from doorstep.kernel.masking import mask_name
from doorstep.outreach.lint import behaviours
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.case_words import language
from doorstep.treatment.wording import language_code
from doorstep.visits.door.steps import door
from doorstep.visits.models import Recording, RecordingState, Transcript
from doorstep.visits.selectors.recordings import (
    Consent,
    chapters_of,
    may_be_heard,
    recording_check,
    recordings_within,
)
from doorstep.visits.services.playbacks import playback_open, playback_standing
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission

ROWS = 50
PLAYBACKS_SHOWN = 50
MOST_UPLOAD = 1024 * 1024
LONGEST_PURPOSE = 300
VIEWS: dict[str, tuple[str | Promise, Q]] = {
    "all": (gettext_lazy("All"), Q()),
    "open": (gettext_lazy("Not ended"), Q(state=RecordingState.OPEN)),
    "broken": (gettext_lazy("Not verified"), Q(state=RecordingState.BROKEN)),
}
TONES = {
    RecordingState.SEALED: "green", RecordingState.BROKEN: "red", RecordingState.OPEN: "amber",
    RecordingState.REFUSED: "quiet",
}  # fmt: skip
GAPS: dict[str, str | Promise] = {
    "paused": gettext_lazy("Paused"),
    "interrupted": gettext_lazy("Interrupted by the phone"),
    "hidden": gettext_lazy("The app was in the background"),
    "killed": gettext_lazy("The app was ended"),
    "track_ended": gettext_lazy("Camera or microphone ended"),
    "no_space": gettext_lazy("No space on the phone"),
}


@needs(Permission.HEAR_RECORDINGS)
@require_GET
def recordings(request: StaffRequest) -> HttpResponse:
    """The list, the latest first; `?view=` all, open or broken, `?visit=` those of one visit."""
    rows = recordings_visible_to(request.user)
    visit = request.GET.get("visit", "")
    if visit.isascii() and visit.isdigit() and len(visit) < 19:
        rows = rows.filter(visit=int(visit))
    view = request.GET.get("view", "")
    view = view if view in VIEWS else "all"
    found = rows.filter(VIEWS[view][1]).select_related("review")
    page = Paginator(found, ROWS).get_page(request.GET.get("page"))
    lengths = _lengths([each.pk for each in page])
    context = {
        "page": page,
        "rows": [_row(each) | {"seconds": lengths.get(each.pk, 0)} for each in page],
        "views": [(n, label, rows.filter(query).count()) for n, (label, query) in VIEWS.items()],
        "chosen": view,
        "scores": request.user.may(Permission.SCORE_RECORDINGS),
    }
    return render(request, "office/recordings/list.html", context)


@needs(Permission.HEAR_RECORDINGS)
@require_GET
def recording(request: StaffRequest, recording_id: UUID) -> HttpResponse:
    """One recording: whether it holds, looked at anew; who listened; what may be done with it."""
    found = recording_or_404(request.user, recording_id)
    context = _context(found) | {"may_add": request.user.may(Permission.ADD_TO_RECORDINGS)}
    return render(request, "office/recordings/one.html", context)


@needs(Permission.HEAR_RECORDINGS)
@require_POST
def recording_play(request: StaffRequest, recording_id: UUID) -> HttpResponse:
    """To the player, once it is on record who listens and what for."""
    found = recording_or_404(request.user, recording_id)
    try:
        opened = playback_open(
            recording=found, purpose=purpose_of(request), by=request.user, at=clock.now()
        )
    except DoorstepError as error:
        messages.error(request, f"{error.message} {error.hint}".strip())
        return redirect("office:recording", recording_id=found.pk)
    return redirect("office:recording_player", recording_id=found.pk, playback_id=opened.pk)


@needs(Permission.HEAR_RECORDINGS)
@require_GET
def recording_player(request: StaffRequest, recording_id: UUID, playback_id: int) -> HttpResponse:
    """The player with the steps of the visit as chapters, for whoever opened this playback; back to
    the recording when its time is over."""
    found = recording_or_404(request.user, recording_id)
    opened = playback_standing(playback_id=playback_id, by=request.user, at=clock.now())
    if opened is None or opened.recording_id != found.pk:
        messages.error(request, _("Say again what you listen for."))
        return redirect("office:recording", recording_id=found.pk)
    newest = found.transcripts.order_by("-attached_at", "-pk").first()
    context = _context(found) | {
        "playback": opened,
        "video": found.media_type.startswith("video/"),
        "chapters": [(each.second, step_words(each.step)) for each in chapters_of(found)],
        "transcript": newest,
        "lines": newest.text.splitlines() if newest else [],
        "findings": findings_words(newest),
    }
    return render(request, "office/recordings/player.html", context)


@needs(Permission.ADD_TO_RECORDINGS)
@require_POST
def recording_transcript(request: StaffRequest, recording_id: UUID) -> HttpResponse:
    """Attach a transcript, as a file or as text."""
    found = recording_or_404(request.user, recording_id)
    try:
        text = _transcript_sent(request)
        made = transcript_attach(recording=found, text=text, by=request.user, at=clock.now())
        messages.success(
            request,
            _("The transcript is attached. Places to listen to: %(count)s")
            % {"count": len(made.findings)},
        )
    except DoorstepError as error:
        messages.error(request, f"{error.message} {error.hint}".strip())
    return redirect("office:recording", recording_id=found.pk)


def recordings_visible_to(staff: Staff) -> QuerySet[Recording]:
    """The recordings of visits to the cases this member of staff may see."""
    return recordings_within(cases=cases_visible_to(staff=staff).values("pk"))


def recording_or_404(staff: Staff, recording_id: UUID) -> Recording:
    """A recording, where it may be seen."""
    found = recordings_visible_to(staff).select_related("visit__crew", "review")
    return get_object_or_404(found, pk=recording_id)


def purpose_of(request: HttpRequest) -> str:
    """What somebody says they listen for."""
    return request.POST.get("purpose", "")[: 2 * LONGEST_PURPOSE]


def step_words(code: str) -> str:
    """A step of the visit in the page's language; one that nobody knows stays as it is."""
    step = door().step(code)
    return step.title[language_code(language())] if step else code


def findings_words(transcript: Transcript | None) -> list[dict[str, Any]]:
    """What the wording lint saw in a transcript, with why it matters."""
    known, speech = behaviours(), language_code(language())
    key = {"zh-Hans": "zh"}.get(speech, speech)
    return [
        {**row, "why": known[row["behaviour"]].why[key] if row["behaviour"] in known else ""}
        for row in (transcript.findings if transcript else [])
    ]


def _context(found: Recording) -> dict[str, Any]:
    finding = _looked_at(found)
    heard = may_be_heard(found)
    return _row(found) | {
        "finding": finding,
        "heard": heard is Consent.GIVEN,
        "refused": heard is Consent.REFUSED,
        "seconds": _lengths([found.pk]).get(found.pk, 0),
        "gaps": [_gap(*row) for row in found.gaps],
        "head": bytes(found.head).hex(),
        "playbacks": found.playbacks.select_related("by").order_by("-at")[:PLAYBACKS_SHOWN],
        "transcripts": found.transcripts.select_related("attached_by").order_by("-attached_at"),
        "most_segment": LONGEST_SEGMENT,
    }


def _looked_at(found: Recording) -> Finding | None:
    """Whether the recording holds, from its files as they lie there now; None when destroyed."""
    return None if found.state == RecordingState.REFUSED else recording_check(found)


def _row(found: Recording) -> dict[str, Any]:
    state = RecordingState(found.state)
    return {
        "recording": found,
        "who": mask_name(found.visit.case.borrower.name),
        "state": (state.label, TONES[state]),
        "review": getattr(found, "review", None),
    }


def _lengths(recordings: Sequence[UUID]) -> dict[UUID, int]:
    """The seconds of each recording."""
    rows = Recording.objects.filter(pk__in=recordings).annotate(ms=Sum("segments__length_ms"))
    return {pk: (ms or 0) // 1000 for pk, ms in rows.values_list("pk", "ms")}


def _gap(since: int, until: int, why: str) -> tuple[datetime, int, str]:
    at = datetime.fromtimestamp(since / 1000, tz=UTC)
    return at, (until - since) // 1000, str(GAPS.get(why, why))


def _transcript_sent(request: HttpRequest) -> str:
    file = request.FILES.get("file")
    if file is None:
        return request.POST.get("text", "")
    if file.size is None or file.size > MOST_UPLOAD:
        raise InputError(_("The file is too large."), code="TOO_LARGE", where=Where(field="file"))
    return transcript_read(file.read())
