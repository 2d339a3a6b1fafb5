"""Parts of a crew's day as plain values: the pass of a visit, a timer, loans, means, offers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.conf import settings

from doorstep.agreements.models import Offer, OfferState
from doorstep.agreements.options import Means
from doorstep.agreements.terms import BorrowerLoan
from doorstep.evidence.door_keys import server_private_key
from doorstep.portfolio.models import Loan
from doorstep.sites.field.times import iso, iso_or_none
from doorstep.visits.door.visit_pass import LIVES, TOLERANCE_M, VisitPass, pass_sign
from doorstep.visits.models import CrewDay, PlannedVisit, SafetyTimer
from doorstep.visits.selectors.visitor import visit_is_on
from doorstep.workforce.models import Staff

OPEN_AGREEMENT = ("drafted", "signing", "in_force")


def tolerance_m() -> int:
    """How many metres from the address a crew may stand; in the demo anywhere on earth, so that a
    visit can be tried at a desk."""
    return 20_100_000 if settings.MODE == "demo" else TOLERANCE_M


def revision_of(*, crew: CrewDay, visits: Iterable[PlannedVisit]) -> str:
    """What changes when the crew's day changes: who goes where, when, and how that stands."""
    rows = [
        [
            visit.pk, visit.state, iso_or_none(visit.begins_at), iso_or_none(visit.ends_at),
            visit.windows, visit.appointment_id, visit.address_id,
        ]
        for visit in sorted(visits, key=lambda each: each.pk)
    ]  # fmt: skip
    text = json.dumps([crew.pk, iso_or_none(crew.off_at), rows], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def pass_of(
    *, visit: PlannedVisit, going: Sequence[Staff], at: datetime, revision: str = ""
) -> dict[str, str] | None:
    """The signed pass of a visit, good for four hours; None for one that is not to be made.
    `going`: its crew, if all of it may go (`visitors_standing`)."""
    on = going and visit_is_on(visit)
    if not on or visit.latitude is None or visit.longitude is None:
        return None
    given = VisitPass(
        visit=visit.pk, case=visit.case_id, members=tuple(staff.pk for staff in going),
        latitude=visit.latitude, longitude=visit.longitude, tolerance_m=tolerance_m(),
        windows=windows_of(visit), issued_at=at, lives_until=at + LIVES, revision=revision,
    )  # fmt: skip
    return pass_sign(given, key=server_private_key())


def windows_of(visit: PlannedVisit) -> tuple[tuple[datetime, datetime], ...]:
    """When the visit may begin; where none were drawn, while it was planned to be made."""
    drawn = tuple(
        (datetime.fromisoformat(begins), datetime.fromisoformat(ends))
        for begins, ends in visit.windows
    )
    if drawn or visit.begins_at is None or visit.ends_at is None:
        return drawn
    return ((visit.begins_at, visit.ends_at),)


def timer_plain(timer: SafetyTimer | None) -> dict[str, str] | None:
    """A timer that runs."""
    if timer is None or timer.ended_at is not None:
        return None
    return {
        "began_at": iso(timer.began_at), "due_at": iso(timer.due_at),
        "alarm_at": iso(timer.alarm_at),
    }  # fmt: skip


def loans_plain(
    loans: Sequence[BorrowerLoan], contracts: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Loans as the phone's arithmetic takes them, each with the number people know it by."""
    return [
        loan.as_json() | {"contract": contracts.get(loan.loan_id) or loan.loan_id} for loan in loans
    ]


def contracts_of(borrower_ids: Collection[str]) -> dict[str, str]:
    """The contract numbers of these borrowers' loans; one query."""
    rows = Loan.objects.filter(borrower__in=borrower_ids).values_list("pk", "contract_ref")
    return {pk: contract or "" for pk, contract in rows}


def means_plain(means: Means | None) -> dict[str, Any] | None:
    """What is known of the means."""
    if means is None:
        return None
    return {
        "disposable": means.disposable, "currency": means.currency,
        "valid_until": means.valid_until.isoformat(), "willing": means.willing,
        "causes": sorted(means.causes),
    }  # fmt: skip


def offers_ready(*, case_ids: Collection[int], on: date) -> dict[int, list[dict[str, Any]]]:
    """Approved offers that can be signed on a day and have no agreement yet, by case; three
    queries."""
    rows = Offer.objects.filter(
        case__in=case_ids, state=OfferState.APPROVED, valid_until__gte=on
    ).exclude(agreements__state__in=OPEN_AGREEMENT)  # fmt: skip
    found: dict[int, list[dict[str, Any]]] = {}
    for offer in (
        rows.select_related("affordability").prefetch_related("instalments", "loans").order_by("pk")
    ):
        found.setdefault(offer.case_id, []).append(_offer(offer))
    return found


def _offer(offer: Offer) -> dict[str, Any]:
    form = offer.affordability
    return {
        "id": offer.pk, "kind": offer.kind, "terms": offer.terms,
        "loans": sorted(loan.pk for loan in offer.loans.all()), "currency": offer.currency,
        "counted_on": offer.counted_on.isoformat(),
        "valid_until": offer.valid_until.isoformat() if offer.valid_until else None,
        "snapshot": offer.snapshot,
        "rows": [
            [row.due_on.isoformat(), row.principal, row.interest, row.penalty, row.fee]
            for row in offer.instalments.all()
        ],
        "total": offer.total_minor, "contract_total": offer.contract_minor,
        "waived": offer.waived_minor, "share_ppm": offer.share_ppm,
        "affordable": offer.affordable,
        "assessed_on": form.stated_at.date().isoformat() if form and form.stated_at else None,
        "disposable": form.disposable_minor if form else None,
    }  # fmt: skip
