"""The keys this installation uses: read once from the file that the settings name."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from doorstep.evidence.keys import Keys, keys_complete, keys_new, keys_read, keys_write


def keys() -> Keys:
    """The keys in force. Outside live mode a missing file is made, once."""
    path: Path = settings.EVIDENCE_KEYS
    try:
        changed = path.stat().st_mtime_ns
    except OSError:
        if not settings.LIVE:
            keys_write(path, keys_new())
        return keys_read(path)
    return _read(path, changed)


@lru_cache(maxsize=4)
def _read(path: Path, changed: int) -> Keys:
    found = keys_read(path)
    if not found.complete and not settings.LIVE:
        keys_complete(path)
        return keys_read(path)
    return found
