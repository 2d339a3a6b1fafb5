"""Reading what borrowers can afford."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from django.db.models import Q, QuerySet

from doorstep.agreements.affordability import Event, Household, Line
from doorstep.agreements.models import Affordability, AffordabilityState
from doorstep.agreements.options import Means
from doorstep.protections.models import Hardship
from doorstep.protections.selectors import known_rows

IN_FORCE = (AffordabilityState.STATED, AffordabilityState.VERIFIED)


def affordability_draft(*, case_id: int) -> Affordability | None:
    """The form that is being filled in."""
    return _whole().filter(case=case_id, state=AffordabilityState.DRAFT).first()


def affordability_in_force(*, borrower_id: str) -> Affordability | None:
    """The last finished form, whether or not its time is over."""
    return _whole().filter(borrower=borrower_id, state__in=IN_FORCE).first()


def affordability_known(*, borrower_id: str) -> list[Affordability]:
    """The form that is being filled in and the last finished one, as far as there are any, without
    their lines; one query."""
    states = (AffordabilityState.DRAFT, *IN_FORCE)
    return list(Affordability.objects.filter(borrower=borrower_id, state__in=states))


def affordability_history(*, borrower_id: str) -> QuerySet[Affordability]:
    """Every finished form, the newest first."""
    rows = _whole().filter(borrower=borrower_id).exclude(state=AffordabilityState.DRAFT)
    return rows.order_by("-stated_at", "-pk")


def household_of(row: Affordability) -> Household:
    """Who lives on the money."""
    return Household(row.adults, row.children)


def lines_of(row: Affordability) -> list[Line]:
    """The answers."""
    return [
        Line(each.group, each.code, each.minor, each.why, each.verified) for each in row.lines.all()
    ]


def events_of(row: Affordability) -> list[Event]:
    """What happened suddenly."""
    return [Event(each.cause, each.since, each.expected_until) for each in row.events.all()]


def hardship_causes(*, borrower_ids: Collection[str], at: datetime) -> dict[str, frozenset[str]]:
    """Why each of these borrowers cannot pay as agreed, as far as it is on record at an instant;
    one query. Those without a word on it are left out."""
    running = Q(ends_at__isnull=True) | Q(ends_at__gt=at)
    rows = known_rows(Hardship).filter(running, borrower_id__in=borrower_ids, starts_at__lte=at)
    found: dict[str, set[str]] = {}
    for borrower_id, cause in rows.values_list("borrower_id", "cause"):
        found.setdefault(borrower_id, set()).add(cause)
    return {borrower_id: frozenset(causes) for borrower_id, causes in found.items()}


def means_of(*, borrower_id: str, on: date, at: datetime) -> Means | None:
    """What options need to know of the borrower's means; None where no form was ever finished and
    no hardship is on record."""
    return means_of_borrowers(borrower_ids=[borrower_id], on=on, at=at)[borrower_id]


def means_of_borrowers(
    *, borrower_ids: Collection[str], on: date, at: datetime
) -> dict[str, Means | None]:
    """The same for each of several borrowers, in as many queries."""
    forms = _whole().filter(borrower__in=borrower_ids, state__in=IN_FORCE)
    rows = {row.borrower_id: row for row in forms}
    causes = hardship_causes(borrower_ids=borrower_ids, at=at)
    return {
        each: _means(rows.get(each), causes.get(each, frozenset()), on) for each in borrower_ids
    }


def _means(row: Affordability | None, causes: frozenset[str], on: date) -> Means | None:
    if row is None or row.valid_until is None:
        return Means(None, "", date.min, causes=causes) if causes else None
    said = {event.cause for event in events_of(row)} if row.valid_until >= on else set()
    return Means(
        disposable=row.disposable_minor,
        currency=row.currency,
        valid_until=row.valid_until,
        willing=row.willing,
        causes=causes | said,
    )


def _whole() -> QuerySet[Affordability]:
    rows = Affordability.objects.select_related("filled_by", "verified_by")
    return rows.prefetch_related("lines", "events")
