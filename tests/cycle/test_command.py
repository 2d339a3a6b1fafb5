"""`doorstep cycle run` from outside: what it prints, and how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.cycle.books import ON
from tests.cycle.quirks import quirky_book

STAGES = ["snapshot", "delinquency", "facts", "decisions", "screening", "movements"]


def doorstep(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = "from doorstep.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", program, "cycle", *arguments],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_night_from_the_command_line_and_the_next_against_it(tmp_path: Path) -> None:
    book = quirky_book(borrowers=30, seed=2).write(tmp_path / "book")
    first, second = tmp_path / "first", tmp_path / "second"
    common = ("run", "--book", str(book), "--on", ON.isoformat(), "--json", "--out")
    done = doorstep(*common, str(first))
    assert done.returncode == 0, done.stderr
    *stages, total = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["stage"] for row in stages] == STAGES
    assert all(row["rows"] >= 0 and row["seconds"] >= 0 for row in stages)
    assert total["peak_bytes"] > 0
    assert "delinquency ..." in done.stderr, "people see progress"
    after = doorstep(*common, str(second), "--previous", str(first))
    assert after.returncode == 0, after.stderr
    assert json.loads(after.stdout.splitlines()[5])["rows"] == 0, "nothing moved"


def test_what_cannot_be_used_ends_with_2_and_says_what(tmp_path: Path) -> None:
    where = ("--book", str(tmp_path / "none"), "--out", str(tmp_path / "out"))
    for extra, words in (
        (("--on", "2026-03-31"), "NO_BOOK"),
        (("--on", "2026-03-31", "--engine", "spark"), "NO_ENGINE"),
        (("--on", "31.3.2026"), "--on"),
    ):
        done = doorstep("run", *where, *extra)
        assert done.returncode == 2
        assert words in done.stderr
        assert "Traceback" not in done.stderr
