"""Stages that can be killed at any moment and run again.

A stage writes its files, each whole or not at all, and last its manifest. It is skipped when a
manifest for the same inputs stands and the files still have the digests it names.
"""

from __future__ import annotations

import json
import os
import re
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from doorstep.cycle.files import settle, sha256_of

MEMORY_MIB = 800
"""What the engine may hold before it spills. A night over a million accounts stays below 500 MB;
the rest is what it sets aside, column by column, to write a wide file with all threads."""
STAGES = ("snapshot", "delinquency", "facts", "decisions", "screening", "movements")


@dataclass(frozen=True)
class StageResult:
    """What a stage did: rows of its main file, seconds, peak memory of the process so far."""

    stage: str
    inputs: str
    outputs: dict[str, str]
    rows: int
    seconds: float
    peak_bytes: int
    skipped: bool = False


Progress = Callable[[str, StageResult | None], None]
"""Called with the stage's name as it starts (None) and as it ends (its result)."""


def digest_of(*values: Any) -> str:
    """Digest of plain values."""
    text = json.dumps(values, sort_keys=True, default=str, ensure_ascii=False)
    return sha256(text.encode()).hexdigest()


def stage_run(
    *,
    stage: str,
    folder: Path,
    inputs: str,
    files: tuple[str, ...],
    work: Callable[[], int],
    progress: Progress,
) -> StageResult:
    """Do the stage's work, or take what stands when its inputs are the same."""
    progress(stage, None)
    result = _standing(folder, stage, inputs)
    if result is None:
        began = time.perf_counter()
        manifest(folder, stage).unlink(missing_ok=True)
        rows = work()
        result = StageResult(
            stage=stage,
            inputs=inputs,
            outputs={name: sha256_of(folder / name) for name in files},
            rows=rows,
            seconds=round(time.perf_counter() - began, 3),
            peak_bytes=peak_bytes(),
        )
        _keep(folder, result)
    progress(stage, result)
    return result


def manifest(folder: Path, stage: str) -> Path:
    """The stage's manifest."""
    return folder / f"{stage}.json"


def peak_bytes() -> int:
    """Most memory this program has held at a time, where Linux tells it.

    Elsewhere what the process used: that also counts what a larger one held that started it.
    """
    try:
        found = re.search(
            r"^VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE
        )
    except OSError:
        found = None
    if found:
        return int(found[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _standing(folder: Path, stage: str, inputs: str) -> StageResult | None:
    try:
        kept = json.loads(manifest(folder, stage).read_text("utf-8"))
        if kept["inputs"] != inputs:
            return None
        if any(sha256_of(folder / name) != digest for name, digest in kept["outputs"].items()):
            return None
        return StageResult(**kept | {"skipped": True})
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _keep(folder: Path, result: StageResult) -> None:
    path = manifest(folder, result.stage)
    partial = path.with_name(path.name + ".partial")
    with partial.open("w", encoding="utf-8") as file:
        json.dump(asdict(result), file, indent=1, sort_keys=True)
        file.flush()
        os.fsync(file.fileno())
    settle(partial, path)


@dataclass
class Watched:
    """What a stage outside the columnar run reports."""

    rows: int = 0


@contextmanager
def stopwatch(stage: str, progress: Progress) -> Iterator[Watched]:
    """Report a stage that keeps its own state (the database), as the others are reported."""
    progress(stage, None)
    began, watched = time.perf_counter(), Watched()
    yield watched
    seconds = round(time.perf_counter() - began, 3)
    progress(stage, StageResult(stage, "", {}, watched.rows, seconds, peak_bytes()))
