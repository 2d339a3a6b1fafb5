"""The call desk: whom to call next, may I call this number now, the script, what came of it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from doorstep.cases.models import Case
from doorstep.cases.selectors import cases_visible_to
from doorstep.cases.steps import Step
from doorstep.dispatch.calls import TALKED, call_clear, call_record, call_verify
from doorstep.dispatch.leases import PERSON
from doorstep.dispatch.models import Act, ActState, CallResult
from doorstep.dispatch.points import KINDS, USABLE
from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError
from doorstep.kernel.masking import mask_name, mask_number
from doorstep.outreach.letters import blocks_of
from doorstep.portfolio.models import ContactPoint
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.allowed import allowed_of
from doorstep.sites.office.case_access import case_or_404
from doorstep.sites.office.messages_words import verdict_shown
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission

ROWS = 50
OUTCOMES: dict[str, str | Promise] = {
    "no_answer": gettext_lazy("No answer"),
    "busy": gettext_lazy("Busy"),
    "switched_off": gettext_lazy("Switched off"),
    "voicemail": gettext_lazy("Voicemail (nothing was said)"),
    "not_in_service": gettext_lazy("Not in service"),
    "wrong_party": gettext_lazy("Somebody else's number"),
    "reached": gettext_lazy("Somebody answered, not established who"),
    "right_party": gettext_lazy("Spoke with the customer"),
    "promised": gettext_lazy("The customer promised to pay"),
    "refused": gettext_lazy("The customer does not want to talk"),
}


@needs(Permission.MAKE_CALLS)
@require_GET
def calls(request: StaffRequest) -> HttpResponse:
    """The cases whose next step is a call, the most urgent first, and one's own open call."""
    queue = (
        cases_visible_to(staff=request.user)
        .filter(status="open", step=Step.CALL)
        .select_related("borrower", "assignee")
        .order_by("-priority", "pk")
    )
    page = Paginator(queue, ROWS).get_page(request.GET.get("page"))
    last = _last_calls(page.object_list)
    return render(
        request,
        "office/calls/queue.html",
        {
            "page": page,
            "rows": [
                {"case": case, "who": mask_name(case.borrower.name), "last": last.get(case.pk)}
                for case in page
            ],
            "open_call": _open_call(request.user),
        },
    )


def _last_calls(cases: Any) -> dict[int, dict[str, Any]]:
    """The last recorded call of each case."""
    rows = CallResult.objects.filter(act__case__in=[case.pk for case in cases]).exclude(outcome="")
    found: dict[int, dict[str, Any]] = {}
    for row in rows.select_related("act").order_by("at"):
        found[row.act.case_id] = {
            "words": OUTCOMES.get(row.outcome, row.outcome),
            "at": row.at,
            "again_at": row.again_at,
        }
    return found


def _open_call(staff: Staff) -> Act | None:
    return Act.objects.filter(state=ActState.CLEARED, worker=f"{PERSON}{staff.pk}").first()


@needs(Permission.MAKE_CALLS)
@never_cache
@require_GET
def call_desk(request: StaffRequest, case_id: int) -> HttpResponse:
    """The desk for one case: its numbers, the guard's last answer, and the call under way."""
    return _desk(request, case_or_404(request.user, case_id))


@needs(Permission.MAKE_CALLS)
@never_cache
@require_POST
def call_ask(request: StaffRequest, case_id: int) -> HttpResponse:
    """May I call this number now? Where yes, the number is shown in this answer only."""
    case = case_or_404(request.user, case_id)
    point = ContactPoint.objects.filter(
        borrower=case.borrower_id, pk=_number(request.POST.get("point", ""))
    ).first()
    if point is None:
        messages.error(request, _("Choose a number."))
        return redirect("office:call_desk", case_id=case.pk)
    try:
        asked = call_clear(case=case, contact_point=point, by=request.user, clock=clock.now)
    except DoorstepError as error:
        messages.error(request, f"{error.message} {error.hint}".strip())
        return redirect("office:call_desk", case_id=case.pk)
    return _desk(request, case, number=asked.number, act=asked.act)


@needs(Permission.MAKE_CALLS)
@require_POST
def call_verified(request: StaffRequest, act_id: int) -> HttpResponse:
    """It is established that the customer is on the line."""
    act = _own_call(request, act_id)
    try:
        call_verify(act=act, how=request.POST.get("how", ""), by=request.user, at=clock.now())
    except DoorstepError as error:
        messages.error(request, f"{error.message} {error.hint}".strip())
    return redirect("office:call_desk", case_id=act.case_id)


@needs(Permission.MAKE_CALLS)
@require_POST
def call_recorded(request: StaffRequest, act_id: int) -> HttpResponse:
    """What came of the call."""
    act = _own_call(request, act_id)
    try:
        call_record(
            act=act,
            outcome=request.POST.get("outcome", ""),
            note=request.POST.get("note", ""),
            recording=request.POST.get("recording", ""),
            by=request.user,
            at=clock.now(),
        )
    except DoorstepError as error:
        messages.error(request, f"{error.message} {error.hint}".strip())
        return redirect("office:call_desk", case_id=act.case_id)
    messages.success(request, _("The call is recorded."))
    return redirect("office:calls")


def _own_call(request: StaffRequest, act_id: int) -> Act:
    visible = cases_visible_to(staff=request.user).values("pk")
    own = Act.objects.filter(kind="call", case__in=visible, proposed_by=request.user)
    return get_object_or_404(own, pk=act_id)


def _desk(
    request: StaffRequest, case: Case, *, number: str = "", act: Act | None = None
) -> HttpResponse:
    """`number` is shown in full only right after it was cleared."""
    mine = _open_call(request.user)
    act = act or (mine if mine is not None and mine.case_id == case.pk else None)
    under_way = act is not None and act.state == ActState.CLEARED
    result = CallResult.objects.filter(act=act).first() if act else None
    verified = result is not None and result.verified_at is not None
    points = ContactPoint.objects.filter(borrower=case.borrower_id, kind__in=KINDS["phone"])
    return render(
        request,
        "office/calls/desk.html",
        {
            "case": case,
            "who": mask_name(case.borrower.name),
            "points": [
                (point, mask_number(point.value), point.state in USABLE)
                for point in points.order_by("pk")
            ],
            "act": act,
            "number": number,
            "under_way": under_way,
            "elsewhere": mine if mine is not None and mine.case_id != case.pk else None,
            "verdict": verdict_shown(act.verdict) if act is not None else None,
            "allowed": None if under_way else allowed_of(case, "phone"),
            "verified": verified,
            "result": result,
            "script": _script(act, verified) if act is not None and under_way else [],
            "outcomes": [
                (code, words, code in TALKED)
                for code, words in OUTCOMES.items()
                if verified or code not in TALKED
            ],
            "history": CallResult.objects.filter(act__case=case)
            .exclude(outcome="")
            .select_related("by")
            .order_by("-at")[:10],
        },
    )


def _script(act: Act, verified: bool) -> list[tuple[str, Any]]:
    """The script: until the right-party check is done, only its first part, which says nothing of
    any debt."""
    blocks = blocks_of(act.content.get("body", ""))
    if verified:
        return blocks
    headings = [place for place, (kind, _words) in enumerate(blocks) if kind == "heading"]
    return blocks[: headings[1]] if len(headings) > 1 else blocks[:1]


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
