"""Reports of people who pretended to be from us: the risk department's list, who sees to each, what
came of it, and the warning of those it may concern."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from doorstep.dispatch.impostor_warnings import WHOM, impostor_warning_propose
from doorstep.dispatch.models import Proposal
from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.visits.models import Finding, ImpostorReport
from doorstep.visits.selectors.visitor import impostor_reports, impostor_reports_open
from doorstep.visits.services.impostors import impostor_report_close, impostor_report_take
from doorstep.workforce.models import Branch, Staff
from doorstep.workforce.roles import Permission

ROWS = 50
WARNED_WITHIN = timedelta(days=2)
VIEWS: dict[str, str | Promise] = {
    "open": gettext_lazy("To look into"),
    "over": gettext_lazy("Closed"),
}
WHOM_WORDS = dict(
    zip(
        WHOM,
        (
            gettext_lazy("Customers whom we visit from that day on"),
            gettext_lazy("All customers of the branch"),
        ),
        strict=True,
    )
)


@needs(Permission.SEE_IMPOSTORS)
@require_GET
def impostors(request: StaffRequest) -> HttpResponse:
    """The list; `?view=` open, the oldest that nobody has taken first, or over."""
    view = request.GET.get("view", "")
    view = view if view in VIEWS else "open"
    page = Paginator(impostor_reports(view=view), ROWS).get_page(request.GET.get("page"))
    views = [(name, label, impostor_reports(view=name).count()) for name, label in VIEWS.items()]
    context = {"page": page, "views": views, "chosen": view}
    return render(request, "office/impostors/list.html", context)


@needs(Permission.SEE_IMPOSTORS)
@require_GET
def impostor(request: StaffRequest, report_id: int) -> HttpResponse:
    """One report: what was told, who sees to it, the warnings proposed, what came of it."""
    found = _report(report_id)
    acts = request.user.may(Permission.HANDLE_IMPOSTORS) and found.closed_at is None
    may_warn = (
        request.user.may(Permission.HANDLE_IMPOSTORS)
        and request.user.may(Permission.PROPOSE_MESSAGES)
        and found.taken_at is not None
        and found.finding != Finding.OURS
    )
    context: dict[str, Any] = {
        "report": found,
        "may_take": acts and found.taken_at is None,
        "may_close": acts and found.taken_at is not None,
        "may_warn": may_warn,
        "findings": Finding.choices,
        "whom": WHOM_WORDS.items(),
        "branches": Branch.objects.order_by("code") if may_warn else (),
        "warnings": Proposal.objects.filter(pk__in=found.proposals).order_by("pk"),
    }
    return render(request, "office/impostors/one.html", context)


@needs(Permission.HANDLE_IMPOSTORS)
@require_POST
def impostor_taken(request: StaffRequest, report_id: int) -> HttpResponse:
    """I see to it."""
    return _done(
        request, report_id,
        lambda each: impostor_report_take(report=each, by=request.user, at=clock.now()),
    )  # fmt: skip


@needs(Permission.HANDLE_IMPOSTORS)
@require_POST
def impostor_closed(request: StaffRequest, report_id: int) -> HttpResponse:
    """What was found, and what was done."""
    sent = request.POST
    return _done(
        request, report_id,
        lambda each: impostor_report_close(
            report=each, finding=sent.get("finding", ""), how=sent.get("how", ""),
            by=request.user, at=clock.now(),
        ),
    )  # fmt: skip


@needs(Permission.HANDLE_IMPOSTORS)
@require_POST
def impostor_warned(request: StaffRequest, report_id: int) -> HttpResponse:
    """Propose the warning; a second person approves it among the messages."""
    sent, now = request.POST, clock.now()
    return _done(
        request, report_id,
        lambda each: impostor_warning_propose(
            report=each, whom=sent.get("whom", ""), branch=sent.get("branch", "")[:64],
            planned_from=now, planned_until=now + WARNED_WITHIN, by=request.user, at=now,
        ),
    )  # fmt: skip


def impostors_tally(staff: Staff) -> tuple[int, str, str] | None:
    """For the first page: how many reports are open, if any."""
    if not staff.may(Permission.HANDLE_IMPOSTORS):
        return None
    count = impostor_reports_open().count()
    if not count:
        return None
    words = ngettext(
        "report of somebody who may not be from us", "reports of people who may not be from us",
        count,
    )  # fmt: skip
    return count, words, reverse("office:impostors")


def _report(report_id: int) -> ImpostorReport:
    rows = ImpostorReport.objects.select_related("taken_by", "closed_by", "told_by", "visit__case")
    return get_object_or_404(rows, pk=report_id)


def _done(
    request: StaffRequest, report_id: int, deed: Callable[[ImpostorReport], object]
) -> HttpResponse:
    found = _report(report_id)
    try:
        deed(found)
        messages.success(request, _("Kept."))
    except DoorstepError as error:
        messages.error(request, f"{error.message} {error.hint}".strip())
    return redirect("office:impostor", report_id=found.pk)
