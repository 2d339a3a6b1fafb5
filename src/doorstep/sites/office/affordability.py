"""What a customer can afford: the form, saved as it is filled, its result and its papers."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from doorstep.agreements.affordability import GUIDELINE, affordability_of, most_for_plan
from doorstep.agreements.models import Affordability, AffordabilityPaper
from doorstep.agreements.selectors.affordability import (
    affordability_draft,
    affordability_history,
    affordability_in_force,
    events_of,
)
from doorstep.agreements.services.affordability import (
    Form,
    affordability_finish,
    affordability_save,
    affordability_verify,
    paper_add,
    paper_open,
)
from doorstep.cases.models import Case
from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError, InputError
from doorstep.kernel.pictures import MOST_BYTES
from doorstep.protections.models import HardshipCause
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.affordability_form import Sent, form_drawn, form_kept, form_sent
from doorstep.sites.office.affordability_words import GROUPS, HOW, line_words
from doorstep.sites.office.case_access import case_or_404
from doorstep.sites.office.case_words import who
from doorstep.sites.office.staff_papers import photo_words
from doorstep.workforce.roles import Permission


@needs(Permission.SEE_AGREEMENTS)
@require_GET
def affordability(request: StaffRequest, case_id: int) -> HttpResponse:
    """The form as it stands, and beside it what was found last."""
    case = case_or_404(request.user, case_id)
    draft = affordability_draft(case_id=case.pk)
    base = draft or affordability_in_force(borrower_id=case.borrower_id)
    return _page(request, case, Sent(form_kept(base)), draft)


@needs(Permission.TAKE_AFFORDABILITY)
@require_POST
def affordability_kept(request: StaffRequest, case_id: int) -> HttpResponse:
    """Save what is filled in; `deed=finish` also works out what is left. Asked by a field that
    changed, only the line that says what is saved comes back."""
    case = case_or_404(request.user, case_id)
    sent = form_sent(request.POST)
    finishing = request.POST.get("deed") == "finish"
    draft: Affordability | None = None
    try:
        draft = affordability_save(case=case, form=sent.form, by=request.user, at=clock.now())
        if finishing and not sent.faults:
            on = clock.today(settings.TIME_ZONE)
            affordability_finish(draft=draft, by=request.user, at=clock.now(), on=on)
            messages.success(request, _("What is left a month is worked out."))
            return redirect("office:affordability", case_id=case.pk)
    except DoorstepError as error:
        field = error.where.field if isinstance(error, InputError) else None
        sent.faults[field or "form"] = f"{error.message} {error.hint}".strip()
        draft = affordability_draft(case_id=case.pk)
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "office/affordability/saved.html", _saved(sent, draft))
    if not finishing and not sent.faults:
        messages.success(request, _("Kept as a draft."))
        return redirect("office:affordability", case_id=case.pk)
    return _page(request, case, sent, draft, status=422)


@needs(Permission.TAKE_AFFORDABILITY)
@require_POST
def affordability_checked(request: StaffRequest, case_id: int) -> HttpResponse:
    """Lines that papers have shown to be so."""
    case = case_or_404(request.user, case_id)
    row = affordability_in_force(borrower_id=case.borrower_id)
    try:
        if row is None:
            raise InputError(_("Finish the form first."))
        affordability_verify(
            affordability=row, lines=request.POST.getlist("line"), how=request.POST.get("how", ""),
            by=request.user, at=clock.now(),
        )  # fmt: skip
        messages.success(request, _("It is on record what the papers show."))
    except DoorstepError as error:
        messages.error(request, f"{error.message} {error.hint}".strip())
    return redirect("office:affordability", case_id=case.pk)


@needs(Permission.TAKE_AFFORDABILITY)
@require_POST
def affordability_paper(request: StaffRequest, case_id: int) -> HttpResponse:
    """Take in a picture of a paper."""
    case = case_or_404(request.user, case_id)
    row = affordability_draft(case_id=case.pk) or affordability_in_force(
        borrower_id=case.borrower_id
    )
    sent = request.FILES.get("paper")
    try:
        if row is None or sent is None:
            raise InputError(
                _("Save the form first.") if row is None
                else _("Choose a file first; it may have been too large.")
            )  # fmt: skip
        paper_add(
            affordability=row, about=request.POST.get("about", ""), raw=sent.read(MOST_BYTES + 1),
            place=uuid4(), by=request.user, at=clock.now(),
        )  # fmt: skip
        messages.success(request, _("The paper is kept, sealed."))
    except DoorstepError as error:
        messages.error(request, photo_words(error))
    return redirect("office:affordability", case_id=case.pk)


@needs(Permission.UNMASK)
@require_POST
def affordability_paper_seen(request: StaffRequest, case_id: int, paper_id: int) -> HttpResponse:
    """A paper as a file to keep apart; who looked and what for is on record first."""
    case = case_or_404(request.user, case_id)
    rows = AffordabilityPaper.objects.filter(affordability__borrower=case.borrower_id)
    paper = get_object_or_404(rows.select_related("affordability__case"), pk=paper_id)
    try:
        content = paper_open(
            paper=paper, purpose=request.POST.get("purpose", ""), by=request.user, at=clock.now()
        )
    except DoorstepError as error:
        messages.error(request, f"{error.message} {error.hint}".strip())
        return redirect("office:affordability", case_id=case.pk)
    response = HttpResponse(content, content_type=paper.media)
    response["Content-Disposition"] = f'attachment; filename="paper-{paper.pk}.jpg"'
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _page(
    request: StaffRequest, case: Case, sent: Sent, draft: Affordability | None, *, status: int = 200
) -> HttpResponse:
    found = affordability_in_force(borrower_id=case.borrower_id)
    may_take = request.user.may(Permission.TAKE_AFFORDABILITY) and case.status == "open"
    rows = [row for row in (draft, found) if row is not None]
    papers = AffordabilityPaper.objects.filter(affordability__in=rows).defer("sealed")
    context: dict[str, Any] = {
        "case": case,
        "who": who(case),
        "may_take": may_take,
        "may_look": request.user.may(Permission.UNMASK),
        "form": form_drawn(sent.form, faults=sent.faults),
        "found": result_shown(found) if found else None,
        "papers": [
            {"paper": paper, "about": about_words(paper.about)}
            for paper in papers.select_related("added_by").order_by("-added_at")
        ],
        "about": [(f"{g}.{c}", line_words(g, c)) for g in GROUPS for c in GUIDELINE.codes(g)],
        "history": affordability_history(borrower_id=case.borrower_id)[:6],
        "days": GUIDELINE.valid_days,
        **_saved(sent, draft),
    }
    return render(request, "office/affordability/form.html", context, status=status)


def _saved(sent: Sent, draft: Affordability | None) -> dict[str, Any]:
    """What the line under the form says: when it was saved, and what would be left."""
    return {
        "draft": draft,
        "faults": [(_where(name), words) for name, words in sent.faults.items()],
        "so_far": _so_far(sent.form),
        "currency": GUIDELINE.currency,
    }


def _so_far(form: Form) -> int | None:
    if not form.lines:
        return None
    return affordability_of(household=form.household, lines=form.lines).disposable


def _where(name: str) -> str:
    group, _dot, code = name.partition(".")
    return line_words(group, code) if group in GROUPS else ""


def about_words(about: str) -> str:
    """What a paper shows, in words."""
    group, _dot, code = about.partition(".")
    return line_words(group, code) if code else _("What changed in life")


def result_shown(row: Affordability) -> dict[str, Any]:
    """A finished form with how each line was counted, for pages."""
    verified = {f"{line.group}.{line.code}": line for line in row.lines.all() if line.verified}
    reasons = {f"{line.group}.{line.code}": line.why for line in row.lines.all()}
    causes = dict(HardshipCause.choices)
    return {
        "row": row,
        "fresh": row.valid_until is not None
        and row.valid_until >= clock.today(settings.TIME_ZONE),
        "most": most_for_plan(row.disposable_minor),
        "share": GUIDELINE.most_share_percent,
        "events": [
            {"words": causes.get(event.cause, event.cause), "event": event}
            for event in events_of(row)
        ],
        "groups": [
            {
                "words": words,
                "lines": [
                    {**each, "words": line_words(group, each["code"]),
                     "how_words": str(HOW.get(each["how"], "")),
                     "name": (name := f"{group}.{each['code']}"), "why": reasons.get(name, ""),
                     "verified": name in verified, "there": name in reasons,
                     "asks": each["how"] in ("raised", "lowered")}
                    for each in row.findings if each["group"] == group
                ],
            }
            for group, words in GROUPS.items()
        ],
    }  # fmt: skip
