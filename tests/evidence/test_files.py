"""Files sealed under a person's key: they open in their place alone, and never after erasing."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from doorstep.evidence.erasing import Ground, subject_erase
from doorstep.evidence.files import file_open, file_seal
from doorstep.kernel.errors import DoorstepError, NotFound
from tests.factories import AT

pytestmark = pytest.mark.django_db
PLACE = "agreements_signature:picture:7"
CONTENT = "王𠮷 12 fen".encode()


@pytest.fixture(autouse=True)
def own_keys(home: Path, settings: Settings) -> None:
    settings.EVIDENCE_KEYS = home / "keys.toml"


def test_a_file_opens_for_its_person_in_its_place() -> None:
    sealed = file_seal(subject="C1", place=PLACE, content=CONTENT, at=AT)
    assert CONTENT not in sealed
    assert file_open(subject="C1", place=PLACE, sealed=sealed) == CONTENT
    again = file_seal(subject="C1", place=PLACE, content=CONTENT, at=AT)
    assert again != sealed  # nobody sees that two files are the same


@pytest.mark.parametrize("how", ["place", "person", "byte"])
def test_a_file_moved_or_changed_does_not_open(how: str) -> None:
    sealed = file_seal(subject="C1", place=PLACE, content=CONTENT, at=AT)
    file_seal(subject="C2", place=PLACE, content=b"x", at=AT)
    with pytest.raises(DoorstepError) as caught:
        file_open(
            subject="C2" if how == "person" else "C1",
            place=PLACE + "1" if how == "place" else PLACE,
            sealed=sealed[:-1] + bytes([sealed[-1] ^ 1]) if how == "byte" else sealed,
        )
    assert caught.value.code == "SEAL_BROKEN"


def test_nobody_reads_the_file_of_a_person_who_was_erased() -> None:
    sealed = file_seal(subject="C1", place=PLACE, content=CONTENT, at=AT)
    subject_erase(subject="C1", ground=Ground.REQUEST, by="a", at=AT)
    with pytest.raises(NotFound):
        file_open(subject="C1", place=PLACE, sealed=sealed)
