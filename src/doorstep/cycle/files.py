"""Files that appear whole or not at all, and their digests."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path


def settle(partial: Path, path: Path) -> None:
    """Make a finished file durable and give it its name."""
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    partial.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def sha256_of(path: Path) -> str:
    """Digest of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
