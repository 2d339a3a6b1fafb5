"""Moving one visit by hand, with every rule checked: a plan never gets worse than lawful by it.

A draft is changed where it stands. A published plan is not touched: a draft that follows it has the
move, and becomes the plan when it is accepted (`visit_changes.plan_change_accept`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.dispatch.rulebook import rulebook_current
from doorstep.dispatch.visit_book import PlanBook, book_read
from doorstep.dispatch.visit_checks import Going, visits_check
from doorstep.dispatch.visit_problem import refusals_as_json, windows_of
from doorstep.dispatch.visit_rows import spans_as_json
from doorstep.kernel.errors import Refused
from doorstep.visits.candidates import Candidate, candidate_of
from doorstep.visits.models import CrewDay, FieldPlan, PlannedVisit
from doorstep.visits.models.days import PlanState, VisitState
from doorstep.visits.plan import Call, Route, calls_of, rested
from doorstep.visits.problem import Crew, Visit, Window
from doorstep.visits.problem_written import problem_packed
from doorstep.visits.services.plans import branch_must, plan_copy, visits_times_write
from doorstep.workforce.models import Staff
from doorstep.workforce.pairs import pair_refusals
from doorstep.workforce.roles import Permission
from doorstep.workforce.selectors import agents_on

MOVED = "moved"
BY_HAND = ("OTHER_PLAN", "WAITS_FOR_ANSWER")
"""What keeps a visit out of a plan that is worked out, and not out of one that somebody changes."""


@dataclass(frozen=True)
class Against:
    """One reason against a move: its code, and what else is known (the guard's verdict, what is
    against each agent, the hours that are open, which other visit it is about)."""

    code: str
    more: Mapping[str, Any] = field(default_factory=dict)


class MoveRefused(Refused):
    """A visit cannot be moved there; `reasons` has every reason."""

    def __init__(self, reasons: Sequence[Against]) -> None:
        super().__init__(
            _("The visit cannot be moved there."), code=reasons[0].code,
            hint=_("Nothing was changed."),
        )  # fmt: skip
        self.reasons = tuple(reasons)


@transaction.atomic
def visit_move(
    *,
    visit: PlannedVisit,
    crew: CrewDay | None,
    by: Staff,
    at: datetime,
    begins_at: datetime | None = None,
    position: int | None = None,
) -> FieldPlan:
    """Give a visit to a crew: at an hour (`begins_at`), as their so-manieth visit (`position`, 1 is
    the first), or where it fits best; `crew=None` takes it out of the plan.

    Returns the draft that has the move. Raises MoveRefused with every reason, Refused
    NOT_PERMITTED, or WRONG_STATE for a plan that is neither draft nor published.
    """
    plan = FieldPlan.objects.select_for_update(of=("self",)).get(pk=visit.plan_id)
    branch_must(by=by, branch=plan.branch, permission=Permission.PLAN_FIELD)
    if plan.state not in (PlanState.DRAFT, PlanState.PUBLISHED):
        raise Refused(_("Only a draft or a published plan can be changed."), code="WRONG_STATE")
    key = CrewDay.objects.get(pk=crew.pk, plan=plan).key if crew is not None else None
    if plan.state == PlanState.PUBLISHED:
        plan = plan_copy(plan=plan, why=MOVED, by=by, at=at)
    book = book_read(plan)
    row = book.visits[str(visit.case_id)]
    if row.state not in (VisitState.PLANNED, VisitState.LEFT_OUT):
        raise MoveRefused([Against("STARTED")])
    source = book.crew_of(row)
    if key is None:
        _taken_out(row)
    else:
        _put(book, row, key, begins_at, position, at)
    touched = _retimed(book, source, key)
    _must_stand(book, touched, at)
    _keep(book, row, {source, key or ""} - {""})
    return plan


def _taken_out(row: PlannedVisit) -> None:
    if row.required:
        raise MoveRefused([Against("PROMISED")])
    row.state, row.why, row.crew = VisitState.LEFT_OUT, "TAKEN_OUT", None
    row.place, row.arrives_at, row.begins_at, row.ends_at = None, None, None, None


def _put(
    book: PlanBook,
    row: PlannedVisit,
    key: str,
    begins_at: datetime | None,
    position: int | None,
    at: datetime,
) -> None:
    """Put the visit into the crew's day, on the rows; raises MoveRefused."""
    crew_row, on = book.crews[key], book.crews[key].day
    agreed = row.appointment if row.required else None
    candidate = candidate_of(case=row.case, appointment=agreed, on=on)
    against = [Against("CREW_OFF")] if crew_row.off_at is not None else []
    if candidate.why and candidate.why not in BY_HAND:
        against.append(Against(candidate.why, candidate.why_more))
    against += _pair(book, candidate, key, at)
    found = windows_of(
        [replace(candidate, why="")], first=book.plan.first_day, days=book.plan.days, at=at,
        rulebook=rulebook_current(),
    ).get(row.case_id)  # fmt: skip
    if found is None or not found.spans:
        verdict = {"verdict": found.verdict.as_dict()} if found and found.verdict else {}
        raise MoveRefused([*against, Against(found.why if found else "NO_ADDRESS", verdict)])
    if candidate.address is None or candidate.address.latitude is None:
        raise MoveRefused(against)
    known = book.problem.visit_by_id.get(str(row.case_id))
    visit = book.admit(candidate, found, {key, *(known.crews if known else ())})
    crew = book.problem.crew_by_id[key]
    others = [book.call_of(each) for each in book.stops(key) if each.pk != row.pk]
    against += _full(crew, others)
    route, why = _route(book, crew, others, visit, begins_at, position)
    if route is None:
        if why == "OUTSIDE_HOURS":
            open_ = spans_as_json(found.spans)
            raise MoveRefused(
                [*against, *_outside(book, candidate, row, key, begins_at, open_, at)]
            )
        raise MoveRefused([*against, Against(why)])
    if against:
        raise MoveRefused(against)
    book.timed(key, route)


def _outside(
    book: PlanBook,
    candidate: Candidate,
    row: PlannedVisit,
    key: str,
    begins_at: datetime | None,
    open_: list[list[str]],
    at: datetime,
) -> list[Against]:
    """What exactly speaks against that hour, and at the end which hours are open."""
    if begins_at is None or candidate.address is None:
        return [Against("OUTSIDE_HOURS", {"open": open_})]
    against = []
    shift, start = book.problem.crew_by_id[key].shift, book.clock.seconds(begins_at)
    if not shift.start <= start <= shift.end:
        against.append(Against("CREW_OFF_DUTY"))
    agreed = candidate.appointment
    span = (agreed.from_at, agreed.until_at) if agreed is not None else (None, None)
    if span[0] and span[1] and not span[0] <= begins_at <= span[1]:
        against.append(Against("OTHER_TIME_AGREED"))
    ends_at = begins_at + timedelta(minutes=candidate.minutes)
    going = Going(row.case, candidate.address, book.members[key], begins_at, ends_at, row.risk)
    (verdict,) = visits_check(going=[going], at=at, rulebook=rulebook_current())
    if not verdict.permitted:
        against.append(Against("GUARD", {"visit": row.pk, "verdict": verdict.as_dict()}))
    *some, last = against or [Against("OUTSIDE_HOURS")]
    return [*some, replace(last, more={**last.more, "open": open_})]


def _pair(book: PlanBook, candidate: Candidate, key: str, at: datetime) -> list[Against]:
    staff = Staff.objects.filter(pk__in=book.members[key]).select_related("branch")
    agents = agents_on(staff=staff, on=book.crews[key].day, at=at)
    refused = pair_refusals(agents, asked=candidate.asked, on=book.crews[key].day)
    return [Against("NO_PAIR", refusals_as_json({key: refused}))] if refused else []


def _full(crew: Crew, others: Sequence[Call]) -> list[Against]:
    full = crew.max_visits is not None and len(others) + 1 > crew.max_visits
    return [Against("TOO_FULL", {"most": crew.max_visits})] if full else []


def _route(
    book: PlanBook,
    crew: Crew,
    others: Sequence[Call],
    visit: Visit,
    begins_at: datetime | None,
    position: int | None,
) -> tuple[Route | None, str]:
    """The crew's day with the visit in it, or why there is none."""
    calls = calls_of(book.problem, visit)
    on_day = [
        call for call in calls
        if call.window.start <= crew.shift.end and crew.shift.start <= call.window.end
    ]  # fmt: skip
    if not on_day:
        return None, "OUTSIDE_HOURS"
    if begins_at is not None:
        start = book.clock.seconds(begins_at)
        on_day = [
            call._replace(window=Window(start, start))
            for call in on_day
            if call.window.start <= start <= call.window.end
        ]
        if not on_day:
            return None, "OUTSIDE_HOURS"
    gaps = range(len(others) + 1)
    if position is not None:
        gaps = range(min(position - 1, len(others)), min(position - 1, len(others)) + 1)
    tried = [
        made
        for call in on_day
        for gap in gaps
        if (made := rested(book.problem, crew, [*others[:gap], call, *others[gap:]]))
    ]
    if tried:
        return max(tried, key=lambda made: made.worth), ""
    alone = any(rested(book.problem, crew, [call]) for call in on_day)
    return None, "NO_TIME_LEFT" if alone else "TOO_FAR"


def _retimed(book: PlanBook, source: str, target: str | None) -> list[PlannedVisit]:
    """The crew that had the visit closes up; every visit whose time may have changed."""
    touched = list(book.stops(target)) if target else []
    if source and source != target:
        route = rested(book.problem, book.problem.crew_by_id[source], book.calls(source))
        book.timed(source, route if book.stops(source) else None)
        touched += book.stops(source)
    return touched


def _must_stand(book: PlanBook, rows: Sequence[PlannedVisit], at: datetime) -> None:
    """The guard, for every visit touched, with those who would go at the new time."""
    going = []
    asked = [row for row in rows if row.address and row.begins_at and row.ends_at]
    for row in asked:
        assert row.address is not None
        assert row.begins_at is not None
        assert row.ends_at is not None
        key = book.crew_of(row)
        going.append(
            Going(row.case, row.address, book.members[key], row.begins_at, row.ends_at, row.risk)
        )
    verdicts = visits_check(going=going, at=at, rulebook=rulebook_current())
    against = [
        Against("GUARD", {"visit": row.pk, "verdict": verdict.as_dict()})
        for row, verdict in zip(asked, verdicts, strict=True)
        if not verdict.permitted
    ]
    if against:
        raise MoveRefused(against)


def _keep(book: PlanBook, row: PlannedVisit, keys: set[str]) -> None:
    row.save(update_fields=["windows"])
    changed = {each.pk: each for key in keys for each in book.stops(key)} | {row.pk: row}
    visits_times_write(
        visits=list(changed.values()), crews=[book.crews[key] for key in sorted(keys)]
    )
    FieldPlan.objects.filter(pk=book.plan.pk).update(
        problem=problem_packed(book.problem, points=book.points), figures=book.figures()
    )
