"""What the case file says of plans in force, promises, offers of help and going to court."""

from __future__ import annotations

from typing import Any

from doorstep.agreements.models import Agreement, CareOffer, Investigation, LegalReferral
from doorstep.cases.models import Case
from doorstep.portfolio.models import Loan
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission

TONES = {"on_track": "green", "at_risk": "amber", "broken": "red", "kept": "green"}


def follow_of(case: Case, *, staff: Staff) -> dict[str, Any] | None:
    """For the case file; None for who may not see agreements."""
    if not staff.may(Permission.SEE_AGREEMENTS):
        return None
    agreements = Agreement.objects.filter(
        case__borrower=case.borrower_id, state__in=("in_force", "broken", "kept"),
        watch__isnull=False,
    ).select_related("watch", "offer")  # fmt: skip
    return {
        "plans": [
            (each, TONES[each.watch.health]) for each in agreements.order_by("-drafted_at")[:5]
        ],
        "care": CareOffer.objects.filter(
            borrower=case.borrower_id, answer__in=("none", "accepted")
        ).order_by("due_on")[:6],
        "referral": LegalReferral.objects.filter(case=case).order_by("-made_at").first(),
        "investigation": Investigation.objects.filter(case=case).order_by("-opened_at").first(),
        "loans": Loan.objects.filter(borrower=case.borrower_id).order_by("pk"),
        "may_promise": staff.may(Permission.WRITE_NOTES) and case.status == "open",
        "may_refer": staff.may(Permission.REFER_LEGAL) and case.status == "open",
    }
