"""A night that is killed at any stage and run again ends in the same bytes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from doorstep.cycle.run import Night, cycle_run
from doorstep.cycle.stages import STAGES, StageResult
from tests.cycle.books import ON, silent
from tests.cycle.quirks import quirky_book

# The program of a person who runs the night through its Python door and prints its progress.
WATCHED = """
import sys
from datetime import date
from pathlib import Path
from doorstep.cycle.run import Night, cycle_run

def progress(stage, result):
    print(stage, "begins" if result is None else "ended", flush=True)

cycle_run(
    Night(book=Path(sys.argv[1]), on=date.fromisoformat(sys.argv[2]), out=Path(sys.argv[3])),
    progress=progress,
)
"""


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return quirky_book(borrowers=150, seed=4).write(tmp_path_factory.mktemp("lender") / "book")


@pytest.fixture(scope="module")
def undisturbed(book: Path) -> dict[str, bytes]:
    out = book.parent / "undisturbed"
    cycle_run(Night(book=book, on=ON, out=out), progress=silent)
    return files(out)


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.parquet"))}


def run_until(line: str, *, book: Path, out: Path) -> None:
    """Run the night as a program of its own and kill it the moment it prints the line."""
    program = subprocess.Popen(
        [sys.executable, "-c", WATCHED, str(book), ON.isoformat(), str(out)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert program.stdout is not None
    seen = ""
    for seen in program.stdout:
        if seen.strip() == line:
            os.kill(program.pid, signal.SIGKILL)
            break
    program.stdout.close()
    assert program.wait() == -signal.SIGKILL, f"it ended before it could be killed: {seen}"


@pytest.mark.parametrize("stage", STAGES)
def test_killed_in_a_stage_and_run_again_gives_the_same_bytes(
    stage: str, book: Path, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    run_until(f"{stage} begins", book=book, out=out)
    results = cycle_run(Night(book=book, on=ON, out=out), progress=silent)
    before = STAGES[: STAGES.index(stage)]
    assert [r.stage for r in results if r.skipped][: len(before)] == list(before)
    assert files(out) == undisturbed


def test_a_file_half_written_or_spoilt_is_made_anew(
    book: Path, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    night = Night(book=book, on=ON, out=out)
    cycle_run(night, progress=silent)
    (out / "facts.parquet").write_bytes(undisturbed["facts.parquet"][:-9])
    (out / "decisions.parquet.partial").write_bytes(b"half")
    (out / "decisions.json").write_text('{"stage": "decisions", "inp', "utf-8")
    results = {r.stage: r.skipped for r in cycle_run(night, progress=silent)}
    made_anew = [stage for stage, skipped in results.items() if not skipped]
    assert made_anew == ["facts", "decisions"]
    assert files(out) == undisturbed


def test_finished_stages_are_skipped_and_other_inputs_are_not(book: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    cycle_run(Night(book=book, on=ON, out=out), progress=silent)
    again = cycle_run(Night(book=book, on=ON, out=out), progress=silent)
    assert all(result.skipped for result in again)
    kept = json.loads((out / "decisions.json").read_text("utf-8"))
    assert kept["rows"] == again[3].rows > 0
    elsewhere = cycle_run(
        Night(book=book, on=ON, out=out, time_zone="Europe/London"), progress=silent
    )
    assert not any(result.skipped for result in elsewhere)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_any_number_of_threads_gives_the_same_bytes(
    threads: int, book: Path, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    cycle_run(Night(book=book, on=ON, out=tmp_path / "out", threads=threads), progress=silent)
    assert files(tmp_path / "out") == undisturbed


@pytest.mark.parametrize("loans_a_shard", [60, 7])
def test_any_number_of_shards_decides_alike(
    loans_a_shard: int, book: Path, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    cycle_run(Night(book=book, on=ON, out=out, shard_loans=loans_a_shard), progress=silent)
    found = files(out)
    assert found.keys() == undisturbed.keys()
    assert [name for name in found if found[name] != undisturbed[name]] == ["loans.parquet"]
    both = [pq.read_table(path / "loans.parquet") for path in (out, book.parent / "undisturbed")]
    assert both[0].sort_by("loan_id").equals(both[1].sort_by("loan_id"))
    assert not (out / "parts").exists()


def test_progress_tells_each_stage_as_it_begins_and_ends(book: Path, tmp_path: Path) -> None:
    seen: list[tuple[str, bool]] = []

    def watch(stage: str, result: StageResult | None) -> None:
        seen.append((stage, result is not None))
        if result is not None:
            assert result.peak_bytes > 0

    cycle_run(Night(book=book, on=ON, out=tmp_path / "out"), progress=watch)
    assert seen == [(stage, ended) for stage in STAGES for ended in (False, True)]
