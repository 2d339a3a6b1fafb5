"""What crews were told of visits that changed, for the first page of the day."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from doorstep.visits.models import CrewTold
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Role, Scope

SHOWN_FOR = timedelta(days=1)


def told_to(*, staff: Staff, at: datetime) -> QuerySet[CrewTold]:
    """What somebody is to know of visits that changed, the earliest visit first: an agent what was
    told to them and not seen yet; a team leader or manager what was told to the crews of their
    branch of visits not longer than a day ago."""
    rows = CrewTold.objects.select_related(
        "visit__case__borrower", "visit__crew", "staff"
    ).order_by("visit__begins_at", "visit_id", "pk")
    if staff.role == Role.FIELD_AGENT:
        return rows.filter(staff=staff, seen_at=None)
    if staff.role not in (Role.TEAM_LEADER, Role.COLLECTIONS_MANAGER):
        return rows.none()
    near = Q(visit__begins_at__gte=at - SHOWN_FOR)
    if staff.scope is not Scope.ALL:
        near &= Q(visit__plan__branch=staff.branch_id)
    return rows.filter(near)
