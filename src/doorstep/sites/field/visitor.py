"""How a phone proves at the door that its crew is real: it signs a challenge for this visit, in its
time and at its place, and is shown the number that the borrower's page shows."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from doorstep.kernel import clock
from doorstep.sites.field.auth import DeviceRequest, by_device, own_visit
from doorstep.sites.field.day_parts import tolerance_m
from doorstep.sites.field.json_in import body_of, text_in
from doorstep.sites.field.times import iso
from doorstep.visits.services.visitor import LONGEST_TEXT, challenge_make, number_show


@by_device
@require_POST
def challenge(request: DeviceRequest, visit_id: int) -> HttpResponse:
    """Something new to sign: `{nonce, until}`."""
    made = challenge_make(visit=own_visit(request, visit_id), device=request.device, at=clock.now())
    return JsonResponse({"nonce": made.nonce, "until": iso(made.until)}, status=201)


@by_device
@require_POST
def number(request: DeviceRequest, visit_id: int) -> HttpResponse:
    """The number of this moment, for what was signed at the place: `{number, until}`."""
    body = body_of(request)
    shown = number_show(
        visit=own_visit(request, visit_id), device=request.device,
        nonce=text_in(body, "nonce", most=LONGEST_TEXT),
        signature=text_in(body, "signature", most=LONGEST_TEXT),
        latitude=body.get("latitude"), longitude=body.get("longitude"), at=clock.now(),
        within_m=tolerance_m(),
    )  # fmt: skip
    return JsonResponse({"number": shown.number, "until": iso(shown.until)})
