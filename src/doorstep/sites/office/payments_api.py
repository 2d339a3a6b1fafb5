"""Payments told by another system: for machines with a key of their own, not for people."""

from __future__ import annotations

from allauth.core import ratelimit
from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from doorstep.agreements.services.payment_calls import payments_told
from doorstep.kernel import clock
from doorstep.kernel.errors import InputError, Refused
from doorstep.workforce.roles import Permission
from doorstep.workforce.services.keys import key_use

MOST_BYTES = 1024 * 1024


@csrf_exempt  # no cookie opens this: only the key in the header does
@never_cache
@require_POST
def payments_api(request: HttpRequest) -> JsonResponse:
    """Take in a JSON list of payments, told by a machine with `Authorization: Bearer <key>`; with
    an `Idempotency-Key` the same call again gets the same answer. Rows that cannot be read are
    refused one by one; the others are taken in."""
    if not ratelimit.consume(request, action="payments_api"):
        return _told("TOO_OFTEN", _("Too many calls. Wait a minute."), "", status=429)
    scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
    key = None
    if scheme.lower() == "bearer":
        key = key_use(secret=secret.strip(), permission=Permission.TAKE_PAYMENTS, at=clock.now())
    if key is None:
        answer = _told("NO_KEY", _("This needs the key of a system that may tell of payments."), "")
        answer.status_code, answer["WWW-Authenticate"] = 401, 'Bearer realm="payments"'
        return answer
    if int(request.headers.get("Content-Length") or 0) > MOST_BYTES:
        return _told("TOO_LARGE", _("Send fewer payments at once."), "", status=413)
    try:
        told, again = payments_told(
            body=request.body,
            idempotency_key=request.headers.get("Idempotency-Key", ""),
            by=key,
            at=clock.now(),
        )
    except InputError as error:
        return _told(error.code, error.message, error.hint, status=400)
    except Refused as error:
        return _told(error.code, error.message, error.hint, status=409)
    response = JsonResponse(told)
    response["Idempotent-Replay"] = "true" if again else "false"
    return response


def _told(code: str, message: str, hint: str, *, status: int = 401) -> JsonResponse:
    return JsonResponse({"code": code, "message": message, "hint": hint}, status=status)
