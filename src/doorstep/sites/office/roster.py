"""The roster of a branch, a week at a time: who works when, with which vehicle, who is away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.staff_papers import DAY
from doorstep.sites.office.staff_words import all_missing_words, missing_words, said
from doorstep.workforce.equipment import equipment
from doorstep.workforce.models import (
    Branch,
    Leave,
    LeaveKind,
    RosterDay,
    Shift,
    Staff,
    Vehicle,
)
from doorstep.workforce.papers import Deed, Papers, papers_missing
from doorstep.workforce.roles import Permission
from doorstep.workforce.selectors import (
    agents_within,
    loads_of,
    papers_of,
    rests_until,
    staff_within,
)
from doorstep.workforce.services import (
    leave_write,
    roster_day_withdraw,
    roster_day_write,
    vehicle_keep,
)
from doorstep.workforce.services.roster import NotRostered
from doorstep.workforce.shifts import HOURS

WEEK = 7
FARTHEST_DAYS = 3660


@needs(Permission.SEE_ROSTERS)
@require_GET
def roster(request: StaffRequest) -> HttpResponse:
    """`?branch=` and `?week=` (its Monday); a field agent sees the own branch."""
    on = clock.today(settings.TIME_ZONE)
    branches = _branches(request.user)
    branch = _branch(request, branches)
    monday = _monday(request.GET.get("week", ""), on)
    days = [monday + timedelta(days=offset) for offset in range(WEEK)]
    people = list(agents_within(by=request.user).filter(branch=branch)) if branch else []
    context: dict[str, Any] = {
        "branch": branch,
        "branches": branches,
        "monday": monday,
        "before": monday - timedelta(days=WEEK),
        "after": monday + timedelta(days=WEEK),
        "days": [{"day": day, "today": day == on} for day in days],
        "rows": _rows(people, days, on),
        "may_write": request.user.may(Permission.WRITE_ROSTERS),
        "load_shown": request.user.may(Permission.SEE_LOAD),
        "vehicles": Vehicle.objects.filter(branch=branch).order_by("plate") if branch else [],
        "shifts": [(value, label, *HOURS[value]) for value, label in Shift.choices],
        "kinds": LeaveKind.choices,
        "equipment": [
            (said(each.title), [said(item) for item in each.items]) for each in equipment().values()
        ],
        "counselling": settings.COUNSELLING_LINE,
        "today": on,
    }
    return render(request, "office/people/roster.html", context)


def _branches(by: Staff) -> list[Branch]:
    ids = agents_within(by=by).order_by().values_list("branch", flat=True).distinct()
    return list(Branch.objects.filter(pk__in=ids).order_by("code"))


def _branch(request: StaffRequest, branches: Sequence[Branch]) -> Branch | None:
    wanted = request.GET.get("branch", "") or request.user.branch_id
    first = branches[0] if branches else None
    return next((each for each in branches if each.pk == wanted), first)


def _monday(text: str, on: date) -> date:
    """The Monday of the week a day lies in; this week's for what is no day or years away."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = on
    if abs((day - on).days) > FARTHEST_DAYS:
        day = on
    return day - timedelta(days=day.weekday())


def _rows(people: Sequence[Staff], days: Sequence[date], on: date) -> list[dict[str, Any]]:
    """One row an agent; a fixed number of queries."""
    ids, at = [each.pk for each in people], clock.now()
    held, rests = papers_of(staff_ids=ids, at=at), rests_until(staff_ids=ids)
    loads = loads_of(staff_ids=ids, on=on)
    written: dict[tuple[int, date], RosterDay] = {
        (row.staff_id, row.day): row
        for row in RosterDay.objects.filter(
            staff__in=ids, day__range=(days[0], days[-1]), withdrawn_at=None
        ).select_related("vehicle")
    }
    away: dict[int, list[Leave]] = defaultdict(list)
    for leave in Leave.objects.filter(staff__in=ids, first__lte=days[-1], last__gte=days[0]):
        away[leave.staff_id].append(leave)
    return [
        {
            "staff": each,
            "load": loads.get(each.pk, 0),
            "cells": [
                _cell(written.get((each.pk, day)), away[each.pk], held[each.pk], rests, day, on)
                for day in days
            ],
        }
        for each in people
    ]


def _cell(
    row: RosterDay | None,
    leaves: Sequence[Leave],
    held: Papers,
    rests: Mapping[int, date],
    day: date,
    on: date,
) -> dict[str, Any]:
    """What stands in one cell: a shift, or why there can be none."""
    if row is not None:
        return {"row": row, "day": day, "open": day >= on}
    leave = next((each for each in leaves if each.first <= day <= each.last), None)
    if leave is not None:
        return {"words": leave.get_kind_display(), "day": day, "tone": "quiet"}
    until = rests.get(held.staff_id)
    if until is not None and day <= until and day >= on:
        return {"words": _("At rest"), "day": day, "tone": "amber"}
    missing = papers_missing(held, deed=Deed.VISIT, on=day, at=clock.now()) if day >= on else ()
    if missing:
        return {
            "words": _("Papers"),
            "why": all_missing_words(missing),
            "day": day,
            "tone": "amber",
        }
    return {"day": day}


class RosterForm(forms.Form):
    """A shift for one agent on some days."""

    staff = forms.IntegerField(min_value=1)
    days = forms.TypedMultipleChoiceField(coerce=date.fromisoformat)
    shift = forms.ChoiceField(choices=Shift.choices)
    vehicle = forms.IntegerField(min_value=1, required=False)


@needs(Permission.WRITE_ROSTERS)
@require_POST
def roster_write(request: StaffRequest) -> HttpResponse:
    """Roster an agent for days of a week; each day that cannot be says why, the others stand."""
    form = RosterForm(request.POST)
    monday = _monday(request.POST.get("week", ""), clock.today(settings.TIME_ZONE))
    form.fields["days"].choices = [  # type: ignore[attr-defined]
        ((monday + timedelta(days=offset)).isoformat(),) * 2 for offset in range(WEEK)
    ]
    if not form.is_valid():
        messages.error(request, _("Choose a colleague, a shift and at least one day."))
        return _back(request)
    whom = get_object_or_404(agents_within(by=request.user), pk=form.cleaned_data["staff"])
    vehicle = Vehicle.objects.filter(pk=form.cleaned_data["vehicle"] or 0).first()
    done = 0
    for day in form.cleaned_data["days"]:
        try:
            roster_day_write(
                staff=whom, day=day, shift=Shift(form.cleaned_data["shift"]), vehicle=vehicle,
                by=request.user, at=clock.now(), on=clock.today(settings.TIME_ZONE),
            )  # fmt: skip
            done += 1
        except NotRostered as refused:
            messages.error(request, _not_words(whom, day, refused))
        except DoorstepError as refused:
            messages.error(request, str(refused))
    if done:
        messages.success(request, _("%(count)s days written for %(name)s.") % {
            "count": done, "name": whom,
        })  # fmt: skip
    return _back(request)


def _not_words(whom: Staff, day: date, refused: NotRostered) -> str:
    why = _("; ").join(missing_words(each) for each in refused.missing) or refused.message
    parts = {"name": whom, "day": date_format(day, "MONTH_DAY_FORMAT"), "why": why}
    return _("%(name)s, %(day)s: %(why)s") % parts


def _back(request: StaffRequest) -> HttpResponse:
    """To the week and branch the form came from."""
    monday = _monday(request.POST.get("week", ""), clock.today(settings.TIME_ZONE))
    branch = Branch.objects.filter(pk=request.POST.get("branch", "").replace("\x00", "")).first()
    return redirect(
        f"{reverse('office:roster')}?week={monday.isoformat()}&branch={branch.pk if branch else ''}"
    )


@needs(Permission.WRITE_ROSTERS)
@require_POST
def roster_withdraw(request: StaffRequest, roster_id: int) -> HttpResponse:
    """Take one day back."""
    mine = staff_within(by=request.user)
    row = get_object_or_404(RosterDay.objects.select_related("staff"), pk=roster_id, staff__in=mine)
    roster_day_withdraw(row=row, why="by hand", by=request.user, at=clock.now())
    messages.success(request, _("Taken back."))
    return _back(request)


class LeaveForm(forms.Form):
    """Somebody is away."""

    staff = forms.IntegerField(min_value=1)
    first = forms.DateField(label=gettext_lazy("From"), widget=DAY)
    last = forms.DateField(label=gettext_lazy("Until"), widget=DAY)
    kind = forms.ChoiceField(choices=LeaveKind.choices)


@needs(Permission.WRITE_ROSTERS)
@require_POST
def roster_leave(request: StaffRequest) -> HttpResponse:
    """Write leave; days rostered in it are taken back."""
    form = LeaveForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose a colleague, the first and the last day."))
        return _back(request)
    values = dict(form.cleaned_data)
    whom = get_object_or_404(agents_within(by=request.user), pk=values.pop("staff"))
    try:
        leave_write(staff=whom, by=request.user, at=clock.now(), **values)
    except DoorstepError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Kept."))
    return _back(request)


class VehicleForm(forms.Form):
    """A vehicle of the branch."""

    branch = forms.ModelChoiceField(queryset=Branch.objects.all())
    plate = forms.CharField(max_length=16)
    seats = forms.IntegerField(min_value=1, max_value=60)
    range_km = forms.IntegerField(min_value=1, max_value=3000)


@needs(Permission.WRITE_ROSTERS)
@require_POST
def roster_vehicle(request: StaffRequest) -> HttpResponse:
    """Keep a vehicle of a branch."""
    form = VehicleForm(request.POST)
    if not form.is_valid() or form.cleaned_data["branch"] not in _branches(request.user):
        messages.error(request, _("A vehicle has a plate, 1 to 60 seats and goes 1 to 3,000 km."))
        return _back(request)
    try:
        vehicle_keep(by=request.user, **form.cleaned_data)
    except DoorstepError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Kept."))
    return _back(request)
