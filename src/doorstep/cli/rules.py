"""`doorstep rules`: check cases, explain the rules in force, lint and compare packs."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from doorstep.kernel.errors import InputError
from doorstep.rules.pack import rulebook_load

if TYPE_CHECKING:
    from doorstep.rules.cases.check import CaseVerdict
    from doorstep.rules.diff import Difference
    from doorstep.rules.explain import Explained
    from doorstep.rules.pack import Rulebook

app = typer.Typer(no_args_is_help=True, help="The rules: check, explain, lint, compare.")
JSON = typer.Option(False, "--json", help="One JSON object a line on standard output.")
PACKS = typer.Option(
    None, "--packs", envvar="DOORSTEP_RULEPACKS",
    help="Folder of the rule packs; the program's own if absent.",
)  # fmt: skip
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
    _left_to_people(book)
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


def _left_to_people(book: Rulebook) -> None:
    """The rules that no program decides, and why; a case that names only such a rule is told as
    not encoded."""
    left = [rule for rule in book.rules if rule.test is None and not rule.part_of]
    print(f"{len(left)} rules have no condition and are left to people:")
    for rule in left:
        why = rule.not_encoded[rule.not_encoded.rfind("\u3002") + 1 :].strip()
        print(f"  {rule.id:24} {why}")


@app.command()
def explain(
    rule: str = typer.Argument("", help="A rule id; all rules of the day if absent."),
    on: datetime | None = ON,
    jurisdiction: str = typer.Option("", "--jurisdiction", help="cn, us, uk, in, tw, hk, house."),
    packs: Path | None = PACKS,
    json_: bool = JSON,
) -> None:
    """Show the rules in force on a day, with their sources and how far each was confirmed."""
    from doorstep.rules.explain import rules_explain

    book = rulebook_load(folder_of(packs))
    day = day_of(on)
    for one in rules_explain(book, on=day, jurisdiction=jurisdiction, rule=rule):
        print(json.dumps(one.as_dict(), ensure_ascii=False) if json_ else _told(one, bool(rule)))


@app.command()
def diff(
    old: Path | None = typer.Argument(None, help="Folder of packs as they were."),
    new: Path | None = typer.Argument(None, help="As they are; the program's own if absent."),
    since: datetime | None = typer.Option(
        None, "--from", formats=["%Y-%m-%d"], help="Instead of two folders: compare two days."
    ),
    until: datetime | None = typer.Option(None, "--to", formats=["%Y-%m-%d"]),
    json_: bool = JSON,
) -> None:
    """Show what changed between two folders of packs, or in one between two days."""
    from doorstep.rules.diff import books_differ, days_differ

    if (old is None) == (since is None):
        raise InputError(
            "Compare either two folders or two days.", code="BAD_USAGE",
            hint="rules diff OLD [NEW], or rules diff --from 2026-01-01 --to 2026-06-01.",
        )  # fmt: skip
    if since is not None:
        changes = days_differ(rulebook_load(folder_of(new)), since.date(), day_of(until))
    else:
        changes = books_differ(rulebook_load(folder_of(old)), rulebook_load(folder_of(new)))
    for change in changes:
        print(json.dumps(change.as_dict(), ensure_ascii=False) if json_ else _changed(change))
    if not json_:
        deciding = sum(change.decides for change in changes)
        print(f"{len(changes)} changes, {deciding} of them can change a verdict")


def _told(one: Explained, at_length: bool) -> str:
    rule = one.rule
    review = f"signed {one.pack.reviewed_on}" if one.pack.reviewed_on else "not signed by a lawyer"
    line = (
        f"{rule.id:28} {rule.severity.value:8} {rule.effect.value:10} "
        f"{rule.source.confidence.value:13} {rule.title['zh']} | {rule.source}"
    )
    if not at_length:
        return line
    values = ", ".join(f"{n} = {v}" for n, v in (one.bound.values if one.bound else {}).items())
    parts = [
        line,
        f"  {rule.law}",
        f"  {rule.title['en']}. {rule.source.force}; {one.pack.name}, {review}.",
        f"  when: {one.when.get('zh', '')}",
        f"        {one.when.get('en', '')}",
        *([f"  unless: {one.unless['zh']}", f"          {one.unless['en']}"] if one.unless else []),
        *([f"  values: {values}"] if values else []),
        *([f"  for a person: {rule.not_encoded}"] if rule.not_encoded else []),
    ]
    return "\n".join(parts)


def _changed(change: Difference) -> str:
    since = f" from {change.since}" if change.since else ""
    note = "" if change.decides else "  (for readers only)"
    if change.what != "changed":
        return f"{change.rule}: {change.what}{since}: {change.new or change.old}{note}"
    return f"{change.rule}: {change.field}{since}: {change.old!r} -> {change.new!r}{note}"


@app.command()
def mutants(
    cases: list[Path] = typer.Option([], "--cases", help="Case files that may notice, too."),
    jurisdiction: str = typer.Option("", "--jurisdiction", help="cn, us, ...; all if absent."),
    by_rule: bool = typer.Option(False, "--by-rule", help="A line for every rule as well."),
    packs: Path | None = PACKS,
    json_: bool = JSON,
) -> None:
    """Spoil every rule a little: do its examples, or the cases, notice? Exit 1 where a change to an
    hour, a cap or a stop goes unnoticed, or more than 5 % of all changes."""
    from doorstep.rules.cases.case_file import cases_read
    from doorstep.rules.cases.noticed import CaseSet, mutants_held
    from doorstep.rules.cases.words import Tools
    from doorstep.rules.mutants import mutant_is_vital

    book = rulebook_load(folder_of(packs))
    tools = Tools(book.catalogue, book.counters, behaviours_of)
    case_set = CaseSet.of([cases_read(path) for path in cases], book, tools)
    made: dict[str, Counter[str]] = {"kind": Counter(), "rule": Counter(), "all": Counter()}
    seen: dict[str, Counter[str]] = {"kind": Counter(), "rule": Counter(), "all": Counter()}
    for mutant, noticed in mutants_held(case_set, jurisdiction=jurisdiction):
        vital = ["hours, caps, stops"] if mutant_is_vital(mutant) else []
        totals = [("all", name) for name in (*vital, "all")]
        for by, name in (("kind", mutant.spoil.value), ("rule", mutant.rule.id), *totals):
            made[by][name] += 1
            seen[by][name] += noticed
        if not noticed:
            row = {"rule": mutant.rule.id, "spoil": mutant.spoil.value, "what": mutant.what}
            print(json.dumps(row) if json_ else f"not noticed: {row['rule']}: {row['what']}")
    for by in ("rule", "kind", "all") if by_rule else ("kind", "all"):
        for name in made[by] if not json_ else ():
            share = seen[by][name] / made[by][name]
            print(f"{name:32} {seen[by][name]:>5} of {made[by][name]:>5} noticed  {share:6.1%}")
    vital_kept = seen["all"]["hours, caps, stops"] == made["all"]["hours, caps, stops"]
    enough = seen["all"]["all"] >= 0.95 * made["all"]["all"]
    raise typer.Exit(0 if vital_kept and enough else 1)
