"""What can be done from a case file: a note, an assignment, a hold, a look."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from doorstep.cases.assignment import cases_assign
from doorstep.cases.models import Case
from doorstep.cases.services import note_write, personal_data_look
from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError, InputError, Where
from doorstep.protections.models import Hold
from doorstep.protections.services import hold_end as hold_ended
from doorstep.protections.services import hold_place
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.assign import CANNOT, read_person
from doorstep.sites.office.case_access import case_or_404
from doorstep.sites.office.case_file import case_page
from doorstep.sites.office.channel_words import LOOKS
from doorstep.workforce.roles import Permission


@needs(Permission.WRITE_NOTES)
@require_POST
def note(request: StaffRequest, case_id: int) -> HttpResponse:
    """Keep a note on the case."""
    case = case_or_404(request.user, case_id)

    def deed() -> str:
        note_write(case=case, text=request.POST.get("text", ""), by=request.user, at=clock.now())
        return _("The note is kept.")

    return case_after(request, case, deed)


@needs(Permission.ASSIGN_CASES)
@require_POST
def give(request: StaffRequest, case_id: int) -> HttpResponse:
    """Give the case to somebody, or take it back."""
    case = case_or_404(request.user, case_id)

    def deed() -> str:
        to = read_person(request.POST.get("to", ""))
        chosen = Case.objects.filter(pk=case.pk)
        done = cases_assign(cases=chosen, to=to, by=request.user, at=clock.now())
        if not done.can:
            reasons = ", ".join(str(CANNOT[name]) for name in done.cannot)
            raise InputError(_("The case was not assigned: %(why)s.") % {"why": reasons})
        return (
            _("The case is with %(name)s.") % {"name": to} if to else _("The case is with nobody.")
        )

    return case_after(request, case, deed)


@needs(Permission.PLACE_HOLDS)
@require_POST
def hold(request: StaffRequest, case_id: int) -> HttpResponse:
    """Leave the borrower alone from now on, and decide the case again at once."""
    case = case_or_404(request.user, case_id)

    def deed() -> str:
        today = clock.today(settings.TIME_ZONE)
        hold_place(
            borrower=case.borrower,
            kind=request.POST.get("kind", ""),
            starts_on=_day(request, "starts_on") or today,
            ends_on=_day(request, "ends_on"),
            note=request.POST.get("note", ""),
            by=request.user,
            at=clock.now(),
            on=today,
        )
        return _("The borrower is on hold: no step is taken until it ends.")

    return case_after(request, case, deed)


@needs(Permission.PLACE_HOLDS)
@require_POST
def hold_end(request: StaffRequest, case_id: int, hold_id: int) -> HttpResponse:
    """End a hold that staff placed, and decide the case again at once."""
    case = case_or_404(request.user, case_id)
    placed = get_object_or_404(Hold, pk=hold_id, borrower=case.borrower_id)

    def deed() -> str:
        hold_ended(hold=placed, by=request.user, at=clock.now())
        return _("The hold is ended.")

    return case_after(request, case, deed)


@needs(Permission.UNMASK)
@never_cache
@require_POST
def unmask(request: StaffRequest, case_id: int) -> HttpResponse:
    """Show personal data in full in this one answer, after the purpose is on record."""
    case = case_or_404(request.user, case_id)
    what = request.POST.get("what", "")
    try:
        if what not in LOOKS:
            raise InputError(_("Choose what you need to see."))
        personal_data_look(
            case=case,
            what=what,
            purpose=request.POST.get("purpose", ""),
            by=request.user,
            at=clock.now(),
        )
    except DoorstepError as error:
        messages.error(request, str(error.message))
        return redirect("office:case", case_id=case.pk)
    return case_page(request, case, shown=frozenset({what}))


def case_after(request: StaffRequest, case: Case, deed: Callable[[], str]) -> HttpResponse:
    """Do the deed and go back to the case, with what it says or why it was refused."""
    try:
        messages.success(request, deed())
    except DoorstepError as error:
        messages.error(request, f"{error.message} {error.hint}".strip())
    return redirect("office:case", case_id=case.pk)


def _day(request: StaffRequest, name: str) -> date | None:
    text = request.POST.get(name, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(
            _("%(text)s is not a day.") % {"text": text[:20]}, where=Where(field=name)
        ) from None
