"""Why a visit is not planned: one stable code and one sentence a visit.

Codes, in the order they are looked for: NO_QUALIFIED_CREW, OUTSIDE_HOURS, AFTER_DARK, CAPACITY,
TOO_FAR (each holds whatever else is planned), then TOO_FULL, NO_TIME_LEFT and NOT_WORTH_IT (this
plan has better use for the time).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from doorstep.visits.greedy import Greedy
from doorstep.visits.plan import Call, Plan, Unvisited, calls_of, rested, visits_of
from doorstep.visits.problem import Crew, Problem, Visit, Window

SENTENCES = {
    "NO_QUALIFIED_CREW": "No crew has what this visit asks for: {what}.",
    "OUTSIDE_HOURS": "No crew is on duty inside the hours allowed for this visit.",
    "AFTER_DARK": "A visit of high risk must be over before dark, and its hours begin too late.",
    "CAPACITY": "It weighs {what}, more than any crew has room for.",
    "TOO_FAR": "No crew can get there in its hours, make the visit and be back in its shift.",
    "TOO_FULL": "The crews that could go have as many visits as they can take.",
    "NO_TIME_LEFT": "The crews that could go have no time left between other visits.",
    "NOT_WORTH_IT": "Getting there costs more than the visit is worth.",
    "STOPPED": "The planner was stopped before it came to this visit.",
}


def told(visit: Visit, why: str, what: str = "") -> Unvisited:
    """The reason, with its sentence."""
    return Unvisited(visit.id, why, SENTENCES[why].format(what=what))


def never_possible(problem: Problem, visit: Visit) -> Unvisited | None:
    """Why this visit cannot be made even by a crew with nothing else to do; None where it can."""
    able = [crew for crew in problem.crews if crew.can(visit)]
    if not able:
        return told(visit, "NO_QUALIFIED_CREW", _asked_for(visit))
    in_hours = [crew for crew in able if any(_meets(crew, each) for each in visit.windows)]
    if not in_hours:
        return told(visit, "OUTSIDE_HOURS")
    calls = calls_of(problem, visit)
    if not any(_meets(crew, call.window) for crew in in_hours for call in calls):
        return told(visit, "AFTER_DARK")
    room = problem.capacity
    if room is not None and visit.load > room:
        return told(visit, "CAPACITY", f"{visit.load} of {room}")
    if all(crew.max_visits == 0 for crew in in_hours):
        return told(visit, "CAPACITY", "one visit")
    if not any(rested(problem, crew, [call]) for crew in in_hours for call in calls):
        return told(visit, "TOO_FAR")
    return None


def _asked_for(visit: Visit) -> str:
    return ", ".join(sorted(visit.skills) or sorted(visit.crews))


def _meets(crew: Crew, window: Window) -> bool:
    return window.start <= crew.shift.end and crew.shift.start <= window.end


def left_out(problem: Problem, plan: Plan, visits: Sequence[Visit]) -> list[Unvisited]:
    """Why each of these visits, which could be made, is not in this plan."""
    fitting = Greedy(problem, routes=plan.routes, paying=False)
    fits = {visit.id for visit in fitting.not_paying()}
    made = {route.crew: visits_of(route.calls) for route in plan.routes}
    return [told(visit, _why(problem, made, visit, visit.id in fits)) for visit in visits]


def _why(problem: Problem, made: Mapping[str, list[Call]], visit: Visit, fits: bool) -> str:
    if fits:
        return "NOT_WORTH_IT"
    room = any(
        _has_room(problem, crew, made.get(crew.id, []), visit)
        for crew in problem.crews
        if crew.can(visit)
    )
    return "NO_TIME_LEFT" if room else "TOO_FULL"


def _has_room(problem: Problem, crew: Crew, made: Sequence[Call], visit: Visit) -> bool:
    if crew.max_visits is not None and len(made) >= crew.max_visits:
        return False
    load = sum(call.visit.load for call in made if call.visit) + visit.load
    return problem.capacity is None or load <= problem.capacity
