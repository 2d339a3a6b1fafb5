"""What is wrong with the wording of a text: by patterns, and by the model of abusive language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from doorstep.outreach.abusive import abuse_probabilities
from doorstep.outreach.lint import Finding, text_lint

LIKELY = 0.5
SURE = 0.9
ABUSE = "FB-VIOLENCE"


@dataclass(frozen=True)
class Wording:
    """What was found in a text. `abusive` is the model's probability: from `LIKELY` on a person
    looks, from `SURE` on it counts as a behaviour."""

    findings: tuple[Finding, ...]
    abusive: float

    @property
    def behaviours(self) -> list[str]:
        """The forbidden behaviours, each once, in order of their ids."""
        found = {finding.behaviour for finding in self.findings}
        return sorted(found | {ABUSE} if self.abusive >= SURE else found)

    @property
    def needs_a_look(self) -> bool:
        """Whether a person should read this before it goes anywhere."""
        return bool(self.findings) or self.abusive >= LIKELY


def texts_check(texts: Sequence[str]) -> list[Wording]:
    """The wording of each text; the model reads all of them at once."""
    chances = abuse_probabilities(texts)
    return [
        Wording(tuple(text_lint(text)), abusive)
        for text, abusive in zip(texts, chances, strict=True)
    ]
