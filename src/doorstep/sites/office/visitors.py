"""For whoever answers the hotline: is this visitor, this work id real? What the borrower's page
shows, in words to read aloud; and a report taken down on the phone."""

from __future__ import annotations

import base64
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError, Refused
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.portal.check import shown
from doorstep.visits.models import Happened
from doorstep.visits.selectors.visitor import work_id_checked
from doorstep.visits.services.impostors import Told, impostor_report
from doorstep.visits.services.visitor import code_look_up, number_compare
from doorstep.visits.visitor import door_word
from doorstep.workforce.roles import Permission


@needs(Permission.MAKE_CALLS)
@require_http_methods(["GET", "POST"])
def visitors(request: StaffRequest) -> HttpResponse:
    """Type the code the caller has, or the work id somebody named, and read the answer aloud."""
    today = clock.today(settings.TIME_ZONE)
    context: dict[str, Any] = {"ways": Happened.choices, "today": today.isoformat()}
    status = 200
    if request.method == "POST":
        try:
            context |= _answer(request, today)
        except Refused as refused:
            context["refused"], status = f"{refused.message} {refused.hint}".strip(), 409
    return render(request, "office/visitors/hotline.html", context, status=status)


def _answer(request: StaffRequest, today: date) -> dict[str, Any]:
    sent, now, asker = request.POST, clock.now(), f"staff {request.user.pk}"
    code, number, work_id = (sent.get(name, "")[:64] for name in ("code", "number", "work_id"))
    if work_id.strip():
        found = work_id_checked(work_id=work_id, on=today, at=now)
        return {
            "asked": "work_id",
            "work_id": work_id,
            "person": found,
            "photo": _photo(found.jpeg) if found else "",
        }
    visit = code_look_up(code=code, asker=asker, at=now, by=request.user)
    context: dict[str, Any] = {"asked": "code", "code": code, "known": visit is not None}
    if visit is not None:
        context |= shown(visit) | {"code_aloud": door_word(visit.code)}
    if number.strip():
        agrees = number_compare(code=code, said=number, asker=asker, at=now, by=request.user)
        context |= {"compared": number, "agrees": agrees}
    return context


def _photo(jpeg: bytes) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(jpeg).decode() if jpeg else ""


@needs(Permission.MAKE_CALLS)
@require_POST
def impostor_told(request: StaffRequest) -> HttpResponse:
    """Keep what a caller tells of somebody who may not be from us; the caller gets its number."""
    sent = request.POST
    try:
        kept = impostor_report(
            told=Told(
                happened=sent.get("happened", ""), happened_on=_day(sent.get("day", "")),
                words=sent.get("words", ""), work_id=sent.get("work_id", ""),
                place=sent.get("place", ""), contact=sent.get("contact", ""),
                code=sent.get("code", ""), language=get_language() or "",
            ),
            at=clock.now(), on=clock.today(settings.TIME_ZONE), by=request.user,
        )  # fmt: skip
        words = _("Kept. Tell the caller its number: %(number)s.") % {"number": kept.number}
        messages.success(request, words)
    except DoorstepError as error:
        messages.error(request, f"{error.message} {error.hint}".strip())
    return redirect("office:visitors")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return date.min
