"""A day under way, planned anew: something happened, what follows from it is shown, then accepted.

`plan_change` makes a draft that follows the published plan and says what changes for whom;
`visit_accepting.plan_change_accept` puts it in force and tells everybody concerned.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.dispatch.rulebook import rulebook_current
from doorstep.dispatch.visit_book import PlanBook, book_read
from doorstep.dispatch.visit_checks import Going, visits_check
from doorstep.dispatch.visit_moves import Against, MoveRefused
from doorstep.dispatch.visit_problem import why_out, windows_of
from doorstep.dispatch.visit_replacing import REFUSED_AT_THE_DOOR
from doorstep.dispatch.visit_rows import visit_row
from doorstep.guard.verdict import Verdict
from doorstep.kernel import clock
from doorstep.kernel.errors import Refused
from doorstep.visits.candidates import candidate_of
from doorstep.visits.crews import CrewToday, crews_for
from doorstep.visits.models import Appointment, CrewDay, FieldPlan, PlannedVisit
from doorstep.visits.models.appointments import OPEN_APPOINTMENT
from doorstep.visits.models.days import PlanState, VisitState
from doorstep.visits.plan import Plan, Stop
from doorstep.visits.problem import DAY, Problem
from doorstep.visits.problem_written import problem_packed
from doorstep.visits.replan import Change, Now, Position, Replanned, replan
from doorstep.visits.services.plans import branch_must, plan_copy
from doorstep.visits.solve import Limits
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission
from doorstep.workforce.selectors import agents_on


class What(StrEnum):
    """What happened to a day under way."""

    CANCELLED = "cancelled"
    REFUSED = "refused"
    OVERRUN = "overrun"
    URGENT = "urgent"
    CREW_ILL = "crew_ill"
    VEHICLE_DOWN = "vehicle_down"


OF_A_VISIT = (What.CANCELLED, What.REFUSED)
OF_A_CREW = (What.OVERRUN, What.CREW_ILL, What.VEHICLE_DOWN)


@dataclass(frozen=True)
class Event:
    """Something that happened: to a `visit` (cancelled; refused at the door), to a `crew` (overrun:
    it is free `until`; ill; its vehicle down), or an `appointment` agreed for this day."""

    what: What
    visit: PlannedVisit | None = None
    crew: CrewDay | None = None
    appointment: Appointment | None = None
    until: datetime | None = None
    why: str = ""


@dataclass(frozen=True)
class Proposed:
    """What would follow: a draft `plan`, and `changes` visit by visit, each with `visit` (its row
    in the draft), `case`, `what` (added, lost, crew, time, cancelled), `promised`, the crews' keys
    and the starts before and after. `swaps`: visits that change between working crews."""

    plan: FieldPlan
    changes: list[dict[str, Any]]
    swaps: int
    missed: list[int]


@transaction.atomic
def plan_change(
    *,
    plan: FieldPlan,
    event: Event,
    by: Staff,
    at: datetime,
    seconds: float = 1.0,
    iterations: int | None = None,
) -> Proposed:
    """Plan the rest of a published day anew after something happened. Nothing is in force yet.

    Raises Refused NOT_PERMITTED, WRONG_STATE for a plan that is not in force or a visit that is
    over, WRONG_EVENT; MoveRefused for an urgent appointment that nobody may or can keep.
    """
    branch_must(by=by, branch=plan.branch, permission=Permission.PLAN_FIELD)
    plan = FieldPlan.objects.get(pk=plan.pk)
    if plan.state != PlanState.PUBLISHED:
        raise Refused(_("This plan is not in force."), code="WRONG_STATE")
    _must_make_sense(event, plan)
    draft = plan_copy(plan=plan, why=event.why or str(event.what), by=by, at=at)
    book = book_read(draft)
    now, told = _now(book, event, at)
    limits = Limits(seconds, iterations, lambda: clock.now().timestamp())
    made, refused = _lawful(book, now, limits, at)
    return _proposed(book, made, refused, told, now)


def _must_make_sense(event: Event, plan: FieldPlan) -> None:
    visit, crew = event.visit, event.crew
    if event.what in OF_A_VISIT:
        fine = visit is not None and visit.plan_id == plan.pk
    elif event.what in OF_A_CREW:
        fine = crew is not None and crew.plan_id == plan.pk and crew.day == plan.first_day
    else:
        fine = event.appointment is not None and event.appointment.case.branch_id == plan.branch_id
    if not fine or (event.what == What.OVERRUN and event.until is None):
        raise Refused(_("This does not belong to the plan's day."), code="WRONG_EVENT")
    if visit is not None and visit.state not in (VisitState.PLANNED, VisitState.UNDER_WAY):
        raise Refused(_("This visit is over already."), code="WRONG_STATE")


def _now(book: PlanBook, event: Event, at: datetime) -> tuple[Now, dict[str, str]]:
    """What has happened, in the planner's words, and on the rows; `told` are visits that the event
    itself ends, with the word for it."""
    done = {
        key for key, row in book.visits.items()
        if row.state == VisitState.DONE or row.outcome
    }  # fmt: skip
    gone = {key for key, row in book.visits.items() if row.state == VisitState.CANCELLED}
    out = {key for key, crew in book.crews.items() if crew.off_at is not None}
    positions: dict[str, Position] = {}
    told: dict[str, str] = {}
    second = max(0, book.clock.seconds(at))
    if event.visit is not None and event.what in OF_A_VISIT:
        key = str(event.visit.case_id)
        row = book.visits[key]
        told[key] = str(event.what)
        if event.what == What.REFUSED:
            done.add(key)
            row.state, row.outcome = VisitState.DONE, REFUSED_AT_THE_DOOR
            place = book.problem.visit_by_id[key].place
            positions[book.crew_of(row)] = Position(place, second)
        else:
            gone.add(key)
            row.state, row.why = VisitState.CANCELLED, "CANCELLED"
            row.why_more = {"told": event.why[:300]}
    elif event.crew is not None:
        key = event.crew.key
        if event.what == What.OVERRUN and event.until is not None:
            positions[key] = Position(_where(book, key, second), book.clock.seconds(event.until))
        else:
            out.add(key)
            book.crews[key].off_at, book.crews[key].off_why = at, str(event.what)
    elif event.appointment is not None:
        _admit(book, event.appointment, at)
    promised = {
        key for key, row in book.visits.items()
        if row.required or (row.appointment and row.appointment.state in OPEN_APPOINTMENT)
    }  # fmt: skip
    return Now(
        at=second, done=frozenset(done), cancelled=frozenset(gone), out=frozenset(out),
        positions=positions, promised=frozenset(promised),
    ), told  # fmt: skip


def _where(book: PlanBook, key: str, second: int) -> int:
    """The place of the visit a crew is at or was at last; the branch before the first."""
    place = book.problem.crew_by_id[key].start
    for row in book.stops(key):
        if row.begins_at is not None and book.clock.seconds(row.begins_at) <= second:
            place = book.problem.visit_by_id[str(row.case_id)].place
    return place


def _admit(book: PlanBook, appointment: Appointment, at: datetime) -> None:
    """Take an appointment into the day; raises MoveRefused with what stands against it."""
    candidate = candidate_of(
        case=appointment.case, appointment=appointment, on=book.plan.first_day
    )  # fmt: skip
    found = windows_of(
        [candidate], first=book.plan.first_day, days=1, at=at, rulebook=rulebook_current()
    ).get(appointment.case_id)
    may = crews_for(_crews_today(book, at), asked=candidate.asked)
    against = why_out(candidate, found, may.crews, may.refused)
    if against is not None or found is None:
        code = against.why if against else "NO_ADDRESS"
        raise MoveRefused([Against(code, against.more if against else {})])
    key = str(appointment.case_id)
    if key not in book.visits:
        book.visits[key] = visit_row(candidate, [])
        book.visits[key].plan = book.plan
        book.visits[key].state, book.visits[key].why = VisitState.LEFT_OUT, "NEW"
        book.visits[key].save()
    row = book.visits[key]
    row.appointment, row.required, row.address = appointment, True, candidate.address
    row.minutes = candidate.minutes
    book.admit(candidate, found, may.crews)


def _crews_today(book: PlanBook, at: datetime) -> list[CrewToday]:
    """The crews of the day with their people as they are now."""
    day = book.plan.first_day
    crews = [c for c in book.crews.values() if c.day == day and c.off_at is None]
    ids = {staff_id for crew in crews for staff_id in book.members[crew.key]}
    staff = Staff.objects.filter(pk__in=ids).select_related("branch")
    agents = {agent.id: agent for agent in agents_on(staff=staff, on=day, at=at)}
    return [
        CrewToday(
            crew.key, day, tuple(agents[each] for each in book.members[crew.key]), crew.begins_at,
            crew.ends_at, crew.vehicle_id,
        )
        for crew in crews
    ]  # fmt: skip


def _lawful(
    book: PlanBook, now: Now, limits: Limits, at: datetime
) -> tuple[Replanned, dict[str, Verdict]]:
    """The rest of the day with every visit put to the guard at its hour, those that crews are on
    their way to as well; what it refuses is taken out and the rest planned again."""
    problem, old = _first_day(book)
    ahead = [
        (route.crew, stop)
        for route in old.routes
        for stop in route.stops
        if stop.start > now.at and book.visits[stop.visit].state == VisitState.PLANNED
    ]
    refused = _against(book, ahead, at)
    while True:
        known = replace(now, cancelled=now.cancelled | set(refused))
        made = replan(problem, old, known, limits=limits, seed=book.plan.seed)
        stops = [(route.crew, stop) for route in made.plan.routes for stop in route.stops]
        against = _against(book, stops, at)
        if not against:
            return made, refused
        refused |= against


def _first_day(book: PlanBook) -> tuple[Problem, Plan]:
    """The problem and the plan of the day that is in force, without the outlook."""
    day = book.plan.first_day
    keys = {key for key, crew in book.crews.items() if crew.day == day}
    later = {
        key for key, row in book.visits.items()
        if row.crew_id is not None and row.crew_id not in {book.crews[k].pk for k in keys}
    }  # fmt: skip
    visits = []
    for visit in book.problem.visits:
        windows = tuple(
            replace(window, end=min(window.end, DAY - 1))
            for window in visit.windows
            if window.start < DAY
        )
        crews = visit.crews & keys
        if windows and crews and visit.id not in later:
            visits.append(replace(visit, windows=windows, crews=crews))
    problem = replace(
        book.problem, visits=tuple(visits),
        crews=tuple(crew for crew in book.problem.crews if crew.id in keys),
    )  # fmt: skip
    plan = book.as_plan()
    routes = tuple(route for route in plan.routes if route.crew in keys)
    return problem, replace(plan, routes=routes)


def _against(book: PlanBook, stops: Sequence[tuple[str, Stop]], at: datetime) -> dict[str, Verdict]:
    """The visits that the guard does not permit at their hour to their crew."""
    going = []
    for crew, stop in stops:
        row = book.visits[stop.visit]
        assert row.address is not None
        going.append(
            Going(
                row.case, row.address, book.members[crew], book.clock.instant(stop.start),
                book.clock.instant(stop.leave), row.risk,
            )
        )  # fmt: skip
    verdicts = visits_check(going=going, at=at, rulebook=rulebook_current())
    return {
        stop.visit: verdict
        for (_crew, stop), verdict in zip(stops, verdicts, strict=True)
        if not verdict.permitted
    }


def _proposed(
    book: PlanBook,
    made: Replanned,
    refused: Mapping[str, Verdict],
    told: Mapping[str, str],
    now: Now,
) -> Proposed:
    """Write what was found on the draft's rows, and say what changes for whom."""
    before = {key: (book.crew_of(row), row.begins_at) for key, row in book.visits.items()}
    _write(book, made, refused)
    changes = [_told(book, change) for change in made.changes if change.visit not in told]
    for key, what in told.items():
        crew, begins = before[key]
        changes.insert(
            0,
            {
                "visit": book.visits[key].pk, "case": book.visits[key].case_id, "what": what,
                "promised": key in now.promised, "crew_before": crew, "crew_after": "",
                "start_before": begins.isoformat() if begins else None, "start_after": None,
            },
        )  # fmt: skip
    missed = [book.visits[key].pk for key in made.plan.missed]
    figures = book.figures() | {"changes": changes, "swaps": made.swaps, "missed_now": missed}
    FieldPlan.objects.filter(pk=book.plan.pk).update(
        problem=problem_packed(book.problem, points=book.points), figures=figures
    )
    book.plan.refresh_from_db()
    return Proposed(book.plan, changes, made.swaps, missed)


def _write(book: PlanBook, made: Replanned, refused: Mapping[str, Verdict]) -> None:
    changed = {change.visit for change in made.changes} | set(refused)
    reasons = {one.visit: (one.why, {"detail": one.detail}) for one in made.plan.unvisited}
    going = {stop.visit for route in made.plan.routes for stop in route.stops}
    for key in changed - going:
        row = book.visits[key]
        if row.state == VisitState.CANCELLED:
            continue
        row.crew = row.place = row.arrives_at = row.begins_at = row.ends_at = None
        row.state = VisitState.LEFT_OUT
        row.why, row.why_more = reasons.get(key, ("NO_TIME_LEFT", {}))
        if key in refused:
            row.why, row.why_more = "GUARD", {"verdict": refused[key].as_dict()}
    for route in made.plan.routes:
        book.timed_on(route.crew, route)
    busy = {route.crew for route in made.plan.routes}
    for key, crew in book.crews.items():
        if crew.day == book.plan.first_day and key not in busy:
            book.home_from(key)
    fields = [
        "crew", "place", "arrives_at", "begins_at", "ends_at", "state", "why", "why_more",
        "outcome", "appointment", "required", "address", "minutes", "windows",
    ]  # fmt: skip
    PlannedVisit.objects.bulk_update(book.visits.values(), fields, batch_size=200)
    CrewDay.objects.bulk_update(
        book.crews.values(),
        ["leaves_at", "back_at", "rest_at", "rest_until", "off_at", "off_why"],
    )


def _told(book: PlanBook, change: Change) -> dict[str, Any]:
    def instant(second: int | None) -> str | None:
        return None if second is None else book.clock.instant(second).isoformat()

    row = book.visits[change.visit]
    return {
        "visit": row.pk, "case": row.case_id, "what": change.what, "promised": change.promised,
        "crew_before": change.crew_before or "", "crew_after": change.crew_after or "",
        "start_before": instant(change.start_before), "start_after": instant(change.start_after),
    }  # fmt: skip


def changes_of(plan: FieldPlan) -> Sequence[dict[str, Any]]:
    """What a draft that follows a plan would change, as it was proposed."""
    found: list[dict[str, Any]] = plan.figures.get("changes", [])
    return found
