"""Working a plan out, in the background: candidates, hours from the guard, crews from the rosters,
the search, and the guard once more for every visit with those who would go."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from doorstep.dispatch.rulebook import rulebook_current
from doorstep.dispatch.visit_checks import Going, visits_check
from doorstep.dispatch.visit_crews import behind_as_json, crews_of_days
from doorstep.dispatch.visit_problem import Drawn, problem_draw
from doorstep.dispatch.visit_rows import figures_of, plan_packed, rows_of
from doorstep.dispatch.visit_travel import travel_between, travel_notices
from doorstep.rules.moments import wall
from doorstep.rules.pack import Rulebook
from doorstep.visits.candidates import candidates_of
from doorstep.visits.models import FieldPlan
from doorstep.visits.models.days import PlanState
from doorstep.visits.plan import Plan
from doorstep.visits.problem_written import problem_packed
from doorstep.visits.services.plans import Rows, Solved, plan_fail, plan_keep, plan_tell
from doorstep.visits.solve import Limits, Progress, solve
from doorstep.workforce.pairs import RULES

TELL_EVERY = 0.5
Clock = Callable[[], datetime]


def plan_work(*, plan: FieldPlan, clock: Clock) -> FieldPlan:
    """Work the plan out; cut off anywhere and done again it comes to the same end.

    Without crews, or when the engine's plan is not in order, the plan has FAILED and says why.
    """
    plan = FieldPlan.objects.select_related("branch").get(pk=plan.pk)
    if plan.state != PlanState.MAKING:
        return plan
    at, rulebook = clock(), rulebook_current()
    news = _News(plan, clock)
    plan_tell(plan=plan, progress={"step": "candidates"})
    found = candidates_of(
        branch=plan.branch, first=plan.first_day,
        last=plan.first_day + timedelta(days=plan.days - 1),
        begin=_midnight(plan.first_day), end=_midnight(plan.first_day + timedelta(days=plan.days)),
    )  # fmt: skip
    plan_tell(plan=plan, progress={"step": "crews"})
    formed = crews_of_days(
        branch=plan.branch, first=plan.first_day, days=plan.days, at=at,
        thirds=sum(not each.why and each.asked.fewest > RULES.fewest for each in found.all),
    )  # fmt: skip
    crews = [crew for each in formed.values() for crew in each.crews]
    behind = behind_as_json(formed)
    if not crews:
        return plan_fail(plan=plan, code="NO_CREWS", more={"behind": behind})
    drawn = problem_draw(
        branch=plan.branch, first=plan.first_day, days=plan.days, candidates=found, crews=crews,
        at=at, rulebook=rulebook, travel=travel_between,
        told=news.step,
    )  # fmt: skip
    made = solve(
        drawn.problem, limits=Limits(plan.seconds, plan.iterations, news.watch), seed=plan.seed,
        progress=news.told, cancelled=news.stopped,
    )  # fmt: skip
    plan_tell(plan=plan, progress={"step": "checking"})
    rows = rows_checked(drawn, made, at=clock(), rulebook=rulebook)
    figures = figures_of(rows, made, drawn.problem) | {
        "greedy": news.floor, "beyond": found.beyond, "behind": behind,
        "notices": [*made.notices, *travel_notices(drawn.problem.travel)],
    }  # fmt: skip
    return plan_keep(
        plan=plan,
        rows=rows,
        solved=Solved(
            problem=problem_packed(drawn.problem, points=drawn.points),
            plan=plan_packed(made, drawn.problem), engine=made.engine, estimated=made.estimated,
            figures=figures,
        ),
    )  # fmt: skip


def rows_checked(drawn: Drawn, made: Plan, *, at: datetime, rulebook: Rulebook) -> Rows:
    """The rows of a plan; visits that the guard does not permit to this very crew at this hour are
    taken out of it, with its verdict."""
    stops = [(route.crew, stop) for route in made.routes for stop in route.stops]
    going = []
    for crew, stop in stops:
        candidate = drawn.candidates[stop.visit]
        assert candidate.address is not None
        going.append(
            Going(
                case=candidate.case, address=candidate.address, risk=candidate.risk,
                staff_ids=tuple(agent.id for agent in drawn.crews[crew].agents),
                begins_at=drawn.clock.instant(stop.start), ends_at=drawn.clock.instant(stop.leave),
            )
        )  # fmt: skip
    verdicts = visits_check(going=going, at=at, rulebook=rulebook)
    refused = {
        stop.visit: verdict.as_dict()
        for (_crew, stop), verdict in zip(stops, verdicts, strict=True)
        if not verdict.permitted
    }
    return rows_of(drawn, made, refused=refused)


class _News:
    """What the search says, kept beside the plan twice a second, and whether to stop it."""

    def __init__(self, plan: FieldPlan, clock: Clock) -> None:
        self.plan = plan
        self.clock = clock
        self.floor: float | None = None
        self.asked_at = self.told_at = -TELL_EVERY
        self.stop = False
        self.at_step, self.stepped_at = "", 0.0

    def watch(self) -> float:
        """Seconds on the clock."""
        return self.clock().timestamp()

    def step(self, step: str, done: int, of: int) -> None:
        """Where the preparation is, at most twice a second."""
        now = self.watch()
        if step != self.at_step or now - self.stepped_at >= TELL_EVERY:
            self.at_step, self.stepped_at = step, now
            counted = {"done": done, "of_cases": of} if of else {}
            plan_tell(plan=self.plan, progress={"step": step, **counted})

    def told(self, news: Progress) -> None:
        """One word of the search."""
        if self.floor is None:
            self.floor = round(news.objective)
        if news.seconds - self.told_at >= TELL_EVERY:
            self.told_at = news.seconds
            plan_tell(
                plan=self.plan,
                progress={
                    "step": "search", "seconds": round(news.seconds, 1), "of": self.plan.seconds,
                    "iterations": news.iterations, "objective": round(news.objective),
                    "floor": self.floor,
                },
            )  # fmt: skip

    def stopped(self) -> bool:
        """Whether somebody asked to stop; not before there is a first plan to keep."""
        if self.floor is None:
            return False
        now = self.watch()
        if not self.stop and now - self.asked_at >= TELL_EVERY:
            self.asked_at = now
            self.stop = not FieldPlan.objects.filter(
                pk=self.plan.pk, stop_asked=False, state=PlanState.MAKING
            ).exists()
        return self.stop


def _midnight(day: date) -> datetime:
    return wall(day, time(), ZoneInfo(settings.TIME_ZONE))
