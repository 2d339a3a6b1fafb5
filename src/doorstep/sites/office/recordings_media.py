"""The sound and picture of a recording, opened segment by segment as the browser asks for them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.recordings import recording_or_404
from doorstep.visits.selectors.recordings import Consent, Sound, may_be_heard, sound_of
from doorstep.visits.services.playbacks import playback_standing
from doorstep.workforce.roles import Permission

RANGE = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})")


@dataclass(frozen=True)
class Span:
    """Bytes of a file, both ends included."""

    first: int
    last: int


def range_read(header: str, size: int) -> Span | None:
    """The one range that a request asks for; None for the whole file, which is also what a header
    that cannot be read, or several ranges at once, mean. Raises ValueError where the range begins
    after the file."""
    found = RANGE.fullmatch(header.strip())
    if found is None or found[1] == found[2] == "":
        return None
    if found[1] == "":
        if not int(found[2]) or not size:
            raise ValueError("nothing is left of the file")
        return Span(max(size - int(found[2]), 0), size - 1)
    first = int(found[1])
    last = min(int(found[2]), size - 1) if found[2] else size - 1
    if first >= size:
        raise ValueError("the file ends before")
    return Span(first, last) if first <= last else None


@needs(Permission.HEAR_RECORDINGS)
@require_safe
def recording_media(
    request: StaffRequest, recording_id: UUID, playback_id: int
) -> HttpResponseBase:
    """The plain bytes, whole or one range of them, for whoever opened this playback and while it
    lasts. One segment is held at a time."""
    found = recording_or_404(request.user, recording_id)
    opened = playback_standing(playback_id=playback_id, by=request.user, at=clock.now())
    if opened is None or opened.recording_id != found.pk:
        raise Http404
    if may_be_heard(found) is not Consent.GIVEN:
        raise Http404
    try:
        sound = sound_of(found)
        span = range_read(request.headers.get("Range", ""), sound.size)
        parts = _begun(sound, span)
    except ValueError:
        answer = HttpResponse(status=416)
        answer["Content-Range"] = f"bytes */{sound.size}"
        return answer
    except DoorstepError:
        words = _("This part of the recording is not the one that was made, and is not played.")
        return HttpResponse(words, status=409, content_type="text/plain; charset=utf-8")
    return _answer(parts, sound, span, found.media_type, head=request.method == "HEAD")


def _begun(sound: Sound, span: Span | None) -> Iterator[bytes]:
    """The bytes, with the first of them opened already, so that a broken one is told in time."""
    span = span or Span(0, sound.size - 1)
    parts = sound.read(span.first, span.last)
    first = next(parts, b"")
    return chain([first], parts)


def _answer(
    parts: Iterator[bytes], sound: Sound, span: Span | None, kind: str, *, head: bool
) -> StreamingHttpResponse:
    answer = StreamingHttpResponse(
        iter(()) if head else parts, status=206 if span else 200, content_type=kind
    )
    length = span.last - span.first + 1 if span else sound.size
    answer["Content-Length"] = str(length)
    answer["Accept-Ranges"] = "bytes"
    answer["Content-Disposition"] = "inline"
    if span:
        answer["Content-Range"] = f"bytes {span.first}-{span.last}/{sound.size}"
    answer["Cache-Control"] = "private, no-store"
    return answer
