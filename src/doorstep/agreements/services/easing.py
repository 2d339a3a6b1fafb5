"""Trouble during a plan: one step to smaller instalments for a time, or to a longer term.

Nothing starts over: what is left of the plan is worked out anew over the same loans, the reasons
are kept with it, and the agreement in force goes on until its successor is signed. However often a
card plan is eased, five years after the first of them began it ends (CN-CC-70-TERM:
个性化分期还款协议的最长期限不得超过5年; that a chain of plans counts as one is our reading).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.agreements.authority import Level
from doorstep.agreements.models import Agreement, Offer, OfferKind, OfferState
from doorstep.agreements.option_table import TABLE
from doorstep.agreements.options import CARD
from doorstep.agreements.reasons import HARDSHIPS
from doorstep.agreements.services.offer_deciding import offer_level
from doorstep.agreements.services.offer_making import offer_worked_out
from doorstep.agreements.services.offers import offer_make, offer_submit
from doorstep.agreements.terms import Plan, Terms, terms_from_json
from doorstep.delinquency.daycount import months_later
from doorstep.delinquency.policy import Policy
from doorstep.kernel.errors import InputError, Refused, Where
from doorstep.workforce.models import Staff

MOST_MONTHS = 12


class Way(StrEnum):
    """How a plan is eased."""

    SMALLER = "smaller"
    LONGER = "longer"


@dataclass(frozen=True)
class Easing:
    """What a plan would become: an offer that is kept nowhere, its rows, and who must agree to it
    (None: it goes beyond what anybody may grant)."""

    offer: Offer
    plan: Plan
    level: Level | None


def easing_show(
    *,
    agreement: Agreement,
    way: str,
    months: int,
    at: datetime,
    on: date,
    policy: Policy,
    percent: int = 50,
) -> Easing:
    """What easing a plan this way would change; changes nothing. Raises as `plan_ease`, but for the
    permission and the reason."""
    terms = _terms_checked(agreement, way, months, percent, on)
    offer, plan = offer_worked_out(
        case=agreement.case, terms=terms, loans=_loans(agreement), on=on, at=at, policy=policy
    )
    return Easing(offer, plan, offer_level(offer=offer, easing=True))


@transaction.atomic
def plan_ease(
    *,
    agreement: Agreement,
    way: str,
    months: int,
    reason_code: str,
    note: str,
    by: Staff,
    at: datetime,
    on: date,
    policy: Policy,
    percent: int = 50,
) -> Offer:
    """Make a plan lighter in one step, and ask those who must agree; small steps are approved by
    rule at once. Nothing of the plan changes before the new agreement is signed.

    `smaller`: instalments of `percent` of the usual one for `months`, which makes the plan so much
    longer. `longer`: `months` more to pay the rest in. Raises as `offer_make` and `offer_submit`;
    Refused NOT_RUNNING for a plan that neither runs nor was broken last, UNDER_WAY while an easing
    of it waits for approval or signature, CARD_TERM beyond five years from the first plan;
    InputError for a way, months or a reason that cannot be.
    """
    terms = _terms_checked(agreement, way, months, percent, on)
    if reason_code not in HARDSHIPS:
        raise _bad("reason", _("Say what has changed for the customer."))
    offer = offer_make(
        case=agreement.case, terms=terms, loans=_loans(agreement), reason_code=reason_code,
        by=by, at=at, on=on, policy=policy, note=note, follows=agreement.offer,
    )  # fmt: skip
    return offer_submit(offer=offer, by=by, at=at, on=on, easing=True)


def _loans(agreement: Agreement) -> list[str]:
    return list(agreement.offer.loans.order_by("pk").values_list("pk", flat=True))


def _terms_checked(agreement: Agreement, way: str, months: int, percent: int, on: date) -> Terms:
    _must_run(agreement)
    if way not in list(Way):
        raise _bad("way", _("Choose how the plan is made lighter."))
    if not 1 <= months <= MOST_MONTHS:
        raise _bad("months", _("From 1 to %(most)s months.") % {"most": MOST_MONTHS})
    terms = _terms(agreement, Way(way), months, percent, on)
    _within_five_years(agreement, terms)
    return terms


def _must_run(agreement: Agreement) -> None:
    if agreement.state not in ("in_force", "broken"):
        raise Refused(
            _("This plan is neither running nor broken."), code="NOT_RUNNING",
            hint=_("For a new one begin with what the customer can pay."),
        )  # fmt: skip
    under_way = (OfferState.SUBMITTED, OfferState.APPROVED)
    if Offer.objects.filter(follows=agreement.offer_id, state__in=under_way).exists():
        raise Refused(
            _("This plan is being eased already, or has been."), code="UNDER_WAY",
            hint=_("Go on with the offer or the agreement that follows it."),
        )  # fmt: skip


def _within_five_years(agreement: Agreement, terms: Terms) -> None:
    """For card plans; counted from the day the first plan of the chain was worked out."""
    first = agreement.offer
    if not first.loans.filter(product=CARD).exists():
        return
    while first.follows is not None:
        first = first.follows
    last = months_later(terms.first_on, terms.all_months - 1)
    if last > months_later(first.counted_on, TABLE.card_most()):
        raise Refused(
            _("A card plan ends five years after the first one began, however often it is eased."),
            code="CARD_TERM",
            hint=_("The law on credit cards, article 70 (CN-CC-70-TERM)."),
        )


def _terms(agreement: Agreement, way: Way, months: int, percent: int, on: date) -> Terms:
    """What is left of the plan, made lighter. The first day stays the next one that is ahead."""
    was = terms_from_json(agreement.offer.terms)
    open_rows = agreement.instalments.filter(settled_on__isnull=True).order_by("due_on")
    ahead = [row.due_on for row in open_rows if row.due_on > on]
    left = max(len(open_rows), 1)
    first_on = ahead[0] if ahead else months_later(on, 1)
    if way is Way.SMALLER:
        return Terms(
            kind=OfferKind.TEMPORARY_REDUCTION, months=left, first_on=first_on,
            rate_ppm=was.rate_ppm, smaller=months, smaller_percent=percent, covers=was.covers,
        )  # fmt: skip
    return Terms(
        kind=OfferKind.EXTENSION,
        months=left + months,
        first_on=first_on,
        rate_ppm=was.rate_ppm,
        covers=was.covers,
    )


def _bad(field: str, why: str) -> InputError:
    return InputError(why, code="BAD_EASING", where=Where(field=field))
