"""The guard's answer for visits as they are planned: this crew, at this hour, to this borrower.

Fresh facts and the papers of the very people who go. It clears nothing: the door is asked again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from doorstep.cases.models import Case
from doorstep.dispatch.gathering import Gathered, facts_standing
from doorstep.dispatch.visit_windows import visit_act
from doorstep.guard.decide import Made, decide
from doorstep.guard.facts import Facts
from doorstep.guard.verdict import Verdict
from doorstep.portfolio.models import Address
from doorstep.rules.pack import Rulebook
from doorstep.workforce.papers import Deed, Papers, crew_facts
from doorstep.workforce.selectors import papers_of

LAST_MOMENT = timedelta(seconds=1)


@dataclass(frozen=True)
class Going:
    """A visit as planned. `risk` is what was assessed."""

    case: Case
    address: Address
    staff_ids: tuple[int, ...]
    begins_at: datetime
    ends_at: datetime
    risk: str


def visits_check(*, going: Sequence[Going], at: datetime, rulebook: Rulebook) -> list[Verdict]:
    """The stricter of the guard's answers for the first and the last moment of each visit, in their
    order; a fixed number of queries."""
    if not going:
        return []
    acts = [visit_act(case=each.case, address=each.address, at=at) for each in going]
    standings = facts_standing(acts=acts, at=at, rulebook=rulebook)
    held = papers_of(staff_ids={one for each in going for one in each.staff_ids}, at=at)
    made: Made = {}
    found = []
    for each, standing in zip(going, standings, strict=True):
        crew = [held[one] for one in each.staff_ids]
        verdicts = []
        for moment in (each.begins_at, max(each.begins_at, each.ends_at - LAST_MOMENT)):
            asked = _by_them(standing.at(max(moment, at)), moment, crew, each.risk)
            verdicts.append(
                decide(rulebook=rulebook, action=asked.action, facts=asked.facts, at=at, made=made)
            )
        found.append(max(verdicts, key=lambda one: one.outcome.weight))
    return found


def _by_them(asked: Gathered, moment: datetime, crew: Sequence[Papers], risk: str) -> Gathered:
    on = moment.astimezone(ZoneInfo(asked.action.zone)).date()
    facts = asked.facts | crew_facts(crew=crew, deed=Deed.VISIT, on=on, at=moment)
    agents = len({papers.staff_id for papers in crew})
    action = replace(asked.action, details={"step": "approach", "agents": agents})
    return replace(
        asked, action=action, facts=facts | Facts.of("visits", None, visit_risk=str(risk))
    )
