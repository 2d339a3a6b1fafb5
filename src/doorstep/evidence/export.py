"""Exports: entries with what proves them, and the verifier, in a folder that needs nothing else.

manifest.note    what was exported, by whom, what for, digests of the files; signed by the log
entries.jsonl    one entry a line, opened: document and salt; null where the subject is erased
leaves.bin       (whole log) the hash of every leaf, 32 bytes each
bridges.json     (selection) proofs from earlier checkpoints to the one the bundle rests on
checkpoint       the checkpoint the export rests on; the copy to trust is in the second place
log.vkey         the log's public key
verify.py        the verifier
README.txt       how to use it
"""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Max, QuerySet
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _

from doorstep.evidence import verify
from doorstep.evidence.checkpoint import key_line, note_sign
from doorstep.evidence.checkpoints import checkpoint_make, checkpoints_copy, log_key
from doorstep.evidence.entry import Entry, instant
from doorstep.evidence.keyring import keys
from doorstep.evidence.models import Checkpoint, Leaf, Subject
from doorstep.evidence.opening import Opener, mark_of
from doorstep.evidence.selection import Selection
from doorstep.evidence.services import evidence_append
from doorstep.evidence.tree import Tree
from doorstep.kernel.errors import InputError, NotFound, Where

AT_ONCE = 1000
BRIDGES = 200  # from the newest checkpoints; besides, one a day
README = Path(__file__).with_name("export_readme.txt")
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Exported:
    """What an export holds, and the log it rests on."""

    folder: Path
    entries: int
    size: int
    root: str


def export_write(
    *,
    folder: Path,
    selection: Selection,
    by: str,
    purpose: str,
    at: datetime,
    progress: Progress = lambda done, of: None,
) -> Exported:
    """Write an export into the folder. The export itself is on the log before anything leaves it.

    Raises InputError when the folder holds something, or nothing says what the export is for;
    NotFound when nothing fits the selection.
    """
    _must_be_free(folder)
    if not purpose.strip():
        raise InputError(
            "Say what the export is for.", code="NO_PURPOSE", where=Where(field="purpose")
        )
    if not selection.leaves().exists():
        raise NotFound(_("No entry fits"), code="NOTHING_TO_EXPORT")
    checkpoint = _on_record(selection, by=by, purpose=purpose, at=at)
    write = _whole if selection.is_whole else _selected
    entries = write(folder, selection, checkpoint.size, progress)
    _surroundings(folder, checkpoint)
    root = _coded(bytes(checkpoint.root))
    manifest = {
        "format": "doorstep-evidence-1",
        "scope": "whole" if selection.is_whole else "selection",
        "selection": selection.words(),
        "size": checkpoint.size,
        "root": root,
        "entries": entries,
        "files": {path.name: verify.digest_of(path) for path in sorted(folder.iterdir())},
        "made_at": instant(at),
        "made_by": by,
        "purpose": purpose.strip(),
    }
    text = json.dumps(manifest, sort_keys=True) + "\n"
    note = note_sign(text, name=settings.EVIDENCE_NAME, seed=keys().signing)
    (folder / "manifest.note").write_text(note, "utf-8")
    return Exported(folder, entries, checkpoint.size, root)


def _must_be_free(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        free = not any(folder.iterdir())
    except OSError as error:
        raise InputError(
            f"The folder cannot be made ({error.strerror}).", where=Where(file=str(folder))
        ) from None
    if not free:
        raise InputError(
            "The folder holds something already.",
            code="FOLDER_NOT_EMPTY",
            hint="Name a new folder: an export never mixes with another.",
            where=Where(file=str(folder)),
        )


def _on_record(selection: Selection, *, by: str, purpose: str, at: datetime) -> Checkpoint:
    """The log says who exports what and why; the checkpoint that covers it, in both places."""
    body = {"by": by, "purpose": purpose.strip(), "selection": selection.words()}
    subject = selection.borrower if Subject.objects.filter(subject=selection.borrower) else ""
    entry = Entry("export", subject, body, case=selection.case, agent=by)
    [place] = evidence_append(entries=[entry], at=at)
    made = checkpoint_make(at=at)
    checkpoints_copy(at=at)
    return made or Checkpoint.objects.filter(size__gt=place).earliest("size")


def _whole(folder: Path, selection: Selection, size: int, progress: Progress) -> int:
    """Every entry, and the hash of every leaf beside."""
    leaves = selection.leaves().filter(index__lt=size).order_by("index")
    with (folder / "leaves.bin").open("wb") as hashes, _entries(folder) as lines:
        for done, (leaf, row) in enumerate(_opened(leaves), 1):
            lines.write(_line(row))
            hashes.write(verify.leaf_hash(mark_of(leaf).leaf()))
            if done % AT_ONCE == 0:
                progress(done, size)
    return size


def _selected(folder: Path, selection: Selection, size: int, progress: Progress) -> int:
    """The entries that are meant, those that say why a document is missing, and all proofs."""
    tree = Tree(size)
    wanted = _indexes(selection, size)
    with _entries(folder) as lines:
        for start in range(0, len(wanted), AT_ONCE):
            part = wanted[start : start + AT_ONCE]
            leaves = Leaf.objects.select_related("subject", "sealed").filter(index__in=part)
            paths = tree.inclusion(part)
            for (_leaf, row), path in zip(_opened(leaves.order_by("index")), paths, strict=True):
                lines.write(_line(row | {"path": [_coded(step) for step in path]}))
            progress(start + len(part), len(wanted))
    bridges = _bridges(tree)
    (folder / "bridges.json").write_text(json.dumps(bridges, indent=0) + "\n", "utf-8")
    return len(wanted)


def _indexes(selection: Selection, size: int) -> list[int]:
    meant = selection.leaves().filter(index__lt=size)
    erased = meant.filter(subject__erased_in__lt=size)
    said = erased.values_list("subject__erased_in", flat=True)
    return sorted({n for n in (*meant.values_list("index", flat=True), *said) if n is not None})


def _opened(leaves: QuerySet[Leaf]) -> Iterator[tuple[Leaf, dict[str, Any]]]:
    opener = Opener()
    for leaf in leaves.iterator(AT_ONCE):
        mark, opened = mark_of(leaf), opener.open(leaf)
        yield (
            leaf,
            {
                "index": leaf.index,
                "at": instant(mark.at),
                "kind": mark.kind,
                "ref": mark.ref,
                "commitment": mark.commitment.hex(),
                "salt": opened.salt.hex() if opened else None,
                "document": json.loads(opened.content) if opened else None,
            },
        )


def _entries(folder: Path) -> Any:
    return (folder / "entries.jsonl").open("w", encoding="utf-8", newline="\n")


def _line(row: dict[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False) + "\n"


def _bridges(tree: Tree) -> dict[str, list[str]]:
    """From the newest checkpoints, and the last of each day, to the tree of the bundle."""
    before = Checkpoint.objects.filter(size__lt=tree.size)
    newest = before.order_by("-size").values_list("size", flat=True)[:BRIDGES]
    daily = before.annotate(day=TruncDate("at")).values("day").annotate(last=Max("size"))
    sizes = sorted({*newest, *daily.values_list("last", flat=True)})
    paths = tree.consistency(sizes)
    return {
        str(size): [_coded(step) for step in path] for size, path in zip(sizes, paths, strict=True)
    }


def _surroundings(folder: Path, checkpoint: Checkpoint) -> None:
    (folder / "checkpoint").write_text(checkpoint.note, "utf-8")
    (folder / "log.vkey").write_text(key_line(log_key()) + "\n", "utf-8")
    shutil.copyfile(Path(verify.__file__), folder / "verify.py")
    shutil.copyfile(README, folder / "README.txt")


def _coded(step: bytes) -> str:
    return base64.b64encode(step).decode()
