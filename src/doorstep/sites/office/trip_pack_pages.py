"""A crew's trip pack: on the phone, and as a PDF to print. Every opening is put on record."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError
from doorstep.sites.office import trip_pack_document
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.trip_pack import Pack, pack_of
from doorstep.sites.office.visits_scope import crew_or_404
from doorstep.visits.models import CrewDay
from doorstep.visits.trip_pack import pack_open
from doorstep.workforce.models import PersonalDataAccess, Staff
from doorstep.workforce.roles import Permission, Role


@needs(Permission.SEE_TRIP_PACKS)
@require_GET
def trip_pack(request: StaffRequest, crew_id: int) -> HttpResponse:
    """The pack as a page, made for a phone."""
    return render(request, "office/trip_pack/pack.html", {"pack": _opened(request, crew_id)})


@needs(Permission.SEE_TRIP_PACKS)
@require_GET
def trip_pack_pdf(request: StaffRequest, crew_id: int) -> HttpResponse:
    """The pack as a PDF in the page's language."""
    pack = _opened(request, crew_id)
    try:
        document = trip_pack_document.render(pack=pack, at=clock.now())
    except DoorstepError as error:
        messages.error(request, _("The PDF was not made. %(why)s") % {"why": error})
        return redirect("office:trip_pack", crew_id)
    answer = HttpResponse(document, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{pack.number}.pdf"'
    answer["Cache-Control"] = "no-store"
    return answer


def crew_open_or_404(staff: Staff, crew_id: int) -> CrewDay:
    """A crew's day whose papers somebody may open now."""
    crew = crew_or_404(staff, crew_id)
    if staff.role == Role.FIELD_AGENT and not pack_open(ends_at=crew.ends_at, at=clock.now()):
        raise Http404
    return crew


def _opened(request: StaffRequest, crew_id: int) -> Pack:
    """The pack, where it may be opened; whose data was shown, to whom, is kept.

    A crew opens its own until its day is over: what it needs at the door, and no archive.
    """
    crew, now = crew_open_or_404(request.user, crew_id), clock.now()
    pack = pack_of(crew=crew, staff=request.user, on=clock.today(settings.TIME_ZONE))
    PersonalDataAccess.objects.bulk_create(
        [
            PersonalDataAccess(
                staff=request.user,
                borrower_id=stop.visit.case.borrower_id,
                what="trip_pack" if pack.full else "trip_pack_masked",
                purpose=_("Trip pack %(number)s") % {"number": pack.number},
                at=now,
            )
            for stop in pack.stops
        ]
    )
    return pack
