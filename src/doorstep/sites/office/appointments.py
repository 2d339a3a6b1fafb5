"""Visits agreed upon with customers: by day, by state, and what waits."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from doorstep.dispatch.models import Inbound
from doorstep.dispatch.visit_notices import span_told
from doorstep.dispatch.visit_texts import planned_of
from doorstep.kernel import clock
from doorstep.kernel.masking import mask_name
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.appointments_words import TONES, hours_words, place_shown, waits_words
from doorstep.visits.models import Appointment
from doorstep.visits.models.appointments import OPEN_APPOINTMENT, AppointmentState
from doorstep.visits.selectors.appointments import (
    appointments_visible_to,
    waits_for_answer,
    waits_for_confirmation,
    waits_for_outcome,
)
from doorstep.workforce.roles import Permission

ROWS = 50


def _views(at: datetime) -> dict[str, tuple[str | Promise, Q]]:
    waits = waits_for_answer(at=at) | waits_for_confirmation(at=at) | waits_for_outcome(at=at)
    agreed = Q(state=AppointmentState.AGREED, until_at__gt=at)
    return {
        "waits": (gettext_lazy("To do"), waits),
        "agreed": (gettext_lazy("Agreed"), agreed),
        "proposed": (gettext_lazy("Waiting for an answer"), Q(state=AppointmentState.PROPOSED)),
        "over": (gettext_lazy("Over"), ~Q(state__in=OPEN_APPOINTMENT)),
    }


@needs(Permission.SEE_APPOINTMENTS)
@require_GET
def appointments(request: StaffRequest) -> HttpResponse:
    """The list by time; `?view=` to do, agreed, proposed or over; `?day=` one day; `?mine=1` those
    of one's own cases or proposals."""
    at, staff = clock.now(), request.user
    visible = appointments_visible_to(staff=staff)
    if mine := request.GET.get("mine") == "1":
        visible = visible.filter(Q(proposed_by=staff) | Q(case__assignee=staff))
    views = _views(at)
    view = request.GET.get("view", "")
    view = view if view in views else "waits"
    day = _day(request.GET.get("day", ""))
    found = visible.filter(views[view][1] if day is None else _of_day(day))
    page = Paginator(_ordered(found, over=view == "over"), ROWS).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "days": _by_day(rows_of(list(page), at=at)),
        "views": [
            (name, label, visible.filter(query).count()) for name, (label, query) in views.items()
        ],
        "chosen": "" if day else view,
        "day": day,
        "mine": mine,
    }
    return render(request, "office/appointments/list.html", context)


def _ordered(found: QuerySet[Appointment], *, over: bool) -> QuerySet[Appointment]:
    related = found.select_related("case__borrower", "case__branch", "address", "proposed_by")
    if over:
        return related.order_by("-from_at", "-proposed_at", "-pk")
    return related.order_by("from_at", "proposed_at", "pk")


def _of_day(day: date) -> Q:
    start = timezone.make_aware(datetime.combine(day, datetime.min.time()))
    return Q(from_at__gte=start, from_at__lt=start + timedelta(days=1))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return clock.today(settings.TIME_ZONE)


def rows_of(found: Sequence[Appointment], *, at: datetime) -> list[dict[str, Any]]:
    """The appointments with words, in their order; two more queries for any number."""
    planned = planned_of(appointment_ids=[each.pk for each in found])
    answers = _answered(found)
    return [
        {
            "appointment": each,
            "who": mask_name(each.case.borrower.name),
            "span": span,
            "hours": hours_words(span),
            "place": place_shown(each),
            "tone": TONES[each.state],
            "planned": planned.get(each.pk),
            "waits": waits_words(
                each, at=at, answered=each.pk in answers, planned=each.pk in planned
            ),
        }
        for each in found
        for span in [span_told(each, planned.get(each.pk))]
    ]


def _answered(found: Sequence[Appointment]) -> Collection[int]:
    """Those whose customer has written since the proposal, and nobody has read it."""
    first = {each.case.borrower_id: each.proposed_at for each in found}
    wrote = Inbound.objects.filter(borrower__in=list(first), seen_at=None)
    said = [
        borrower_id
        for borrower_id, at in wrote.values_list("borrower_id", "at")
        if borrower_id is not None and at >= first[borrower_id]
    ]
    return {each.pk for each in found if each.case.borrower_id in said}


def _by_day(rows: Sequence[dict[str, Any]]) -> list[tuple[date | None, list[dict[str, Any]]]]:
    """The rows under the day of their time; none for those without."""
    days: dict[date | None, list[dict[str, Any]]] = {}
    for row in rows:
        span = row["span"]
        days.setdefault(timezone.localtime(span[0]).date() if span else None, []).append(row)
    return list(days.items())
