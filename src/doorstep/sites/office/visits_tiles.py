"""The operator's PMTiles file, handed out in the ranges that the map asks for."""

from __future__ import annotations

import re

from django.conf import settings
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_GET

from doorstep.sites.office.access import StaffRequest, needs
from doorstep.workforce.roles import Permission

RANGE = re.compile(r"bytes=(\d{1,15})-(\d{1,15})")
MOST_BYTES = 8 * 1024**2


@needs(Permission.SEE_CREW_DAY)
@require_GET
def map_tiles(request: StaffRequest) -> HttpResponse:
    """The bytes of one range; 416 without a range or for one that the file does not have."""
    if settings.MAP_FILE is None:
        raise Http404
    asked = RANGE.fullmatch(request.headers.get("Range", ""))
    size = settings.MAP_FILE.stat().st_size
    first, last = (int(asked[1]), int(asked[2])) if asked else (0, -1)
    last = min(last, size - 1, first + MOST_BYTES - 1)
    if first > last:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    with settings.MAP_FILE.open("rb") as file:
        file.seek(first)
        part = file.read(last - first + 1)
    headers = {"Content-Range": f"bytes {first}-{last}/{size}", "Cache-Control": "private"}
    return HttpResponse(
        part, status=206, content_type="application/octet-stream", headers=headers
    )  # fmt: skip
