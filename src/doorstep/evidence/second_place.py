"""The second place: a folder, best on another machine, that keeps every checkpoint as a file.

PLACE/log.vkey                                     the public key
PLACE/latest                                       the newest checkpoint
PLACE/2026-11-22/checkpoint-000000001042           the log of 1,042 entries
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from doorstep.kernel.errors import DoorstepError


def checkpoint_path(place: Path, *, size: int, at: datetime) -> Path:
    """Where the checkpoint of a log of that size lies."""
    return place / f"{at.astimezone(UTC):%Y-%m-%d}" / f"checkpoint-{size:012}"


def checkpoint_file(place: Path, *, size: int, at: datetime, note: str, key: str) -> None:
    """Keep a checkpoint, safely on the disk when this returns.

    Raises DoorstepError when the place cannot be written to, or keeps another checkpoint of the
    same size: then one of the two histories is false.
    """
    path = checkpoint_path(place, size=size, at=at)
    try:
        path.parent.mkdir(exist_ok=True)
        if path.exists():
            _must_agree(path, note)
        else:
            _write(path, note)
        _write(place / "log.vkey", key + "\n")
        _write(place / "latest", note)
    except OSError as error:
        raise DoorstepError(
            f"The checkpoint of {size} entries cannot be copied to {place} ({error.strerror}).",
            code="NO_SECOND_PLACE",
            hint="Make the folder reachable and writable; what is due is copied then.",
        ) from None


def _must_agree(path: Path, note: str) -> None:
    if path.read_text("utf-8") != note:
        raise DoorstepError(
            f"{path} keeps another checkpoint than the database does.",
            code="FORKED_LOG",
            hint="The log or the copy was replaced. Keep both; tell compliance and the auditor.",
        )


def _write(path: Path, text: str) -> None:
    beside = path.with_name(f".{path.name}.new")
    with beside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
