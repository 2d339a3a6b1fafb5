"""What the tests of the evidence share: entries, a second place, an export of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from doorstep.evidence.checkpoints import checkpoint_make, checkpoints_copy
from doorstep.evidence.entry import Entry
from doorstep.evidence.export import export_write
from doorstep.evidence.models import Checkpoint
from doorstep.evidence.selection import Selection
from doorstep.evidence.services import evidence_append
from doorstep.evidence.verify import report
from tests.factories import AT

MINUTE = timedelta(minutes=1)


def append(
    count: int,
    *,
    subject: str = "C1",
    kind: str = "decision",
    body: Mapping[str, Any] | None = None,
    at: datetime = AT,
    case: str = "7",
    agent: str = "li",
) -> range:
    """So many entries of one borrower."""
    entries = [
        Entry(kind, subject, body or {"verdict": "permit", "number": number}, case, agent)
        for number in range(count)
    ]
    return evidence_append(entries=entries, at=at)


def sign(*, at: datetime = AT) -> Checkpoint:
    """The newest checkpoint, copied."""
    made = checkpoint_make(at=at)
    checkpoints_copy(at=at)
    return made or Checkpoint.objects.latest("size")


def export(folder: Path, *, at: datetime = AT, **selection: Any) -> Path:
    """An export of what is selected; of everything when nothing is."""
    chosen = Selection(**selection)
    export_write(folder=folder, selection=chosen, by="audit", purpose="yearly audit", at=at)
    return folder


def verified(folder: Path, note: str) -> dict[str, Any]:
    """What the verifier of this program says."""
    return report(folder, note)
