"""Field days in words for the page's language: why not, why so much, how far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.kernel.money import format_minor
from doorstep.sites.office.case_words import language
from doorstep.sites.office.staff_words import refusal_words
from doorstep.visits.models import FieldPlan
from doorstep.visits.models.days import PlanState, VisitState
from doorstep.visits.models.risk import RiskLevel
from doorstep.workforce import pairs

WHY_NOT: Mapping[str, str | Promise] = {
    "NO_QUALIFIED_CREW": gettext_lazy("No crew may go or has what the visit needs"),
    "OUTSIDE_HOURS": gettext_lazy("No crew works in the hours allowed"),
    "AFTER_DARK": gettext_lazy("High risk, and it would be dark"),
    "CAPACITY": gettext_lazy("More than a crew can carry"),
    "TOO_FAR": gettext_lazy("Too far to be back in the shift"),
    "TOO_FULL": gettext_lazy("The crews that could go are full"),
    "NO_TIME_LEFT": gettext_lazy("The crews that could go have no time left"),
    "NOT_WORTH_IT": gettext_lazy("The way costs more than the visit is worth"),
    "STOPPED": gettext_lazy("The planner was stopped before it came to this"),
    "RISK_NOT_APPROVED": gettext_lazy("High risk, not yet approved"),
    "THIRD_AGENT": gettext_lazy("Needs a third agent, and crews are two"),
    "NO_PAIR": gettext_lazy("No crew of the day may go to this customer"),
    "GUARD": gettext_lazy("The rules allow no visit in these days"),
    "GUARD_ASKS": gettext_lazy("The rules want a person to decide first"),
    "OUTSIDE_APPOINTMENT": gettext_lazy("The rules do not allow the time agreed upon"),
    "TOO_SHORT": gettext_lazy("The time allowed is too short for a visit"),
    "NO_ADDRESS": gettext_lazy("No address that may be used"),
    "NO_COORDINATES": gettext_lazy("The address is not found on the map"),
    "WAITS_FOR_ANSWER": gettext_lazy("Was asked and has not answered yet"),
    "withdrawn": gettext_lazy("Taken back after it was published"),
    "TAKEN_OUT": gettext_lazy("Taken out by hand"),
    "CANCELLED": gettext_lazy("Cancelled"),
    "NEW": gettext_lazy("Agreed after the plan was made"),
    "OTHER_PLAN": gettext_lazy("Stands in the plan of another day close by"),
}
BECAUSE: Mapping[str, str | Promise] = {
    "benefit": gettext_lazy("Benefit expected of a visit over none: %(share)s of %(counted)s"),
    "visited_before": gettext_lazy("Visited before without success: times %(factor)s"),
    "got_in_touch": gettext_lazy("Got in touch of their own accord: times %(factor)s"),
    "region_behind": gettext_lazy("This region had few visits lately: times %(factor)s"),
    "waited": gettext_lazy("Waits since %(days)s days: times %(factor)s"),
    "time_at_the_door": gettext_lazy("Time of the crew: %(minutes)s minutes"),
}
STEPS: Mapping[str, str | Promise] = {
    "waiting": gettext_lazy("Waits for the worker"),
    "crews": gettext_lazy("Forming crews from the roster"),
    "candidates": gettext_lazy("Finding visits that could be made"),
    "hours": gettext_lazy("Asking the rules when each may be"),
    "travel": gettext_lazy("Working out the ways"),
    "search": gettext_lazy("Searching for the best plan"),
    "checking": gettext_lazy("Checking the plan once more"),
}
NOTICES: Mapping[str, str | Promise] = {
    "NO_ROAD_TIMES": gettext_lazy("The routing server did not answer, so ways are estimated."),
}
PLAN_TONES = {
    PlanState.MAKING: "plain", PlanState.DRAFT: "amber", PlanState.PUBLISHED: "bucket",
    PlanState.SUPERSEDED: "quiet", PlanState.FAILED: "red",
    PlanState.DISCARDED: "quiet",
}  # fmt: skip
VISIT_TONES = {
    VisitState.LEFT_OUT: "quiet", VisitState.PLANNED: "plain", VisitState.UNDER_WAY: "bucket",
    VisitState.DONE: "green", VisitState.CANCELLED: "quiet",
}  # fmt: skip
RISK_TONES = {RiskLevel.LOW: "quiet", RiskLevel.MEDIUM: "plain", RiskLevel.HIGH: "amber"}


def why_not(code: str) -> str:
    """Why a visit is not planned; a code nobody put into words stays as it is."""
    return str(WHY_NOT.get(code, code))


def notices_of(plan: FieldPlan) -> list[str]:
    """What the planner wants known of a plan; a note nobody put into words stays as it is."""
    return [str(NOTICES.get(each, each)) for each in plan.figures.get("notices", ())]


def because_words(reason: Mapping[str, Any], currency: str) -> str:
    """One step of what a visit is worth; a code nobody put into words stays as it is."""
    words = BECAUSE.get(str(reason.get("code")))
    if words is None:
        return str(reason.get("code", ""))
    counted = format_minor(int(reason.get("counted", 0)), currency, language=language())
    parts = {
        "share": f"{100 * float(reason.get('share', 0)):.1f}%",
        "counted": counted,
        "factor": f"{float(reason.get('factor', 1)):.2f}",
        "days": int(reason.get("days", 0)),
        "minutes": int(reason.get("minutes", 0)),
    }
    return str(words) % parts


@dataclass(frozen=True)
class Progress:
    """How far a plan is: seconds of search out of those asked for, and what it does now."""

    seconds: float
    most: float
    words: str
    better: int | None = None


def progress_of(plan: FieldPlan) -> Progress:
    """What the planner last said; `better` is how much more the best plan found so far is worth
    than the simple one, in minor units."""
    told: Mapping[str, Any] = plan.progress
    step = str(told.get("step", "waiting"))
    words = str(STEPS.get(step, step))
    if step != "search":
        return Progress(plan.seconds if step == "checking" else 0.0, plan.seconds, words)
    better = int(told.get("objective", 0)) - int(told.get("floor", 0))
    return Progress(float(told.get("seconds", 0.0)), plan.seconds, words, better)


def with_progress(plans: Iterable[FieldPlan]) -> list[tuple[FieldPlan, Progress]]:
    """Plans that are worked out, each with how far it is."""
    return [(plan, progress_of(plan)) for plan in plans]


@dataclass(frozen=True)
class Refusal:
    """A deed that was refused, with every reason."""

    title: str
    reasons: tuple[str, ...]


def refusal_of_json(reason: Mapping[str, Any], names: Mapping[int, str]) -> str:
    """Why agents may not go, from the plain JSON that a plan keeps."""
    agents = tuple(int(agent) for agent in reason.get("agents", ()))
    known = names if set(agents) <= set(names) else {}
    return refusal_words(
        pairs.Refusal(
            pairs.Why(reason["why"]), agents if known else (), tuple(reason.get("skills", ()))
        ),
        names=known,
    )  # fmt: skip


def region_of(address: Any) -> tuple[str, str]:
    """The region of a visit: the key of its division, and its name as the address begins."""
    if address is None:
        return "", _("Region not known")
    return address.division_code or address.text[:6], address.text[:6]


def hours_words(seconds: float | None) -> str:
    """A stretch of a day: 7 h 05 min; a dash for None."""
    if seconds is None:
        return "–"
    hours, minutes = divmod(round(seconds / 60), 60)
    if not hours:
        return _("%(minutes)s min") % {"minutes": minutes}
    return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": f"{minutes:02d}"}
