"""Packs of rules as folders of TOML, the fact catalogue beside them, and all of them together.

rulepacks/facts.toml, facts_*.toml, counters.toml
rulepacks/cn/pack.toml, cn/hours/quiet.toml     one rule a file
rulepacks/house/default/pack.toml               the lender's own, which may only tighten
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from doorstep.kernel.errors import NotFound
from doorstep.rules.bound import Bound, rule_bind
from doorstep.rules.catalogue import Meaning, catalogue_read
from doorstep.rules.counters import Counter, counters_read
from doorstep.rules.faults import Fault, Faults, relative
from doorstep.rules.rule import SCREENS, Rule, Severity
from doorstep.rules.rule_file import rule_read, toml_read
from doorstep.rules.tree import Known

HOUSE = "house"
MOST_COMBINATIONS = 4096
_SCREENED = tuple(SCREENS.values())
_PACK_KEYS = {
    "id", "version", "authority", "jurisdiction", "title", "reviewed_on", "reviewed_by",
    "review_due", "coverage", "note",
}  # fmt: skip


@dataclass(frozen=True)
class Pack:
    """Rules of one authority. `reviewed_on` None: no lawyer of the jurisdiction has signed it."""

    id: str
    version: str
    authority: str
    jurisdiction: str
    folder: str
    title: Mapping[str, str] = field(default_factory=dict)
    reviewed_on: date | None = None
    review_due: date | None = None
    coverage: str = ""
    rules: tuple[Rule, ...] = ()

    @property
    def name(self) -> str:
        """Id and version, as verdicts and clearances name it."""
        return f"{self.id}-{self.version}"

    @property
    def is_house(self) -> bool:
        """Whether these are the lender's own choices, which may only tighten the law."""
        return self.jurisdiction == HOUSE

    def review_overdue(self, on: date) -> bool:
        """Whether the day by which the pack had to be looked at again has passed."""
        return self.review_due is not None and on > self.review_due


@dataclass(frozen=True)
class Rulebook:
    """Every pack that applies to one lender, with the catalogue. `on(day)` is what decides."""

    catalogue: Mapping[str, Meaning]
    packs: tuple[Pack, ...]
    counters: Mapping[str, Counter] = field(default_factory=dict)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Every rule of every pack, drafts and past ones too."""
        return tuple(rule for pack in self.packs for rule in pack.rules)

    def rule(self, name: str) -> Rule:
        """The rule with that id; NotFound when there is none."""
        found = next((rule for rule in self.rules if rule.id == name), None)
        if found is None:
            raise NotFound(f"There is no rule {name}.", code="NO_RULE", hint="See rules explain.")
        return found

    def only(self, packs: Iterable[str] = (), jurisdictions: Iterable[str] = ()) -> Rulebook:
        """The same book with just the named packs and those of the named jurisdictions."""
        ids, places = set(packs), set(jurisdictions)
        kept = tuple(p for p in self.packs if p.id in ids or p.jurisdiction in places)
        return Rulebook(self.catalogue, kept, self.counters)

    def edition(self, on: date, *, drafts: bool = False) -> Edition:
        """The rules in force on a day, bound to its values; made once and kept.

        Days between two changes of the law share one edition.
        """
        turns = self._turns
        since = turns[bisect_right(turns, on) - 1] if turns and turns[0] <= on else date.min
        if (since, drafts) not in self._editions:
            rules = (r for r in self.rules if r.in_force(since) and (drafts or not r.source.draft))
            self._editions[since, drafts] = edition_of(rules, self, since)
        return self._editions[since, drafts]

    @cached_property
    def _turns(self) -> list[date]:
        """Every day on which a rule begins, ends or takes other values."""
        days = {row.since for rule in self.rules for row in rule.rows}
        days |= {rule.source.in_force for rule in self.rules if rule.source.in_force}
        days |= {rule.until for rule in self.rules if rule.until}
        return sorted(days)

    @cached_property
    def _editions(self) -> dict[tuple[date, bool], Edition]:
        return {}


@dataclass(frozen=True)
class Edition:
    """The rules in force on one day, bound to its values.

    `exceptions[rule]` are the rules that can lift it; `open` those that a person must judge.
    """

    on: date | None
    packs: tuple[Pack, ...]
    catalogue: Mapping[str, Meaning]
    restricting: tuple[Bound, ...]
    permitting: tuple[Bound, ...]
    exceptions: Mapping[str, tuple[Bound, ...]]
    open: tuple[Rule, ...]
    _about: dict[tuple[object, ...], tuple[Bound, ...]] = field(default_factory=dict, repr=False)
    _waiting: dict[tuple[object, ...], tuple[Bound, ...]] = field(default_factory=dict, repr=False)
    _reads: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False)

    def restricting_kind(self, kind: str) -> tuple[Bound, ...]:
        """The restricting rules that can be about an act of that kind."""
        return tuple(b for b in self.restricting if kind in b.rule.applies_to.get("kinds", (kind,)))

    def reads(self, kind: str) -> tuple[str, ...]:
        """Every fact that has a part in what the rules say to an act of that kind, sorted."""
        if kind not in self._reads:
            lifting = (each for some in self.exceptions.values() for each in some)
            bound = (*self.restricting_kind(kind), *self.permitting, *lifting)
            self._reads[kind] = tuple(sorted({name for each in bound for name in each.reads}))
        return self._reads[kind]

    def restricting_about(self, known: Known) -> tuple[Bound, ...]:
        """The restricting rules that no screen takes away from such an act.

        Screens look at a few codes only, so the answer is kept for each combination of them.
        """
        key = tuple(known.get(fact) for fact in _SCREENED)
        found = self._about.get(key)
        return self._look(key, known) if found is None else found

    def waiting_about(self, known: Known) -> tuple[Bound, ...]:
        """Of these the rules that make wait by clock and calendar alone."""
        self.restricting_about(known)
        return self._waiting[tuple(known.get(fact) for fact in _SCREENED)]

    def _look(self, key: tuple[object, ...], known: Known) -> tuple[Bound, ...]:
        if len(self._about) >= MOST_COMBINATIONS:
            self._about.clear()
            self._waiting.clear()
        found = tuple(b for b in self.restricting if not b.screened_out(known))
        self._waiting[key] = tuple(b for b in found if b.by_clock)
        self._about[key] = found
        return found


def edition_of(rules: Iterable[Rule], book: Rulebook, on: date | None) -> Edition:
    """The given rules bound to a day (None: to their newest values)."""
    rules = tuple(rules)
    every = [rule_bind(rule, book.catalogue, on) for rule in rules]
    bound = [b for b in every if b is not None and b.rule.severity is not Severity.INFO]
    lifting = [b for b in bound if b.rule.exception_to]
    targets = {target for b in lifting for target in b.rule.exception_to}
    return Edition(
        on=on,
        packs=book.packs,
        catalogue=book.catalogue,
        restricting=tuple(b for b in bound if b.rule.severity is not Severity.PERMIT),
        permitting=tuple(
            b for b in bound if b.rule.severity is Severity.PERMIT and not b.rule.exception_to
        ),
        exceptions={
            target: tuple(b for b in lifting if target in b.rule.exception_to) for target in targets
        },
        open=tuple(rule for rule in rules if rule.test is None),
    )


def rulebook_load(folder: Path) -> Rulebook:
    """The packs of a folder. Raises InputError for the first fault; the linter names them all."""
    book, faults = rulebook_read(folder)
    fatal = [fault for fault in faults if not fault.notice]
    if fatal:
        raise fatal[0].error()
    return book


def rulebook_read(folder: Path) -> tuple[Rulebook, list[Fault]]:
    """The packs of a folder as far as they can be read, and every fault of a single file."""
    faults: list[Fault] = []
    catalogue = _catalogue(folder, faults)
    counters_file = _open(folder / "counters.toml", folder)
    counters = counters_read(_tables(counters_file), catalogue, counters_file)
    faults += counters_file.found
    packs = []
    for file in sorted(folder.rglob("pack.toml")):
        found = _open(file, folder)
        pack = _pack(_tables(found), found, relative(file.parent, folder))
        faults += found.found
        rules = []
        for path in sorted(file.parent.rglob("*.toml")):
            if path == file:
                continue
            reading = _open(path, folder)
            rule = rule_read(reading.text, pack=pack.id, catalogue=catalogue, faults=reading)
            if rule is not None:
                rules.append(rule)
            faults += reading.found
        packs.append(Pack(**{**pack.__dict__, "rules": tuple(rules)}))
    shared_first = sorted(faults, key=lambda fault: ("/" in fault.file, fault))
    return Rulebook(catalogue, tuple(packs), counters), shared_first


def _catalogue(folder: Path, faults: list[Fault]) -> dict[str, Meaning]:
    """The facts of `facts.toml` and of the `facts_*.toml` beside it, each named once."""
    catalogue: dict[str, Meaning] = {}
    for path in [folder / "facts.toml", *sorted(folder.glob("facts_*.toml"))]:
        found = _open(path, folder)
        read = catalogue_read(_tables(found), found)
        for name in read.keys() & catalogue.keys():
            found.add("SAME_FACT", name, f"{name} is described in two files.", "Keep one of them.")
        catalogue |= read
        faults += found.found
    return catalogue


def _open(path: Path, folder: Path) -> Faults:
    try:
        return Faults(relative(path, folder), path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        faults = Faults(relative(path, folder))
        faults.add("NOT_READABLE", "", f"{error}.")
        return faults


def _tables(faults: Faults) -> dict[str, Any]:
    return (toml_read(faults.text, faults) if not faults.found else None) or {}


def _pack(raw: dict[str, Any], faults: Faults, folder: str) -> Pack:
    for name in raw.keys() - _PACK_KEYS:
        faults.add("UNKNOWN_KEY", name, "Unknown key.", f"Known: {', '.join(sorted(_PACK_KEYS))}.")
    for name in ("id", "version", "authority", "jurisdiction"):
        if not isinstance(raw.get(name), str) or not raw[name]:
            faults.add("MISSING", name, "This text is missing.")
    for name in ("reviewed_on", "review_due"):
        if raw.get(name) in ("", None):
            raw.pop(name, None)
        elif not isinstance(raw[name], date):
            faults.add("BAD_VALUE", name, "Not a day.", "Write it bare: 2026-01-30.")
            raw.pop(name)
    return Pack(
        id=str(raw.get("id", folder)),
        version=str(raw.get("version", "")),
        authority=str(raw.get("authority", "")),
        jurisdiction=str(raw.get("jurisdiction", "")).lower(),
        folder=folder,
        title=raw.get("title", {}),
        reviewed_on=raw.get("reviewed_on"),
        review_due=raw.get("review_due"),
        coverage=str(raw.get("coverage", "")),
    )


def packs_folder(start: Path = Path(__file__)) -> Path:
    """`rulepacks/` beside the program: in the repository, or as shipped with the package."""
    for parent in start.resolve().parents:
        if (parent / "rulepacks" / "facts.toml").is_file():
            return parent / "rulepacks"
    raise NotFound("There is no folder rulepacks/ beside the program.", code="NO_RULEPACKS")
