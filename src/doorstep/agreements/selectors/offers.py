"""Reading offers: the queue, one offer, and who has agreed."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from doorstep.agreements.authority import place_for
from doorstep.agreements.models import Offer, OfferState
from doorstep.cases.selectors import cases_visible_to
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission

OPEN_OFFERS = (OfferState.PROPOSED, OfferState.SUBMITTED, OfferState.APPROVED)
BY_RULE = "rule"


def offers_visible_to(*, staff: Staff) -> QuerySet[Offer]:
    """Offers of the cases this member of staff may see, with what lists show of them."""
    rows = Offer.objects.filter(case__in=cases_visible_to(staff=staff).values("pk"))
    return rows.select_related("case", "case__branch", "borrower", "maker", "refused_by")


def case_offers(*, borrower_id: str) -> QuerySet[Offer]:
    """All offers to a borrower, the newest first."""
    rows = Offer.objects.filter(borrower=borrower_id).select_related("maker")
    return rows.order_by("-made_at", "-pk")


def place_open_to(*, offer: Offer, staff: Staff) -> int | None:
    """Which of the approvals that are still missing this member of staff may give; None: none,
    because of the role, because it is their own offer, or because they have agreed already."""
    given = list(offer.approvals.all())
    if (
        offer.state != OfferState.SUBMITTED
        or not staff.may(Permission.APPROVE_OFFERS)
        or staff.pk == offer.maker_id
        or staff.pk in {each.by_id for each in given}
    ):
        return None
    return place_for(
        role=staff.role, approvals=offer.needed, given=[each.position for each in given]
    )


def approvals_snapshot(*, offer: Offer) -> list[dict[str, Any]]:
    """Who agreed to an offer, as an agreement keeps it. An offer that keeps within what may be
    granted by rule names the rule instead of a person."""
    given = [
        {"by": each.by.username, "name": str(each.by), "role": each.role,
         "at": each.at.isoformat()}
        for each in offer.approvals.select_related("by").order_by("position")
    ]  # fmt: skip
    if given or offer.needed or offer.state != OfferState.APPROVED or offer.decided_at is None:
        return given
    at = offer.decided_at.isoformat()
    return [{"by": "", "name": offer.level, "role": BY_RULE, "at": at}]
