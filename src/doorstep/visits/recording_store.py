"""Where the sealed segments of recordings lie: one file a segment, under the state directory.

A file is written beside its place, forced to the disk and moved there, so that it is whole or not
there at all. What a row does not speak of is left over from a crash and may be overwritten.
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from doorstep.kernel.errors import DoorstepError

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def store() -> Path:
    """The folder of all recordings."""
    return Path(settings.HOME) / "recordings"


def folder_of(recording: UUID) -> Path:
    """The folder of a recording's segments."""
    return store() / recording.hex[:2] / str(recording)


def segment_path(recording: UUID, seq: int) -> Path:
    """Where a segment lies."""
    return folder_of(recording) / f"{seq:05}.bin"


def body_put_by(recording: UUID, body: bytes) -> Path:
    """Write a segment beside its place, forced to the disk; returns the file, to be moved.

    Raises DoorstepError DISK_FULL, or STORE_BROKEN when it cannot be written for another reason;
    nothing is left behind then.
    """
    beside = None
    try:
        folder = folder_of(recording)
        folder.mkdir(parents=True, exist_ok=True)
        number, name = tempfile.mkstemp(dir=folder, prefix=".segment-")
        beside = Path(name)
        with os.fdopen(number, "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        if beside is not None:
            beside.unlink(missing_ok=True)
        raise _unkept(error) from None
    return beside


def body_move(beside: Path, *, recording: UUID, seq: int) -> None:
    """Move a written segment to its place, durably. Raises like `body_put_by`."""
    try:
        beside.replace(segment_path(recording, seq))
        folder = os.open(beside.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise _unkept(error) from None


def body_read(recording: UUID, seq: int) -> bytes | None:
    """The sealed bytes of a segment; None where the file is gone."""
    try:
        return segment_path(recording, seq).read_bytes()
    except FileNotFoundError:
        return None


def bodies_read(recording: UUID, seqs: Iterable[int]) -> Iterator[bytes]:
    """Segment after segment, one held at a time; a file that is gone reads as empty."""
    for seq in seqs:
        yield body_read(recording, seq) or b""


def bodies_remove(recording: UUID) -> None:
    """Take away every file of a recording."""
    shutil.rmtree(folder_of(recording), ignore_errors=True)


def recordings_stored() -> Iterator[UUID]:
    """The recordings that have a folder."""
    for folder in store().glob("??/*"):
        try:
            yield UUID(folder.name)
        except ValueError:
            continue


def _unkept(error: OSError) -> DoorstepError:
    if error.errno in FULL:
        return DoorstepError(
            _("The server has no room for recordings."), code="DISK_FULL",
            hint=_("Nothing was kept of this part. Send it again later."),
        )  # fmt: skip
    return DoorstepError(
        _("The server cannot keep recordings now."), code="STORE_BROKEN",
        hint=_("Nothing was kept of this part. Send it again later."),
    )  # fmt: skip
