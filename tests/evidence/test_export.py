"""An export proves itself to a verifier that knows nothing but a checkpoint kept elsewhere."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from doorstep.evidence.models import Checkpoint
from doorstep.evidence.selection import Selection
from doorstep.kernel.errors import InputError, NotFound
from tests.evidence.stories import AT, MINUTE, append, export, sign, verified

pytestmark = pytest.mark.django_db


def rows(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "entries.jsonl").read_text("utf-8").splitlines()]


def test_the_whole_log_verifies_against_the_newest_and_every_older_checkpoint(
    tmp_path: Path,
) -> None:
    notes = []
    for number in range(5):
        append(number + 1, at=AT + number * MINUTE)
        notes.append(sign(at=AT + number * MINUTE).note)
    folder = export(tmp_path / "out", at=AT + 9 * MINUTE)
    notes.append(Checkpoint.objects.latest("size").note)
    found = [verified(folder, note) for note in notes]
    assert [answer["ok"] for answer in found] == [True] * 6, found
    assert found[-1]["size"] == 16  # fifteen, and the entry that says it was exported
    assert found[-1]["why"] == "16 entries agree with the checkpoint of 16 entries."
    assert "15) rest on the log's signature" in found[0]["why"]


def test_the_verifier_in_the_export_runs_alone(tmp_path: Path) -> None:
    append(3)
    folder = export(tmp_path / "out")
    checkpoint = tmp_path / "elsewhere"
    checkpoint.write_text(Checkpoint.objects.latest("size").note, "utf-8")
    command = [sys.executable, "-I", "-S", "verify.py", "--checkpoint", str(checkpoint)]
    sound = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert (sound.returncode, json.loads(sound.stdout)["ok"]) == (0, True)
    entries = folder / "entries.jsonl"
    entries.write_text(entries.read_text("utf-8").replace("permit", "forbid", 1), "utf-8")
    found = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert found.returncode == 1
    assert json.loads(found.stdout) | {"root": "", "size": 0} == {
        "size": 0, "root": "", "ok": False, "first_bad": 0,
        "why": "The document of entry 0 is not what was committed to.",
    }  # fmt: skip
    nothing = subprocess.run(
        [*command[:-1], "missing"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert nothing.returncode == 2


def test_a_bundle_of_one_borrower_holds_theirs_alone_with_proofs(tmp_path: Path) -> None:
    append(3, subject="C1")
    append(300, subject="C2", case="8", agent="wang")
    append(2, subject="C1", case="9")
    folder = export(tmp_path / "out", borrower="C1")
    assert [row["index"] for row in rows(folder)] == [0, 1, 2, 303, 304, 305]
    assert {row["document"]["subject"] for row in rows(folder)} == {"C1"}  # type: ignore[index]
    assert verified(folder, Checkpoint.objects.latest("size").note)["ok"]


@pytest.mark.parametrize(
    ("chosen", "indexes"),
    [
        ({"case": "8"}, [2]),
        ({"agent": "wang"}, [2]),
        ({"agent": "li", "case": "7"}, [0, 1, 3]),
        ({"day": date(2026, 11, 21)}, [3]),
        ({"day": date(2026, 11, 20)}, [0, 1, 2]),
    ],
)
def test_a_selection_is_what_fits_every_part(chosen: dict[str, object], indexes: list[int]) -> None:
    append(2)
    append(1, case="8", agent="wang")
    append(1, at=AT.replace(hour=16))  # midnight of the 21st in Shanghai
    leaves = Selection(**chosen).leaves().order_by("index")  # type: ignore[arg-type]
    assert list(leaves.values_list("index", flat=True)) == indexes


def test_a_bundle_fits_an_earlier_checkpoint_by_a_bridge_but_not_a_later_one(
    tmp_path: Path,
) -> None:
    append(5)
    early = sign().note
    append(70, subject="C2")
    folder = export(tmp_path / "out", case="7")
    append(1)
    late = sign(at=AT + MINUTE).note
    assert verified(folder, early)["ok"]
    answer = verified(folder, late)
    assert not answer["ok"]
    assert "says nothing about this export" in answer["why"]


def test_the_export_is_on_the_log_before_it_leaves(tmp_path: Path) -> None:
    append(1)
    folder = export(tmp_path / "out", agent="li")
    assert [row["kind"] for row in rows(folder)] == ["decision"]
    everything = rows(export(tmp_path / "all"))
    document = everything[1]["document"]
    assert everything[1]["kind"] == "export"
    assert document["body"] == {  # type: ignore[index]
        "by": "audit", "purpose": "yearly audit", "selection": {"agent": "li"},
    }  # fmt: skip


def test_what_cannot_be_exported_is_refused_and_leaves_no_trace(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="没有符合的记录"):
        export(tmp_path / "none", borrower="C1")
    append(1)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes.txt").touch()
    with pytest.raises(InputError, match="holds something"):
        export(tmp_path / "full")
    assert not Checkpoint.objects.exists()


def test_a_case_brings_what_is_about_its_borrower_and_names_no_case() -> None:
    append(1, subject="C1", case="7")
    append(1, subject="C1", case="")
    append(1, subject="C1", case="8")
    append(1, subject="C2", case="")
    leaves = Selection(case="7").leaves().order_by("index")
    assert list(leaves.values_list("index", flat=True)) == [0, 1]
