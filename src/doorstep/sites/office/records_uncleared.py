"""The record of a visit that took place without being planned or cleared."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from doorstep.dispatch.visit_uncleared import uncleared_visit_file
from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError, InputError, Where
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.case_access import case_or_404
from doorstep.sites.office.case_words import who
from doorstep.visits.models import VisitOutcome
from doorstep.workforce.roles import Permission

OUTCOMES = tuple(
    (each.value, each.label)
    for each in VisitOutcome
    if each not in (VisitOutcome.AGREED, VisitOutcome.PROMISED)
)


@needs(Permission.WRITE_NOTES)
@require_http_methods(["GET", "POST"])
def uncleared_visit(request: StaffRequest, case_id: int) -> HttpResponse:
    """The form; afterwards the record, or the incident's list for those who may not see records."""
    case = case_or_404(request.user, case_id)
    refused = ""
    if request.method == "POST":
        sent = request.POST
        try:
            made = uncleared_visit_file(
                case=case, outcome=sent.get("outcome", ""), said=sent.get("said", ""),
                people=sent.get("people", ""), when=_when(sent.get("when", "")),
                by=request.user, at=clock.now(),
            )  # fmt: skip
        except DoorstepError as error:
            refused = f"{error.message} {error.hint}".strip()
        else:
            messages.success(request, _("The visit is on record; compliance looks into it."))
            if request.user.may(Permission.SEE_RECORDS):
                return redirect("office:record", made.pk)
            return redirect("office:case", case.pk)
    context: dict[str, Any] = {
        "case": case,
        "who": who(case),
        "outcomes": OUTCOMES,
        "asked": request.POST,
        "refused": refused,
    }
    return render(request, "office/records/uncleared.html", context, status=422 if refused else 200)


def _when(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(settings.TIME_ZONE))
    except ValueError:
        raise InputError(_("Say when it happened."), where=Where(field="when")) from None
    if not 1900 < found.year < 2200:
        raise InputError(_("Say when it happened."), where=Where(field="when"))
    return found
