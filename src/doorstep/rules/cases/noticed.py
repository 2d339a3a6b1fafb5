"""Which spoilt rules the cases notice: a case that names the rule comes out otherwise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from doorstep.rules.cases.case_file import Case
from doorstep.rules.cases.check import case_check
from doorstep.rules.cases.words import Tools
from doorstep.rules.condition import ConditionError
from doorstep.rules.mutants import Mutant, mutant_noticed, mutants_of
from doorstep.rules.pack import Pack, Rulebook
from doorstep.rules.rule import Rule


@dataclass(frozen=True)
class CaseSet:
    """Cases and what they expect, by the rules they name."""

    book: Rulebook
    tools: Tools
    by_rule: Mapping[str, list[tuple[Case, str]]] = field(default_factory=dict)

    @classmethod
    def of(
        cls, files: Iterable[tuple[list[Case], dict[str, str]]], book: Rulebook, tools: Tools
    ) -> CaseSet:
        """The cases of files as `cases_read` gives them, so far as they say what they expect."""
        by_rule = defaultdict(list)
        for cases, expected in files:
            for case in cases:
                for name in case.rules if case.id in expected else ():
                    by_rule[name].append((case, expected[case.id]))
        return cls(book, tools, by_rule)

    def notices(self, mutant: Mutant) -> bool:
        """Whether some case that names the rule has another verdict under the mutant."""
        named = self.by_rule.get(mutant.rule.reported_as, [])
        spoilt = _with(self.book, mutant.rule)
        try:
            return any(
                case_check(case, spoilt, self.tools).verdict != expected for case, expected in named
            )
        except (ConditionError, TypeError, ValueError):
            return True  # a mutant that cannot be read stops the packs from loading


def mutants_held(
    cases: CaseSet, *, pack: str = "", jurisdiction: str = ""
) -> Iterator[tuple[Mutant, bool]]:
    """Every mutant of the book's rules, and whether an example of its rule or a case notices it."""
    for one in cases.book.packs:
        if pack in ("", one.id) and jurisdiction.lower() in ("", one.jurisdiction):
            for rule in one.rules:
                for mutant in mutants_of(rule):
                    yield mutant, mutant_noticed(mutant, cases.book) or cases.notices(mutant)


def _with(book: Rulebook, rule: Rule) -> Rulebook:
    """Only the rule's own pack, with this rule in the place of its own."""

    def changed(pack: Pack) -> Pack:
        rules = tuple(rule if one.id == rule.id else one for one in pack.rules)
        return replace(pack, rules=rules)

    packs = tuple(changed(pack) for pack in book.packs if pack.id == rule.pack)
    return Rulebook(book.catalogue, packs, book.counters)
