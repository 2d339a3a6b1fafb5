"""The night over a synthetic book: seconds a stage, peak memory, and two ratios.

    .venv/bin/python benchmarks/night.py [--loans 1000000] [--overdue 0.1] [--runs 3] [--cache DIR]

Each run is a program of its own (`doorstep cycle run --json`). Absolute times move with the load
of the machine; the ratios less so:
    to the bound   stages / (scan of the book's needed columns + writing the decisions again)
    growth         how the stages' time grows from a tenth of the loans, as an exponent
"""

from __future__ import annotations

import argparse
import json
import math
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb
from night_book import ON, book_write

from doorstep.cycle.inputs import NEEDED


def book(loans: int, overdue: float, cache: Path) -> Path:
    """The cached book of that many loans, made when it is not there."""
    folder = cache / f"night-book-{loans}-{overdue}-2"
    if not (folder / "made").exists():
        print(f"making a book of {loans:,} loans ...", file=sys.stderr)
        book_write(folder, loans=loans, overdue=overdue)
        (folder / "made").touch()
    return folder


def night(folder: Path, out: Path) -> tuple[list[dict[str, Any]], float]:
    """One run as a program of its own: its rows, and its seconds from start to end."""
    shutil.rmtree(out, ignore_errors=True)
    command = [
        sys.executable, "-c", "from doorstep.cli import main; main()", "cycle", "run",
        "--book", str(folder), "--on", ON.isoformat(), "--out", str(out), "--threads", "2",
        "--json",
    ]  # fmt: skip
    began = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()], time.perf_counter() - began


def bound(folder: Path, out: Path) -> float:
    """Seconds to read every needed column and to write the decisions once more."""
    engine = duckdb.connect(config={"threads": 2})
    began = time.perf_counter()
    for name, columns in NEEDED.items():
        parts = ", ".join(f'max("{column}") AS "{column}"' for column in columns)
        engine.execute(
            f"CREATE OR REPLACE TABLE seen AS SELECT {parts} FROM '{folder / name}.parquet'"
        )
    engine.execute(
        f"COPY (FROM '{out}/decisions.parquet') TO '{out}/bound.parquet' (COMPRESSION zstd)"
    )
    return time.perf_counter() - began


def measured(folder: Path, runs: int) -> dict[str, Any]:
    """Medians over several runs, each beside the bound in the same minute."""
    with tempfile.TemporaryDirectory() as place:
        out, found = Path(place) / "out", []
        for _ in range(runs):
            (*stages, total), wall = night(folder, out)
            found.append((stages, total, wall, bound(folder, out)))
    return {
        "stages": {
            stage["stage"]: statistics.median(run[0][place]["seconds"] for run in found)
            for place, stage in enumerate(found[0][0])
        },
        "rows": {stage["stage"]: stage["rows"] for stage in found[0][0]},
        "seconds": statistics.median(run[1]["seconds"] for run in found),
        "wall": statistics.median(run[2] for run in found),
        "peak_mib": max(run[1]["peak_bytes"] for run in found) / 2**20,
        "to_bound": statistics.median(run[1]["seconds"] / run[3] for run in found),
    }


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser()
    options.add_argument("--loans", type=int, default=1_000_000)
    options.add_argument("--overdue", type=float, default=0.1)
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "doorstep")
    chosen = options.parse_args()
    tenth = measured(book(chosen.loans // 10, chosen.overdue, chosen.cache), chosen.runs)
    whole = measured(book(chosen.loans, chosen.overdue, chosen.cache), chosen.runs)
    for stage, seconds in whole["stages"].items():
        print(f"{stage:12} {whole['rows'][stage]:>12,} rows {seconds:8.2f} s")
    without = sum(seconds for stage, seconds in whole["stages"].items() if stage != "screening")
    print(f"all but the screening {without:17.2f} s")
    print(f"all stages   {whole['seconds']:26.2f} s   ({whole['wall']:.2f} s with start-up)")
    print(f"peak memory  {whole['peak_mib']:26.0f} MiB")
    print(f"to the bound {whole['to_bound']:26.2f}")
    growth = math.log10(whole["seconds"] / tenth["seconds"])
    print(f"growth       {growth:26.2f}   ({tenth['seconds']:.2f} s for a tenth)")


if __name__ == "__main__":
    main()
