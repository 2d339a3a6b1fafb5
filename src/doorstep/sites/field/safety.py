"""Help by one tap, and where a crew is; both also while much else does not work."""

from __future__ import annotations

import logging

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from doorstep.kernel import clock
from doorstep.kernel.errors import Refused
from doorstep.sites.field.auth import DeviceRequest, by_device, by_device_urgently, refusal
from doorstep.sites.field.json_in import Body, body_of, place_in, text_in, wrong
from doorstep.sites.office.sos import emergency_numbers, sos_take
from doorstep.visits.safety import place_of
from doorstep.visits.selectors.safety import crew_of
from doorstep.visits.services.safety import position_keep
from doorstep.visits.spool import Sos

log = logging.getLogger(__name__)


@by_device_urgently
@require_POST
def sos(request: DeviceRequest) -> HttpResponse:
    """Somebody needs help: written to the disk first, then to the database. 201: people are
    alerted; 202: it waits on the disk; 503: nothing worked, and only a telephone helps."""
    alarm, kept = sos_take(sos=_call(body_of(request), request))
    if not kept:
        return refusal(
            "NOT_KEPT", _("The alarm did not reach anybody."), _("Call for help now."), status=503
        )
    said = {"alerted": alarm is not None, "kept": True, "numbers": dict(emergency_numbers())}
    return JsonResponse(said, status=201 if alarm is not None else 202)


def _call(body: Body, request: DeviceRequest) -> Sos:
    """What can be read of it: nothing about an SOS is refused but for its key."""
    place = place_of(body.get("latitude"), body.get("longitude"))
    visit = body.get("visit")
    return Sos(
        key=text_in(body, "key", least=1, most=200), staff=request.staff.pk, at=clock.now(),
        visit=visit if isinstance(visit, int) and 0 <= visit < 2**53 else None,
        latitude=place.latitude if place else None, longitude=place.longitude if place else None,
        duress=body.get("duress") is True,
    )  # fmt: skip


@by_device
@require_POST
def position(request: DeviceRequest) -> HttpResponse:
    """Where the phone is; kept within working hours only."""
    place = place_in(body_of(request))
    if place is None:
        raise wrong("latitude")
    crew = crew_of(staff=request.staff, at=clock.now())
    if crew is None:
        raise Refused(
            _("Positions are kept within working hours only; this one was not."),
            code="OUTSIDE_WORK",
        )
    position_keep(crew=crew, place=place, by=request.staff, at=clock.now())
    return HttpResponse(status=204)
