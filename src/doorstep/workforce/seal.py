"""The seal of this installation: read once from the file that the settings name."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from doorstep.kernel.pdf_sign import Seal, seal_make, seal_read

MADE_UP = "Doorstep (example seal)"


def seal(*, at: datetime) -> Seal:
    """The seal in force. Outside live mode a missing file is made, once."""
    path: Path = settings.SEAL
    if not settings.LIVE and not path.exists():
        seal_make(path, name=MADE_UP, at=at)
    try:
        changed = path.stat().st_mtime_ns
    except OSError:
        return seal_read(path)
    return _read(path, changed)


@lru_cache(maxsize=4)
def _read(path: Path, changed: int) -> Seal:
    return seal_read(path)
