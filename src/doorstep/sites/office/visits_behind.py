"""Who stays behind although rostered, and why a plan did not come about, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from doorstep.sites.office.staff_words import WHY_NOT
from doorstep.visits.models import FieldPlan
from doorstep.visits.models.days import PlanState
from doorstep.workforce.models import Staff
from doorstep.workforce.pairs import Why

FAILED: Mapping[str, str | Promise] = {
    "NO_CREWS": gettext_lazy("No crew can be formed from the roster of these days."),
    "ERROR": gettext_lazy("The planner met a fault of the program."),
    "WORKERS_DIED": gettext_lazy(
        "The program that worked it out was stopped several times. "
        "Plan again, with less time if need be."
    ),
}


@dataclass(frozen=True)
class Behind:
    """An agent on the roster of a day who is in no crew."""

    day: date
    name: str
    why: str


def behind_of(plan: FieldPlan) -> list[Behind]:
    """Everybody who is rostered and goes nowhere; one query."""
    told: Mapping[str, Any] = plan.figures.get("failed", plan.figures)
    rows: list[Mapping[str, Any]] = list(told.get("behind", ()))
    names = {each.pk: str(each) for each in Staff.objects.filter(pk__in=[r["staff"] for r in rows])}
    return [
        Behind(
            day=date.fromisoformat(row["day"]),
            name=names.get(row["staff"], ""),
            why=_words(row["why"]),
        )
        for row in rows
    ]


def _words(codes: Iterable[str]) -> str:
    known = {each.value: WHY_NOT[each] for each in Why}
    return " · ".join(str(known.get(code, code)) % {"skills": ""} for code in codes)


def failed_of(plan: FieldPlan) -> str:
    """Why the plan did not come about; empty for one that did."""
    if plan.state != PlanState.FAILED:
        return ""
    failed: Mapping[str, Any] = plan.figures.get("failed", {})
    code = str(failed.get("code", "ERROR"))
    return " ".join(str(part) for part in (FAILED.get(code, code), failed.get("told", "")) if part)
