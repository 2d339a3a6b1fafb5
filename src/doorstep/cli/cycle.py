"""`doorstep cycle`: the night over a book folder, and the night of the installed lender."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path

import typer
from rich.console import Console

from doorstep.cli.django import setup
from doorstep.cycle.stages import MEMORY_MIB
from doorstep.kernel.errors import InputError, Where

app = typer.Typer(no_args_is_help=True, help="The night: from a book to decisions.")
DAY = typer.Option(..., "--on", formats=["%Y-%m-%d"], help="Business date, 2026-01-31.")
JSON = typer.Option(False, "--json", help="One JSON object a line on standard output.")


@app.callback()
def cycle() -> None:
    """The night: from a book to decisions."""


@app.command()
def run(
    book: Path = typer.Option(..., "--book", help="Folder with the book's Parquet tables."),
    on: datetime = DAY,
    out: Path = typer.Option(..., "--out", help="Folder for the output; kept stages are reused."),
    engine: str = typer.Option("duckdb", "--engine", help="Columnar engine: duckdb."),
    threads: int = typer.Option(os.cpu_count() or 2, "--threads", min=1, max=256),
    previous: Path | None = typer.Option(
        None, "--previous", help="Output folder of the night before, to tell what changed."
    ),
    time_zone: str = typer.Option("Asia/Shanghai", "--time-zone", help="The lender's, as in IANA."),
    memory: int = typer.Option(
        MEMORY_MIB, "--memory", min=64, help="MiB for the engine before it spills."
    ),
    json_: bool = JSON,
) -> None:
    """Decide every overdue borrower's next step, from Parquet tables to Parquet tables."""
    if engine != "duckdb":
        raise InputError(
            f"This build has no engine {engine!r}.",
            code="NO_ENGINE",
            hint="Use --engine duckdb.",
            where=Where(field="--engine"),
        )
    from doorstep.cycle.run import Night, cycle_run

    night = Night(
        book=book, on=on.date(), out=out, previous=previous, time_zone=time_zone,
        threads=threads, memory_mib=memory,
    )  # fmt: skip
    report = _Report(json_)
    cycle_run(night, progress=report)
    report.total(str(out / "decisions.parquet"))


@app.command()
def night(on: datetime = DAY, json_: bool = JSON) -> None:
    """Run the night over the loaded book of a date and publish it to the worklist."""
    setup()
    from doorstep.cycle.services import night_run
    from doorstep.kernel import clock

    report = _Report(json_)
    done = night_run(on=on.date(), by=None, at=clock.now(), progress=report)
    report.total(f"{done.business_date} {done.state}")


class _Report:
    """Tells each stage as it starts and ends: people on standard error, programs on output."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json
        self.console = Console(stderr=True, highlight=False)
        self.seconds, self.peak = 0.0, 0

    def __call__(self, stage: str, result: object) -> None:
        from doorstep.cycle.stages import StageResult

        if not isinstance(result, StageResult):
            self.console.print(f"{stage} ...", markup=False)
            return
        self.seconds += 0 if result.skipped else result.seconds
        self.peak = max(self.peak, result.peak_bytes)
        row = {
            "stage": stage,
            "rows": result.rows,
            "seconds": result.seconds,
            "peak_bytes": result.peak_bytes,
            "skipped": result.skipped,
        }
        if self.as_json:
            print(json.dumps(row), flush=True)
        else:
            note = "  (kept from before)" if result.skipped else ""
            print(f"{stage:12} {result.rows:>12,} rows {result.seconds:>8.2f} s{note}", flush=True)

    def total(self, what: str) -> None:
        """The last line: seconds of all stages, peak memory."""
        if self.as_json:
            row = {"seconds": round(self.seconds, 3), "peak_bytes": self.peak, "output": what}
            print(json.dumps(row))
        else:
            print(f"{'total':12} {self.seconds:>26.2f} s, {self.peak / 2**20:,.0f} MiB at most")
            print(what)
