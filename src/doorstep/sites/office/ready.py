"""What the night made ready to be written: by row of the ladder, how many, and who is held back."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.db.models import BooleanField, Count, ExpressionWrapper, Q
from django.utils.translation import get_language

from doorstep.cases.models import SCREENED_LABELS, STEP_LABELS
from doorstep.cases.screening import ASK, GROUPS, held_back
from doorstep.cases.selectors import cases_visible_to
from doorstep.kernel import clock
from doorstep.kernel.errors import NotFound
from doorstep.rules.selectors import rulebook_shipped
from doorstep.sites.office.propose_chosen import STEPS
from doorstep.sites.office.rule_words import worded
from doorstep.treatment.shelf import ladder_on
from doorstep.treatment.wording import step_in_words
from doorstep.workforce.models import Staff


@dataclass
class Ready:
    """One row of the ladder: what it says to do, to how many, and why others are held back."""

    row: str
    words: str
    step: str
    total: int = 0
    held: int = 0
    why: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def ready(self) -> int:
        """How many the night found nothing against within a day."""
        return self.total - self.held

    @property
    def reasons(self) -> list[tuple[tuple[str, str], int]]:
        """Why others are held back, the most frequent first."""
        return self.why.most_common()


def ready_of(*, staff: Staff) -> list[Ready]:
    """The rows of the ladder that write to somebody, within the scope of `staff`; one query."""
    cases = cases_visible_to(staff=staff).filter(status="open", step__in=STEPS).order_by()
    until = clock.now() + timedelta(days=1)
    stopped = ExpressionWrapper(
        held_back(until=until) | Q(screened__in=GROUPS[ASK]),
        output_field=BooleanField(),
    )
    counted = cases.annotate(stopped=stopped).values_list(
        "step", "reason", "stopped", "screened", "screened_rules"
    )
    found: dict[tuple[str, str], Ready] = {}
    for step, row, held, screened, rules, count in counted.annotate(n=Count("pk")):
        each = found.get((step, row))
        if each is None:
            words = row_words(row, get_language() or "") or str(STEP_LABELS[step])
            each = found[step, row] = Ready(row, words, str(STEP_LABELS[step]))
        each.total += count
        if held:
            each.held += count
            each.why[_why(screened, rules)] += count
    order = {str(step): place for place, step in enumerate(STEPS)}
    return [found[key] for key in sorted(found, key=lambda key: (order[key[0]], key[1]))]


def row_words(row: str, language: str) -> str:
    """What a row of the present ladder says comes next; empty where it has no such row."""
    if not row:
        return ""
    try:
        return step_in_words(
            ladder_version=ladder_on(clock.today(settings.TIME_ZONE)).version,
            reason=row,
            facts={},
            language=language,
        )
    except (NotFound, KeyError):  # no such row, or one whose words need the facts of a case
        return ""


def _why(screened: str, rules: list[str]) -> tuple[str, str]:
    """The rule that holds somebody back, with its title; without one, what the screening said."""
    for name in rules[:1]:
        try:
            return name, worded(rulebook_shipped().rule(name).title)
        except NotFound:
            return "", name
    return "", str(SCREENED_LABELS[screened])
