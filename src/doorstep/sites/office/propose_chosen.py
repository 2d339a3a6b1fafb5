"""Whom a proposal is about: ticked cases, a row of the ladder, or a filter of the worklist."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from doorstep.cases.models import Case
from doorstep.cases.selectors import cases_visible_to
from doorstep.cases.steps import Step
from doorstep.cases.worklist import worklist as cases_of
from doorstep.kernel.errors import InputError, NotFound
from doorstep.outreach.selectors import template_choose, templates_in_force
from doorstep.outreach.words import Kind, Medium, Reading, Tone
from doorstep.sites.office.lists import canonical
from doorstep.sites.office.worklist import latest_night
from doorstep.sites.office.worklist_views import KEPT, read_query
from doorstep.workforce.models import Staff

STEPS = (Step.REMIND, Step.REMIND_AGAIN, Step.LETTER)
MOST_TICKED = 1000
# The text that fits what the ladder decided; a row speaks as its step does.
STEP_TEXTS: dict[str, tuple[Kind, Tone, Medium]] = {
    Step.REMIND: (Kind.REMINDER, Tone.FRIENDLY, Medium.SMS),
    Step.REMIND_AGAIN: (Kind.REMINDER, Tone.SECOND, Medium.SMS),
    Step.LETTER: (Kind.LETTER, Tone.PLAIN_FACTS, Medium.LETTER),
}


def chosen_query(values: QueryDict) -> str:
    """What an address or a form names, in one short spelling; by default whoever is to be
    reminded."""
    if ticked := numbers_of(values.getlist("cases") + values.getlist("case")):
        return "cases=" + ",".join(map(str, ticked))
    if row := values.get("row", "")[:64]:
        query = QueryDict(mutable=True)
        query["row"] = row
        return query.urlencode()
    return canonical(values, names=KEPT) or f"step={Step.REMIND}"


def chosen_cases(query: str, *, staff: Staff) -> QuerySet[Case]:
    """The cases that a query names, within the scope of `staff`. Raises InputError for a filter
    that cannot be read."""
    values = QueryDict(query)
    if ticked := numbers_of(values.getlist("cases")):
        return cases_visible_to(staff=staff).filter(status="open", pk__in=ticked)
    if row := values.get("row"):
        return cases_visible_to(staff=staff).filter(status="open", step__in=STEPS, reason=row)
    chosen = read_query(query)
    if chosen.problems:
        raise InputError(_("The filter cannot be read, so nothing is selected."))
    return cases_of(chosen, staff=staff, night=latest_night())


def is_filter(query: str) -> bool:
    """Whether the worklist can show the same cases."""
    return not {"cases", "row"} & set(QueryDict(query))


def text_suggested(step: str) -> str:
    """The key of the text in force that fits a step of the ladder; empty: none."""
    wanted = STEP_TEXTS.get(step)
    if wanted is None:
        return ""
    kind, tone, medium = wanted
    try:
        return template_choose(
            templates=templates_in_force(), kind=kind, tone=tone, medium=medium,
            reading=Reading.USUAL,
        ).key  # fmt: skip
    except NotFound:
        return ""


def numbers_of(texts: list[str]) -> list[int]:
    """The numbers of cases in a form, each once, at most MOST_TICKED."""
    parts = [part for text in texts for part in text.split(",")][:MOST_TICKED]
    return sorted({int(p) for p in parts if p.isascii() and p.isdigit() and len(p) < 16})
