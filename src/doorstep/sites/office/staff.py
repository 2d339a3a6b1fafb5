"""Staff accounts: who there is, and, for an administrator, new accounts and closed ones."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from doorstep.kernel import clock
from doorstep.kernel.errors import Refused
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.workforce.models import ROLE_LABELS, Branch, Staff, Team
from doorstep.workforce.roles import Permission, Role
from doorstep.workforce.services import staff_create, staff_set_active

ROWS_A_PAGE = 50
REFUSALS = {
    "NAME_TAKEN": gettext_lazy("This sign-in name is taken. Choose another."),
    "TEAM_OF_OTHER_BRANCH": gettext_lazy("The team belongs to another branch."),
    "BRANCH_MISSING": gettext_lazy("This role sees a branch: choose which."),
    "TEAM_MISSING": gettext_lazy("This role sees a team: choose which."),
    "OWN_ACCOUNT": gettext_lazy("Your own account can only be closed by another administrator."),
    "NOT_ALLOWED": gettext_lazy("Your role does not include this."),
}


class StaffForm(forms.Form):
    """A new account."""

    username = forms.SlugField(
        label=gettext_lazy("Sign-in name"),
        max_length=60,
        help_text=gettext_lazy("Letters, digits, - and _."),
    )
    display_name = forms.CharField(label=gettext_lazy("Full name"), max_length=100)
    role = forms.ChoiceField(
        label=gettext_lazy("Role"),
        choices=[(role.value, label) for role, label in ROLE_LABELS.items()],
    )
    branch = forms.ModelChoiceField(
        label=gettext_lazy("Branch"),
        queryset=Branch.objects.order_by("name"),
        required=False,
        empty_label=gettext_lazy("None"),
    )
    team = forms.ModelChoiceField(
        label=gettext_lazy("Team"),
        queryset=Team.objects.select_related("branch").order_by("branch__name", "name"),
        required=False,
        empty_label=gettext_lazy("None"),
    )
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES)


@needs(Permission.SEE_STAFF)
def staff(request: StaffRequest) -> HttpResponse:
    """Everybody with an account, in the order of their names."""
    found = Staff.objects.select_related("branch", "team").order_by("-is_active", "display_name")
    page = Paginator(found, ROWS_A_PAGE).get_page(request.GET.get("page"))
    manages = request.user.may(Permission.MANAGE_STAFF)
    return render(request, "office/staff.html", {"page": page, "manages": manages})


@needs(Permission.MANAGE_STAFF)
def staff_new(request: StaffRequest) -> HttpResponse:
    """The form of a new account; afterwards its first password, shown this once."""
    form = StaffForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data | {"role": Role(form.cleaned_data["role"])}
        try:
            made, password = staff_create(**values, by=request.user)
        except Refused as refused:
            form.add_error(None, str(REFUSALS[refused.code]))
        else:
            return render(request, "office/staff_made.html", {"made": made, "password": password})
    return render(request, "office/staff_new.html", {"form": form})


@require_POST
@needs(Permission.MANAGE_STAFF)
def staff_active(request: StaffRequest, staff_id: int) -> HttpResponse:
    """Close an account or open it again."""
    whom = get_object_or_404(Staff, pk=staff_id)
    active = request.POST.get("active") == "yes"
    try:
        staff_set_active(staff=whom, active=active, by=request.user, at=clock.now())
    except Refused as refused:
        messages.error(request, str(REFUSALS[refused.code]))
    else:
        words = _("%(name)s can sign in again.") if active else _("%(name)s can no longer sign in.")
        messages.success(request, words % {"name": whom})
    return redirect("office:staff")
