"""Acts that should not have happened: the list, the step of delay, and making it good."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from doorstep.cases.models import Case
from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError, Refused
from doorstep.kernel.masking import mask_name
from doorstep.protections.services import late_news_settle
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.channel_words import CHANNELS, RESULTS
from doorstep.sites.office.protections_forms import text
from doorstep.sites.office.protections_record import error_at_its_field
from doorstep.sites.office.protections_scope import late_or_404
from doorstep.sites.office.protections_words import kind_words
from doorstep.workforce.roles import Permission


class RemedyForm(forms.Form):
    """The texts as they were used, and how it was made good."""

    apology = text(
        gettext_lazy("Apology"),
        most=4000,
        rows=9,
        hint=gettext_lazy("A draft. What is sent goes out as a message or letter like any other."),
    )
    correction = text(gettext_lazy("What is put right here"), most=4000, rows=5)
    how = text(
        gettext_lazy("How it was made good"),
        most=1000,
        rows=2,
        needed=True,
        hint=gettext_lazy("By whom, by which letter or call, and when."),
    )


@needs(Permission.SEE_PROTECTIONS)
@require_http_methods(["GET", "POST"])
def late(request: StaffRequest, late_id: int) -> HttpResponse:
    """What should not have happened under one protection, and the form to make it good."""
    row = late_or_404(late_id, staff=request.user)
    may = request.user.may(Permission.ANSWER_COMPLAINTS)
    drafts = {"apology": row.apology, "correction": row.correction}
    form = RemedyForm(request.POST or None, initial=drafts)
    if request.method == "POST" and form.is_valid():
        try:
            late_news_settle(late=row, **form.cleaned_data, by=request.user, at=clock.now())
        except DoorstepError as error:
            error_at_its_field(form, error)
            if isinstance(error, Refused):
                messages.error(request, str(error))
                return redirect("office:late", late_id=row.pk)
        else:
            messages.success(request, _("Made good."))
            return redirect("office:late", late_id=row.pk)
    acts = [
        (act, CHANNELS.get(act.channel, act.channel), RESULTS.get(act.result, act.result))
        for act in row.acts.order_by("at", "pk")
    ]
    case = Case.objects.filter(borrower=row.borrower_id).order_by("-pk").first()
    context = {
        "late": row,
        "name": mask_name(row.borrower.name),
        "kind": kind_words(row),
        "acts": acts,
        "case": case,
        "form": form,
        "may_settle": may and row.state == "open",
    }
    status = 400 if form.errors else 200
    return render(request, "office/protections/late.html", context, status=status)
