"""Who may send files to the office, and how much: decided before a byte reaches the disk."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler
from django.http import HttpRequest

from doorstep.kernel.pictures import MOST_BYTES as PICTURE_BYTES
from doorstep.workforce.roles import Permission

ENVELOPE_BYTES = 64 * 1024
PICTURES = {
    "office:staff_photograph": Permission.KEEP_PARTICULARS,
    "office:affordability_paper": Permission.TAKE_AFFORDABILITY,
    "office:agreement_signing": Permission.SIGN_AGREEMENTS,
}
TEXTS = {"office:recording_transcript": Permission.ADD_TO_RECORDINGS}
FILES = {"office:payments_bring": Permission.TAKE_PAYMENTS}


class GatedUpload(TemporaryFileUploadHandler):
    """Streams files to disk for staff who may bring books, up to `UPLOAD_MOST_BYTES` in all, and
    pictures and texts for those who may send them to a page of `PICTURES` or `TEXTS`, up to the
    little a picture takes.

    Anybody else's files are read away unseen. A delivery over the limit is cut off and marked on
    the request as `upload_too_large`, for the page to explain.
    """

    received = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Opens the place for a file, or refuses to take files from this person at all."""
        if not _may_send(self.request):
            raise StopUpload(connection_reset=False)
        super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """Writes a piece, unless the whole delivery has grown too large."""
        self.received += len(raw_data)
        if self.received > _most(self.request):
            self.request.upload_too_large = True  # type: ignore[union-attr]
            raise StopUpload(connection_reset=False)
        super().receive_data_chunk(raw_data, start)
        return None


def _may_send(request: HttpRequest | None) -> bool:
    """Whether the sender is signed in and may send what that page takes."""
    user = getattr(request, "user", None)
    needed = (PICTURES | TEXTS | FILES).get(_page(request), Permission.BRING_BOOKS)
    return bool(user and user.is_authenticated and user.may(needed))


def _page(request: HttpRequest | None) -> str:
    """The name of the page that files are sent to."""
    found = getattr(request, "resolver_match", None)
    return found.view_name if found else ""


def _most(request: HttpRequest | None) -> int:
    """The most bytes of a delivery to that page."""
    most: int = settings.UPLOAD_MOST_BYTES
    return PICTURE_BYTES + ENVELOPE_BYTES if _page(request) in PICTURES | TEXTS else most
