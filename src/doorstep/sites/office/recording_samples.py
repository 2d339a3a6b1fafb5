"""Recordings drawn to be listened to: the queue, the sheet, and low scores to talk over."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from doorstep.cases.selectors import cases_visible_to
from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError, InputError, Where
from doorstep.kernel.masking import mask_name
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.case_words import language
from doorstep.treatment.wording import language_code
from doorstep.visits.models import SampleDraw, SampleReview
from doorstep.visits.scoring import sheet
from doorstep.visits.services.samples import review_score, review_talk, sample_draw
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission

ROWS = 50
DRAWS = 5
OUT = "-"
VIEWS: dict[str, tuple[str | Promise, Q]] = {
    "open": (gettext_lazy("To listen to"), Q(score=None)),
    "low": (gettext_lazy("To talk over"), Q(low=True, talked_at=None)),
    "over": (gettext_lazy("Done"), Q(score__isnull=False) & (Q(low=False) | ~Q(talked_at=None))),
}


@needs(Permission.HEAR_RECORDINGS)
@require_GET
def samples(request: StaffRequest) -> HttpResponse:
    """The queue; `?view=` open, low or over."""
    rows = reviews_visible_to(request.user)
    view = request.GET.get("view", "")
    view = view if view in VIEWS else "open"
    found = rows.filter(VIEWS[view][1]).select_related("scored_by", "recording__made_by", "draw")
    page = Paginator(found.order_by("draw", "pk"), ROWS).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [_row(each) for each in page],
        "views": [(n, label, rows.filter(query).count()) for n, (label, query) in VIEWS.items()],
        "chosen": view,
        "draws": SampleDraw.objects.select_related("drawn_by").order_by("-drawn_at")[:DRAWS],
        "may_draw": request.user.may(Permission.SCORE_RECORDINGS),
        "today": clock.today(settings.TIME_ZONE),
    }
    return render(request, "office/recordings/samples.html", context)


@needs(Permission.SCORE_RECORDINGS)
@require_POST
def sample_drawn(request: StaffRequest) -> HttpResponse:
    """Draw a share of the recordings of some days."""
    try:
        draw = sample_draw(
            first_day=_day(request, "first_day"), last_day=_day(request, "last_day"),
            share=_share(request), by=request.user, at=clock.now(),
        )  # fmt: skip
        messages.success(
            request,
            _("%(drawn)s of %(found)s recordings were drawn.")
            % {"drawn": draw.reviews.count(), "found": draw.found},
        )
    except DoorstepError as error:
        messages.error(request, f"{error.message} {error.hint}".strip())
    return redirect("office:recording_samples")


@needs(Permission.HEAR_RECORDINGS)
@require_http_methods(["GET"])
def sample(request: StaffRequest, review_id: int) -> HttpResponse:
    """One drawn recording: the sheet to fill, or what was found."""
    found = _review(request, review_id)
    context = _row(found) | {
        "questions": _questions(found),
        "may_score": found.score is None and request.user.may(Permission.SCORE_RECORDINGS),
        "may_talk": found.low
        and not found.talked_at
        and found.scored_by_id != request.user.pk
        and request.user.may(Permission.ADD_TO_RECORDINGS),
        "sheet": sheet(),
    }
    return render(request, "office/recordings/sample.html", context)


@needs(Permission.SCORE_RECORDINGS)
@require_POST
def sample_scored(request: StaffRequest, review_id: int) -> HttpResponse:
    """Keep the filled sheet."""
    found = _review(request, review_id)
    try:
        review_score(
            review=found, points=_points(request), note=request.POST.get("note", ""),
            by=request.user, at=clock.now(),
        )  # fmt: skip
        messages.success(request, _("The score is kept."))
    except DoorstepError as error:
        messages.error(request, f"{error.message} {error.hint}".strip())
    return redirect("office:recording_sample", review_id=found.pk)


@needs(Permission.ADD_TO_RECORDINGS)
@require_POST
def sample_talked(request: StaffRequest, review_id: int) -> HttpResponse:
    """Say what came of talking a low score over with the crew."""
    found = _review(request, review_id)
    try:
        how = request.POST.get("how", "")
        review_talk(review=found, how=how, by=request.user, at=clock.now())
        messages.success(request, _("What came of it is on record."))
    except DoorstepError as error:
        messages.error(request, f"{error.message} {error.hint}".strip())
    return redirect("office:recording_sample", review_id=found.pk)


def reviews_visible_to(staff: Staff) -> QuerySet[SampleReview]:
    """Drawn recordings of visits to the cases this member of staff may see."""
    cases = cases_visible_to(staff=staff).values("pk")
    found = SampleReview.objects.filter(recording__visit__case__in=cases)
    return found.select_related("recording__visit__case__borrower")


def _review(request: StaffRequest, review_id: int) -> SampleReview:
    found = reviews_visible_to(request.user).select_related(
        "scored_by", "talked_by", "draw__drawn_by", "recording__made_by"
    )
    return get_object_or_404(found, pk=review_id)


def _row(found: SampleReview) -> dict[str, Any]:
    recording = found.recording
    return {
        "review": found,
        "recording": recording,
        "who": mask_name(recording.visit.case.borrower.name),
        "late": found.talked_due_on is not None
        and found.talked_at is None
        and found.talked_due_on < clock.today(settings.TIME_ZONE),
    }


def _questions(found: SampleReview) -> list[dict[str, Any]]:
    speech = language_code(language())
    known = {each.code: each for each in sheet().questions}
    codes = list(found.scores) if found.score is not None else list(known)
    return [
        {
            "code": code,
            "words": known[code].words[speech] if code in known else code,
            "must": code in known and known[code].must,
            "points": found.scores.get(code),
        }
        for code in codes
    ]


def _points(request: HttpRequest) -> dict[str, int | None]:
    """The points of each question as sent; one that was not answered is left out."""
    sent = {each.code: request.POST.get(f"points-{each.code}", "") for each in sheet().questions}
    allowed: dict[str, int | None] = {"0": 0, "1": 1, "2": 2, OUT: None}
    return {code: allowed[value] for code, value in sent.items() if value in allowed}


def _day(request: HttpRequest, name: str) -> date:
    try:
        return date.fromisoformat(request.POST.get(name, ""))
    except ValueError:
        raise InputError(_("Say on which day."), where=Where(field=name)) from None


def _share(request: HttpRequest) -> int:
    """The share in per mille, from percent with at most one decimal."""
    whole, _dot, part = request.POST.get("share", "").strip().partition(".")
    if not (whole + part).isascii() or not whole.isdigit() or len(whole) > 3 or len(part) > 1:
        raise InputError(
            _("Draw between 0.1 and 100 percent."), code="BAD_SHARE", where=Where(field="share")
        )
    if part and not part.isdigit():
        raise InputError(
            _("Draw between 0.1 and 100 percent."), code="BAD_SHARE", where=Where(field="share")
        )
    return int(whole) * 10 + int(part or 0)
