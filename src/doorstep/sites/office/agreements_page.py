"""One agreement: what it says, who signed, how its plan is doing, and what can be done now."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from doorstep.agreements.models import Agreement, Party
from doorstep.agreements.models.agreements import UNSIGNED
from doorstep.agreements.selectors.agreements import offers_to_draw_up, parties_missing
from doorstep.agreements.selectors.offers import BY_RULE
from doorstep.agreements.services.agreements import agreement_cancel
from doorstep.agreements.services.signatures import agreement_seal
from doorstep.dispatch.agreement_copies import copy_send
from doorstep.dispatch.agreement_making import agreement_make
from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError, InputError
from doorstep.kernel.masking import mask_name
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.agreements_list import visible_agreement
from doorstep.sites.office.agreements_words import (
    HEALTH_TONES,
    LANGUAGES,
    TONES,
    refused_words,
    waits_words,
    why_words,
)
from doorstep.sites.office.options_words import LEVELS, ROLES, words
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission


@needs(Permission.SEE_AGREEMENTS)
@require_GET
def agreement(request: StaffRequest, agreement_id: int) -> HttpResponse:
    """The page of one version of an agreement."""
    found = agreement_or_404(request.user, agreement_id)
    missing = parties_missing(found)
    is_open = found.state in UNSIGNED
    may = is_open and request.user.may(Permission.SIGN_AGREEMENTS)
    watch = getattr(found, "watch", None)
    context = {
        "agreement": found,
        "who": mask_name(found.case.borrower.name),
        "tone": TONES[found.state],
        "watch": watch,
        "health_tone": HEALTH_TONES[watch.health] if watch else "",
        "waits": waits_words(found, missing) if is_open else "",
        "ended_why": why_words(found.ended_why) if found.ended_why else "",
        "signatures": found.signatures.select_related("taken_by").defer("picture").order_by("at"),
        "instalments": found.instalments.all(),
        "approved_by": [_approved_words(each) for each in found.approvals],
        "versions": found.offer.agreements.order_by("-version"),
        "sealed": bool(found.document.sealed_sha256),
        "copies": found.copies.order_by("-made_at")[:5],
        "languages": LANGUAGES,
        "may": {
            "sign": [Party(each) for each in missing if may and each != Party.LENDER],
            "seal": may and missing == [Party.LENDER],
            "change": may,
            "ease": found.state in ("in_force", "broken")
            and found.case.status == "open"
            and request.user.may(Permission.MAKE_OFFERS),
            "copy": bool(found.document.sealed_sha256)
            and request.user.may(Permission.SIGN_AGREEMENTS),
        },
    }
    return render(request, "office/agreements/one.html", context)


def _approved_words(given: dict[str, str]) -> str:
    """One approval as the agreement keeps it, in the page's language."""
    if given["role"] == BY_RULE:
        return words(LEVELS, given["name"])
    return f"{given['name']} ({words(ROLES, given['role'])})"


@needs(Permission.SIGN_AGREEMENTS)
@require_POST
def agreement_draw_up(request: StaffRequest, offer_id: int) -> HttpResponse:
    """Draw up the agreement on an approved offer, or its next version."""
    offer = get_object_or_404(
        offers_to_draw_up(staff=request.user, again=True), pk=offer_id
    )  # fmt: skip
    try:
        made = agreement_make(
            offer=offer, language=request.POST.get("language", ""), by=request.user,
            at=clock.now(), witness=request.POST.get("witness") == "1",
        )  # fmt: skip
    except DoorstepError as error:
        messages.error(request, refused_words(error))
        return redirect(f"{reverse(LIST)}?view=to_draw_up")
    messages.success(request, _("Drawn up. Read it before it is signed."))
    return redirect("office:agreement", agreement_id=made.pk)


@needs(Permission.SIGN_AGREEMENTS)
@require_POST
def agreement_deed(request: StaffRequest, agreement_id: int) -> HttpResponse:
    """What is done with it: `deed` names which."""
    found = agreement_or_404(request.user, agreement_id)
    deed = DEEDS.get(request.POST.get("deed", ""))
    try:
        if deed is None:
            raise InputError(_("Choose what to do."))
        messages.success(request, deed(request, found))
    except DoorstepError as error:
        messages.error(request, refused_words(error))
    return redirect("office:agreement", agreement_id=found.pk)


def agreement_or_404(staff: Staff, agreement_id: int) -> Agreement:
    """The agreement, for those who may see its case; Http404 alike for others."""
    return get_object_or_404(visible_agreement(staff, agreement_id))


def _seal(request: StaffRequest, found: Agreement) -> str:
    agreement_seal(
        agreement=found, place=request.POST.get("place", ""),
        sha256=request.POST.get("sha256", ""), by=request.user, at=clock.now(),
    )  # fmt: skip
    return _("In force. Contact about the debt stops while the plan is kept.") + _told(
        request, found
    )


def _copy(request: StaffRequest, found: Agreement) -> str:
    return _("Another copy is ready.") + _told(request, found)


def _told(request: StaffRequest, found: Agreement) -> str:
    """Make a copy for the customer and tell them; its code is shown this once."""
    found = agreement_or_404(request.user, found.pk)
    told = copy_send(agreement=found, by=request.user, at=clock.now())
    code = " " + _("Code of the customer's copy, shown only now: %(code)s.") % {"code": told.code}
    if told.act is not None:
        return code + " " + _("The customer is told of it.")
    why = why_words(told.why)
    return code + " " + _("Hand it over: nothing could be sent (%(why)s).") % {"why": why}


def _cancel(request: StaffRequest, found: Agreement) -> str:
    why = request.POST.get("why", "")
    agreement_cancel(agreement=found, why=why, by=request.user, at=clock.now())
    return _("Not concluded; why is on record.")


DEEDS: dict[str, Callable[[StaffRequest, Agreement], str]] = {
    "seal": _seal, "copy": _copy, "cancel": _cancel,
}  # fmt: skip
LIST = "office:agreements"
