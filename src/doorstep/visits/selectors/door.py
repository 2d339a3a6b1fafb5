"""What is known of doors: whose visit it is, what happened there, where two phones differ."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from doorstep.visits.models import DoorConflict, DoorEvent, EventState, PlannedVisit
from doorstep.visits.models.days import PlanState
from doorstep.workforce.models import Device, Staff
from doorstep.workforce.roles import Permission, Scope

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


def events_of_others(
    *, staff: Staff, device: Device, since: datetime, limit: int = 500
) -> list[DoorEvent]:
    """What other phones told lately of visits that somebody's crew makes or made, as far as it
    stands, the oldest change first; one query. One visit is the same in every plan of its day."""
    found = DoorEvent.objects.filter(
        changed_at__gt=since, state=EventState.APPLIED, pk__in=_of_own_visits(staff, since)
    ).exclude(device=device)  # fmt: skip
    return list(found.order_by("changed_at", "pk")[:limit])


def _of_own_visits(staff: Staff, since: datetime) -> QuerySet[DoorEvent, Any]:
    mine = PlannedVisit.objects.filter(
        crew__members__staff=staff, case=OuterRef("visit__case"),
        crew__day=OuterRef("visit__crew__day"),
    )  # fmt: skip
    told = DoorEvent.objects.filter(changed_at__gt=since)
    return told.filter(Exists(mine)).values("pk")


def conflicts_of(*, staff: Staff, day: date) -> list[DoorConflict]:
    """What waits for a person of the visits of a day that somebody's crew makes; one query."""
    mine = PlannedVisit.objects.filter(crew__members__staff=staff, crew__day=day)
    found = DoorConflict.objects.filter(
        settled_at=None, visit__case__in=mine.values("case"), visit__crew__day=day
    )
    return list(found.order_by("found_at", "pk")[:200])


def conflicts_settled(*, staff: Staff, day: date) -> list[DoorConflict]:
    """What persons have settled of the visits of a day that somebody's crew makes, in the order in
    which it was settled; one query."""
    mine = PlannedVisit.objects.filter(crew__members__staff=staff, crew__day=day)
    found = DoorConflict.objects.filter(
        settled_at__isnull=False, visit__case__in=mine.values("case"), visit__crew__day=day
    )
    return list(found.order_by("settled_at", "pk")[:200])


def conflicts_open(*, by: Staff) -> QuerySet[DoorConflict]:
    """The conflicts that somebody may settle: those of the branch, or all."""
    if not by.may(Permission.SETTLE_DOOR):
        return DoorConflict.objects.none()
    found = DoorConflict.objects.filter(settled_at=None).select_related(
        "visit__case__borrower", "visit__crew", "stood__staff", "other__staff"
    )
    if by.scope is not Scope.ALL:
        found = found.filter(visit__plan__branch=by.branch_id)
    return found.order_by("found_at", "pk")


def events_refused(*, by: Staff) -> QuerySet[DoorEvent]:
    """What phones told and could not be taken in yet, within the sight of `by`."""
    if not by.may(Permission.SETTLE_DOOR):
        return DoorEvent.objects.none()
    found = DoorEvent.objects.filter(state=EventState.REFUSED).select_related(
        "visit__case__borrower", "visit__crew", "staff"
    )
    if by.scope is not Scope.ALL:
        found = found.filter(visit__plan__branch=by.branch_id)
    return found.order_by("received_at", "pk")
