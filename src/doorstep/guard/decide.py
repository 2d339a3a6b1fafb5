"""The decision: one act, what is known, the rules of the day; one verdict with its reasons.

forbid > ask > not before (the latest) > conditions (all of them) > permit. The default is forbid:
without a permission that holds, with a fact unknown or too old, nothing is permitted. Scores are no
facts and cannot enter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from doorstep.guard.action import Action
from doorstep.guard.facts import Known
from doorstep.guard.verdict import Outcome, Reason, Verdict
from doorstep.rules.bound import Bound
from doorstep.rules.catalogue import Catalogue, Supplier
from doorstep.rules.findings import (
    Finding,
    conditions_open,
    effect_of,
    permissions,
    restrictions,
)
from doorstep.rules.pack import Edition, Rulebook
from doorstep.rules.rule import Effect
from doorstep.rules.values import Value
from doorstep.rules.waiting import clear_of_clocks

NO_PERMISSION = "NO-PERMISSION"
REVIEW_OVERDUE = "REVIEW-OVERDUE"

_OUTCOMES = {
    Effect.FORBID: Outcome.FORBID,
    Effect.END_CONTACT: Outcome.FORBID,
    Effect.ASK: Outcome.ASK,
    Effect.NOT_BEFORE: Outcome.NOT_BEFORE,
    Effect.PERMIT_IF: Outcome.PERMIT_IF,
    Effect.REQUIRE: Outcome.PERMIT,
}
_NO_PERMISSION = {
    "zh": "没有规则允许这样做,默认不做。",
    "en": "No rule permits this; what is not permitted is not done.",
}
_REVIEW = {
    "zh": "规则包 {pack} 应在 {day} 前复核,逾期后由人决定。",
    "en": "The rule pack {pack} was to be reviewed by {day}; until then a person decides.",
}


Made = dict[tuple[object, ...], Verdict]


def decide(
    *,
    rulebook: Rulebook,
    action: Action,
    facts: Mapping[str, Known],
    at: datetime,
    made: Made | None = None,
) -> Verdict:
    """The verdict for an act as proposed, decided at the instant `at` (aware).

    Where the borrower may be in several zones, the act must be lawful in all of them. `made` keeps
    verdicts from one act to the next, for acts under one rulebook: those in which the rules read
    the same at the same instant are decided once.
    """
    if at.tzinfo is None:
        raise ValueError("The instant of a decision must carry a time zone.")
    kept = {} if made is None else made
    verdicts = [
        _decide_in(rulebook, action, facts, at, zone, kept) for zone in dict.fromkeys(action.zones)
    ]
    return verdicts[0] if len(verdicts) == 1 else _strictest(verdicts)


def _decide_in(
    rulebook: Rulebook,
    action: Action,
    facts: Mapping[str, Known],
    at: datetime,
    zone: str,
    made: Made,
) -> Verdict:
    proposed = action.facts(zone)
    day = proposed["local_day"]
    assert isinstance(day, date)
    edition = rulebook.edition(day)
    known, stale = known_of(edition.catalogue, proposed, facts, at)
    reads = edition.reads(str(known["kind"]))
    read = (at, zone, stale, known.get("under_way"), *map(known.get, reads))
    verdict = made.get(read)
    if verdict is None:
        ruling = _Ruling(edition, known)
        ruling.review(at)
        ruling.restrict()
        ruling.permit()
        verdict = made[read] = ruling.verdict(at, stale)
    return verdict


def known_of(
    catalogue: Catalogue,
    proposed: Mapping[str, Value],
    facts: Mapping[str, Known],
    at: datetime,
) -> tuple[dict[str, Value | None], frozenset[str]]:
    """The facts as the rules read them, and the names of those too old to be relied on.

    What a register says wins over what the act claims of itself; the act's own clock, kind, channel
    and the like are its own. A fact too old is unknown, whatever a rule says about silence.
    """
    known: dict[str, Value | None] = dict(proposed)
    stale = set()
    for name, fact in facts.items():
        meaning = catalogue.get(name)
        if meaning is None or (meaning.supplied_by is Supplier.ACTION and name in proposed):
            continue
        known[name] = fact.value
        if meaning.max_age and fact.as_of and at - fact.as_of > meaning.max_age:
            known[name] = None
            stale.add(name)
    return known, frozenset(stale)


@dataclass
class _Ruling:
    """Gathers what the rules say to one act until the verdict is spoken."""

    edition: Edition
    known: Mapping[str, Value | None]
    outcome: Outcome = Outcome.PERMIT
    reasons: list[Reason] = field(default_factory=list)
    until: datetime | None = None
    conditions: list[str] = field(default_factory=list)
    duties: list[str] = field(default_factory=list)
    end_contact: bool = False
    missing: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.reviewed = {pack.id for pack in self.edition.packs if pack.reviewed_on is not None}

    def review(self, at: datetime) -> None:
        """A pack past its review date puts every act to a person."""
        for pack in self.edition.packs:
            if pack.review_overdue(at.date()):
                self._raise(Outcome.ASK)
                words = {
                    language: text.format(pack=pack.name, day=pack.review_due)
                    for language, text in _REVIEW.items()
                }
                self.reasons.append(Reason(REVIEW_OVERDUE, "ask", words, pack.authority, "house"))

    def restrict(self) -> None:
        """Every rule that speaks against the act, or attaches something to it."""
        for finding in restrictions(self.edition, self.known):
            effect = effect_of(finding, self.known)
            self._speak(finding, "warn" if finding.warns else effect.value)
            if finding.warns:
                continue
            if not finding.sure and effect is not Effect.REQUIRE:
                self._raise(self._for_want_of(finding.missing))
                continue
            self._raise(_OUTCOMES[effect])
            self._apply(finding.bound, effect)

    def permit(self) -> None:
        """Forbids unless one permission holds; names what kept the others from holding."""
        found = list(permissions(self.edition, self.known))
        if any(finding.sure for finding in found):
            self.used.update(*(finding.bound.needs for finding in found if finding.sure))
            return
        missing = frozenset().union(*(finding.missing for finding in found))
        self._raise(self._for_want_of(missing) if missing else Outcome.FORBID)
        self.missing |= missing
        self.reasons.append(
            Reason(NO_PERMISSION, "forbid", _NO_PERMISSION, "", "house", missing=_sorted(missing))
        )

    def verdict(self, at: datetime, stale: frozenset[str]) -> Verdict:
        """The verdict of everything gathered."""
        if self.outcome is Outcome.NOT_BEFORE:
            self.until = clear_of_clocks(self.edition, self.known, self.until)
            self.outcome = Outcome.NOT_BEFORE if self.until else Outcome.FORBID
        stopped = self.outcome.weight > Outcome.PERMIT_IF.weight
        under_way = stopped and self.known.get("under_way") is True
        return Verdict(
            outcome=self.outcome,
            at=at,
            reasons=tuple(self.reasons),
            not_before=self.until if self.outcome is Outcome.NOT_BEFORE else None,
            conditions=_sorted(self.conditions) if self.outcome is Outcome.PERMIT_IF else (),
            duties=tuple(self.duties),
            end_contact=self.end_contact or under_way,
            missing=_sorted(self.missing - stale),
            stale=_sorted(self.missing & stale),
            facts_used={
                name: value
                for name in sorted(self.used)
                if (value := self.known.get(name)) is not None
            },
            packs=tuple(pack.name for pack in self.edition.packs),
        )

    def _apply(self, bound: Bound, effect: Effect) -> None:
        match effect:
            case Effect.NOT_BEFORE:
                moment = bound.earliest(self.known)
                if moment is None:
                    self._raise(Outcome.FORBID)
                elif self.until is None or moment > self.until:
                    self.until = moment
            case Effect.PERMIT_IF:
                self.conditions += conditions_open(bound, self.known)
            case Effect.REQUIRE:
                self.duties.append(bound.rule.reported_as)
            case Effect.END_CONTACT:
                self.end_contact = True

    def _speak(self, finding: Finding, says: str) -> None:
        bound, rule = finding.bound, finding.bound.rule
        self.used |= bound.needs
        self.missing |= finding.missing
        self.reasons.append(
            Reason(
                rule=rule.id,
                outcome=says,
                words=bound.reason(self.known)
                if finding.sure
                else bound.want(finding.missing, self.edition.catalogue),
                source=str(rule.source),
                confidence=rule.source.confidence.value,
                reviewed=rule.pack in self.reviewed,
                missing=_sorted(finding.missing),
            )
        )

    def _for_want_of(self, missing: Iterable[str]) -> Outcome:
        asks = {self.edition.catalogue[name].if_unknown for name in missing}
        return Outcome.ASK if asks == {"ask"} else Outcome.FORBID

    def _raise(self, outcome: Outcome) -> None:
        if outcome.weight > self.outcome.weight:
            self.outcome = outcome


def _strictest(verdicts: list[Verdict]) -> Verdict:
    """The verdict where each of several may be the true one: the strictest, with every reason."""
    worst = max(verdicts, key=lambda one: one.outcome.weight)
    reasons = {reason.rule: reason for one in reversed(verdicts) for reason in one.reasons}
    moments = [one.not_before for one in verdicts if one.not_before]
    return Verdict(
        outcome=worst.outcome,
        at=worst.at,
        reasons=tuple(reasons.values()),
        not_before=max(moments) if worst.outcome is Outcome.NOT_BEFORE else None,
        conditions=_sorted(name for one in verdicts for name in one.conditions)
        if worst.outcome is Outcome.PERMIT_IF else (),
        duties=_sorted(name for one in verdicts for name in one.duties),
        end_contact=any(one.end_contact for one in verdicts),
        missing=_sorted(name for one in verdicts for name in one.missing),
        stale=_sorted(name for one in verdicts for name in one.stale),
        facts_used={n: v for one in reversed(verdicts) for n, v in one.facts_used.items()},
        packs=worst.packs,
    )  # fmt: skip


def _sorted(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))
