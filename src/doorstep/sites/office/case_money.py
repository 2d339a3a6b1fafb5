"""What the case file says about means and plans."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from doorstep.agreements.models import AffordabilityState
from doorstep.agreements.selectors.affordability import affordability_known
from doorstep.agreements.selectors.agreements import case_agreements
from doorstep.agreements.selectors.offers import case_offers
from doorstep.cases.models import Case
from doorstep.kernel import clock
from doorstep.sites.office.agreements_words import TONES as AGREEMENT_TONES
from doorstep.sites.office.options_words import TONES
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission

MOST_OFFERS = 5


def money_of(case: Case, *, staff: Staff) -> dict[str, Any] | None:
    """For the case file; None for who may not see agreements."""
    if not staff.may(Permission.SEE_AGREEMENTS):
        return None
    known = affordability_known(borrower_id=case.borrower_id)
    drafts = [row for row in known if row.state == AffordabilityState.DRAFT]
    found = next((row for row in known if row not in drafts), None)
    today = clock.today(settings.TIME_ZONE)
    return {
        "found": found,
        "fresh": bool(found and found.valid_until and found.valid_until >= today),
        "draft": bool(drafts),
        "offers": [
            (offer, TONES[offer.state])
            for offer in case_offers(borrower_id=case.borrower_id)[:MOST_OFFERS]
        ],
        "agreements": [
            (row, AGREEMENT_TONES[row.state])
            for row in case_agreements(borrower_id=case.borrower_id)[:MOST_OFFERS]
        ],
    }
