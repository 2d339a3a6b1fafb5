"""What a phone has written down since it last had a network."""

from __future__ import annotations

import logging

from django.db import InterfaceError, OperationalError
from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from doorstep.cycle.policies import policy_of_last_night
from doorstep.dispatch.door_events import events_apply
from doorstep.kernel import clock
from doorstep.sites.field.auth import DeviceRequest, by_device, refusal
from doorstep.sites.field.json_in import body_of, wrong
from doorstep.sites.field.times import iso

log = logging.getLogger(__name__)


@by_device
@require_POST
def events(request: DeviceRequest) -> HttpResponse:
    """Take in events in their order, each once; the answer says of each what became of it. 503: the
    database is busy, and what was taken in stays so; send all of it again later."""
    sent = body_of(request).get("events")
    if not isinstance(sent, list):
        raise wrong("events")
    try:
        told = events_apply(
            device=request.device, events=sent, at=clock.now(), policy=policy_of_last_night()
        )
    except (OperationalError, InterfaceError):
        log.exception("Events of device %s must be sent again", request.device.pk)
        return refusal("TRY_AGAIN", _("We are busy. It is sent again by itself."), status=503)
    results = [
        {"id": each.id, "state": each.state, "code": each.code, "message": each.message}
        for each in told
    ]
    return JsonResponse({"now": iso(clock.now()), "results": results})
