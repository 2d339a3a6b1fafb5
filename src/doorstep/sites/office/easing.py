"""Making a plan lighter in one step: what would change is shown first, then somebody says yes."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from doorstep.agreements.models import Agreement
from doorstep.agreements.reasons import HARDSHIPS
from doorstep.agreements.selectors.affordability import means_of
from doorstep.agreements.services.easing import MOST_MONTHS, Easing, Way, easing_show, plan_ease
from doorstep.cycle.policies import policy_of_last_night
from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError
from doorstep.kernel.masking import mask_name
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.agreements_list import visible_agreement
from doorstep.sites.office.options_words import REASONS, needed_words, words
from doorstep.workforce.roles import Permission

WAYS = {
    Way.SMALLER: gettext_lazy("Half the usual instalment for some months"),
    Way.LONGER: gettext_lazy("Some months longer, each instalment smaller"),
}
USUAL_MONTHS = 2


@needs(Permission.MAKE_OFFERS)
@require_http_methods(["GET", "POST"])
def plan_eased(request: StaffRequest, agreement_id: int) -> HttpResponse:
    """Choose a step and see what it changes (GET); take it (POST)."""
    agreement = get_object_or_404(visible_agreement(request.user, agreement_id))
    if request.method == "GET":
        return _page(request, agreement, request.GET)
    sent = request.POST
    try:
        offer = plan_ease(
            agreement=agreement, way=sent.get("way", ""), months=_months(sent),
            reason_code=sent.get("reason", ""), note=sent.get("note", ""), by=request.user,
            at=clock.now(), on=clock.today(settings.TIME_ZONE), policy=policy_of_last_night(),
        )  # fmt: skip
    except DoorstepError as error:
        messages.error(request, f"{error.message} {error.hint}".strip())
        return _page(request, agreement, sent, status=422)
    if offer.state == "approved":
        messages.success(request, _("Approved by rule. Draw up the agreement and have it signed."))
    else:
        messages.info(request, _("It waits for a second person."))
    return redirect("office:offer", offer.pk)


def _page(
    request: StaffRequest, agreement: Agreement, sent: QueryDict, *, status: int = 200
) -> HttpResponse:
    found = None
    if "way" in sent:
        try:
            found = _shown(agreement, sent)
        except DoorstepError as error:
            if request.method == "GET":
                messages.error(request, f"{error.message} {error.hint}".strip())
                status = 422
    on = clock.today(settings.TIME_ZONE)
    context = {
        "agreement": agreement,
        "who": mask_name(agreement.case.borrower.name),
        "currency": agreement.offer.currency,
        "ways": [(str(way), label) for way, label in WAYS.items()],
        "way": sent.get("way", str(Way.SMALLER)),
        "months": sent.get("months", USUAL_MONTHS),
        "most": MOST_MONTHS,
        "reasons": [(code, words(REASONS, code)) for code in HARDSHIPS],
        "reason": sent.get("reason", ""),
        "note": sent.get("note", ""),
        "means": means_of(borrower_id=agreement.case.borrower_id, on=on, at=clock.now()),
        "before": _before(agreement),
        "after": _after(found) if found else None,
    }
    return render(request, "office/agreements/ease.html", context, status=status)


def _shown(agreement: Agreement, sent: QueryDict) -> Easing:
    return easing_show(
        agreement=agreement, way=sent.get("way", ""), months=_months(sent), at=clock.now(),
        on=clock.today(settings.TIME_ZONE), policy=policy_of_last_night(),
    )  # fmt: skip


def _before(agreement: Agreement) -> dict[str, Any]:
    """What is left of the plan as it was agreed."""
    rows = [row for row in agreement.instalments.order_by("due_on") if row.settled_on is None]
    return {
        "next": rows[0] if rows else None,
        "usual": agreement.offer.instalment_minor,
        "count": len(rows),
        "last_on": rows[-1].due_on if rows else agreement.offer.last_on,
        "total": sum(row.outstanding for row in rows),
    }


def _after(found: Easing) -> dict[str, Any]:
    plan, level = found.plan, found.level
    return {
        "offer": found.offer,
        "rows": plan.rows,
        "next": plan.rows[0],
        "usual": plan.usual,
        "count": len(plan.rows),
        "last_on": plan.rows[-1].due_on,
        "total": plan.total,
        "beyond": level is None,
        "needed": needed_words(level.approvals) if level else [],
    }


def _months(sent: QueryDict) -> int:
    text = sent.get("months", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0
