"""What the borrower gets of a recording: the receipt, and a copy that they can check themselves."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from uuid import UUID

import segno
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from doorstep.evidence import verify, verify_recording
from doorstep.evidence.verify_recording import coded, receipt_text
from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError
from doorstep.outreach.selectors import lender_current
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.recordings import purpose_of, recording_or_404
from doorstep.visits import recording_store as files
from doorstep.visits.models import Recording, RecordingState
from doorstep.visits.selectors.recordings import (
    receipt_of,
    recording_check,
    segments_of,
    sound_of,
)
from doorstep.visits.services.playbacks import playback_open
from doorstep.workforce.roles import Permission

README = Path(__file__).parent / "documents" / "recording_copy.txt"
ENDED = (RecordingState.SEALED, RecordingState.BROKEN)
EARLIEST = (1980, 1, 1, 0, 0, 0)
Named = tuple[str, Iterable[bytes]]


@needs(Permission.HEAR_RECORDINGS)
@never_cache
@require_GET
def recording_receipt(request: StaffRequest, recording_id: UUID) -> HttpResponse:
    """The borrower's receipt on one page, to print: what was sealed, as text and as QR code.

    It says nothing of the debt. 404 before the recording has ended.
    """
    found = recording_or_404(request.user, recording_id)
    if found.state not in ENDED:
        raise Http404
    text = receipt_text(receipt_of(found))
    context = {
        "recording": found,
        "text": text,
        "qr": segno.make(text, error="m", micro=False).svg_data_uri(scale=4),
        "lender": lender_current(),
    }
    return render(request, "office/recordings/receipt.html", context)


@needs(Permission.HEAR_RECORDINGS)
@require_POST
def recording_copy(request: StaffRequest, recording_id: UUID) -> HttpResponseBase:
    """The copy as a ZIP file, written as it is sent: receipt, hashes, verifier; with `whole` also
    the sealed segments, their key, and the recording as it plays. Who took it and what for is on
    record before."""
    found = recording_or_404(request.user, recording_id)
    if found.state not in ENDED:
        raise Http404
    try:
        purpose, at = purpose_of(request), clock.now()
        whole = bool(request.POST.get("whole"))
        parts = _whole(found) if whole else []
        playback_open(recording=found, purpose=purpose, by=request.user, at=at, copy=True)
    except DoorstepError as error:
        messages.error(request, f"{error.message} {error.hint}".strip())
        return redirect("office:recording", recording_id=found.pk)
    answer = StreamingHttpResponse(
        zipped([*_papers(found), *parts]), content_type="application/zip"
    )
    answer["Content-Disposition"] = f'attachment; filename="recording-{found.pk}.zip"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def _papers(found: Recording) -> list[Named]:
    rows = [[row.sha, row.started_ms, row.length_ms] for row in segments_of(found)]
    document = {
        "format": "doorstep-recording-1", "visit": found.visit_id, "recording": str(found.pk),
        "nonce": coded(bytes(found.nonce)), "media_type": found.media_type, "segments": rows,
        "gaps": found.gaps,
    }  # fmt: skip
    return [
        ("README.txt", [README.read_bytes()]),
        ("receipt.txt", [receipt_text(receipt_of(found)).encode()]),
        ("recording.json", [json.dumps(document, indent=1).encode()]),
        *((Path(str(m.__file__)).name, [_source(m.__file__)]) for m in (verify, verify_recording)),
    ]


def _whole(found: Recording) -> list[Named]:
    """Segments, key, and where nothing was altered the file that plays. Raises DoorstepError where
    the key cannot be opened."""
    sound = sound_of(found)
    kind = found.media_type.partition(";")[0].partition("/")[2]
    sealed = (
        (f"segments/{row.seq:05}.bin", files.bodies_read(found.pk, [row.seq])) for row in sound.rows
    )
    plain = sound.read(0, sound.size - 1) if recording_check(found).ok else None
    plays = [(f"plays.{kind}", plain)] if plain is not None else []
    return [("content-key.txt", [coded(sound.key).encode()]), *sealed, *plays]


def _source(path: str | None) -> bytes:
    return Path(str(path)).read_bytes()


class Outgoing(io.RawIOBase):
    """What a ZIP file is written to while it is sent: holds only what was not sent yet."""

    def __init__(self) -> None:
        self.held = bytearray()

    def writable(self) -> bool:
        """Yes; reading and moving about it is not."""
        return True

    def write(self, data: object) -> int:
        """Take the next bytes."""
        part = bytes(data)  # type: ignore[call-overload]
        self.held += part
        return len(part)

    def taken(self) -> bytes:
        """What has come since the last time."""
        part = bytes(self.held)
        self.held.clear()
        return part


def zipped(parts: Iterable[Named]) -> Iterator[bytes]:
    """A ZIP file of named parts, piece by piece; nothing is compressed: sealed bytes cannot be."""
    out = Outgoing()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, pieces in parts:
            with archive.open(zipfile.ZipInfo(name, EARLIEST), "w", force_zip64=True) as entry:
                for piece in pieces:
                    entry.write(piece)
                    yield out.taken()
            yield out.taken()
    yield out.taken()
