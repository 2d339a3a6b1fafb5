"""What a crew found out about ways to reach the customer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from doorstep.dispatch.visit_report import Fact
from doorstep.kernel.errors import InputError, Where
from doorstep.portfolio.intake.people import phone_reader
from doorstep.portfolio.models import ContactPoint, ThirdPartyNumber
from doorstep.portfolio.services import verification_record
from doorstep.protections.terms import parameters_now
from doorstep.visits.models import PlannedVisit
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission
from doorstep.workforce.services.may import must_may

HOW = "visit"


def facts_land(
    *, visit: PlannedVisit, facts: Sequence[Fact], by: Staff, at: datetime
) -> list[dict[str, Any]]:
    """Record each finding, new numbers too; what was done, by kind. Raises Refused without
    permission, InputError for a number that is none, or for somebody else's as the customer's."""
    must_may(by=by, permission=Permission.VERIFY_CONTACTS)
    return [_landed(visit, fact, by, at) for fact in facts]


def _landed(visit: PlannedVisit, fact: Fact, by: Staff, at: datetime) -> dict[str, Any]:
    if fact.kind == "address":
        if visit.address is None:
            raise _bad(_("This visit was to no address of the book."))
        found = verification_record(address=visit.address, state=fact.state, how=HOW, by=by, at=at)
        return {"kind": "address", "address": visit.address_id, "state": found.state}
    borrower = visit.case.borrower
    points = ContactPoint.objects.filter(borrower=borrower).order_by("pk")
    known = points.filter(value=fact.value).first()
    value = fact.value if known else _value(fact)
    known = known or points.filter(value=value).first()
    if known is None and fact.state == "verified":
        if ThirdPartyNumber.objects.filter(borrower=borrower, value=value).exists():
            raise _bad(_("This number is known as somebody else's."))
        known = ContactPoint.objects.create(borrower=borrower, kind=fact.kind, value=value)
    if known is None:
        raise _bad(_("This number is not the customer's."))
    verification_record(contact_point=known, state=fact.state, how=HOW, by=by, at=at)
    return {"kind": known.kind, "point": known.pk, "state": fact.state}


def _value(fact: Fact) -> str:
    if fact.kind == "email":
        if "@" not in fact.value or " " in fact.value:
            raise _bad(_("This is no e-mail address."))
        return fact.value
    found = phone_reader(region=parameters_now().calendar)(fact.value)
    if not isinstance(found, str) or not found:
        raise _bad(_("This is no telephone number."))
    return found


def _bad(why: str) -> InputError:
    return InputError(why, code="BAD_REPORT", where=Where(field="contact_facts"))
