"""SOS: taken with a session or with the token of a crew's phone, also while the database is away.

The token is a signature over who it was made for, good for one working day, so that an SOS needs
neither session nor database. It is written to the disk first (`visits.spool`), then to the
database; the answer says truthfully which of the two worked, and whom to call meanwhile.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_POST

from doorstep.kernel import clock
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.visits.models import Alarm
from doorstep.visits.safety import emergency, place_of, sos_key
from doorstep.visits.selectors.door import visit_of_crew
from doorstep.visits.services.alarms import sos_raise
from doorstep.visits.spool import Sos, sos_forget, sos_write
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission

SALT = "doorstep.sos"
TOKEN_LASTS = timedelta(hours=16)
WAIT_MS = 1500
NOBODY = {"police": "", "ambulance": "", "fire": ""}
log = logging.getLogger(__name__)


def sos_token(*, staff: Staff) -> str:
    """What a crew's page or phone sends with an SOS instead of a session."""
    return signing.dumps(staff.pk, salt=SALT)


def sos_token_read(token: str) -> int | None:
    """Whom a token was made for; None for one that is false or of another day."""
    try:
        found = signing.loads(token, salt=SALT, max_age=TOKEN_LASTS)
    except signing.BadSignature:
        return None
    return found if isinstance(found, int) else None


class SosMiddleware:
    """Stands before session and accounts: an SOS with a token never touches them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method == "POST" and request.path == reverse("office:sos"):
            who = sos_token_read(request.POST.get("token", ""))
            if who is not None:
                return sos_answer(request, staff_id=who)
        return self.get_response(request)


@needs(Permission.CHECK_IN)
@require_POST
def sos(request: StaffRequest) -> HttpResponse:
    """An SOS of somebody who is signed in and sent no token."""
    return sos_answer(request, staff_id=request.user.pk)


def sos_answer(request: HttpRequest, *, staff_id: int) -> HttpResponse:
    """Take the SOS of a member of staff: disk, database, and an answer that says what worked."""
    alarm, kept = sos_take(sos=_sos_of(request.POST, staff_id))
    return _told(request, kept=kept, alarm=alarm)


def sos_take(*, sos: Sos) -> tuple[Alarm | None, bool]:
    """Write an SOS to the disk first, then to the database. The alarm, None where the database did
    not take it in time; and whether it is kept anywhere."""
    path = None
    try:
        name = sos_key(staff_id=sos.staff, key=sos.key, at=sos.at)
        path = sos_write(home=settings.HOME, name=name, sos=sos)
    except OSError:
        log.exception("An SOS of staff %s could not be written to the disk", sos.staff)
    alarm = _raised(sos)
    if alarm is not None and path is not None:
        sos_forget(path)
    return alarm, path is not None or alarm is not None


def _sos_of(sent: Mapping[str, str], staff_id: int) -> Sos:
    place = place_of(sent.get("latitude", ""), sent.get("longitude", ""))
    visit = sent.get("visit", "")
    return Sos(
        key=sent.get("key", "")[:200], staff=staff_id, at=clock.now(),
        visit=int(visit) if visit.isascii() and visit.isdecimal() and len(visit) < 16 else None,
        latitude=place.latitude if place else None,
        longitude=place.longitude if place else None,
        duress=sent.get("duress") == "true",
    )  # fmt: skip


def _raised(sos: Sos) -> Alarm | None:
    try:
        with impatient():
            by = Staff.objects.get(pk=sos.staff)
            visit = None
            if sos.visit is not None:
                visit = visit_of_crew(visit_id=sos.visit, staff=by, at=sos.at)
            place = place_of(sos.latitude, sos.longitude)
            return sos_raise(
                key=sos.key, by=by, at=sos.at, visit=visit, place=place, duress=sos.duress
            )
    except (DatabaseError, InterfaceError, Staff.DoesNotExist):
        log.exception("The SOS of staff %s waits on the disk", sos.staff)
        return None


@contextmanager
def impatient() -> Iterator[None]:
    """Waits for locks of the database no longer than WAIT_MS."""
    pragma = {"sqlite": "PRAGMA busy_timeout = {}", "postgresql": "SET lock_timeout = {}"}
    said = pragma[connection.vendor]
    usual = int(settings.DATABASES["default"].get("OPTIONS", {}).get("timeout", 0) * 1000)
    _say(said.format(WAIT_MS))
    try:
        yield
    finally:
        _say(said.format(usual))


def _say(statement: str) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
    except DatabaseError:
        connection.close()  # the next one begins with its usual patience
        raise


def _told(request: HttpRequest, *, kept: bool, alarm: Alarm | None) -> HttpResponse:
    """What worked, as a page or, for a phone that asks for it, as JSON. 200: people are alerted;
    202: it waits on the disk; 503: nothing worked, and only a telephone helps."""
    status = 200 if alarm is not None else 202 if kept else 503
    if request.accepts("text/html"):
        context = {
            "alarm": alarm, "kept": kept, "numbers": emergency_numbers(),
            "LANGUAGE_CODE": translation.get_language_from_request(request),
        }  # fmt: skip
        with translation.override(translation.get_language_from_request(request)):
            page = render_to_string("office/safety/sos.html", context)
        return HttpResponse(page, status=status, headers={"Cache-Control": "no-store"})
    said = {"alerted": alarm is not None, "kept": kept, "numbers": emergency_numbers()}
    return JsonResponse(said, status=status)


def emergency_numbers() -> Mapping[str, str]:
    """Police, ambulance and fire brigade where the lender is."""
    return emergency().numbers.get(settings.JURISDICTION, NOBODY)
