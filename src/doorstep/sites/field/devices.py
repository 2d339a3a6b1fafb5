"""Phones: bound with a signed-in session, then known by their own signature alone."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from doorstep.evidence.door_keys import recording_public_key, server_public_key
from doorstep.kernel import clock
from doorstep.sites.field.auth import DeviceRequest, answered, by_device, refusal
from doorstep.sites.field.json_in import body_of, text_in, whole_in
from doorstep.sites.field.times import iso
from doorstep.sites.office.sos import emergency_numbers
from doorstep.visits.door.request import b64, b64_read
from doorstep.workforce.models import Device, Particulars, Staff
from doorstep.workforce.roles import Permission, Role
from doorstep.workforce.services.devices import device_bind, device_revoke, door_pin_keep

PIN = {"least": 6, "idle_seconds": 300}


@never_cache
@require_GET
def session(request: HttpRequest) -> HttpResponse:
    """Whether somebody is signed in on this browser, and the token with which they may bind it:
    the cookie that holds it cannot be read by the phone's own script."""
    staff = request.user
    if not isinstance(staff, Staff):
        return JsonResponse({"signed_in": False})
    return JsonResponse(
        {
            "signed_in": True, "name": str(staff), "username": staff.username,
            "csrf": get_token(request),
        }
    )  # fmt: skip


@never_cache
@require_POST
def devices(request: HttpRequest) -> HttpResponse:
    """By session: bind the phone to whoever is signed in, or renew it, and answer as `me`."""
    staff = request.user
    if not isinstance(staff, Staff):
        return refusal("SIGN_IN", _("Sign in first."), status=401)
    if not staff.may(Permission.CHECK_IN):
        return refusal("NOT_PERMITTED", _("Your role does not include this."), status=403)
    answer: HttpResponse = answered(_bind, request)  # type: ignore[assignment]
    return answer


def _bind(request: HttpRequest) -> HttpResponse:
    body, staff = body_of(request), request.user
    assert isinstance(staff, Staff)
    device = device_bind(
        staff=staff, public_key=b64_read(body.get("public_key"), field="public_key"),
        name=text_in(body, "name", most=200), at=clock.now(),
    )  # fmt: skip
    return JsonResponse({"device": str(device.pk), **me_of(device)}, status=201)


@by_device
@require_http_methods(["DELETE"])
def device_self(request: DeviceRequest) -> HttpResponse:
    """Sign out: the phone opens nothing any more."""
    device_revoke(device=request.device, why=_("Signed out."), by=request.staff, at=clock.now())
    return HttpResponse(status=204)


@by_device
@require_GET
def me(request: DeviceRequest) -> HttpResponse:
    """Who the phone is bound to and until when, with keys and numbers."""
    return JsonResponse(me_of(request.device))


@by_device
@require_POST
def pin(request: DeviceRequest) -> HttpResponse:
    """Keep what checks this person's door PIN."""
    body = body_of(request)
    door_pin_keep(
        staff=request.staff, salt=b64_read(body.get("salt"), field="salt"),
        iterations=whole_in(body, "iterations"),
        hashed=b64_read(body.get("hash"), field="hash"), at=clock.now(),
    )  # fmt: skip
    return HttpResponse(status=204)


def me_of(device: Device) -> dict[str, Any]:
    """What a phone knows of its person."""
    staff = device.staff
    particulars = Particulars.objects.filter(staff=staff).first()
    desk = Particulars.objects.filter(
        staff__role=Role.TEAM_LEADER, staff__branch=staff.branch_id, staff__is_active=True
    ).exclude(phone="").order_by("staff_id").first()  # fmt: skip
    numbers = emergency_numbers()
    return {
        "staff": {
            "id": staff.pk, "name": str(staff), "username": staff.username,
            "work_id": particulars.work_id if particulars else "", "role": staff.role,
        },
        "expires_at": iso(device.expires_at),
        "now": iso(clock.now()),
        "time_zone": settings.TIME_ZONE,
        "language": staff.language,
        "keys": {"server": b64(server_public_key()), "recording": b64(recording_public_key())},
        "numbers": [
            [label, numbers[name]]
            for name, label in (
                ("police", _("Police")), ("ambulance", _("Ambulance")),
                ("fire", _("Fire brigade")),
            )
            if numbers[name]
        ],
        "desk": desk.phone if desk else "",
        "pin": PIN,
    }  # fmt: skip
