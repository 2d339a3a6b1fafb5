"""The signing page: the main points in the document's language, consent, and the signature."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from doorstep.agreements import document
from doorstep.agreements.models import Agreement, Party, Way
from doorstep.agreements.models.agreements import UNSIGNED
from doorstep.agreements.selectors.agreements import parties_missing
from doorstep.agreements.services.signatures import Signed, agreement_sign
from doorstep.agreements.strokes import strokes_png, strokes_read
from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError, InputError, Where
from doorstep.kernel.pictures import MOST_BYTES, page_clean
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.agreements_page import agreement_or_404
from doorstep.sites.office.agreements_words import WAYS, refused_words
from doorstep.workforce.roles import Permission


@needs(Permission.SIGN_AGREEMENTS)
@require_http_methods(["GET", "POST"])
def agreement_signing(request: StaffRequest, agreement_id: int, party: str) -> HttpResponse:
    """The page on which the borrower or a witness signs."""
    found = agreement_or_404(request.user, agreement_id)
    if party not in found.needed or party == Party.LENDER:
        raise Http404
    if found.state not in UNSIGNED or party not in parties_missing(found):
        return redirect("office:agreement", agreement_id=found.pk)
    refused = ""
    if request.method == "POST":
        try:
            _sign(request, found, party)
        except DoorstepError as error:
            refused = refused_words(error)
        else:
            messages.success(request, _("Signed, with time, place and consent on record."))
            return redirect("office:agreement", agreement_id=found.pk)
    return render(request, "office/agreements/sign.html", _context(request, found, party, refused))


def _context(request: StaffRequest, found: Agreement, party: str, refused: str) -> dict[str, Any]:
    said = document.words()[found.language]
    own = found.case.borrower.name if party == Party.BORROWER else ""
    return {
        "agreement": found,
        "party": Party(party),
        "name": own,
        "plain_title": said["plain_title"],
        "consents": said["consents"],
        "consents_title": said["consents_title"],
        "ways": WAYS.items(),
        "way": request.POST.get("way", Way.SCREEN),
        "place": request.POST.get("place", ""),
        "typed": request.POST.get("name", own if party == Party.BORROWER else ""),
        "ticked": request.POST.getlist("consent"),
        "refused": refused,
    }


def _sign(request: StaffRequest, found: Agreement, party: str) -> None:
    said = document.words()[found.language]["consents"]
    ticked = {each for each in request.POST.getlist("consent") if each.isdecimal()}
    way = request.POST.get("way", "")
    typed = request.POST.get("name", "")
    own = found.case.borrower.name if party == Party.BORROWER and way != Way.TYPED else typed
    signed = Signed(
        way=way,
        name=own,
        place=request.POST.get("place", ""),
        consent=[line for number, line in enumerate(said, 1) if str(number) in ticked],
        picture=_picture(request, way),
        recording=request.POST.get("recording", ""),
    )
    agreement_sign(
        agreement=found, party=party, signed=signed, sha256=request.POST.get("sha256", ""),
        by=request.user, at=clock.now(),
    )  # fmt: skip


def _picture(request: StaffRequest, way: str) -> bytes | None:
    """The drawing or scan, made anew here. Raises InputError for what cannot be used."""
    if way == Way.SCREEN:
        return strokes_png(strokes_read(request.POST.get("strokes", "")))
    if way != Way.PAPER:
        return None
    sent = request.FILES.get("scan")
    if sent is None:
        raise InputError(
            _("Choose a file first; it may have been too large."), where=Where(field="scan")
        )
    return page_clean(sent.read(MOST_BYTES + 1), field="scan")
