"""A crew's day on its phone: the stops, the timer at each door, and help by one tap."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from doorstep.dispatch.visit_acts import visit_clear
from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError, Refused
from doorstep.kernel.masking import mask_name
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.alarms import people_of
from doorstep.sites.office.messages_words import reasons_words
from doorstep.sites.office.sos import emergency_numbers, sos_token
from doorstep.visits.models import Alarm, PlannedVisit
from doorstep.visits.models.days import VisitState
from doorstep.visits.safety import place_of
from doorstep.visits.selectors.safety import crew_of, crew_of_day, stops_of, timer_running
from doorstep.visits.services.safety import position_keep, timer_end, timer_extend, timer_start
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission


@needs(Permission.CHECK_IN)
@require_GET
def my_day(request: StaffRequest) -> HttpResponse:
    """Today's stops of one's own crew, with what can be done at each."""
    today = clock.today(settings.TIME_ZONE)
    crew = crew_of_day(staff=request.user, day=today)
    timer = timer_running(staff=request.user)
    stops = stops_of(crew=crew) if crew else []
    context: dict[str, Any] = {
        "crew": crew,
        "people": people_of(crew),
        "timer": timer,
        "overdue": timer is not None and timer.due_at <= clock.now(),
        "stops": [(visit, mask_name(visit.case.borrower.name)) for visit in stops],
        "here": timer.visit.case_id if timer else None,
        "alarm": _alarm(request.user),
        "numbers": emergency_numbers(),
        "counselling": settings.COUNSELLING_LINE,
        "sos_key": secrets.token_hex(8),
        "sos_token": sos_token(staff=request.user),
    }
    return render(request, "office/safety/my_day.html", context)


def _alarm(staff: Staff) -> Alarm | None:
    """The alarm about somebody that is not over: the crew sees who has been alerted."""
    mine = Alarm.objects.filter(ended_at=None, crew__members__staff=staff)
    theirs = Alarm.objects.filter(ended_at=None, raised_by=staff)
    found = (mine.distinct() | theirs.distinct()).select_related("taken_by")
    return found.prefetch_related("alerted__staff").order_by("-raised_at").first()


@needs(Permission.CHECK_IN)
@require_POST
def visit_arrived(request: StaffRequest, visit_id: int) -> HttpResponse:
    """The crew is at the door: the guard is asked once more, and the timer runs."""
    visit = _visit_or_404(request.user, visit_id)
    return _done(request, lambda: _arrived(visit, request.user), _("You may ring. The timer runs."))


def _arrived(visit: PlannedVisit, by: Staff) -> None:
    """Raises Refused with the guard's reasons where the crew must not ring; then nothing runs."""
    running = timer_running(staff=by)
    if running is None and visit.state == VisitState.PLANNED:
        answer = visit_clear(visit=visit, by=by, clock=clock.now)
        if not answer.may:
            raise Refused(
                _("Do not ring. %(why)s") % {"why": reasons_words(answer.verdict)},
                code="NOT_CLEARED",
            )
    timer_start(visit=visit, by=by, at=clock.now())


def _visit_or_404(staff: Staff, visit_id: int) -> PlannedVisit:
    found = PlannedVisit.objects.filter(pk=visit_id, crew__members__staff=staff).first()
    if found is None:
        raise Http404
    return found


@needs(Permission.CHECK_IN)
@require_POST
def visit_well(request: StaffRequest, visit_id: int) -> HttpResponse:
    """All is well; the crew stays longer."""
    visit = _visit_or_404(request.user, visit_id)
    return _done(request, lambda: _well(visit, request.user), _("Good. The timer has more time."))


def _well(visit: PlannedVisit, by: Staff) -> None:
    timer_extend(timer=_timer(visit), by=by, at=clock.now())


@needs(Permission.CHECK_IN)
@require_POST
def visit_left(request: StaffRequest, visit_id: int) -> HttpResponse:
    """The crew has left and is well."""
    visit = _visit_or_404(request.user, visit_id)
    return _done(request, lambda: _left(visit, request.user), _("You have left. The timer is off."))


def _left(visit: PlannedVisit, by: Staff) -> None:
    timer_end(timer=_timer(visit), by=by, at=clock.now())


def _timer(visit: PlannedVisit) -> Any:
    timer = getattr(visit, "timer", None)
    if timer is None:
        raise Refused(_("No timer runs for this stop."), code="NO_TIMER")
    return timer


@needs(Permission.CHECK_IN)
@require_POST
def position(request: StaffRequest) -> HttpResponse:
    """Where the phone is; kept within working hours only."""
    place = place_of(request.POST.get("latitude", ""), request.POST.get("longitude", ""))
    crew = crew_of(staff=request.user, at=clock.now())
    if place is None or crew is None:
        return JsonResponse({"kept": False}, status=409)
    try:
        position_keep(crew=crew, place=place, by=request.user, at=clock.now())
    except Refused:
        return JsonResponse({"kept": False}, status=409)
    return JsonResponse({"kept": True})


def _done(request: StaffRequest, deed: Callable[[], object], said: str) -> HttpResponse:
    try:
        deed()
    except DoorstepError as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, said)
    return redirect("office:my_day")
