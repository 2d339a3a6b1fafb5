"""At a door with a network: the guard is asked, and the timer runs."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from doorstep.dispatch.visit_acts import visit_ask_again, visit_clear
from doorstep.dispatch.visit_landing_door import acts_cleared
from doorstep.kernel import clock
from doorstep.kernel.errors import Refused
from doorstep.sites.field.auth import DeviceRequest, by_device, own_visit
from doorstep.sites.field.day_parts import pass_of, timer_plain
from doorstep.sites.field.json_in import body_of, place_in
from doorstep.sites.office.messages_words import fact_words, reasons_words
from doorstep.visits.selectors.visitor import visitors_standing
from doorstep.visits.services.safety import position_keep, timer_start


@by_device
@require_POST
def clear(request: DeviceRequest, visit_id: int) -> HttpResponse:
    """May the crew ring, here and now? `{may, why, conditions, pass, timer}`. Where it may, the
    safety timer runs. Asked again after a yes, the guard is asked again too, but for its caps."""
    visit = own_visit(request, visit_id)
    place = place_in(body_of(request))
    if place is not None and visit.crew is not None:
        try:
            position_keep(crew=visit.crew, place=place, by=request.staff, at=clock.now())
        except Refused:
            pass  # beyond working hours no place is kept; the guard answers all the same
    act = acts_cleared(visit).order_by("-state_at", "-pk").first()
    if act is not None:
        answer = visit_ask_again(act=act, at=clock.now())
    else:
        answer = visit_clear(visit=visit, by=request.staff, clock=clock.now)
    if not answer.may:
        why = reasons_words(answer.verdict)
        return JsonResponse(
            {"may": False, "why": why, "conditions": [], "pass": None, "timer": None}
        )
    return _may(request, visit_id, answer.conditions)


def _may(request: DeviceRequest, visit_id: int, conditions: tuple[str, ...]) -> HttpResponse:
    visit = own_visit(request, visit_id)
    timer = timer_start(visit=visit, by=request.staff, at=clock.now())
    going = visitors_standing(visit=visit, at=clock.now())
    signed = pass_of(visit=visit, going=going, at=clock.now())
    return JsonResponse(
        {
            "may": True, "why": "", "conditions": [fact_words(name) for name in conditions],
            "pass": signed, "timer": timer_plain(timer),
        }
    )  # fmt: skip
