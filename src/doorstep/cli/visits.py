"""`doorstep visits`: plan a field day from one plain file to another."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console

from doorstep.kernel.errors import InputError, Where

if TYPE_CHECKING:
    from doorstep.visits.plan import Plan
    from doorstep.visits.solve import Progress

app = typer.Typer(no_args_is_help=True, help="Field days: who goes, where and when.")
EVERY_SECONDS = 0.5


@app.callback()
def visits() -> None:
    """Field days: who goes, where and when."""


@app.command()
def plan(
    problem: Path = typer.Argument(..., help="PROBLEM.json."),
    out: Path = typer.Option(..., "--out", help="Where PLAN.json goes."),
    seconds: float | None = typer.Option(None, "--seconds", min=0, help="How long to search."),
    iterations: int | None = typer.Option(
        None, "--iterations", min=0, help="Steps of the engine: same seed and steps, same plan."
    ),
    seed: int = typer.Option(0, "--seed", min=0, max=2**32 - 1),
    json_: bool = typer.Option(False, "--json", help="Progress as one JSON object a line."),
) -> None:
    """Plan the visits of PROBLEM.json; exit 1 where a promised visit cannot be made. Stopped
    (Ctrl-C), it writes the best plan found."""
    if seconds is None and iterations is None:
        raise InputError(
            "How long to search is not said.", code="BAD_USAGE", hint="--seconds 10.",
            where=Where(field="--seconds"),
        )  # fmt: skip
    if not out.parent.is_dir():
        raise InputError(
            f"There is no folder {out.parent}.", code="BAD_USAGE", where=Where(field="--out")
        )
    from doorstep.visits.problem_file import problem_read
    from doorstep.visits.solve import Limits, solve

    wanted = problem_read(problem)
    for notice in wanted.notices:
        Console(stderr=True, highlight=False).print(f"notice: {notice}", markup=False)
    limits = Limits(seconds=seconds, iterations=iterations, watch=time.perf_counter)
    with _stoppable() as cancelled:
        made = solve(wanted, limits=limits, seed=seed, progress=_Report(json_), cancelled=cancelled)
    out.write_text(json.dumps(made.as_dict(wanted), ensure_ascii=False) + "\n", "utf-8")
    _told(made, json_)
    raise typer.Exit(1 if made.missed else 0)


@contextmanager
def _stoppable() -> Iterator[Callable[[], bool]]:
    """Whether somebody asked to stop, by Ctrl-C or as a service is stopped."""
    asked: list[int] = []
    before = {
        each: signal.signal(each, lambda number, frame: asked.append(number))
        for each in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield lambda: bool(asked)
    finally:
        for each, old in before.items():
            signal.signal(each, old)


class _Report:
    """Tells progress as it comes, at most twice a second."""

    def __init__(self, json_: bool) -> None:
        self.json = json_
        self.told_at = -EVERY_SECONDS

    def __call__(self, news: Progress) -> None:
        if news.seconds - self.told_at < EVERY_SECONDS:
            return
        self.told_at = news.seconds
        row = {
            "seconds": round(news.seconds, 2),
            "iterations": news.iterations,
            "objective": round(news.objective, 2),
        }
        if self.json:
            print(json.dumps(row), flush=True)
        else:
            print(f"{row['seconds']:>8} s  {row['iterations']:>8} steps  {row['objective']:>14}")


def _told(made: Plan, json_: bool) -> None:
    """The final figures; for people also what was promised and cannot be."""
    planned = sum(len(route.stops) for route in made.routes)
    row = {
        "objective": round(made.objective, 6),
        "value": round(made.value, 6),
        "travel_seconds": made.travel_seconds,
        "visits": planned,
        "unvisited": len(made.unvisited),
        "missed": list(made.missed),
        "seconds_used": round(made.seconds_used, 3),
        "engine": made.engine,
        "estimated": made.estimated,
    }
    if json_:
        print(json.dumps(row, ensure_ascii=False))
        return
    estimated = f", travel times estimated (+{made.buffer:.0%})" if made.estimated else ""
    print(
        f"{planned} visits planned, {len(made.unvisited)} not; value {made.value:,.0f}, worth "
        f"{made.objective:,.0f} after travel and crews; {made.engine}, "
        f"{made.seconds_used:.1f} s{estimated}"
    )
    why = {one.visit: one.detail for one in made.unvisited}
    for visit in made.missed:
        print(f"promised and not possible: {visit}: {why[visit]}")
