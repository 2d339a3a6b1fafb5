"""A kept plan, opened again: its problem, who goes where, and the routes put back on the clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from doorstep.dispatch.visit_problem import Clockwork, Point, visit_on_clock, where_of
from doorstep.dispatch.visit_rows import crew_times, figures_of, spans_as_json
from doorstep.dispatch.visit_travel import travel_between
from doorstep.dispatch.visit_windows import Windows
from doorstep.visits.candidates import Candidate
from doorstep.visits.models import CrewDay, CrewMember, FieldPlan, PlannedVisit
from doorstep.visits.models.days import VisitState
from doorstep.visits.plan import Call, Plan, Rest, Route, Stop, calls_of, rest_call
from doorstep.visits.problem import Crew, Problem, Visit
from doorstep.visits.problem_written import problem_unpacked
from doorstep.visits.services.plans import Rows
from doorstep.visits.travel import Place

ON_THE_ROAD = (VisitState.PLANNED, VisitState.UNDER_WAY, VisitState.DONE)


@dataclass
class PlanBook:
    """A plan with its rows, by the names of the problem: crews by key, visits by case."""

    plan: FieldPlan
    problem: Problem
    points: dict[str, Point]
    clock: Clockwork
    crews: dict[str, CrewDay]
    members: dict[str, tuple[int, ...]]
    visits: dict[str, PlannedVisit]

    def crew_of(self, visit: PlannedVisit) -> str:
        """The key of the crew that makes it; empty for nobody."""
        return next((key for key, crew in self.crews.items() if crew.pk == visit.crew_id), "")

    def stops(self, key: str) -> list[PlannedVisit]:
        """The visits of a crew's day in order, made ones too."""
        rows = [
            visit
            for visit in self.visits.values()
            if visit.crew_id == self.crews[key].pk and visit.state in ON_THE_ROAD
        ]
        return sorted(rows, key=lambda row: (row.begins_at or self.clock.midnight, row.pk))

    def call_of(self, row: PlannedVisit) -> Call:
        """A planned visit in the window it stands in; at its time where it stands in none."""
        visit = self.problem.visit_by_id[str(row.case_id)]
        start = self.clock.seconds(row.begins_at or self.clock.midnight)
        calls = calls_of(self.problem, visit)
        inside = [call for call in calls if call.window.start <= start <= call.window.end]
        return next(iter([*inside, *calls]))

    def calls(self, key: str) -> list[Call]:
        """The calls of a crew's day."""
        return [self.call_of(row) for row in self.stops(key)]

    def as_plan(self) -> Plan:
        """The plan as it stands on the rows."""
        routes = [self._route(key) for key in self.crews if self.stops(key)]
        return Plan(
            routes=tuple(routes), engine=self.plan.engine,
            estimated=self.problem.travel.estimated, buffer=self.problem.travel.buffer,
        )  # fmt: skip

    def _route(self, key: str) -> Route:
        crew, row = self.problem.crew_by_id[key], self.crews[key]
        rows = self.stops(key)
        stops = [self._stop(each) for each in rows]
        rest = None
        calls = self.calls(key)
        if row.rest_at is not None and row.rest_until is not None:
            start = self.clock.seconds(row.rest_at)
            before = sum(stop.start < start for stop in stops)
            place = calls[before - 1].place if before else crew.start
            rest = Rest(place, start, self.clock.seconds(row.rest_until))
            if crew.rest is not None:
                calls.insert(before, rest_call(crew.rest, place))
        return self._costed(crew, calls, stops, rest, row)

    def _costed(
        self, crew: Crew, calls: Sequence[Call], stops: Sequence[Stop], rest: Rest | None,
        row: CrewDay,
    ) -> Route:  # fmt: skip
        here, on_road, cost = crew.start, 0, crew.fixed_cost + self.problem.objective.crew_day
        for place in (*(call.place for call in calls), crew.end):
            on_road += int(self.problem.travel.seconds[here, place])
            cost += float(self.problem.cost[here, place])
            here = place
        return Route(
            crew=crew.id, stops=tuple(stops), calls=tuple(calls),
            start=self.clock.seconds(row.leaves_at or row.begins_at),
            end=self.clock.seconds(row.back_at or row.ends_at),
            value=sum(
                self.problem.visit_by_id[stop.visit].value_at(stop.start) for stop in stops
            ),
            cost=cost, travel_seconds=on_road, rest=rest,
        )  # fmt: skip

    def _stop(self, row: PlannedVisit) -> Stop:
        begins = row.begins_at or self.clock.midnight
        return Stop(
            str(row.case_id), self.clock.seconds(row.arrives_at or begins),
            self.clock.seconds(begins), self.clock.seconds(row.ends_at or begins),
        )  # fmt: skip

    def timed(self, key: str, route: Route | None) -> list[PlannedVisit]:
        """Write a route's times on the rows of its crew; the visits it makes."""
        crew_times(self.crews[key], route, self.clock)
        rows = []
        for place, stop in enumerate(route.stops if route else (), start=1):
            row = self.visits[stop.visit]
            row.crew, row.place, row.state = self.crews[key], place, VisitState.PLANNED
            row.why, row.why_more = "", {}
            row.arrives_at, row.begins_at, row.ends_at = (
                self.clock.instant(each) for each in (stop.arrive, stop.start, stop.leave)
            )
            rows.append(row)
        return rows

    def timed_on(self, key: str, route: Route) -> None:
        """Write the rest of a crew's day after what it has made already."""
        crew = self.crews[key]
        going = {stop.visit for stop in route.stops}
        before = [row for row in self.stops(key) if str(row.case_id) not in going]
        left, rest = crew.leaves_at, (crew.rest_at, crew.rest_until)
        self.timed(key, route)
        for place, row in enumerate((*before, *(self.visits[s.visit] for s in route.stops)), 1):
            row.place = place
        if before:
            crew.leaves_at = left
        if route.rest is None and rest[0] is not None and rest[0] < self.clock.instant(route.start):
            crew.rest_at, crew.rest_until = rest

    def home_from(self, key: str) -> None:
        """A crew with nothing more to do goes back to the branch from where it was last."""
        crew, rows = self.crews[key], self.stops(key)
        last = rows[-1] if rows else None
        if last is None or last.ends_at is None:
            crew.leaves_at = crew.back_at = crew.rest_at = crew.rest_until = None
            return
        place = self.problem.visit_by_id[str(last.case_id)].place
        way = int(self.problem.travel.seconds[place, self.problem.crew_by_id[key].end])
        crew.back_at = last.ends_at + timedelta(seconds=way)
        if crew.rest_at is not None and crew.rest_at >= crew.back_at:
            crew.rest_at = crew.rest_until = None

    def figures(self) -> dict[str, object]:
        """What the plan comes to as it stands on the rows."""
        rows = Rows(list(self.crews.values()), dict(self.members), list(self.visits.values()))
        return {**self.plan.figures, **figures_of(rows, self.as_plan(), self.problem)}

    def admit(self, candidate: Candidate, found: Windows, may: Iterable[str]) -> Visit:
        """Take a visit into the problem with its hours and crews as they are now; a place nobody
        knew yet is measured to all others."""
        key = str(candidate.case.pk)
        where = where_of(candidate)
        if self.points.get(key) != where:
            self._measure(key, where)
        visit = visit_on_clock(
            candidate, found, frozenset(may), self.clock, self.problem.places.index(key)
        )
        others = tuple(each for each in self.problem.visits if each.id != key)
        self.problem = replace(self.problem, visits=(*others, visit))
        if key in self.visits:
            self.visits[key].windows = spans_as_json(found.spans)
        return visit

    def _measure(self, key: str, where: Point) -> None:
        self.points[key] = where
        names = tuple(dict.fromkeys((*self.problem.places, key)))
        travel = travel_between([Place(*self.points[name]) for name in names])
        self.problem = replace(self.problem, travel=travel, places=names)


def book_read(plan: FieldPlan) -> PlanBook:
    """Open a plan that was solved."""
    problem, points = problem_unpacked(bytes(plan.problem))
    crews = {crew.key: crew for crew in CrewDay.objects.filter(plan=plan).order_by("pk")}
    keys = {crew.pk: key for key, crew in crews.items()}
    members: dict[str, tuple[int, ...]] = dict.fromkeys(crews, ())
    rows = CrewMember.objects.filter(plan=plan).order_by("-leads", "pk")
    for crew_id, staff_id in rows.values_list("crew_id", "staff_id"):
        members[keys[crew_id]] = (*members[keys[crew_id]], staff_id)
    visits = PlannedVisit.objects.filter(plan=plan).select_related(
        "case__borrower", "address", "appointment"
    )
    return PlanBook(
        plan=plan, problem=problem, points=dict(points), clock=Clockwork.of(plan.first_day),
        crews=crews, members=members,
        visits={str(visit.case_id): visit for visit in visits.order_by("pk")},
    )  # fmt: skip
