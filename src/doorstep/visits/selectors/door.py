"""What is known of doors: whose visit it is, what happened there, where two phones differ."""

from __future__ import annotations

from datetime import datetime, timedelta

from doorstep.visits.models import PlannedVisit
from doorstep.visits.models.days import PlanState
from doorstep.workforce.models import Staff

TOLD_WITHIN = timedelta(days=7)
"""How long after its day a crew may still send what it wrote down at a door without a network."""


def visit_of_crew(*, visit_id: int, staff: Staff, at: datetime) -> PlannedVisit | None:
    """A visit of a crew that somebody is in, in the plan in force or one it replaced (a phone that
    was offline knows only that one); none once its day is long over."""
    found = PlannedVisit.objects.filter(
        pk=visit_id, crew__members__staff=staff, crew__ends_at__gte=at - TOLD_WITHIN,
        plan__state__in=(PlanState.PUBLISHED, PlanState.SUPERSEDED),
    )  # fmt: skip
    return found.select_related("case__borrower", "crew__plan", "address", "appointment").first()
