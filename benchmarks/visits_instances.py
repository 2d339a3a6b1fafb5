"""Known instances of vehicle routing as problems of ours; read where they lie, never copied.

Solomon and Homberger: coordinates x 100, so that times and distances keep two decimals as whole
numbers; distances are summed again in full precision. PyVRP/Instances: distances x 10, truncated,
times and prizes x 10, as their best known costs are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from doorstep.visits.plan import Plan
from doorstep.visits.problem import Crew, Objective, Problem, Travel, Visit, Window
from doorstep.visits.problem_file import problem_read


@dataclass(frozen=True)
class Instance:
    """A problem with what is known of it. `exact`: distances in full precision."""

    name: str
    problem: Problem
    best: float | None = None
    exact: np.ndarray | None = None

    def cost(self, plan: Plan) -> float:
        """Distance and what was not collected, in the instance's own unit; infinite where a
        required visit is missing."""
        if plan.missed:
            return float("inf")
        if self.exact is None:
            everything = sum(v.value for v in self.problem.visits if not v.required)
            made = sum(v.value for v in self._made(plan) if not v.required)
            return everything - made + plan.travel_seconds
        total = 0.0
        for route in plan.routes:
            stops = [self.problem.visit_by_id[stop.visit].place for stop in route.stops]
            places = [0, *stops, 0]
            total += sum(self.exact[a, b] for a, b in pairwise(places))
        return total

    def _made(self, plan: Plan) -> list[Visit]:
        ids = [stop.visit for route in plan.routes for stop in route.stops]
        return [self.problem.visit_by_id[visit] for visit in ids]


BEST_KNOWN_200 = {
    "c1_2_2": 2694.3, "c2_2_2": 1851.4, "r1_2_2": 3919.9, "r2_2_2": 3008.2, "rc1_2_2": 3221.6,
    "rc2_2_2": 2481.6,
}  # fmt: skip
"""Distances of the best known plans of Gehring and Homberger's instances, every way truncated to a
tenth: CVRPLIB, by the rules of the DIMACS challenge of 2022."""


def homberger(path: Path) -> Instance:
    """An instance of Gehring and Homberger by the rules its best known plan was found under."""
    return solomon(path, BEST_KNOWN_200[path.stem], truncated=True)


def solomon(path: Path, best: float | None, *, truncated: bool = False) -> Instance:
    """An instance in Solomon's format; ways to a hundredth, or truncated to a tenth."""
    lines = [line.split() for line in path.read_text().splitlines()]
    rows = np.array([[float(x) for x in line] for line in lines if len(line) == 7])
    vehicles, capacity = next(
        (int(line[0]), int(line[1]))
        for line in lines
        if len(line) == 2 and line[0].isdigit()
    )  # fmt: skip
    exact = np.hypot(*(rows[:, None, 1:3] - rows[None, :, 1:3]).transpose(2, 0, 1))
    parts = 10 if truncated else 100
    seconds = (np.floor if truncated else np.rint)(exact * parts).astype(np.int64)
    times = (rows * parts).astype(np.int64)
    visits = [
        Visit(f"v{i}", i, (Window(int(t[4]), int(t[5])),), int(t[6]), 0, True, load=int(r[3]))
        for i, (t, r) in enumerate(zip(times, rows, strict=True))
        if i
    ]
    problem = _problem(seconds, visits, vehicles, capacity, int(times[0, 5]))
    return Instance(path.stem, problem, best, seconds / parts if truncated else exact)


def vrplib(path: Path) -> Instance:
    """An instance of PyVRP/Instances, with or without prizes, checked against its best known."""
    text = path.read_text()
    sections = dict(re.findall(r"^(\w+)_SECTION\n((?:[-\d. \t]+\n)+)", text, re.M))
    table = {
        name: np.array([[float(x) for x in line.split()[1:]] for line in body.splitlines()])
        for name, body in sections.items()
        if name != "DEPOT"
    }
    fact = dict(re.findall(r"^(\w+) : (\S+)$", text, re.M))
    points = table["NODE_COORD"]
    exact = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    seconds = (exact * 10).astype(np.int64)
    windows = (table["TIME_WINDOW"] * 10).astype(np.int64)
    prizes = table.get("PRIZE")
    visits = [
        Visit(
            f"v{i}", i, (Window(int(windows[i, 0]), int(windows[i, 1])),),
            int(fact["SERVICE_TIME"]) * 10, 0 if prizes is None else float(prizes[i, 0]) * 10,
            prizes is None, load=int(table["DEMAND"][i, 0]),
        )
        for i in range(1, len(points))
    ]  # fmt: skip
    problem = _problem(
        seconds, visits, int(fact["VEHICLES"]), int(fact["CAPACITY"]), int(windows[0, 1])
    )
    known = path.with_suffix(".sol").read_text()
    best = float(re.findall(r"Cost:? ([\d.]+)", known)[0])
    instance = Instance(f"{path.parent.name}/{path.stem}", problem, best)
    again = _known_cost(instance, known)
    if round(again) == round(best * 10):
        return Instance(instance.name, problem, best * 10)
    if round(again) != round(best):
        raise ValueError(f"{path.name}: the best known costs {again}, not {best}")
    return instance


def _known_cost(instance: Instance, text: str) -> float:
    """What the best known solution costs in our reading of the instance."""
    routes = [
        [int(x) for x in line.split(":")[1].split()]
        for line in text.splitlines()
        if line.startswith("Route")
    ]
    seconds = instance.problem.travel.seconds
    made = {client for route in routes for client in route}
    way = sum(
        int(seconds[a, b])
        for route in routes
        for a, b in zip([0, *route], [*route, 0], strict=True)
    )
    return way + sum(v.value for v in instance.problem.visits if v.place not in made)


def _problem(
    seconds: np.ndarray, visits: list[Visit], vehicles: int, capacity: int, until: int
) -> Problem:
    crews = [
        Crew(f"c{i}", (f"a{2 * i}", f"a{2 * i + 1}"), 0, 0, Window(0, until))
        for i in range(vehicles)
    ]
    return Problem(
        Travel(seconds), tuple(crews), tuple(visits), Objective(per_second=1), capacity,
        places=tuple(map(str, range(len(seconds)))),
    )  # fmt: skip


def solomon_class(outside: Path, per_class: int) -> Iterator[Instance]:
    """Some of every class of Solomon's instances, evenly spread."""
    best = json.loads((outside / "solomon/best_known_distance.json").read_text())
    by_class: dict[str, list[str]] = {}
    for name in sorted(best):
        by_class.setdefault(re.sub(r"\d\d$", "", name), []).append(name)
    for names in by_class.values():
        step = max(1, len(names) // per_class)
        for name in names[::step][:per_class]:
            yield solomon(outside / f"solomon/{name}.txt", best[name])


def field_day(outside: Path) -> Instance:
    """The made-up field day beside the instances."""
    return Instance("field_day", problem_read(outside / "field_day.json"))
