"""A plan as rows: what a solved problem says, visit by visit and crew by crew, with its figures."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from doorstep.dispatch.visit_problem import Clockwork, Drawn, LeftOut
from doorstep.visits.candidates import Candidate
from doorstep.visits.crews import CrewToday
from doorstep.visits.models import CrewDay, PlannedVisit
from doorstep.visits.models.days import VisitState
from doorstep.visits.plan import Plan, Route, Stop
from doorstep.visits.problem import Problem
from doorstep.visits.services.plans import Rows
from doorstep.visits.worth import because_as_list

GUARD_AT_LAST = "GUARD"


def rows_of(
    drawn: Drawn, plan: Plan, *, refused: Mapping[str, Mapping[str, Any]] | None = None
) -> Rows:
    """The rows of a solved problem. `refused`: visits that the guard does not let this crew make at
    this hour after all, with its verdict."""
    routes = {route.crew: route for route in plan.routes}
    crews = {key: crew_row(crew, routes.get(key), drawn.clock) for key, crew in drawn.crews.items()}
    rows = Rows(
        crews=list(crews.values()),
        members={key: tuple(a.id for a in crew.agents) for key, crew in drawn.crews.items()},
    )
    for route in plan.routes:
        place = 0
        for stop in route.stops:
            if stop.visit in (refused or {}):
                continue
            place += 1
            rows.visits.append(_made(drawn, stop, crews[route.crew], place))
    reasons: dict[str, tuple[str, Mapping[str, Any]]] = {
        one.visit: (one.why, {"detail": one.detail}) for one in plan.unvisited
    }
    reasons |= {
        visit: (GUARD_AT_LAST, {"verdict": dict(verdict)})
        for visit, verdict in (refused or {}).items()
    }
    for visit, (why, more) in reasons.items():
        candidate = drawn.candidates[visit]
        rows.visits.append(_left(candidate, why, more, _spans(drawn, visit)))
    rows.visits += [left_row(each) for each in drawn.left_out]
    return rows


def crew_row(crew: CrewToday, route: Route | None, clock: Clockwork) -> CrewDay:
    """A crew's day; without a route it stays at the branch."""
    row = CrewDay(
        key=crew.key, day=crew.day, begins_at=crew.begins, ends_at=crew.ends,
        vehicle_id=crew.vehicle, skills=sorted(crew.skills),
    )  # fmt: skip
    crew_times(row, route, clock)
    return row


def crew_times(row: CrewDay, route: Route | None, clock: Clockwork) -> None:
    """Write a route's times into the crew's row."""
    rest = route.rest if route else None
    row.leaves_at = clock.instant(route.start) if route else None
    row.back_at = clock.instant(route.end) if route else None
    row.rest_at = clock.instant(rest.start) if rest else None
    row.rest_until = clock.instant(rest.end) if rest else None


def visit_row(candidate: Candidate, windows: list[list[str]]) -> PlannedVisit:
    """A visit's row, in no crew's day yet."""
    address = candidate.address
    return PlannedVisit(
        case=candidate.case, address=address,
        appointment=candidate.appointment or candidate.announced,
        latitude=address.latitude if address else None,
        longitude=address.longitude if address else None,
        windows=windows, minutes=candidate.minutes, value=candidate.worth.value,
        because=because_as_list(candidate.worth.because), required=candidate.required,
        needs=sorted(candidate.asked.needs), risk=candidate.risk,
    )  # fmt: skip


def _spans(drawn: Drawn, visit: str) -> list[list[str]]:
    return spans_as_json(drawn.windows[visit].spans)


def spans_as_json(spans: Sequence[tuple[datetime, datetime]]) -> list[list[str]]:
    """Stretches of instants in plain JSON."""
    return [[start.isoformat(), end.isoformat()] for start, end in spans]


def _made(drawn: Drawn, stop: Stop, crew: CrewDay, place: int) -> PlannedVisit:
    row = visit_row(drawn.candidates[stop.visit], _spans(drawn, stop.visit))
    row.crew, row.place = crew, place
    row.arrives_at, row.begins_at, row.ends_at = (
        drawn.clock.instant(each) for each in (stop.arrive, stop.start, stop.leave)
    )
    return row


def _left(
    candidate: Candidate, why: str, more: Mapping[str, Any], windows: list[list[str]]
) -> PlannedVisit:
    row = visit_row(candidate, windows)
    row.state, row.why, row.why_more = VisitState.LEFT_OUT, why, dict(more)
    return row


def left_row(each: LeftOut) -> PlannedVisit:
    """A candidate that never entered the problem."""
    spans = spans_as_json(each.windows.spans) if each.windows else []
    return _left(each.candidate, each.why, each.more, spans)


def plan_packed(plan: Plan, problem: Problem) -> bytes:
    """PLAN.json, compressed."""
    return zlib.compress(json.dumps(plan.as_dict(problem), separators=(",", ":")).encode(), 6)


def figures_of(rows: Rows, plan: Plan, problem: Problem) -> dict[str, Any]:
    """What the plan comes to; money in minor units, times in seconds."""
    made = [row for row in rows.visits if row.state == VisitState.PLANNED]
    promised = [row for row in rows.visits if row.required]
    metres = problem.travel.metres
    return {
        "candidates": len(rows.visits),
        "planned": len(made),
        "promised": len(promised),
        "missed": sum(row.state == VisitState.LEFT_OUT for row in promised),
        "value": round(plan.value),
        "objective": round(plan.objective),
        "cost": round(plan.value - plan.objective),
        "travel_seconds": plan.travel_seconds,
        "travel_metres": sum(_metres(route, problem) for route in plan.routes)
        if metres is not None
        else None,
        "crews": len(rows.crews),
        "crews_out": len(plan.routes),
        "seconds_used": round(plan.seconds_used, 1),
        "buffer": plan.buffer,
        "notices": list(plan.notices),
    }


def _metres(route: Route, problem: Problem) -> int:
    crew, metres = problem.crew_by_id[route.crew], problem.travel.metres
    assert metres is not None
    places = [crew.start, *(call.place for call in route.calls), crew.end]
    return sum(int(metres[a, b]) for a, b in pairwise(places))
