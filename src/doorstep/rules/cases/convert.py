"""A case in the words of the catalogue: every concern's facts, for each zone it may be in."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from doorstep.rules.cases import (
    contacts,
    content,
    deed,
    mainland,
    moment,
    more_calls,
    outsourcing,
    papers,
    person,
    places,
    shelters,
    wishes,
)
from doorstep.rules.cases.case_file import Case
from doorstep.rules.cases.words import Facts, Tools, same_thing

CONCERNS = (
    deed, person, outsourcing, contacts, more_calls, wishes, shelters, places, content, papers,
    mainland,
)  # fmt: skip


def case_facts(case: Case, tools: Tools) -> list[Facts]:
    """The facts of a case, once for every zone the borrower may be in.

    A fact the case does not give is absent; one it says nobody knows is None, which no silence of a
    rule fills.
    """
    return [_facts(case, tools, zone) for zone in moment.zones(case)]


def _facts(case: Case, tools: Tools, zone: ZoneInfo | None) -> Facts:
    found: Facts = {}
    for concern in CONCERNS:
        found |= concern.facts(case, tools)
    found |= moment.facts(case, tools, zone)
    found |= same_thing(case, tools)
    return {name: value for name, value in found.items() if name in tools.catalogue}
