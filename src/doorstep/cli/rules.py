"""`doorstep rules`: check cases, explain the rules in force, lint and compare packs."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from doorstep.rules.pack import rulebook_load

if TYPE_CHECKING:
    from doorstep.rules.cases.check import CaseVerdict

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


@app.command()
def check(
    cases: Path = typer.Argument(..., help="Cases in the shape of law/cases.yaml."),
    packs: Path | None = PACKS,
    json_: bool = JSON,
) -> None:
    """Apply to each case just the rules it names; show where the answer is not the expected one."""
    from doorstep.rules.cases.case_file import cases_read
    from doorstep.rules.cases.check import case_check
    from doorstep.rules.cases.words import Tools

    book = rulebook_load(folder_of(packs))
    tools = Tools(book.catalogue, book.counters, behaviours_of)
    read, expected = cases_read(cases)
    verdicts = [case_check(case, book, tools) for case in read]
    if json_:
        for verdict in verdicts:
            print(json.dumps(verdict.as_dict(), ensure_ascii=False))
        return
    agree = _differences(verdicts, expected)
    raise typer.Exit(0 if agree else 1)


def behaviours_of(text: str) -> list[str]:
    """The forbidden behaviours in a text, as the wording lint finds them."""
    from doorstep.outreach.lint import text_lint

    return [finding.behaviour for finding in text_lint(text)]


def _differences(verdicts: list[CaseVerdict], expected: dict[str, str]) -> bool:
    differ = [v for v in verdicts if v.id in expected and v.verdict != expected[v.id]]
    open_ = [v for v in verdicts if v.not_encoded]
    for verdict in differ:
        print(
            f"{verdict.id:10} expected {expected[verdict.id]:12} got {verdict.verdict:12} "
            f"{', '.join(verdict.rules)}"
        )
        for name in verdict.missing:
            print(f"{'':10} not known: {name}")
        for reason in verdict.reasons:
            print(f"{'':10} {reason['rule']}: {reason['en']}")
    for verdict in open_:
        print(f"{verdict.id:10} not encoded, for a person: {', '.join(verdict.not_encoded)}")
    agreed = len(verdicts) - len(differ)
    print(f"{len(verdicts)} cases: {agreed} agree, {len(differ)} differ, {len(open_)} not encoded")
    return not differ
