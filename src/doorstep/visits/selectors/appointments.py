"""Which visits were agreed with whom, and what waits to be done about them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q, QuerySet

from doorstep.cases.selectors import cases_visible_to
from doorstep.visits.appointments import RECONFIRM_BEFORE
from doorstep.visits.models import Appointment
from doorstep.visits.models.appointments import OPEN_APPOINTMENT, AppointmentState
from doorstep.workforce.models import Branch, Staff
from doorstep.workforce.roles import Role

ANSWER_AFTER = timedelta(days=3)


def appointments_between(
    *, branch: Branch | None, first: date, last: date
) -> QuerySet[Appointment]:
    """Appointments that are agreed for these days (the lender's calendar, both included), of one
    branch or of all, in the order of their times."""
    zone = ZoneInfo(settings.TIME_ZONE)
    start = datetime.combine(first, time(), zone)
    end = datetime.combine(last + timedelta(days=1), time(), zone)
    rows = Appointment.objects.filter(
        state=AppointmentState.AGREED, from_at__gte=start, from_at__lt=end
    )
    if branch is not None:
        rows = rows.filter(case__branch=branch)
    return rows.select_related("case__borrower", "address").order_by("from_at", "pk")


def appointments_open(*, case_ids: Collection[int]) -> dict[int, Appointment]:
    """The open appointment of each case that has one; one query."""
    rows = Appointment.objects.filter(case__any_of=case_ids, state__in=OPEN_APPOINTMENT)
    return {row.case_id: row for row in rows.select_related("address")}


def appointments_visible_to(*, staff: Staff) -> QuerySet[Appointment]:
    """Appointments of the cases somebody sees; a field agent's also those their crew goes to."""
    seen = Q(case__in=cases_visible_to(staff=staff).values("pk"))
    if staff.role == Role.FIELD_AGENT:
        seen |= Q(
            planned__crew__members__staff=staff, planned__plan__state="published",
        )  # fmt: skip
    return Appointment.objects.filter(seen).distinct()


def waits_for_answer(*, at: datetime) -> Q:
    """Proposed days ago and not answered: somebody should ask."""
    return Q(state=AppointmentState.PROPOSED, proposed_at__lte=at - ANSWER_AFTER)


def waits_for_confirmation(*, at: datetime) -> Q:
    """Agreed, shortly ahead, and not confirmed yet."""
    return Q(
        state=AppointmentState.AGREED, confirmed_at=None, until_at__gt=at,
        from_at__lte=at + RECONFIRM_BEFORE,
    )  # fmt: skip


def waits_for_outcome(*, at: datetime) -> Q:
    """Its time is over and nobody said what came of it."""
    return Q(state=AppointmentState.AGREED, until_at__lte=at)
