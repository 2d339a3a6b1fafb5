"""Checkpoints: at most a minute apart, signed over the log as it is, and copied elsewhere."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import Settings

from doorstep.evidence import verify
from doorstep.evidence.checkpoints import (
    FURTHEST_APART,
    checkpoint_make,
    checkpoints_copy,
    checkpoints_keep_up,
    lateness,
)
from doorstep.evidence.models import Checkpoint, Leaf
from doorstep.evidence.triggers import triggers_drop, triggers_make
from doorstep.kernel.errors import DoorstepError
from tests.evidence.stories import AT, MINUTE, append, sign

pytestmark = pytest.mark.django_db


def test_a_checkpoint_reads_as_a_signed_note_with_name_size_and_root() -> None:
    append(3)
    made = sign()
    text, key = verify.note_open(made.note, [verify.key_read(made.key)], what="it")
    assert verify.checkpoint_read(text) == (
        "doorstep.example/evidence", 3, bytes(made.root), ["time 2026-11-20T08:00:00.000000Z"],
    )  # fmt: skip
    assert made.note.splitlines()[-1].startswith("— doorstep.example/evidence ")
    with pytest.raises(verify.Altered):
        verify.note_open(made.note.replace("\n3\n", "\n4\n"), [key], what="it")


def test_nothing_is_signed_when_nothing_was_appended() -> None:
    assert checkpoint_make(at=AT) is None
    append(1)
    assert checkpoint_make(at=AT) is not None
    assert checkpoint_make(at=AT + MINUTE) is None


def test_while_entries_come_checkpoints_are_at_most_a_minute_apart() -> None:
    for second in range(0, 600, 7):
        at = AT + timedelta(seconds=second)
        append(1, at=at)
        checkpoints_keep_up(at=at)
    instants = list(Checkpoint.objects.order_by("size").values_list("at", flat=True))
    gaps = [later - before for before, later in pairwise(instants)]
    assert max(gaps) <= FURTHEST_APART
    assert 600 / 60 <= len(instants) <= 600 / 20 + 1


def test_a_clock_that_was_put_back_does_not_stop_the_signing() -> None:
    append(1)
    checkpoints_keep_up(at=AT)
    append(1, at=AT - MINUTE)
    assert checkpoints_keep_up(at=AT - MINUTE) is not None


def test_copies_lie_in_the_second_place_by_day_and_size(own_place: Path) -> None:
    append(2)
    made = sign()
    assert (own_place / "2026-11-20" / "checkpoint-000000000002").read_text() == made.note
    assert (own_place / "latest").read_text() == made.note
    assert verify.key_read((own_place / "log.vkey").read_text())
    assert Checkpoint.objects.get().copied_at == AT
    assert checkpoints_copy(at=AT) == 0


def test_a_place_that_cannot_be_reached_is_told_and_caught_up_later(
    settings: Settings, tmp_path: Path
) -> None:
    settings.CHECKPOINT_PLACE = tmp_path / "mount"
    append(1)
    with pytest.raises(DoorstepError, match="cannot be copied"):
        checkpoints_keep_up(at=AT)
    assert Checkpoint.objects.get().copied_at is None
    assert lateness(at=AT + 3 * MINUTE).uncopied_since == AT
    (tmp_path / "mount").mkdir()
    checkpoints_keep_up(at=AT + 3 * MINUTE)
    assert lateness(at=AT + 3 * MINUTE).uncopied_since is None


def test_another_history_in_the_second_place_is_told_and_not_written_over(own_place: Path) -> None:
    append(1)
    made = checkpoint_make(at=AT)
    path = own_place / "2026-11-20" / "checkpoint-000000000001"
    path.parent.mkdir(parents=True)
    path.write_text("another")
    with pytest.raises(DoorstepError, match="another checkpoint"):
        checkpoints_copy(at=AT)
    assert made is not None
    assert path.read_text() == "another"


def test_entries_that_wait_too_long_for_a_signature_are_told() -> None:
    assert lateness(at=AT).unsigned_since is None
    append(1)
    assert lateness(at=AT + MINUTE).unsigned_since is None
    assert lateness(at=AT + 3 * MINUTE).unsigned_since == AT
    sign(at=AT + 3 * MINUTE)
    assert lateness(at=AT + 3 * MINUTE).unsigned_since is None


@pytest.mark.parametrize("position", [0, 2, 299])
def test_a_log_that_was_altered_is_not_signed(position: int) -> None:
    append(300)
    sign()
    append(1)
    triggers_drop(connection)
    Leaf.objects.filter(index=position).update(kind="other")
    triggers_make(connection)
    broken = position >= 256  # below, the stored nodes still lead to the head: see the self-check
    if broken:
        with pytest.raises(DoorstepError, match="was altered"):
            checkpoint_make(at=AT + MINUTE)
    else:
        assert checkpoint_make(at=AT + MINUTE) is not None
