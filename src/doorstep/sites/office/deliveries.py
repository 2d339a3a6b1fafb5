"""Files a member of staff has sent but not yet brought as a book: kept aside for the preview.

A delivery is a folder HOME/deliveries/<staff>-<token>/: the files under safe names in `files/`,
the sender's own mapping if any, and `delivery.json`. Nobody else can open it; after a day it is
thrown away.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from doorstep.kernel.errors import NotFound

LONGEST_NAME = 200  # bytes of UTF-8; file systems stop at 255
KEPT_FOR = timedelta(days=1)
TOKEN = re.compile(r"[a-z0-9_-]{22}", re.IGNORECASE)
UNSAFE = re.compile(r'[/\\:*?"<>|\x00-\x1f\x7f]+')


@dataclass(frozen=True)
class Delivery:
    """What was sent: file names in order, the mapping to read them by, the day they speak of.

    `mapping` is the name of a shipped mapping; empty when the sender's own one was sent along.
    """

    token: str
    folder: Path
    files: tuple[str, ...]
    mapping: str
    business_date: date

    @property
    def paths(self) -> list[Path]:
        """Where the book's files lie."""
        return [self.folder / "files" / name for name in self.files]

    @property
    def own_mapping(self) -> Path | None:
        """The mapping the sender wrote, if the files are to be read by it."""
        return None if self.mapping else self.folder / "mapping.toml"


def safe_name(name: str) -> str:
    """A name that is harmless as a file name and on a page, with its suffix kept.

    Folders, control and direction marks, leading dots go; long names are cut in the middle.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    visible = "".join(c for c in last if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co"})
    clean = UNSAFE.sub("_", visible).strip(" .") or "file"
    stem, dot, suffix = clean.rpartition(".")
    if not dot or len(suffix.encode()) > 12:
        return _cut(clean, LONGEST_NAME)
    return f"{_cut(stem, LONGEST_NAME - len(suffix.encode()) - 1)}.{suffix}"


def _cut(text: str, most: int) -> str:
    """The start of the text in at most so many bytes, whole characters only."""
    return text.encode()[:most].decode("utf-8", "ignore")


def distinct(names: Iterable[str]) -> list[str]:
    """The names, with (2), (3) … put to those that came before, whatever their letter case."""
    seen: set[str] = set()
    result = []
    for name in names:
        stem, dot, suffix = name.rpartition(".")
        candidate, number = name, 1
        while candidate.casefold() in seen:
            number += 1
            candidate = f"{stem} ({number}).{suffix}" if dot else f"{name} ({number})"
        seen.add(candidate.casefold())
        result.append(candidate)
    return result


def delivery_keep(
    *,
    staff_id: int,
    files: Sequence[UploadedFile[Any]],
    mapping: str,
    own_mapping: UploadedFile[Any] | None,
    business_date: date,
    at: datetime,
) -> Delivery:
    """Put the sent files aside and return where; throws away what lies there too long."""
    _expire(at=at)
    token = secrets.token_urlsafe(16)
    folder = _root() / f"{staff_id}-{token}"
    (folder / "files").mkdir(parents=True)
    names = distinct(safe_name(file.name or "") for file in files)
    for name, file in zip(names, files, strict=True):
        _write(file, folder / "files" / name)
    if own_mapping is not None:
        _write(own_mapping, folder / "mapping.toml")
    chosen = "" if own_mapping is not None else mapping
    kept = Delivery(token, folder, tuple(names), chosen, business_date)
    note = {"files": names, "mapping": chosen, "business_date": business_date.isoformat()}
    (folder / "delivery.json").write_text(json.dumps(note), "utf-8")
    return kept


def delivery_open(*, staff_id: int, token: str) -> Delivery:
    """The delivery this person put aside; NotFound when there is none (any more)."""
    folder = _root() / f"{staff_id}-{token}"
    if not TOKEN.fullmatch(token) or not (folder / "delivery.json").is_file():
        raise NotFound("These files are no longer here.", code="DELIVERY_GONE")
    kept = json.loads((folder / "delivery.json").read_text("utf-8"))
    return Delivery(
        token=token,
        folder=folder,
        files=tuple(kept["files"]),
        mapping=kept["mapping"],
        business_date=date.fromisoformat(kept["business_date"]),
    )


def delivery_drop(delivery: Delivery) -> None:
    """Throw the delivery away."""
    shutil.rmtree(delivery.folder, ignore_errors=True)


def _root() -> Path:
    return Path(settings.HOME) / "deliveries"


def _write(file: UploadedFile[Any], path: Path) -> None:
    with path.open("xb") as out:
        for chunk in file.chunks():
            out.write(chunk)


def _expire(*, at: datetime) -> None:
    """Remove deliveries that nobody brought for a day."""
    oldest = (at - KEPT_FOR).timestamp()
    for folder in _root().glob("*-*"):
        if folder.stat().st_mtime < oldest:
            shutil.rmtree(folder, ignore_errors=True)
