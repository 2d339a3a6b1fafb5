"""Offers decided: submitted, agreed to by others than their maker, refused, withdrawn, lapsed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.agreements.authority import Ask, Level, level_for
from doorstep.agreements.models import Agreement, Offer, OfferApproval, OfferState, ProposedBy
from doorstep.agreements.models.agreements import UNSIGNED
from doorstep.agreements.option_table import TABLE
from doorstep.agreements.reasons import REFUSALS
from doorstep.agreements.selectors.loans import borrower_loans
from doorstep.agreements.selectors.offers import place_open_to
from doorstep.agreements.services.offer_rows import (
    clean,
    offer_entry,
    offer_locked,
    unfit,
)
from doorstep.agreements.terms import loan_from_json, terms_from_json
from doorstep.delinquency.policy import DEFAULT
from doorstep.evidence.services import evidence_append
from doorstep.kernel.errors import InputError, Refused, Where
from doorstep.kernel.working_days import working_days_after
from doorstep.protections.terms import parameters_now
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission
from doorstep.workforce.services.may import must_may


@transaction.atomic
def offer_submit(*, offer: Offer, by: Staff, at: datetime, on: date, easing: bool = False) -> Offer:
    """Ask those who must agree. `easing`: the offer makes an agreement in force lighter. What the
    rules let anybody grant is approved at once, by rule.

    Raises Refused without permission, when it is not being prepared, when what is owed has changed
    since it was counted (COUNT_AGAIN), or beyond what anybody may grant (BEYOND_AUTHORITY);
    InputError for an offer that does not fit the customer's means and does not say why it is made.
    """
    must_may(by=by, permission=Permission.MAKE_OFFERS)
    offer = offer_locked(offer, OfferState.PROPOSED)
    must_still_hold(offer, on=on, at=at)
    lenders = offer.proposed_by == ProposedBy.LENDER
    if lenders and offer.affordable is not True and not offer.note:
        raise InputError(
            _("This plan is not known to fit the customer's means: say why it is offered."),
            code="SAY_WHY",
            where=Where(field="note"),
        )
    level = offer_level(offer=offer, easing=easing)
    if level is None:
        raise Refused(
            _("This goes beyond what anybody here may grant."),
            code="BEYOND_AUTHORITY",
            hint=_("Waive less, choose a shorter term, or plan for fewer loans."),
        )
    offer.level, offer.needed = level.code, [list(roles) for roles in level.approvals]
    offer.state, offer.submitted_at = OfferState.SUBMITTED, at
    if not lenders:
        offer.answer_by = answer_day(on)
    if not offer.needed:
        _approved(offer, at, on)
    offer.save()
    deed = "submitted" if offer.needed else "approved_by_rule"
    evidence_append(entries=[offer_entry(deed, offer, by, easing=easing)], at=at)
    return offer


@transaction.atomic
def offer_approve(*, offer: Offer, by: Staff, at: datetime, on: date, note: str = "") -> Offer:
    """One person agrees; with the last of those needed the offer is approved and can be signed for
    as many days as `options.toml` says.

    Raises Refused: SAME_PERSON to whoever made it or has agreed already, NOT_PERMITTED,
    WRONG_STATE, NOT_YOUR_LEVEL where somebody of another role must agree, COUNT_AGAIN as
    `offer_submit`.
    """
    must_may(by=by, permission=Permission.APPROVE_OFFERS)
    offer = offer_locked(offer, OfferState.SUBMITTED)
    _second_person(offer, by)
    must_still_hold(offer, on=on, at=at)
    place = place_open_to(offer=offer, staff=by)
    if place is None:
        raise Refused(
            _("Somebody of another role must agree to this."),
            code="NOT_YOUR_LEVEL",
            hint=_("It stays in the queue of those who may."),
        )
    OfferApproval.objects.create(
        offer=offer, position=place, role=by.role, maker_id=offer.maker_id, by=by, at=at,
        note=clean(note),
    )  # fmt: skip
    entries = [offer_entry("agreed", offer, by, place=place, role=by.role)]
    if offer.approvals.count() == len(offer.needed):
        _approved(offer, at, on)
        offer.save(update_fields=["state", "decided_at", "valid_until"])
        entries.append(offer_entry("approved", offer, by))
    evidence_append(entries=entries, at=at)
    return offer


@transaction.atomic
def offer_refuse(
    *, offer: Offer, reasons: Sequence[str], words: str, by: Staff, at: datetime
) -> Offer:
    """A second person says no, with the reasons in codes and in words for the customer. Raises as
    `offer_approve`; InputError without a reason or without words."""
    must_may(by=by, permission=Permission.APPROVE_OFFERS)
    offer = offer_locked(offer, OfferState.SUBMITTED)
    _second_person(offer, by)
    codes = [code for code in REFUSALS if code in reasons]
    if not codes or len(codes) != len(set(reasons)):
        raise unfit("reasons", _("Choose why it is not possible."))
    words = clean(words)
    if not words:
        raise unfit("words", _("Say in plain words why, as the customer will read it."))
    offer.state, offer.decided_at, offer.refused_by = OfferState.REFUSED, at, by
    offer.refused_for, offer.refused_words = codes, words
    offer.save()
    evidence_append(entries=[offer_entry("refused", offer, by, reasons=codes, words=words)], at=at)
    return offer


@transaction.atomic
def offer_withdraw(*, offer: Offer, why: str, by: Staff, at: datetime) -> Offer:
    """Take an offer back before it is signed. Raises Refused without permission, when it is over,
    or when an agreement on it is drafted or in force (UNDER_AGREEMENT); InputError without a
    reason."""
    must_may(by=by, permission=Permission.MAKE_OFFERS)
    offer = offer_locked(offer, OfferState.PROPOSED, OfferState.SUBMITTED, OfferState.APPROVED)
    why = clean(why)
    if not why:
        raise unfit("why", _("Say why, so that it can be understood later."))
    if Agreement.objects.filter(offer=offer).exclude(state="cancelled").exists():
        raise Refused(
            _("There is an agreement on this offer."),
            code="UNDER_AGREEMENT",
            hint=_("Cancel the agreement first."),
        )
    offer.state, offer.decided_at = OfferState.WITHDRAWN, at
    offer.save(update_fields=["state", "decided_at"])
    evidence_append(entries=[offer_entry("withdrawn", offer, by, why=why)], at=at)
    return offer


@transaction.atomic
def offers_lapse(*, on: date, at: datetime) -> int:
    """Approved offers that nobody signed in time lapse; how many did."""
    under_way = Agreement.objects.exclude(state="cancelled").exclude(state__in=UNSIGNED)
    rows = Offer.objects.filter(state=OfferState.APPROVED, valid_until__lt=on)
    late = list(rows.exclude(pk__in=under_way.values("offer")).select_for_update())
    Offer.objects.filter(pk__in=[offer.pk for offer in late]).update(
        state=OfferState.LAPSED, decided_at=at
    )
    evidence_append(entries=[offer_entry("lapsed", offer, None) for offer in late], at=at)
    return len(late)


def offer_level(*, offer: Offer, easing: bool = False) -> Level | None:
    """Who must agree to an offer; None where it goes beyond what anybody may grant."""
    return level_for(_ask(offer, easing))


def answer_day(on: date) -> date:
    """By when a customer's own proposal of day `on` is answered."""
    country = parameters_now().calendar
    return working_days_after(day=on, count=TABLE.answer_days, country=country).day


def must_still_hold(offer: Offer, *, on: date, at: datetime) -> None:
    """Raises Refused COUNT_AGAIN when the first payment day is over, or principal or fees are not
    what they were when the offer was worked out: a payment came in, or a dispute."""
    before = {each["loan_id"]: loan_from_json(each).owed for each in offer.snapshot}
    loans = borrower_loans(borrower_id=offer.borrower_id, on=on, at=at, policy=DEFAULT)
    now = {loan.loan_id: loan.owed for loan in loans if loan.loan_id in before}
    same = set(now) == set(before) and all(
        (now[key].principal, now[key].fee) == (before[key].principal, before[key].fee)
        for key in before
    )
    if same and terms_from_json(offer.terms).first_on > on:
        return
    raise Refused(
        _("What is owed has changed since this was worked out."),
        code="COUNT_AGAIN",
        hint=_("Withdraw it and make it again with the figures of today."),
    )


def _ask(offer: Offer, easing: bool) -> Ask:
    terms = terms_from_json(offer.terms)
    rates = [loan_from_json(each).annual_rate_ppm for each in offer.snapshot]
    highest = max(rates, default=0)
    cut = 0
    if terms.rate_ppm is not None and highest > terms.rate_ppm:
        cut = -(-100 * (highest - terms.rate_ppm) // highest)
    return Ask(
        kind=offer.kind, currency=offer.currency, owed=offer.owed_minor,
        waived=offer.waived_minor, months=terms.all_months, rate_cut_percent=cut,
        light_months=terms.pause + terms.smaller, affordable=offer.affordable is True,
        easing=easing,
    )  # fmt: skip


def _approved(offer: Offer, at: datetime, on: date) -> None:
    offer.state, offer.decided_at = OfferState.APPROVED, at
    last = on + timedelta(days=TABLE.approved_days - 1)
    offer.valid_until = min(last, offer.first_on - timedelta(days=1))


def _second_person(offer: Offer, by: Staff) -> None:
    agreed = offer.approvals.filter(by=by).exists()
    if offer.maker_id == by.pk or agreed:
        raise Refused(
            _("You have agreed already.") if agreed else _("Whoever made an offer cannot decide."),
            code="SAME_PERSON",
            hint=_("Ask a colleague who may approve offers."),
        )
