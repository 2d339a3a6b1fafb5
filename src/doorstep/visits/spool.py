"""The SOS that does not need the database: a file on the disk of the machine that took it.

Every SOS is written here first, and only then to the database. Where that fails, or the program
dies in between, the file waits: whoever watches the timers on this machine takes it in. Pure but
for the files.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

FOLDER = "sos"
ENDING = ".json"
BROKEN = ".broken"


@dataclass(frozen=True)
class Sos:
    """A call for help: who, of which crew and visit where known, where if known, and when.

    `key` is what the phone made up to have it counted once. `duress`: it was sent while somebody
    forced the phone open, which shows nothing of it."""

    key: str
    staff: int
    at: datetime
    crew: int | None = None
    visit: int | None = None
    latitude: float | None = None
    longitude: float | None = None
    duress: bool = False


def sos_write(*, home: Path, name: str, sos: Sos) -> Path:
    """Write an SOS so that it outlives the machine's next breath; `name` tells one from another.

    Raises OSError when the disk takes nothing.
    """
    folder = home / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"{name}{ENDING}"
    rough = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
    text = json.dumps(asdict(sos) | {"at": sos.at.isoformat()})
    with rough.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    rough.replace(path)
    holder = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(holder)
    finally:
        os.close(holder)
    return path


def sos_waiting(*, home: Path) -> Iterator[tuple[Path, Sos]]:
    """The calls that wait, the oldest first. A file that cannot be read is put aside by name, so
    that it hinders no other; it is for a person to look at."""
    folder = home / FOLDER
    paths = sorted(folder.glob(f"*{ENDING}"), key=_written) if folder.is_dir() else []
    for path in paths:
        try:
            raw = json.loads(path.read_text("utf-8"))
            sos = Sos(**(raw | {"at": datetime.fromisoformat(raw["at"])}))
        except FileNotFoundError:
            continue
        except (ValueError, KeyError, TypeError):
            path.replace(path.with_suffix(BROKEN))
            continue
        yield path, sos


def sos_forget(path: Path) -> None:
    """The call stands in the database; its file may go. Another may have taken it away before."""
    path.unlink(missing_ok=True)


def _written(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
