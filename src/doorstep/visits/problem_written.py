"""A problem as PROBLEM.json says it, so that it can be kept, read again and solved again. Pure.

`problem_file.problem_of` reads back what is written here, the travel matrix included.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from doorstep.visits.problem import Break, Crew, Problem, Visit
from doorstep.visits.problem_file import problem_of

Points = Mapping[str, tuple[float, float]]


def problem_as_dict(problem: Problem, *, points: Points | None = None) -> dict[str, Any]:
    """PROBLEM.json; `points` are latitude and longitude of places, where they are known."""
    travel, goal = problem.travel, problem.objective
    tree: dict[str, Any] = {
        "matrix": {"seconds": travel.seconds.tolist()},
        "crews": [_crew(each, problem.places) for each in problem.crews],
        "visits": [_visit(each, problem.places) for each in problem.visits],
        "objective": {
            "per_second": goal.per_second, "per_metre": goal.per_metre, "crew_day": goal.crew_day,
            "per_second_over": goal.per_second_over,
        },
        "locations": [_place(name, points or {}) for name in problem.places],
        "day": {},
    }  # fmt: skip
    if travel.metres is not None:
        tree["matrix"]["metres"] = travel.metres.tolist()
    if goal.fair_seconds is not None:
        tree["objective"]["fair_seconds"] = goal.fair_seconds
    if problem.capacity is not None:
        tree["capacity"] = problem.capacity
    if problem.date:
        tree["day"]["date"] = problem.date
    if problem.dark_from is not None:
        tree["day"]["dark_from"] = problem.dark_from
    return tree


def problem_packed(problem: Problem, *, points: Points | None = None) -> bytes:
    """PROBLEM.json, compressed; whether travel is estimated is kept beside it."""
    tree = problem_as_dict(problem, points=points)
    kept = {
        "problem": tree, "estimated": problem.travel.estimated, "buffer": problem.travel.buffer,
    }  # fmt: skip
    return zlib.compress(json.dumps(kept, separators=(",", ":")).encode(), 6)


def problem_unpacked(packed: bytes) -> tuple[Problem, dict[str, tuple[float, float]]]:
    """The problem, and the points of its places."""
    kept = json.loads(zlib.decompress(bytes(packed)))
    tree = kept["problem"]
    problem = problem_of(tree)
    travel = replace(problem.travel, estimated=kept["estimated"], buffer=kept["buffer"])
    points = {str(p["id"]): (p["lat"], p["lon"]) for p in tree["locations"] if "lat" in p}
    return replace(problem, travel=travel), points


def _place(name: str, points: Points) -> dict[str, Any]:
    if name not in points:
        return {"id": name}
    return {"id": name, "lat": points[name][0], "lon": points[name][1]}


def _crew(crew: Crew, places: tuple[str, ...]) -> dict[str, Any]:
    tree: dict[str, Any] = {
        "id": crew.id, "agents": list(crew.agents), "start": places[crew.start],
        "end": places[crew.end], "shift": [crew.shift.start, crew.shift.end],
        "skills": sorted(crew.skills), "fixed_cost": crew.fixed_cost,
    }  # fmt: skip
    if crew.max_seconds is not None:
        tree["max_seconds"] = crew.max_seconds
    if crew.max_visits is not None:
        tree["max_visits"] = crew.max_visits
    if crew.rest is not None:
        tree["break"] = _rest(crew.rest)
    return tree


def _rest(rest: Break) -> dict[str, Any]:
    return {"window": [rest.start, rest.end], "seconds": rest.seconds}


def _visit(visit: Visit, places: tuple[str, ...]) -> dict[str, Any]:
    return {
        "id": visit.id, "location": places[visit.place],
        "windows": [[window.start, window.end] for window in visit.windows],
        "service_seconds": visit.seconds, "value": visit.value, "required": visit.required,
        "skills": sorted(visit.skills), "risk": visit.risk, "load": visit.load,
        "lost_per_day": visit.lost_per_day, "crews": sorted(visit.crews),
    }  # fmt: skip
