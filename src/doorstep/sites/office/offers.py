"""Offers: one in full, and the deeds on it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from doorstep.agreements.models import Offer, OfferState
from doorstep.agreements.reasons import REFUSALS
from doorstep.agreements.selectors.offers import (
    offers_visible_to,
    place_open_to,
)
from doorstep.agreements.services.offers import (
    offer_approve,
    offer_refuse,
    offer_submit,
    offer_withdraw,
)
from doorstep.agreements.terms import loan_from_json, terms_from_json
from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.channel_words import PRODUCTS
from doorstep.sites.office.offers_list import row_of
from doorstep.sites.office.options_drawing import Paid, time_line
from doorstep.sites.office.options_words import (
    REASONS,
    needed_words,
    several,
    words,
)
from doorstep.sites.office.options_words import REFUSALS as REFUSAL_WORDS
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission


@needs(Permission.SEE_AGREEMENTS)
@require_GET
def offer(request: StaffRequest, offer_id: int) -> HttpResponse:
    """One offer: what it is, what it costs, who must agree, and what may be done with it."""
    return _page(request, _visible(request.user, offer_id))


@needs(Permission.MAKE_OFFERS)
@require_POST
def offer_submitted(request: StaffRequest, offer_id: int) -> HttpResponse:
    """Ask those who must agree."""
    found = _visible(request.user, offer_id)
    on = clock.today(settings.TIME_ZONE)
    try:
        done = offer_submit(offer=found, by=request.user, at=clock.now(), on=on)
        approved = done.state == OfferState.APPROVED
        messages.success(
            request,
            _("Approved by rule: it can be signed.") if approved
            else _("It waits for those who must agree."),
        )  # fmt: skip
    except DoorstepError as error:
        messages.error(request, f"{error.message} {error.hint}".strip())
    return redirect("office:offer", offer_id=found.pk)


@needs(Permission.APPROVE_OFFERS)
@require_POST
def offer_decided(request: StaffRequest, offer_id: int) -> HttpResponse:
    """A second person agrees, or refuses with reasons."""
    found = _visible(request.user, offer_id)
    try:
        if request.POST.get("decision") == "approve":
            done = offer_approve(
                offer=found, note=request.POST.get("note", ""), by=request.user, at=clock.now(),
                on=clock.today(settings.TIME_ZONE),
            )  # fmt: skip
            approved = done.state == OfferState.APPROVED
            messages.success(
                request,
                _("Approved: the agreement can be drawn up.") if approved
                else _("You have agreed; one more person must."),
            )  # fmt: skip
        else:
            offer_refuse(
                offer=found, reasons=request.POST.getlist("reason"),
                words=request.POST.get("words", ""), by=request.user, at=clock.now(),
            )  # fmt: skip
            messages.success(request, _("Answered with reasons. Think of another plan."))
    except DoorstepError as error:
        messages.error(request, f"{error.message} {error.hint}".strip())
        return _page(request, _visible(request.user, offer_id), status=422)
    return redirect("office:offer", offer_id=found.pk)


@needs(Permission.MAKE_OFFERS)
@require_POST
def offer_withdrawn(request: StaffRequest, offer_id: int) -> HttpResponse:
    """Take an offer back."""
    found = _visible(request.user, offer_id)
    try:
        offer_withdraw(
            offer=found, why=request.POST.get("why", ""), by=request.user, at=clock.now()
        )
        messages.success(request, _("The offer is withdrawn."))
    except DoorstepError as error:
        messages.error(request, f"{error.message} {error.hint}".strip())
    return redirect("office:offer", offer_id=found.pk)


def _visible(staff: Staff, offer_id: int) -> Offer:
    return get_object_or_404(offers_visible_to(staff=staff), pk=offer_id)


def _page(request: StaffRequest, found: Offer, *, status: int = 200) -> HttpResponse:
    rows = list(found.instalments.all())
    approvals = list(found.approvals.select_related("by").order_by("position"))
    given = {each.position: each for each in approvals}
    terms = terms_from_json(found.terms)
    staff = request.user
    may_make = staff.may(Permission.MAKE_OFFERS)
    context: dict[str, Any] = {
        **row_of(found),
        "terms": terms,
        "rate": None if terms.rate_ppm is None else terms.rate_ppm / 1_000_000,
        "rows": rows,
        "reason": words(REASONS, found.reason_code),
        "loans": [
            (loan := loan_from_json(each), words(PRODUCTS, loan.product))
            for each in found.snapshot
        ],
        "needed": [
            {"words": line, "given": given.get(place)}
            for place, line in enumerate(needed_words(found.needed))
        ],
        "drawing": time_line(
            [(str(found.get_kind_display()), [Paid(row.due_on, row.total) for row in rows])],
            on=found.counted_on, most=None,
        ),
        "refused_for": several(REFUSAL_WORDS, found.refused_for),
        "refusals": [(code, words(REFUSAL_WORDS, code)) for code in REFUSALS],
        "may_decide": place_open_to(offer=found, staff=staff) is not None,
        "may_refuse": found.state == OfferState.SUBMITTED
        and staff.may(Permission.APPROVE_OFFERS)
        and staff.pk != found.maker_id,
        "own": found.maker_id == staff.pk,
        "may_submit": may_make and found.state == OfferState.PROPOSED,
        "may_withdraw": may_make and found.state in ("proposed", "submitted", "approved"),
        "may_answer": may_make and found.case.status == "open",
        "sent": request.POST,
    }  # fmt: skip
    return render(request, "office/offers/one.html", context, status=status)
