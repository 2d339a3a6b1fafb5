"""The verdict of a case by the rules it names, all others taken as satisfied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from doorstep.rules.cases import moment
from doorstep.rules.cases.case_file import Case
from doorstep.rules.cases.convert import case_facts
from doorstep.rules.cases.words import Facts, Tools
from doorstep.rules.findings import (
    Finding,
    effect_of,
    permissions,
    restrictions,
)
from doorstep.rules.pack import Edition, Rulebook, edition_of
from doorstep.rules.rule import Effect, Rule

ALLOW, WARN, REQUIRE, DENY, END_CONTACT = "allow", "warn", "require", "deny", "end-contact"
_WEIGHTS = {verdict: n for n, verdict in enumerate((ALLOW, WARN, REQUIRE, DENY, END_CONTACT))}


@dataclass(frozen=True)
class CaseVerdict:
    """What the named rules say to a case. `not_encoded`: named rules no program can apply."""

    id: str
    verdict: str
    rules: tuple[str, ...] = ()
    reasons: tuple[dict[str, str], ...] = ()
    not_before: datetime | None = None
    missing: tuple[str, ...] = ()
    not_encoded: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The verdict as `rules check --json` prints it."""
        return {
            "id": self.id,
            "verdict": self.verdict,
            "rules": list(self.rules),
            "reasons": list(self.reasons),
            "not_before": self.not_before.isoformat() if self.not_before else None,
            "missing": list(self.missing),
        }


@dataclass
class _Said:
    """What one finding comes to."""

    verdict: str
    finding: Finding
    words: dict[str, str] = field(default_factory=dict)
    not_before: datetime | None = None


def case_check(case: Case, book: Rulebook, tools: Tools) -> CaseVerdict:
    """The verdict for a case: only the rules it names (and their parts) are applied."""
    on = moment.on(case)
    named = [r for r in book.rules if r.id in case.rules or r.part_of in case.rules]
    applied = [rule for rule in named if rule.in_force(on)]
    edition = edition_of((rule for rule in applied if rule.test), book, on)
    verdicts = [
        _verdict(case, edition, applied, known, _not_encoded(case, named))
        for known in case_facts(case, tools)
    ]
    return max(verdicts, key=lambda one: _WEIGHTS[one.verdict])


def _not_encoded(case: Case, named: Sequence[Rule]) -> tuple[str, ...]:
    encoded = {rule.reported_as for rule in named if rule.test is not None}
    return tuple(name for name in case.rules if name not in encoded)


def _verdict(
    case: Case, edition: Edition, applied: Sequence[Rule], known: Facts, open_: tuple[str, ...]
) -> CaseVerdict:
    said = [_said(finding, known, edition) for finding in restrictions(edition, known)]
    said += _unpermitted(edition, known)
    verdict = max((one.verdict for one in said), key=_WEIGHTS.__getitem__, default=ALLOW)
    if verdict == ALLOW and open_ and len(open_) == len(case.rules):
        return CaseVerdict(case.id, DENY, not_encoded=open_)
    if verdict == DENY and known.get("under_way") is True:
        verdict = END_CONTACT
    deciding = [one for one in said if _WEIGHTS[one.verdict] == _WEIGHTS[verdict]] or said
    silent = tuple(dict.fromkeys(rule.reported_as for rule in applied))
    return CaseVerdict(
        id=case.id,
        verdict=verdict,
        rules=tuple(dict.fromkeys(o.finding.bound.rule.reported_as for o in deciding)) or silent,
        reasons=tuple(one.words for one in said),
        not_before=_not_before(said) if verdict in (DENY, END_CONTACT) else None,
        missing=tuple(sorted({name for one in said for name in one.finding.missing})),
        not_encoded=open_,
    )


def _said(finding: Finding, known: Facts, edition: Edition) -> _Said:
    bound, effect = finding.bound, effect_of(finding, known)
    words = bound.reason(known) if finding.sure else bound.want(finding.missing, edition.catalogue)
    reason = {
        "rule": bound.rule.reported_as,
        "zh": words["zh"],
        "en": words["en"],
        "source": str(bound.rule.source),
    }
    moment_ = bound.earliest(known) if effect is Effect.NOT_BEFORE and finding.sure else None
    return _Said(_meaning(finding, effect), finding, reason, moment_)


def _meaning(finding: Finding, effect: Effect) -> str:
    if finding.warns:
        return WARN
    if effect is Effect.REQUIRE:
        return REQUIRE
    if effect is Effect.END_CONTACT and finding.sure:
        return END_CONTACT
    return DENY


def _unpermitted(edition: Edition, known: Facts) -> list[_Said]:
    """Where a case names permissions only, and none holds, their default is no."""
    if edition.restricting or not edition.permitting:
        return []
    found = list(permissions(edition, known))
    if any(finding.sure for finding in found):
        return []
    finding = found[0] if found else Finding(edition.permitting[0])
    rule = finding.bound.rule
    words = {"rule": rule.id, **rule.title, "source": str(rule.source)}
    return [_Said(DENY, finding, words)]


def _not_before(said: Sequence[_Said]) -> datetime | None:
    denying = [one for one in said if one.verdict == DENY]
    moments = [one.not_before for one in denying]
    if not denying or None in moments:
        return None
    return max(moment for moment in moments if moment)
