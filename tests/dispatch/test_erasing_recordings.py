"""Erasing a borrower takes their recordings with it: rows, keys and the files of the segments."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from doorstep.dispatch.erasing import borrower_erase
from doorstep.evidence.checking import self_check
from doorstep.evidence.erasing import legal_hold_place
from doorstep.kernel import clock
from doorstep.kernel.errors import Refused
from doorstep.visits import recording_store as files
from doorstep.visits.models import Playback, Recording
from doorstep.visits.services.recordings import recordings_sweep
from doorstep.workforce.roles import Role
from tests.factories import make_staff
from tests.visits.taping import (
    make_held_recording,
    make_playback,
    make_review,
    make_taped_visit,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_keys(home: Path, settings: Settings) -> None:
    settings.EVIDENCE_KEYS = home / "keys.toml"
    settings.CHECKPOINT_PLACE = home / "checkpoints"


def test_recordings_go_with_the_borrower_and_others_stay() -> None:
    gone, stays = (make_held_recording(visit=make_taped_visit()[0]) for _ in "ab")
    make_playback(recording=gone, by=make_staff(Role.AUDITOR))
    make_review(recording=gone)
    borrower = gone.visit.case.borrower_id
    borrower_erase(borrower_id=borrower, ground="request", by="admin", at=clock.now())
    assert recordings_sweep() == 1
    assert set(Recording.objects.values_list("pk", flat=True)) == {stays.pk}
    assert not Playback.objects.exists()
    assert not files.folder_of(gone.pk).exists()
    assert files.segment_path(stays.pk, 0).exists()
    assert recordings_sweep() == 0
    assert not self_check(at=clock.now()).findings


def test_a_legal_hold_keeps_recordings() -> None:
    recording = make_held_recording(visit=make_taped_visit()[0])
    borrower = recording.visit.case.borrower_id
    legal_hold_place(subject=borrower, reason="Court case", by="admin", at=clock.now())
    with pytest.raises(Refused):
        borrower_erase(borrower_id=borrower, ground="request", by="admin", at=clock.now())
    assert recordings_sweep() == 0
    assert files.segment_path(recording.pk, 0).exists()
