"""`doorstep evidence` as another program sees it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.start.running import home_with

APPEND = """
import django
django.setup()
from doorstep.evidence.entry import Entry
from doorstep.evidence.services import evidence_append
from doorstep.kernel import clock
evidence_append(
    entries=[Entry("note", f"C{n % 2}", {"number": n}) for n in range(5)], at=clock.now()
)
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, tables: Path) -> Path:
    """An installation with five entries about two borrowers."""
    folder = home_with(tables, tmp_path_factory.mktemp("home"))
    assert run(folder, "-c", APPEND).returncode == 0
    return folder


def run(home: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    kept = {name: text for name, text in os.environ.items() if not name.startswith("DOORSTEP_")}
    kept.pop("DATABASE_URL", None)
    kept |= {"DOORSTEP_HOME": str(home), "DJANGO_SETTINGS_MODULE": "doorstep.settings"}
    return subprocess.run(
        [sys.executable, *map(str, words)],
        env=kept, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip


def evidence(home: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    return run(home, "-m", "doorstep", "evidence", *words)


def test_an_export_verifies_and_one_altered_byte_is_found(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    made = evidence(home, "export", out, "--by", "audit", "--json")
    assert made.returncode == 0, made.stderr
    size = json.loads(made.stdout)["size"]
    newest = home / "checkpoints" / "latest"
    sound = evidence(home, "verify", out, "--checkpoint", newest, "--json")
    assert sound.returncode == 0
    answer = json.loads(sound.stdout)
    assert set(answer) == {"size", "root", "ok", "first_bad", "why"}
    assert (answer["size"], answer["ok"], answer["first_bad"]) == (size, True, None)
    keyed = [out, "--checkpoint", newest, "--key", home / "checkpoints" / "log.vkey"]
    assert evidence(home, "verify", *keyed).stdout.startswith("Sound: ")
    lines = (out / "entries.jsonl").read_text("utf-8").splitlines(keepends=True)
    lines[2] = lines[2].replace('"number": 2', '"number": 3')
    (out / "entries.jsonl").write_text("".join(lines), "utf-8")
    found = evidence(home, "verify", out, "--checkpoint", newest, "--json")
    assert (found.returncode, json.loads(found.stdout)["first_bad"]) == (1, 2)
    assert evidence(home, "verify", out, "--checkpoint", newest).stdout.startswith("ALTERED: ")


@pytest.mark.parametrize(
    "words",
    [
        ("verify", "nowhere", "--checkpoint", "nothing"),
        ("export", "/dev/null/out"),
        ("erase", "C1", "--ground", "because"),
        ("hold", "C1", "--reason", ""),
    ],
)
def test_what_cannot_be_used_ends_with_2(home: Path, words: tuple[str, ...]) -> None:
    answer = evidence(home, *words)
    assert answer.returncode == 2
    assert answer.stderr.strip()
    assert "Traceback" not in answer.stderr


def test_a_hold_stops_an_erasure_until_it_ends(home: Path) -> None:
    assert evidence(home, "hold", "C1", "--reason", "Court case 17").returncode == 0
    refused = evidence(home, "erase", "C1", "--ground", "request")
    assert refused.returncode == 1
    assert "LEGAL_HOLD" in refused.stderr
    assert evidence(home, "unhold", "C1").stdout == "1 ended.\n"
    assert evidence(home, "erase", "C1", "--ground", "request").returncode == 0
    assert evidence(home, "rotate", "--drop").stdout.endswith("Destroyed: k1.\n")
    assert evidence(home, "checkpoint").returncode == 0
    checked = evidence(home, "check", "--json")
    assert (checked.returncode, json.loads(checked.stdout)["findings"]) == (0, [])


def test_keys_are_made_once(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "keys.toml"
    assert evidence(home, "keys", file).returncode == 0
    assert file.stat().st_mode & 0o077 == 0
    before = file.read_text()
    assert evidence(home, "keys", file).returncode == 2
    assert file.read_text() == before
