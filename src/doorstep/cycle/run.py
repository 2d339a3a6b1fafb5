"""One night over one book folder: six stages from the book to decisions, what may be done of them,
and what changed.

    snapshot     check the book and digest it
    delinquency  loans.parquet: every loan with what is overdue on it
    facts        facts.parquet: every overdue borrower with the facts of the ladder
    decisions    decisions.parquet: the same with step, reason, priority, and the reason in words
    screening    screening.parquet: what the rules of the planned day say of every decided step
    movements    buckets, movements and transitions against the night before

Each stage reads Parquet and writes Parquet. The same inputs give the same bytes, whatever the
number of threads and however often the run was killed on the way.
"""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import doorstep
from doorstep.cycle import changes, checks, choosing, gathering, overdue
from doorstep.cycle.book import Book, book_open, book_table, nought
from doorstep.cycle.engine import Engine, engine_open, in_shard, part
from doorstep.cycle.files import sha256_of
from doorstep.cycle.own import OWN_CONTACTS
from doorstep.cycle.planned import Plan, plan_make
from doorstep.cycle.safeguards import SAFEGUARD_FILE
from doorstep.cycle.screening import screened
from doorstep.cycle.stages import MEMORY_MIB, Progress, StageResult, digest_of, stage_run
from doorstep.delinquency.policy import Compounding, Policy, policy_load
from doorstep.kernel.errors import InputError, Where
from doorstep.rules.pack import HOUSE, Rulebook, packs_folder, rulebook_load
from doorstep.treatment.shelf import ladder_on
from doorstep.treatment.table import Ladder

LOAN_COLUMNS = ("loan_id", "borrower_id", "currency", "balance")
SMALL_GROUP = 20_480
"""Rows of borrowers to a group: each is worked at by one thread, from reading to writing."""
NEXT_TO_DECISIONS = ("buckets.parquet", "movements.parquet", "transitions.parquet")


@dataclass(frozen=True)
class Night:
    """What a run is asked to do. `previous` is the output folder of an earlier run.

    `at` is the instant it is worked, from which the planned day follows; None: the day after `on`.
    The rules are those of the `rulebook`, or where none is given those that came with the program
    for the jurisdiction, and the house's.

    A book of more than `shard_loans` loans is worked through in shards, so that memory stays flat;
    the decisions are the same.
    """

    book: Path
    on: date
    out: Path
    previous: Path | None = None
    time_zone: str = "Asia/Shanghai"
    at: datetime | None = None
    country: str = "CN"
    jurisdiction: str = "cn"
    rulebook: Rulebook | None = None
    threads: int = 2
    memory_mib: int = MEMORY_MIB
    shard_loans: int = 1_500_000


@dataclass(frozen=True)
class Setting:
    """What the stages share: the engine, the checked book, the lender's policy and the ladder."""

    night: Night
    engine: Engine
    book: Book
    policy: Policy
    ladder: Ladder
    rulebook: Rulebook
    plan: Plan

    def at(self, name: str) -> Path:
        """A file of the run's output."""
        return self.night.out / name

    @property
    def shards(self) -> int:
        """How many shards the book is worked through in."""
        return max(1, math.ceil(self.book.contents["loans"].rows / self.night.shard_loans))

    @contextmanager
    def parts(self) -> Iterator[Path]:
        """A folder for the parts of a stage's output; what a killed run left there goes."""
        folder = self.at("parts")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        yield folder
        shutil.rmtree(folder)


def cycle_run(night: Night, *, progress: Progress) -> list[StageResult]:
    """Run every stage that is not done yet; the results in order. InputError names a bad book."""
    if night.previous is not None:
        _check_previous(night.previous)
    night.out.mkdir(parents=True, exist_ok=True)
    policy = policy_load(night.book / "policy.toml")
    ladder = ladder_on(night.on)
    book = book_open(night.book)
    spill = night.out / "spill"
    with engine_open(threads=night.threads, memory_mib=night.memory_mib, spill=spill) as engine:
        rulebook = night.rulebook or _shipped(night.jurisdiction)
        plan = plan_make(at=night.at, on=night.on, zone=night.time_zone, country=night.country)
        setting = Setting(night, engine, book, policy, ladder, rulebook, plan)
        return _stages(setting, progress)


def _shipped(jurisdiction: str) -> Rulebook:
    return rulebook_load(packs_folder()).only(jurisdictions=(jurisdiction, HOUSE))


def _stages(setting: Setting, progress: Progress) -> list[StageResult]:
    night = setting.night
    asked = digest_of(
        doorstep.__version__,
        night.on,
        night.time_zone,
        setting.policy.as_dict(),
        repr(setting.ladder),
        setting.book.digests,
    )
    before = _previous_digest(night.previous)
    rules = _rules_digest(setting)
    results: list[StageResult] = []
    for stage, files, work, extra in (
        ("snapshot", (), snapshot, ""),
        ("delinquency", ("loans.parquet",), delinquency, ""),
        ("facts", ("facts.parquet",), facts, ""),
        ("decisions", ("decisions.parquet",), decisions, ""),
        ("screening", ("screening.parquet",), screening, rules),
        ("movements", NEXT_TO_DECISIONS, movements, before),
    ):
        done = [result.outputs for result in results]
        results.append(
            stage_run(
                stage=stage,
                folder=night.out,
                inputs=digest_of(asked, extra, done),
                files=files,
                work=partial(_worked, work, setting),
                progress=progress,
            )
        )
    return results


def _worked(work: Callable[[Setting], int], setting: Setting) -> int:
    rows = work(setting)
    setting.engine.forget()
    return rows


def snapshot(setting: Setting) -> int:
    """Check the book's cells and keys; rows are those of all its tables."""
    checks.check_cells(setting.engine, setting.book)
    checks.check_keys(setting.engine, setting.book)
    return sum(contents.rows for contents in setting.book.contents.values())


def delinquency(setting: Setting) -> int:
    """Write every loan of the book, in its order, with what is overdue on it, shard by shard."""
    engine, book, shards = setting.engine, setting.book, setting.shards
    instalments = book_table(engine, book, "instalments")
    late = overdue.screened(instalments, on=setting.night.on, nought=nought(book, "instalments"))
    loans = book_table(engine, book, "loans", place="place")
    with setting.parts() as parts:
        pieces = [late]
        if shards > 1:
            pieces = engine.split(late, parts / "late", by="loan_id", shards=shards)
        for number, piece in enumerate(pieces):
            own = loans if shards == 1 else loans.filter(in_shard(loans.loan_id, number, shards))
            engine.write(_delinquency(setting, piece, own), part(parts, number))
        return engine.gather(parts, setting.at("loans.parquet"))


def _delinquency(setting: Setting, late: Any, loans: Any) -> Any:
    engine, policy, on = setting.engine, setting.policy, setting.night.on
    terms = overdue.penalty_terms(late, overdue.rates(loans, policy=policy), on=on, policy=policy)
    growth = _growth(engine, terms, policy)
    rows = overdue.accrued(terms, growth=growth, policy=policy)
    matter = engine.kept(overdue.by_loan(rows, on=on), "loans_that_matter")
    checks.check_instalments(engine, setting.book, late, matter)
    every = loans.select(*LOAN_COLUMNS, "place")
    return overdue.all_loans(every, matter, policy=policy)


def _growth(engine: Engine, terms: Any, policy: Policy) -> Any:
    if policy.penalty_compounding is Compounding.NONE:
        return None
    bearing = terms.filter((terms.base > 0) & (terms.rate_ppm > 0))
    pairs = engine.rows(bearing.select("rate_ppm", "penalty_days").distinct())
    return engine.arrow(overdue.growth_table(pairs, policy=policy), "growth")


def facts(setting: Setting) -> int:
    """Write the facts of every overdue borrower, in the order of their numbers."""
    engine, shards = setting.engine, setting.shards
    loans = engine.table(setting.at("loans.parquet"))
    with setting.parts() as parts:
        for number in range(shards):
            own = loans
            if shards > 1:
                own = loans.filter(in_shard(loans.borrower_id, number, shards))
            engine.write(_facts(setting, own), part(parts, number), group=SMALL_GROUP)
        facts = setting.at("facts.parquet")
        return engine.gather(parts, facts, order_by="borrower_id", group=SMALL_GROUP)


def _facts(setting: Setting, loans: Any) -> Any:
    """One after the other and each kept, so that few things are held in memory at a time.

    Tables first: opening one waits for the statements that are under way."""
    engine, book, night = setting.engine, setting.book, setting.night
    promises, protections, contacts, points, addresses = (
        book_table(engine, book, name)
        for name in ("promises", "protections", "contacts", "contact_points", "addresses")
    )
    promises = gathering.with_last_day(promises)
    held = engine.kept(
        gathering.holdings(protections=protections, promises=promises, on=night.on), "held"
    )
    marked = engine.kept(gathering.marked(loans.filter(loans.dpd > 0), held), "marked")
    borrowers = engine.kept(gathering.amounts(marked, policy=setting.policy), "overdue_borrowers")
    usable, places = gathering.reach(points, addresses, borrowers)
    beside = {
        "history": gathering.history(loans, borrowers),
        "named_hold": gathering.named_hold(held, borrowers, marked),
        "usable": usable,
        "places": places,
        "tried": gathering.tried(contacts, borrowers, on=night.on, time_zone=night.time_zone),
        "broken": gathering.broken_promises(promises, borrowers, on=night.on),
    }
    kept = [engine.kept(expression, name) for name, expression in beside.items()]
    found = gathering.joined_facts(borrowers, kept)
    return found.select("borrower_id", *choosing.FACTS).order_by("borrower_id")


def decisions(setting: Setting) -> int:
    """Write the decision for every overdue borrower, in the order of their numbers."""
    table = setting.engine.table(setting.at("facts.parquet"))
    currencies = [
        row["currency"] for row in setting.engine.rows(table.select("currency").distinct())
    ]
    decided = choosing.decided(
        table, ladder=setting.ladder, on=setting.night.on, currencies=sorted(currencies)
    )
    engine, path = setting.engine, setting.at("decisions.parquet")
    return engine.write(decided, path, group=SMALL_GROUP).result()


def screening(setting: Setting) -> int:
    """Write what the rules of the planned day say of every decided step, by borrower."""
    decided = setting.engine.table(setting.at("decisions.parquet"))
    said = screened(
        setting.engine, setting.book, decided, plan=setting.plan, rulebook=setting.rulebook
    )
    return setting.engine.write(said, setting.at("screening.parquet")).result()


def movements(setting: Setting) -> int:
    """Write the book by bucket, and what changed against the night before (or since never)."""
    engine, previous = setting.engine, setting.night.previous
    loans = engine.table(setting.at("loans.parquet"))
    now = engine.table(setting.at("decisions.parquet"))
    before = engine.table(previous / "decisions.parquet") if previous else now.limit(0)
    then = engine.table(previous / "loans.parquet") if previous else None
    borrowers = book_table(engine, setting.book, "borrowers")
    engine.write(changes.buckets(loans, borrowers), setting.at("buckets.parquet"))
    moved = changes.transitions(then if then is not None else loans.limit(0), loans)
    moved = moved if then is not None else moved.limit(0)
    engine.write(moved, setting.at("transitions.parquet"))
    changed = changes.movements(before, now)
    return engine.write(changed, setting.at("movements.parquet")).result()


def _rules_digest(setting: Setting) -> str:
    """What screening reads beside the book: the rules of the day, the plan, and what is kept of
    protections and of our own contacts."""
    plan, edition = setting.plan, setting.rulebook.edition(setting.plan.day)
    beside = [setting.book.folder / name for name in (SAFEGUARD_FILE, OWN_CONTACTS)]
    rules = [
        (b.rule.id, str(b.rule.test), str(b.rule.applies_to), str(dict(b.values)))
        for b in (*edition.restricting, *edition.permitting)
    ]
    kept = [sha256_of(path) if path.exists() else "" for path in beside]
    return digest_of([pack.name for pack in edition.packs], rules, str(plan), kept)


def _check_previous(folder: Path) -> None:
    for name in ("decisions.parquet", "loans.parquet"):
        if not (folder / name).exists():
            raise InputError(
                "There is no such file.",
                code="NO_PREVIOUS_RUN",
                hint="--previous takes the output folder of an earlier run.",
                where=Where(file=str(folder / name), field="--previous"),
            )


def _previous_digest(folder: Path | None) -> str:
    if folder is None:
        return ""
    try:
        kept = [
            json.loads((folder / f"{s}.json").read_text("utf-8"))
            for s in ("delinquency", "decisions")
        ]
        return digest_of([one["outputs"] for one in kept])
    except (OSError, ValueError, KeyError):
        return digest_of([sha256_of(folder / n) for n in ("decisions.parquet", "loans.parquet")])
