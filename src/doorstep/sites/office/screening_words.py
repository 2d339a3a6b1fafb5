"""What the night's screening says of a case's step, in words: can it be done, why not, from when,
and how much is left. Advice of the night; the guard decides when something is done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from doorstep.cases.models import SCREENED_LABELS, Case
from doorstep.guard.decide import NO_PERMISSION
from doorstep.kernel.errors import NotFound
from doorstep.rules.pack import Rulebook
from doorstep.sites.office.rule_words import KINDS, worded

TONES = {
    "permit": "plain", "permit_if": "plain", "not_before": "amber", "ask": "amber", "forbid": "red",
}  # fmt: skip
NO_PAGE = {NO_PERMISSION: _("No rule permits it")}
SAYS_WHY = ("not_before", "ask", "forbid")


@dataclass(frozen=True)
class RuleNamed:
    """A rule against the step; `page` whether there is a page about it."""

    id: str
    title: str
    page: bool


@dataclass(frozen=True)
class Screened:
    """The screening of one case, ready to be shown."""

    words: str
    tone: str
    rules: tuple[RuleNamed, ...]
    open_from: datetime | None
    left: tuple[tuple[str, int], ...]


def screened(case: Case, rulebook: Rulebook) -> Screened | None:
    """The screening in words; None where the step touches nobody."""
    if not case.screened:
        return None
    against = case.screened_rules if case.screened in SAYS_WHY else []
    return Screened(
        words=str(SCREENED_LABELS[case.screened]),
        tone=TONES[case.screened],
        rules=tuple(_named(rule, rulebook) for rule in against),
        open_from=case.screened_from,
        left=tuple(
            (str(KINDS[kind]), count)
            for kind, count in case.caps_left.items()
            if kind in KINDS and count is not None
        ),
    )


def _named(rule: str, rulebook: Rulebook) -> RuleNamed:
    try:
        return RuleNamed(rule, worded(rulebook.rule(rule).title), page=True)
    except NotFound:
        return RuleNamed(rule, str(NO_PAGE.get(rule, rule)), page=False)
