"""Recordings as phones send them: begun, segment by segment, ended. Everything may be sent again.

A phone gives a recording up on 409 and tries again later on 425 and 507: what is still to come, or
finds no room, is no refusal.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from doorstep.evidence.verify_recording import decoded
from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError, NotFound
from doorstep.sites.field.auth import DeviceRequest, by_device, own_visit, refusal
from doorstep.sites.field.json_in import Body, body_of, instant_in, text_in, whole_in, wrong
from doorstep.visits.models import Recording
from doorstep.visits.models.recordings import RecordingState
from doorstep.visits.services.recordings import (
    Beginning,
    Ending,
    Gap,
    Part,
    recording_begin,
    recording_end,
    segment_keep,
)

LATER = {
    "DISK_FULL": 507, "STORE_BROKEN": 503, "SEGMENTS_MISSING": 425, "CONSENT_UNKNOWN": 425,
}  # fmt: skip
MOST_CODED = 400
DIGITS = 16


def told_later(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """What can succeed another time is answered so that the phone tries another time."""

    @wraps(view)
    def tried(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except DoorstepError as error:
            if error.code not in LATER:
                raise
            return refusal(error.code, error.message, error.hint, status=LATER[error.code])

    return tried


@by_device
@require_http_methods(["GET", "PUT"])
def recording(request: DeviceRequest, visit_id: int, recording: UUID) -> HttpResponse:
    """PUT: a recording begins. GET: which segments are held, and whether it has ended."""
    if request.method == "GET":
        return _standing(request, visit_id, recording)
    visit, body = own_visit(request, visit_id), body_of(request)
    said = Beginning(
        nonce=_bytes_in(body, "nonce"),
        wrapped=_bytes_in(body, "wrapped"),
        media_type=text_in(body, "media_type", least=1, most=MOST_CODED),
        started_at=instant_in(body, "started_at"),
        consent=_uuid_in(body, "consent"),
    )
    made, new = recording_begin(
        visit=visit, recording=recording, said=said, device=request.device, at=clock.now()
    )
    return JsonResponse({"recording": str(made.pk)}, status=201 if new else 200)


@by_device
@require_http_methods(["PUT"])
@told_later
def segment(
    request: DeviceRequest, visit_id: int, recording: UUID, seq: int, sha: str
) -> HttpResponse:
    """Keep a sealed segment: the raw body, its hash in the address, its time in the query."""
    part = Part(
        seq=seq, sha=sha, started_ms=_number_in(request, "started_ms"),
        length_ms=_number_in(request, "length_ms"), body=request.body,
    )  # fmt: skip
    row = _recording(request, visit_id, recording)
    _kept, new = segment_keep(recording=row, part=part, device=request.device, at=clock.now())
    return JsonResponse({"seq": seq}, status=201 if new else 200)


@by_device
@require_POST
@told_later
def end(request: DeviceRequest, visit_id: int, recording: UUID) -> HttpResponse:
    """The phone has ended: `{state, verified}`; 409 where the borrower had not agreed."""
    row, body = _recording(request, visit_id, recording), body_of(request)
    said = Ending(
        count=whole_in(body, "count"),
        head=_hex_in(body, "head"),
        signature=_bytes_in(body, "signature"),
        gaps=_gaps_in(body),
    )
    ended = recording_end(recording=row, said=said, device=request.device, at=clock.now())
    if ended.state == RecordingState.REFUSED:
        why = _("The borrower did not agree to be recorded; what was sent is destroyed.")
        return refusal("CONSENT_REFUSED", why, status=409)
    return JsonResponse({"state": ended.state, "verified": ended.state == RecordingState.SEALED})


def _standing(request: DeviceRequest, visit_id: int, recording: UUID) -> JsonResponse:
    row = _recording(request, visit_id, recording)
    held = list(row.segments.order_by("seq").values_list("seq", flat=True))
    return JsonResponse({"held": held, "ended": row.state != RecordingState.OPEN})


def _recording(request: DeviceRequest, visit_id: int, recording: UUID) -> Recording:
    visit = own_visit(request, visit_id)
    found = Recording.objects.filter(pk=recording, visit=visit).select_related("made_by").first()
    if found is None:
        raise NotFound(_("There is no such recording."), code="NO_RECORDING")
    found.visit = visit
    return found


def _bytes_in(body: Body, name: str) -> bytes:
    try:
        return decoded(text_in(body, name, least=1, most=MOST_CODED))
    except ValueError:
        raise wrong(name) from None


def _hex_in(body: Body, name: str) -> bytes:
    try:
        found = bytes.fromhex(text_in(body, name, least=64, most=64))
    except ValueError:
        raise wrong(name) from None
    if len(found) != 32:
        raise wrong(name)
    return found


def _uuid_in(body: Body, name: str) -> UUID:
    try:
        return UUID(text_in(body, name, least=36, most=36))
    except ValueError:
        raise wrong(name) from None


def _number_in(request: HttpRequest, name: str) -> int:
    text = request.GET.get(name, "")
    if not text.isascii() or not text.isdigit() or len(text) > DIGITS:
        raise wrong(name)
    return int(text)


def _gaps_in(body: Body) -> list[Gap]:
    rows = body.get("gaps", [])
    if not isinstance(rows, list):
        raise wrong("gaps")
    return [_gap(row) for row in rows]


def _gap(row: object) -> Gap:
    if not isinstance(row, list) or len(row) != 3:
        raise wrong("gaps")
    since, until, why = row
    if type(since) is not int or type(until) is not int or not isinstance(why, str):
        raise wrong("gaps")
    return since, until, why
