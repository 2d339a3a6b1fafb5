"""Where phones of one crew say different things, and what could not be taken in: a person settles
each, with a reason. Nothing is overwritten; what is set aside stays readable."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from doorstep.cycle.policies import policy_of_last_night
from doorstep.dispatch.door_events import conflict_settle, refused_retry
from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError, InputError
from doorstep.kernel.masking import mask_name
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.door_words import side_by_side, told_words, topic_words
from doorstep.visits.models import DoorEvent
from doorstep.visits.selectors.door import conflicts_open, events_refused
from doorstep.visits.services.door import refused_aside, visit_lock
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission

MOST = 50


@needs(Permission.SETTLE_DOOR)
@require_GET
def door_conflicts(request: StaffRequest) -> HttpResponse:
    """What waits, the oldest first."""
    waiting = conflicts_open(by=request.user)[:MOST]
    refused = events_refused(by=request.user)[:MOST]
    context = {
        "conflicts": [
            {
                "conflict": each,
                "who": mask_name(each.visit.case.borrower.name),
                "topic": topic_words(each.other),
                "rows": side_by_side(each.stood, each.other),
                "filed": each.other.kind == "report",
            }
            for each in waiting
        ],
        "refused": [
            {
                "event": each,
                "who": mask_name(each.visit.case.borrower.name),
                "topic": topic_words(each),
                "rows": told_words(each),
            }
            for each in refused
        ],
    }
    return render(request, "office/visits/door_conflicts.html", context)


@needs(Permission.SETTLE_DOOR)
@require_POST
def door_conflict_settled(request: StaffRequest, conflict_id: int) -> HttpResponse:
    """Keep one of the two versions."""
    conflict = conflicts_open(by=request.user).filter(pk=conflict_id).first()
    if conflict is None:
        raise Http404

    def deed() -> None:
        conflict_settle(
            conflict=conflict, keep=_version(request), at=clock.now(),
            why=request.POST.get("why", ""), by=request.user, policy=policy_of_last_night(),
        )  # fmt: skip

    return _done(request, deed, _("Settled. The other version stays readable beside it."))


@needs(Permission.SETTLE_DOOR)
@require_POST
def door_event_settled(request: StaffRequest, event_id: UUID) -> HttpResponse:
    """Try an event that could not be taken in anew, or set it aside with a reason."""
    event = events_refused(by=request.user).filter(pk=event_id).first()
    if event is None:
        raise Http404
    at = clock.now()
    if request.POST.get("deed") == "retry":
        policy = policy_of_last_night()
        return _done(
            request,
            lambda: refused_retry(event=event, by=request.user, at=at, policy=policy),
            _("It is taken in now."),
        )
    return _done(request, lambda: _aside(request, event), _("Set aside; it stays readable."))


def door_tally(staff: Staff) -> list[tuple[int, str, str]]:
    """What somebody has to settle; nothing that is 0."""
    if not staff.may(Permission.SETTLE_DOOR):
        return []
    count = conflicts_open(by=staff).count() + events_refused(by=staff).count()
    words = ngettext("report from a door to settle", "reports from doors to settle", count)
    return [(count, words, reverse("office:door_conflicts"))] if count else []


def _aside(request: StaffRequest, event: DoorEvent) -> None:
    with transaction.atomic():
        visit_lock(case_id=event.visit.case_id)
        why = request.POST.get("why", "")
        refused_aside(event=event, why=why, by=request.user, at=clock.now())


def _version(request: StaffRequest) -> UUID:
    try:
        return UUID(request.POST.get("keep", ""))
    except ValueError:
        raise InputError(_("Choose one of the two."), code="BAD_CHOICE") from None


def _done(request: StaffRequest, deed: Callable[[], object], said: str) -> HttpResponse:
    try:
        deed()
    except DoorstepError as refused:
        messages.error(request, f"{refused.message} {refused.hint}".strip())
    else:
        messages.success(request, said)
    return redirect("office:door_conflicts")
