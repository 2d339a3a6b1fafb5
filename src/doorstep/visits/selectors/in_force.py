"""What crews go by: the first day of each published plan. The days after it are an outlook, which
that day's own plan replaces."""

from __future__ import annotations

from django.db.models import F, Q, QuerySet

from doorstep.visits.models import CrewDay, PlannedVisit
from doorstep.visits.models.days import PlanState


def visits_in_force() -> QuerySet[PlannedVisit]:
    """The visits that a crew makes by a plan in force; none that was left out."""
    return PlannedVisit.objects.filter(
        plan__state=PlanState.PUBLISHED, crew__day=F("plan__first_day")
    )


def crews_in_force() -> QuerySet[CrewDay]:
    """The crews of the days that plans in force fix."""
    return CrewDay.objects.filter(plan__state=PlanState.PUBLISHED, day=F("plan__first_day"))


def is_in_force(visit: PlannedVisit) -> bool:
    """Whether a crew makes this visit by a plan in force."""
    crew, plan = visit.crew, visit.plan
    return crew is not None and plan.state == PlanState.PUBLISHED and crew.day == plan.first_day


def visits_alike(visit: PlannedVisit) -> QuerySet[PlannedVisit]:
    """The visit, in every plan that holds or held it for its day."""
    alike = Q(pk=visit.pk)
    if visit.crew is not None:
        alike |= Q(case=visit.case_id, crew__day=visit.crew.day)
    return PlannedVisit.objects.filter(alike)
