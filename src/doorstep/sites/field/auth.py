"""Who may ask: every address is opened by a device's signature, and by nothing else.

The signature is checked before anything is said of the device, so that nobody but its holder learns
how it stands. No cookie opens these addresses, so they need no protection against forged forms.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.http.request import UnreadablePostError
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.csrf import csrf_exempt

from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError, InputError, NotFound
from doorstep.sites.field.times import iso
from doorstep.visits.door.request import SKEW, request_text, signature_holds, signed_read
from doorstep.visits.models import PlannedVisit
from doorstep.visits.selectors.door import visit_of_crew
from doorstep.workforce.models import Device, Staff
from doorstep.workforce.selectors import device_standing
from doorstep.workforce.services.devices import device_seen

View = Callable[..., HttpResponseBase]
NO_STORE = "no-store"


class DeviceRequest(HttpRequest):
    """A request whose device has signed it, by somebody who may check in at doors."""

    device: Device
    staff: Staff


def by_device(view: View) -> View:
    """The view is for bound devices; others get a 401 that says why. What the view refuses becomes
    JSON with code, message and hint, in the language of the person."""

    def noted(request: DeviceRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        device_seen(device=request.device, at=clock.now())
        return view(request, *args, **kwargs)

    return by_device_urgently(wraps(view)(noted))


def by_device_urgently(view: View) -> View:
    """The same for what must not wait: that the device was seen is not written down, so that a
    database which takes no writing delays nothing."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with translation.override(_language(request, None)):
            answer = _opened(request) or answered(view, request, *args, **kwargs)
        answer["Cache-Control"] = NO_STORE
        return answer

    checked.by_device = True  # type: ignore[attr-defined]
    return csrf_exempt(checked)


def answered(view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
    """What the view answers, with every refusal as JSON: 404 for what does not exist, 400 for what
    cannot be read, 409 for what is not allowed as things stand."""
    staff = getattr(request, "staff", None)
    with translation.override(_language(request, staff)):
        try:
            return view(request, *args, **kwargs)
        except NotFound as error:
            return refusal(error.code, error.message, error.hint, status=404)
        except InputError as error:
            status = 413 if error.code == "TOO_LARGE" else 400
            return refusal(error.code, error.message, error.hint, status=status)
        except DoorstepError as error:
            return refusal(error.code, error.message, error.hint, status=409)


def refusal(code: str, message: str, hint: str = "", *, status: int, **more: Any) -> JsonResponse:
    """An answer that says what is wrong and what to do."""
    return JsonResponse({"code": code, "message": message, "hint": hint, **more}, status=status)


def own_visit(request: DeviceRequest, visit_id: int) -> PlannedVisit:
    """The visit, if the person is of its crew and its day is not long over; else NotFound, whether
    it exists or not."""
    found = visit_of_crew(visit_id=visit_id, staff=request.staff, at=clock.now())
    if found is None:
        raise NotFound(_("Your crew has no such visit."), code="NO_VISIT")
    return found


def _opened(request: HttpRequest) -> JsonResponse | None:
    """Set device and staff of the request; or the answer that refuses it."""
    signed = signed_read(request.headers.get("Authorization", ""))
    if signed is None:
        return _closed("NOT_SIGNED", _("This needs the signature of a bound phone."))
    try:
        body = request.body
    except (RequestDataTooBig, UnreadablePostError):
        return refusal("TOO_LARGE", _("Send less at once."), status=413)
    device = Device.objects.select_related("staff").filter(pk=signed.device).first()
    if device is None:
        return _closed("DEVICE_UNKNOWN", _("This phone is not bound. Sign in on it."))
    text = request_text(
        method=request.method or "", path=request.get_full_path(), body=body,
        seconds=signed.seconds,
    )  # fmt: skip
    if not signature_holds(
        public_key=bytes(device.public_key), signature=signed.signature, text=text
    ):
        return _closed("BAD_SIGNATURE", _("The signature does not fit the request."))
    return _standing(request, device, signed.seconds)


def _standing(request: HttpRequest, device: Device, seconds: int) -> JsonResponse | None:
    at = clock.now()
    if abs(at.timestamp() - seconds) > SKEW.total_seconds():
        words = _("The phone's clock is wrong; it is corrected.")
        return _closed("CLOCK_WRONG", words, now=iso(at))
    standing = device_standing(device, at=at)
    if standing == "revoked":
        return _closed("DEVICE_REVOKED", _("This phone was revoked; it forgets everything."))
    if standing == "expired":
        return _closed("DEVICE_EXPIRED", _("The day is over on this phone. Sign in again."))
    request.device, request.staff = device, device.staff  # type: ignore[attr-defined]
    return None


def _closed(code: str, message: str, **more: Any) -> JsonResponse:
    answer = refusal(code, message, status=401, **more)
    answer["WWW-Authenticate"] = "Device"
    return answer


def _language(request: HttpRequest, staff: Staff | None) -> str:
    """What the phone asks for, else what the person chose to read, else the site's."""
    wanted = [name for name, _weight in parse_accept_lang_header(
        request.headers.get("Accept-Language", "")[:500].lower())]  # fmt: skip
    for name in [*wanted, staff.language if staff else ""]:
        try:
            return translation.get_supported_language_variant(name)
        except LookupError:
            continue
    return translation.get_language() or "zh-hans"
