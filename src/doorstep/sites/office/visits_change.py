"""Something changed on a published day: say what, see what follows for whom, accept it."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from doorstep.dispatch.visit_accepting import plan_change_accept
from doorstep.dispatch.visit_changes import Event, What, plan_change
from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.case_words import who
from doorstep.sites.office.visits_figures import all_rows
from doorstep.sites.office.visits_refused import refusal_of
from doorstep.sites.office.visits_rows import Day, days_of
from doorstep.sites.office.visits_scope import plan_or_404
from doorstep.sites.office.visits_words import Refusal
from doorstep.visits.models import Appointment, CrewDay, FieldPlan, PlannedVisit
from doorstep.visits.models.days import PlanState, VisitState
from doorstep.visits.selectors.appointments import appointments_between
from doorstep.workforce.roles import Permission

OF_A_VISIT = (
    (What.CANCELLED.value, gettext_lazy("The customer or we cancelled it")),
    (What.REFUSED.value, gettext_lazy("Refused at the door")),
)
OF_A_CREW = (
    (What.OVERRUN.value, gettext_lazy("It takes longer: free again at the time below")),
    (What.CREW_ILL.value, gettext_lazy("Somebody of the crew is ill")),
    (What.VEHICLE_DOWN.value, gettext_lazy("The vehicle broke down")),
)
KINDS = (*OF_A_VISIT, *OF_A_CREW, (What.URGENT.value, ""))


class EventForm(forms.Form):
    """What happened, to which visit, crew or appointment of the plan's day."""

    what = forms.ChoiceField(choices=KINDS)
    visit = forms.ModelChoiceField(queryset=PlannedVisit.objects.none(), required=False)
    crew = forms.ModelChoiceField(queryset=CrewDay.objects.none(), required=False)
    appointment = forms.ModelChoiceField(queryset=Appointment.objects.none(), required=False)
    until = forms.TimeField(required=False)
    why = forms.CharField(max_length=300, required=False)

    def __init__(self, *args: Any, plan: FieldPlan, **more: Any) -> None:
        super().__init__(*args, **more)
        fields: dict[str, Any] = self.fields
        fields["visit"].queryset = PlannedVisit.objects.filter(plan=plan)
        fields["crew"].queryset = CrewDay.objects.filter(plan=plan, day=plan.first_day)
        fields["appointment"].queryset = unplanned(plan)


def unplanned(plan: FieldPlan) -> QuerySet[Appointment]:
    """Appointments agreed for the plan's day that the plan does not hold."""
    day = plan.first_day
    held = PlannedVisit.objects.filter(plan=plan, state__in=(
        VisitState.PLANNED, VisitState.UNDER_WAY, VisitState.DONE
    )).values("case")  # fmt: skip
    return appointments_between(branch=plan.branch, first=day, last=day).exclude(case__in=held)


@needs(Permission.PLAN_FIELD)
@require_http_methods(["GET", "POST"])
def field_plan_change(request: StaffRequest, plan_id: int) -> HttpResponse:
    """Say what happened; what follows from it is a draft to be looked at and accepted."""
    plan = plan_or_404(request.user, plan_id)
    if plan.state != PlanState.PUBLISHED:
        messages.error(request, _("Only the plan that crews go by can be changed."))
        return redirect("office:field_plan", plan_id=plan.pk)
    if request.method == "GET":
        return _page(request, plan)
    form = EventForm(request.POST, plan=plan)
    if not form.is_valid():
        messages.error(request, _("Say what happened, and to whom."))
        return _page(request, plan)
    try:
        proposed = plan_change(plan=plan, event=_event(form, plan), by=request.user, at=clock.now())
    except DoorstepError as refused:
        return _page(request, plan, refused)
    return redirect("office:field_plan", plan_id=proposed.plan.pk)


def _event(form: EventForm, plan: FieldPlan) -> Event:
    given: dict[str, Any] = form.cleaned_data
    until: time | None = given["until"]
    zone = ZoneInfo(settings.TIME_ZONE)
    return Event(
        what=What(given["what"]),
        visit=given["visit"],
        crew=given["crew"],
        appointment=given["appointment"],
        until=datetime.combine(plan.first_day, until, zone) if until else None,
        why=given["why"],
    )


def _page(
    request: StaffRequest, plan: FieldPlan, error: DoorstepError | None = None
) -> HttpResponse:
    days = days_of(plan, staff=request.user)
    day: Day = next((each for each in days if each.day == plan.first_day), days[0])
    refusal: Refusal | None = None
    if error is not None:
        title = _("This cannot be planned.")
        refusal = refusal_of(error, title=title, crews=day.crews, rows=all_rows(days))
    open_states = (VisitState.PLANNED, VisitState.UNDER_WAY)
    context: dict[str, Any] = {
        "plan": plan,
        "day": day,
        "rows": [row for row in day.planned if row.visit.state in open_states],
        "crews": [crew for crew in day.crews if crew.crew.off_at is None],
        "appointments": [(each, who(each.case)) for each in unplanned(plan)],
        "of_a_visit": OF_A_VISIT,
        "of_a_crew": OF_A_CREW,
        "refusal": refusal,
    }
    return render(request, "office/visits/change.html", context)


@needs(Permission.PUBLISH_FIELD)
@require_POST
def field_plan_accept(request: StaffRequest, plan_id: int) -> HttpResponse:
    """Put a proposed change in force; customers whose promised time changed are told."""
    plan = plan_or_404(request.user, plan_id)
    try:
        accepted = plan_change_accept(plan=plan, by=request.user, at=clock.now())
    except DoorstepError as refused:
        messages.error(request, str(refused))
        return redirect("office:field_plan", plan_id=plan.pk)
    messages.success(request, _("Accepted: crews go by this plan."))
    if accepted.withdrawn:
        count = accepted.withdrawn
        words = ngettext(
            "%(count)s appointment cannot be kept and was taken back.",
            "%(count)s appointments cannot be kept and were taken back.",
            count,
        )
        messages.warning(request, words % {"count": count})
    return redirect("office:field_plan", plan_id=accepted.plan.pk)
