"""Field days: every plan, the form that makes new ones, and what becomes of one."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from doorstep.dispatch.visit_plans import plan_begin, plan_publish, plan_stop
from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.staff_papers import DAY
from doorstep.sites.office.visits_scope import branches_for, plan_or_404, plans_visible_to
from doorstep.sites.office.visits_words import PLAN_TONES, with_progress
from doorstep.visits.models import FieldPlan
from doorstep.visits.models.days import PlanState
from doorstep.visits.services.plans import plan_discard
from doorstep.workforce.models import Branch
from doorstep.workforce.roles import Permission
from doorstep.workforce.selectors import agents_rostered

ROWS_A_PAGE = 50
FARTHEST_DAYS = 31
SEEN = ("planned", "under_way", "done")


class PlanForm(forms.Form):
    """Which days to plan, of which branches, and how long to look for a better plan."""

    branches = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Branches"), queryset=Branch.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose a branch at least.")},
    )  # fmt: skip
    first_day = forms.DateField(label=gettext_lazy("First day"), widget=DAY)
    days = forms.TypedChoiceField(
        label=gettext_lazy("How far"), coerce=int,
        choices=[(1, gettext_lazy("One day")), (7, gettext_lazy("A week: the first day is fixed, "
                 "the others are an outlook"))],
    )  # fmt: skip
    seconds = forms.IntegerField(
        label=gettext_lazy("Seconds of search for each branch"), min_value=1, max_value=600,
        help_text=gettext_lazy("Longer is better, by less and less. You can stop at any time."),
    )  # fmt: skip

    def __init__(self, *args: Any, branches: QuerySet[Branch], on: date, **more: Any) -> None:
        super().__init__(*args, **more)
        self.on = on
        self.fields["branches"].queryset = branches  # type: ignore[attr-defined]

    def clean_first_day(self) -> date:
        """From today on, a month ahead at most."""
        first: date = self.cleaned_data["first_day"]
        if not 0 <= (first - self.on).days <= FARTHEST_DAYS:
            raise forms.ValidationError(_("Plan from today on, a month ahead at most."))
        return first


@needs(Permission.PLAN_FIELD)
@require_GET
def field_plan_branches(request: StaffRequest) -> HttpResponse:
    """The branches of the form, each with how many are on its roster of `?first_day=`."""
    form = PlanForm(
        initial={"branches": request.GET.getlist("branches")},
        branches=branches_for(request.user),
        on=clock.today(settings.TIME_ZONE),
    )
    first = request.GET.get("first_day", "")
    return render(request, "office/visits/branches.html", {"form": form, **_rostered(form, first)})


def _rostered(form: PlanForm, first: str) -> dict[str, Any]:
    """The choices of branches, with how many field agents work there on that day."""
    try:
        day = date.fromisoformat(first)
    except ValueError:
        return {"boxes": [(box, None) for box in form["branches"]], "day": ""}
    count = agents_rostered(on=day)
    boxes = [(box, count.get(str(box.data["value"]), 0)) for box in form["branches"]]
    return {"boxes": boxes, "day": f"-{day.isoformat()}"}


@needs(Permission.SEE_FIELD)
@require_GET
def field_plans(request: StaffRequest) -> HttpResponse:
    """Every plan, the latest day first; `?branch=`. Polled while one is worked out."""
    if request.headers.get("HX-Request"):
        return _making(request)
    return _page(request, _form(request))


def _form(request: StaffRequest) -> PlanForm:
    on = clock.today(settings.TIME_ZONE)
    branches = branches_for(request.user)
    if request.method == "POST":
        return PlanForm(request.POST, branches=branches, on=on)
    mine = [request.user.branch_id] if request.user.branch_id else []
    return PlanForm(
        initial={"first_day": on + timedelta(days=1), "days": 1, "seconds": 10, "branches": mine},
        branches=branches, on=on,
    )  # fmt: skip


def _page(request: StaffRequest, form: PlanForm) -> HttpResponse:
    branches = list(branches_for(request.user))
    wanted = request.GET.get("branch", "")
    branch = next((each for each in branches if each.pk == wanted), None)
    found = _listed(request).exclude(state__in=(PlanState.MAKING, PlanState.DISCARDED))
    if branch:
        found = found.filter(branch=branch)
    page = Paginator(found, ROWS_A_PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "form": form,
        "page": page,
        "rows": [(plan, PLAN_TONES[PlanState(plan.state)]) for plan in page.object_list],
        "making": with_progress(_listed(request).filter(state=PlanState.MAKING)),
        "branches": branches,
        "branch": branch,
        "may_plan": request.user.may(Permission.PLAN_FIELD),
        "sees_rosters": request.user.may(Permission.SEE_ROSTERS),
        **_rostered(form, str(form["first_day"].value())),
    }
    return render(request, "office/visits/plans.html", context)


def _listed(request: StaffRequest) -> QuerySet[FieldPlan]:
    planned = Q(visits__state__in=SEEN)
    return (
        plans_visible_to(staff=request.user)
        .annotate(
            could=Count("visits"),
            planned=Count("visits", filter=planned),
            worth=Sum("visits__value", filter=planned),
        )
        .order_by("-first_day", "branch__code", "-made_at", "-pk")
    )


def _making(request: StaffRequest) -> HttpResponse:
    making = with_progress(_listed(request).filter(state=PlanState.MAKING))
    answer = render(
        request,
        "office/visits/making.html",
        {"making": making, "may_plan": request.user.may(Permission.PLAN_FIELD)},
    )
    if len(making) < _number(request.GET.get("making", "")):
        answer.headers["HX-Refresh"] = "true"
    return answer


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


@needs(Permission.PLAN_FIELD)
@require_POST
def field_plan_begin(request: StaffRequest) -> HttpResponse:
    """Ask the worker for a plan of each branch chosen."""
    form = _form(request)
    if not form.is_valid():
        return _page(request, form)
    asked = form.cleaned_data
    what = {name: asked[name] for name in ("first_day", "days", "seconds")}
    made = []
    for branch in asked["branches"]:
        try:
            made.append(plan_begin(branch=branch, by=request.user, at=clock.now(), **what))
        except DoorstepError as refused:
            messages.error(request, f"{branch}: {refused}")
    if len(made) == 1:
        return redirect("office:field_plan", plan_id=made[0].pk)
    return redirect("office:field_plans")


@needs(Permission.PLAN_FIELD)
@require_POST
def field_plan_stop(request: StaffRequest, plan_id: int) -> HttpResponse:
    """End the search with the best plan found so far."""
    plan = plan_or_404(request.user, plan_id)
    plan_stop(plan=plan, by=request.user)
    return redirect("office:field_plan", plan_id=plan.pk)


@needs(Permission.PLAN_FIELD)
@require_POST
def field_plan_discard(request: StaffRequest, plan_id: int) -> HttpResponse:
    """Put a draft away."""
    plan = plan_or_404(request.user, plan_id)
    try:
        plan_discard(plan=plan, by=request.user)
    except DoorstepError as refused:
        messages.error(request, str(refused))
        return redirect("office:field_plan", plan_id=plan.pk)
    messages.success(request, _("The draft is discarded."))
    return redirect("office:field_plans")


@needs(Permission.PUBLISH_FIELD)
@require_POST
def field_plan_publish(request: StaffRequest, plan_id: int) -> HttpResponse:
    """Make the draft the plan that crews go by."""
    plan = plan_or_404(request.user, plan_id)
    try:
        plan_publish(plan=plan, by=request.user, at=clock.now())
    except DoorstepError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Published: crews go by this plan."))
    return redirect("office:field_plan", plan_id=plan.pk)
