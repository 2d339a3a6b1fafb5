"""The log's own check finds what was altered in the database or in the second place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection

from doorstep.evidence.checking import self_check
from doorstep.evidence.models import Checkpoint, Head, Leaf, Node, Sealed, Subject
from doorstep.evidence.triggers import triggers_drop
from tests.evidence.stories import AT, MINUTE, append, sign

pytestmark = pytest.mark.django_db


def codes() -> list[str]:
    return [finding["code"] for finding in self_check(at=AT).findings]


def a_log() -> None:
    append(300)
    sign()
    append(10, subject="C2")
    sign(at=AT + MINUTE)
    append(1)


def test_a_sound_log_of_any_size_has_no_finding() -> None:
    assert codes() == []
    a_log()
    done = self_check(at=AT)
    assert (done.sound, done.size, done.documents) == (True, 311, 311)
    assert done.database.startswith(connection.vendor)


ALTERATIONS: dict[str, tuple[Callable[[], object], str]] = {
    "a leaf edited": (
        lambda: Leaf.objects.filter(index=5).update(kind="other"), "NODE_DIFFERS"
    ),
    "the last leaf edited": (
        lambda: Leaf.objects.filter(index=310).update(at=AT + MINUTE), "HEAD_DIFFERS"
    ),
    "a leaf deleted": (
        lambda: (Sealed.objects.filter(pk=7).delete(), Leaf.objects.filter(index=7).delete()),
        "ENTRY_MISSING",
    ),
    "a document deleted": (lambda: Sealed.objects.filter(pk=7).delete(), "EVIDENCE_BROKEN"),
    "a document replaced": (
        lambda: Sealed.objects.filter(pk=7).update(
            document=bytes(Sealed.objects.get(pk=8).document)
        ),
        "SEAL_BROKEN",
    ),
    "a subject given another's key": (
        lambda: Subject.objects.filter(subject="C1").update(
            wrapped=bytes(Subject.objects.get(subject="C2").wrapped or b"")
        ),
        "SEAL_BROKEN",
    ),
    "a node replaced": (lambda: Node.objects.update(hash=bytes(32)), "NODE_DIFFERS"),
    "a checkpoint's root replaced": (
        lambda: Checkpoint.objects.filter(size=300).update(root=bytes(32)), "CHECKPOINT_DIFFERS"
    ),
    "a checkpoint's note replaced": (
        lambda: Checkpoint.objects.filter(size=300).update(note="x"), "CHECKPOINT_BROKEN"
    ),
    "the log cut off": (
        lambda: (
            Sealed.objects.filter(pk__gte=256).delete(),
            Leaf.objects.filter(index__gte=256).delete(),
            Head.objects.update(size=256, frontier=bytes(Node.objects.get().hash)),
        ),
        "LOG_TRUNCATED",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ALTERATIONS)
def test_whatever_was_altered_is_found(name: str) -> None:
    alter, code = ALTERATIONS[name]
    a_log()
    triggers_drop(connection)
    alter()
    assert code in codes()


def test_a_copy_that_differs_or_is_gone_is_found(own_place: Path) -> None:
    a_log()
    copy = own_place / "2026-11-20" / "checkpoint-000000000300"
    note = copy.read_text()
    copy.write_text(note.replace("300", "301"))
    assert codes() == ["COPY_DIFFERS"]
    copy.unlink()
    assert codes() == ["NO_SECOND_PLACE"]


def test_findings_are_kept_and_not_without_end() -> None:
    a_log()
    triggers_drop(connection)
    Sealed.objects.all().delete()
    done = self_check(at=AT)
    assert len(done.findings) == 50
    assert not done.sound
