"""Somebody who holds the database, the signing key and this program, but not the second place.

The whole log is written anew with another history, by the program's own hand, and signed with its
own key: within itself everything agrees. One checkpoint kept elsewhere finds it.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection

from doorstep.evidence.checking import self_check
from doorstep.evidence.entry import Entry
from doorstep.evidence.models import Checkpoint, Head, Leaf, Node, Sealed, Subject
from doorstep.evidence.services import evidence_append
from doorstep.evidence.triggers import triggers_drop
from tests.evidence.stories import AT, export, sign, verified

pytestmark = pytest.mark.django_db
History = list[dict[str, str]]
TRUE: History = [
    {"about": f"C{number % 3}", "verdict": "forbid" if number % 4 == 0 else "permit"}
    for number in range(23)
]
ALTERED: dict[str, Callable[[History], History]] = {
    "nothing but the salts": lambda told: told,
    "a verdict turned": lambda told: [{**told[0], "verdict": "permit"}, *told[1:]],
    "the last entry turned": lambda told: [*told[:-1], {**told[-1], "verdict": "permit"}],
    "an entry left out": lambda told: told[:8] + told[9:],
    "an entry slipped in": lambda told: [*told[:8], {"about": "C9"}, *told[8:]],
    "two entries exchanged": lambda told: [told[1], told[0], *told[2:]],
    "cut off": lambda told: told[:12],
    "another future": lambda told: told[:12] + [{**one, "verdict": "permit"} for one in told[12:]],
}  # fmt: skip


def written(history: History) -> None:
    for one in history:
        evidence_append(entries=[Entry("decision", one["about"], {**one})], at=AT)
    sign()


def wiped() -> None:
    """Nothing is left of the log in the database."""
    triggers_drop(connection)
    for table in (Sealed, Leaf, Node, Checkpoint, Subject, Head):
        table.objects.all().delete()


@pytest.mark.parametrize("what", ALTERED)
def test_a_log_written_anew_is_found_by_the_copy_kept_elsewhere(
    what: str, own_place: Path, tmp_path: Path
) -> None:
    written(TRUE)
    note = (own_place / "latest").read_text("utf-8")
    assert verified(export(tmp_path / "true"), note)["ok"]
    elsewhere = own_place.rename(tmp_path / "out of reach")
    wiped()
    written(ALTERED[what](TRUE))
    forged = export(tmp_path / "forged")
    assert verified(forged, Checkpoint.objects.latest("size").note)["ok"]  # agrees with itself
    assert not verified(forged, note)["ok"]
    shutil.rmtree(own_place, ignore_errors=True)
    elsewhere.rename(own_place)
    codes = {finding["code"] for finding in self_check(at=AT).findings}
    assert "COPY_UNKNOWN" in codes


def test_a_log_cut_back_to_an_earlier_checkpoint_is_found() -> None:
    """Every checkpoint and copy that is left agrees; only the newest copy tells of more."""
    written(TRUE[:12])
    head = Head.objects.values("size", "frontier").get()
    written(TRUE[12:])
    triggers_drop(connection)
    Sealed.objects.filter(pk__gte=12).delete()
    Leaf.objects.filter(index__gte=12).delete()
    Checkpoint.objects.filter(size__gt=12).delete()
    Head.objects.update(**head)
    codes = [finding["code"] for finding in self_check(at=AT).findings]
    assert codes == ["COPY_UNKNOWN"]


def test_a_database_emptied_of_its_log_is_found() -> None:
    written(TRUE)
    wiped()
    codes = [finding["code"] for finding in self_check(at=AT).findings]
    assert codes == ["COPY_UNKNOWN"]
