"""Making checkpoints and copying them to the second place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from doorstep.evidence.checkpoint import checkpoint_text, key_line, note_sign, public_key
from doorstep.evidence.keyring import keys
from doorstep.evidence.models import Checkpoint, Head, Leaf
from doorstep.evidence.second_place import checkpoint_file
from doorstep.evidence.tree import Tree
from doorstep.evidence.verify import Key
from doorstep.kernel.errors import DoorstepError

FURTHEST_APART = timedelta(seconds=60)
APART = timedelta(seconds=20)  # so that a slow worker still stays below FURTHEST_APART


def log_key() -> Key:
    """The public key the log signs with now."""
    return public_key(name=settings.EVIDENCE_NAME, seed=keys().signing)


def checkpoint_make(*, at: datetime) -> Checkpoint | None:
    """Sign the log as it stands; None when nothing was appended since the last checkpoint.

    Raises DoorstepError, and signs nothing, when the stored log no longer leads to its own head or
    does not begin with what was signed before.
    """
    head = Head.objects.first()
    last = Checkpoint.objects.order_by("-size").first()
    if head is None or head.size == (last.size if last else 0):
        return None
    root = Tree(head.size).root()
    _must_continue(head, root, last)
    name, seed = settings.EVIDENCE_NAME, keys().signing
    note = note_sign(
        checkpoint_text(name=name, size=head.size, root=root, at=at), name=name, seed=seed
    )
    made = {"at": at, "root": root, "note": note, "key": key_line(log_key())}
    return Checkpoint.objects.get_or_create(size=head.size, defaults=made)[0]


def checkpoints_copy(*, at: datetime) -> int:
    """Copy to the second place what has not reached it; how many were copied.

    Raises DoorstepError when the place cannot be written to or contradicts the database.
    """
    copied = 0
    for checkpoint in Checkpoint.objects.filter(copied_at__isnull=True).order_by("size"):
        checkpoint_file(
            second_place(),
            size=checkpoint.size,
            at=checkpoint.at,
            note=checkpoint.note,
            key=checkpoint.key,
        )
        checkpoint.copied_at = at
        checkpoint.save(update_fields=["copied_at"])
        copied += 1
    return copied


def checkpoints_keep_up(*, at: datetime) -> Checkpoint | None:
    """What the worker does every few seconds: sign when it is time, copy what is due.

    Signs at most every APART, so that checkpoints are no further apart than FURTHEST_APART while
    anything is appended, as long as this is called every half a minute or more often.
    """
    last = Checkpoint.objects.order_by("-size").values_list("at", flat=True).first()
    made = None
    if last is None or not last <= at < last + APART:
        made = checkpoint_make(at=at)
    checkpoints_copy(at=at)
    return made


def second_place() -> Path:
    """The folder checkpoints are copied to; the default one, beside the database, is made."""
    place = Path(settings.CHECKPOINT_PLACE)
    if place == settings.HOME / "checkpoints":
        place.mkdir(exist_ok=True)
    return place


@dataclass(frozen=True)
class Lateness:
    """What a person should know: since when entries wait to be signed, or copies to be made."""

    unsigned_since: datetime | None
    uncopied_since: datetime | None


def lateness(*, at: datetime) -> Lateness:
    """Whether signing or copying is later than it may be; both None when all is well."""
    latest = at - 2 * FURTHEST_APART
    signed = Checkpoint.objects.order_by("-size").values_list("size", flat=True).first() or 0
    waiting = Leaf.objects.filter(index=signed).values_list("at", flat=True).first()
    uncopied = Checkpoint.objects.filter(copied_at__isnull=True).order_by("size")
    stuck = uncopied.values_list("at", flat=True).first()
    return Lateness(
        unsigned_since=waiting if waiting and waiting < latest else None,
        uncopied_since=stuck if stuck and stuck < latest else None,
    )


def _must_continue(head: Head, root: bytes, last: Checkpoint | None) -> None:
    if root != head.log().root():
        raise _broken("The stored tree does not lead to the head of the log.")
    if last is not None and (last.size > head.size or Tree(last.size).root() != bytes(last.root)):
        raise _broken(f"The log does not begin with the {last.size} entries signed before.")


def _broken(why: str) -> DoorstepError:
    return DoorstepError(
        f"The evidence log was altered. {why}",
        code="EVIDENCE_BROKEN",
        hint="Nothing was signed. Run doorstep evidence check, and compare with a backup.",
    )
