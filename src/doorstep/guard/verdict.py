"""The guard's answer: what it decided, by which rules, on which facts, and when it may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from doorstep.rules.values import Value, value_as_json


class Outcome(StrEnum):
    """What may be done, the gentlest first; of several the last named wins."""

    PERMIT = "permit"
    PERMIT_IF = "permit_if"
    NOT_BEFORE = "not_before"
    ASK = "ask"
    FORBID = "forbid"

    @property
    def weight(self) -> int:
        """How strict: the higher wins."""
        return _WEIGHTS[self]


_WEIGHTS = {outcome: weight for weight, outcome in enumerate(Outcome)}


@dataclass(frozen=True)
class Reason:
    """One rule that spoke. `outcome` is what the rule says, not what all rules together say.

    `outcome` is one of the effects of `doorstep.rules.pack.Effect` (`forbid`, `not_before`, `ask`,
    `permit_if`, `require`, `end_contact`, `permit`) or `warn` where the rule only warns.
    `words` holds the sentence in `zh` and `en`; `confidence` how far the rule was confirmed.
    `missing` names the facts that nobody gave, where that is why the rule speaks.
    """

    rule: str
    outcome: str
    words: Mapping[str, str]
    source: str
    confidence: str
    reviewed: bool = False
    missing: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The reason in plain JSON."""
        return {
            "rule": self.rule,
            "outcome": self.outcome,
            "zh": self.words.get("zh", ""),
            "en": self.words.get("en", ""),
            "source": self.source,
            "confidence": self.confidence,
            "reviewed": self.reviewed,
            "missing": list(self.missing),
        }


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The answer for one act at one moment, complete enough to be shown and to be repeated.

    `not_before`: when the outcome is NOT_BEFORE, the earliest permitted instant (aware).
    `conditions`: names of boolean facts that must hold when the outcome is PERMIT_IF.
    `duties`: rules that ask something of us because of this act. `end_contact`: a contact under
    way must stop now. `missing`, `stale`: facts that were needed and not known, or too old.
    `facts_used`: every fact a speaking rule read. `packs`: versions of the rule packs.
    """

    outcome: Outcome
    at: datetime
    reasons: tuple[Reason, ...] = ()
    not_before: datetime | None = None
    conditions: tuple[str, ...] = ()
    duties: tuple[str, ...] = ()
    end_contact: bool = False
    missing: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    facts_used: Mapping[str, Value] = field(default_factory=dict)
    packs: tuple[str, ...] = ()

    @property
    def permitted(self) -> bool:
        """Whether the act may be done now (with its conditions, where there are some)."""
        return self.outcome in (Outcome.PERMIT, Outcome.PERMIT_IF)

    @property
    def rules(self) -> tuple[str, ...]:
        """The ids of the rules that spoke."""
        return tuple(reason.rule for reason in self.reasons)

    @cached_property
    def record(self) -> dict[str, Any]:
        """The verdict as it is put on record: `as_dict`, for a permission without the sentences
        and sources of the rules that spoke, which their ids and the packs' versions name."""
        told = self.as_dict()
        if self.permitted:
            told["reasons"] = [
                {"rule": reason.rule, "outcome": reason.outcome} for reason in self.reasons
            ]
        return told

    def as_dict(self) -> dict[str, Any]:
        """The verdict in plain JSON, always with the same keys in the same order."""
        return {
            "outcome": self.outcome.value,
            "at": self.at.isoformat(),
            "reasons": [reason.as_dict() for reason in self.reasons],
            "not_before": self.not_before.isoformat() if self.not_before else None,
            "conditions": list(self.conditions),
            "duties": list(self.duties),
            "end_contact": self.end_contact,
            "missing": list(self.missing),
            "stale": list(self.stale),
            "facts_used": {
                name: value_as_json(self.facts_used[name]) for name in sorted(self.facts_used)
            },
            "packs": list(self.packs),
        }
