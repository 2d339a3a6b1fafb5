"""`doorstep rules`: check cases, explain the rules in force, lint and compare packs."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path

import typer

app = typer.Typer(no_args_is_help=True, help="The rules: check, explain, lint, compare.")
JSON = typer.Option(False, "--json", help="One JSON object a line on standard output.")
PACKS = typer.Option(None, "--packs", help="Folder of the rule packs; the program's own if absent.")
ON = typer.Option(None, "--on", formats=["%Y-%m-%d"], help="Day, 2026-01-31; today if absent.")


@app.callback()
def rules() -> None:
    """The rules: check, explain, lint, compare."""


def folder_of(packs: Path | None) -> Path:
    """The folder of rule packs that a command reads."""
    from doorstep.rules.pack import packs_folder

    return packs or packs_folder()


def day_of(on: datetime | None) -> date:
    """The day a command speaks of."""
    from doorstep.kernel import clock

    return on.date() if on else clock.today()


@app.command()
def lint(packs: Path | None = PACKS, on: datetime | None = ON, json_: bool = JSON) -> None:
    """Name every fault of the rule packs; exit 1 when there is one that stops them."""
    from doorstep.rules.lint import rulebook_lint

    faults = rulebook_lint(folder_of(packs), on=day_of(on))
    for fault in faults:
        print(json.dumps(fault.__dict__, ensure_ascii=False) if json_ else fault)
    fatal = sum(not fault.notice for fault in faults)
    if not json_:
        print(f"{fatal} faults, {len(faults) - fatal} notices")
    raise typer.Exit(1 if fatal else 0)
