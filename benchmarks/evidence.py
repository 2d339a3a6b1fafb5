"""How fast the evidence log takes entries that are safe on the disk when it says so.

    .venv/bin/python benchmarks/evidence.py [--seconds 2] [--runs 5] [--folder DIR]

In each run, in turn: a kilobyte appended to a file with fdatasync (what the disk itself needs for
one durable write), single appends to the log in transactions of their own, and batches of 100. On
DATABASE_URL when it is set, else on a new SQLite file in a new folder (inside `--folder`, to choose
the disk). Absolute figures move with the load of the machine; the ratio less so: single durable
appends / raw fdatasync.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

BODY = {
    "verdict": "permit", "rules": ["CN-CBA-QUIET", "CN-CBA-3CALLS", "CN-CBA-AGENCY-WHITELIST"],
    "facts": {f"fact_{n}": {"value": n, "as_of": "2026-11-22T08:00:00Z"} for n in range(12)},
    "channel": "sms", "content_sha256": "0" * 64,
}  # fmt: skip


def rate(deed: Callable[[int], None], *, seconds: float) -> float:
    """How often the deed is done in a second."""
    began, done = perf_counter(), 0
    while perf_counter() - began < seconds:
        deed(done)
        done += 1
    return done / (perf_counter() - began)


def disk(folder: Path, *, seconds: float) -> float:
    """Durable writes a second of the disk itself: a kilobyte appended, then fdatasync."""
    number = os.open(folder / "raw", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:

        def write(_: int) -> None:
            os.write(number, b"x" * 1024)
            os.fdatasync(number)

        return rate(write, seconds=seconds)
    finally:
        os.close(number)


def main() -> None:
    """Measure in turn, print each run and the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--folder", type=Path)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=wanted.folder) as place:
        os.environ |= {"DOORSTEP_HOME": place, "DJANGO_SETTINGS_MODULE": "doorstep.settings"}
        measure(Path(place), seconds=wanted.seconds, runs=wanted.runs)


def measure(folder: Path, *, seconds: float, runs: int) -> None:
    """The runs, in a folder of their own."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from doorstep.evidence.entry import Entry
    from doorstep.evidence.services import evidence_append
    from doorstep.kernel import clock

    def append(number: int, count: int) -> None:
        entries = [
            Entry("decision", f"C{(number * count + n) % 5000}", BODY, case=str(number), agent="li")
            for n in range(count)
        ]
        evidence_append(entries=entries, at=clock.now())

    call_command("migrate", verbosity=0)
    for number in range(50):
        append(number, 100)  # every subject has its key
    rows = []
    for _ in range(runs):
        raw = disk(folder, seconds=seconds)
        single = rate(lambda number: append(number, 1), seconds=seconds)
        batch = 100 * rate(lambda number: append(number, 100), seconds=seconds)
        rows.append((raw, single, batch, single / raw))
        print(
            f"raw {raw:8,.0f}/s   single {single:8,.0f}/s   "
            f"of 100 {batch:8,.0f}/s   single/raw {single / raw:.2f}"
        )
    raw, single, batch, ratio = (statistics.median(column) for column in zip(*rows, strict=True))
    print(
        f"{connection.vendor}, medians: raw {raw:,.0f}/s, single {single:,.0f}/s, "
        f"in batches of 100 {batch:,.0f}/s, single/raw {ratio:.2f}"
    )
    connection.close()


if __name__ == "__main__":
    main()
