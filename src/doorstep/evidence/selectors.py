"""Reads for the audit room: entries opened and proved on the spot, and how the log stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from doorstep.evidence.models import Checkpoint, Leaf, SelfCheck
from doorstep.evidence.opening import Opener, mark_of
from doorstep.evidence.tree import Tree
from doorstep.evidence.verify import inclusion_holds, leaf_hash
from doorstep.kernel.errors import DoorstepError


class ProofState(StrEnum):
    """What can be said of an entry."""

    PROVED = "proved"  # it opens, is what was committed to, and a checkpoint covers it
    WAITING = "waiting"  # the next checkpoint will cover it
    ERASED = "erased"  # proved, but nobody can read it any more
    BROKEN = "broken"  # it was altered


@dataclass(frozen=True)
class Shown:
    """An entry as the audit room shows it. `path` proves it in the newest checkpoint's tree."""

    leaf: Leaf
    proof: ProofState
    document: dict[str, Any] | None
    path: tuple[bytes, ...] = ()
    why: str = ""


def checkpoint_newest() -> Checkpoint | None:
    """The newest checkpoint; None before the first."""
    return Checkpoint.objects.order_by("-size").first()


def self_check_newest() -> SelfCheck | None:
    """What the last check of the log found; None before the first."""
    return SelfCheck.objects.order_by("-at", "-pk").first()


def entries_shown(leaves: Sequence[Leaf], checkpoint: Checkpoint | None) -> list[Shown]:
    """Each leaf (with `subject` and `sealed`) opened, and proved against the checkpoint."""
    size = checkpoint.size if checkpoint else 0
    covered = [leaf.index for leaf in leaves if leaf.index < size]
    paths = dict(zip(covered, Tree(size).inclusion(covered), strict=True))
    opener = Opener()
    return [_shown(leaf, opener, checkpoint, paths.get(leaf.index)) for leaf in leaves]


def _shown(
    leaf: Leaf, opener: Opener, checkpoint: Checkpoint | None, path: list[bytes] | None
) -> Shown:
    try:
        document = opener.read(leaf)
    except DoorstepError as error:
        return Shown(leaf, ProofState.BROKEN, None, tuple(path or ()), error.message)
    if checkpoint is None or path is None:
        return Shown(leaf, ProofState.WAITING, document)
    proved = inclusion_holds(
        index=leaf.index,
        size=checkpoint.size,
        leaf=leaf_hash(mark_of(leaf).leaf()),
        path=path,
        root=bytes(checkpoint.root),
    )
    state = ProofState.ERASED if document is None else ProofState.PROVED
    return Shown(leaf, state if proved else ProofState.BROKEN, document, tuple(path))
