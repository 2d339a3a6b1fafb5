"""Offers made: ours, and the customer's own proposal in the same form."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from doorstep.agreements.models import (
    Offer,
    OfferInstalment,
    ProposedBy,
)
from doorstep.agreements.option_table import TABLE
from doorstep.agreements.options import CARD, UNKNOWN, Fit, beside_of, contract_total, fit_of
from doorstep.agreements.proposal import Proposal, proposal_least, proposal_terms
from doorstep.agreements.reasons import CONCESSIONS
from doorstep.agreements.selectors.affordability import affordability_in_force, means_of
from doorstep.agreements.selectors.loans import borrower_loans
from doorstep.agreements.services.offer_deciding import offer_submit
from doorstep.agreements.services.offer_rows import clean, offer_entry, unfit
from doorstep.agreements.terms import BorrowerLoan, Plan, Terms, parts_json, plan_of
from doorstep.cases.models import Case
from doorstep.delinquency.policy import Policy
from doorstep.evidence.services import evidence_append
from doorstep.kernel.errors import Refused
from doorstep.kernel.money import format_minor
from doorstep.portfolio.models import Loan
from doorstep.protections.models import LegalStop
from doorstep.protections.selectors import known_rows
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission
from doorstep.workforce.services.may import must_may


@transaction.atomic
def offer_make(
    *,
    case: Case,
    terms: Terms,
    loans: Collection[str],
    reason_code: str,
    by: Staff,
    at: datetime,
    on: date,
    policy: Policy,
    note: str = "",
    proposed_by: str = ProposedBy.LENDER,
    follows: Offer | None = None,
) -> Offer:
    """Work out a plan for these loans of the case's borrower as of day `on` and keep it, not yet
    submitted. Nothing but the terms is taken from who asks: every figure is worked out here.

    Raises Refused without permission, for a closed case, under a stop by law, or where a card plan
    would last longer than the law allows (CN-CC-70-TERM); InputError for terms, loans or a reason
    that cannot be.
    """
    must_may(by=by, permission=Permission.MAKE_OFFERS)
    if reason_code not in CONCESSIONS:
        raise unfit("reason", _("Say what this is granted for."))
    offer, plan = offer_worked_out(
        case=case, terms=terms, loans=loans, on=on, at=at, policy=policy
    )  # fmt: skip
    offer.maker, offer.made_at, offer.reason_code = by, at, reason_code
    offer.note, offer.proposed_by, offer.follows = clean(note), proposed_by, follows
    offer.save(force_insert=True)
    offer.loans.set(Loan.objects.filter(pk__in=list(plan.owed)))
    OfferInstalment.objects.bulk_create(
        OfferInstalment(
            offer=offer, number=row.number, due_on=row.due_on, principal=row.parts.principal,
            interest=row.parts.interest, fee=row.parts.fee, penalty=row.parts.penalty,
            by_loan={loan: parts_json(parts) for loan, parts in row.by_loan.items()},
        )
        for row in plan.rows
    )  # fmt: skip
    evidence_append(entries=[offer_entry("made", offer, by)], at=at)
    return offer


def offer_worked_out(
    *, case: Case, terms: Terms, loans: Collection[str], on: date, at: datetime, policy: Policy
) -> tuple[Offer, Plan]:
    """What an offer of these terms would be, kept nowhere, and its rows: to be shown before anybody
    says yes. Raises as `offer_make`, but for the permission and the reason."""
    _may_be_made(case, at)
    owing = borrower_loans(borrower_id=case.borrower_id, on=on, at=at, policy=policy)
    chosen = _chosen(owing, loans)
    _within_the_law(chosen, terms)
    plan = plan_of(loans=chosen, terms=terms, on=on)
    beside = beside_of(chosen, owing, covers=terms.covers)
    return _offer(case, terms, chosen, plan, beside, on, at), plan


@transaction.atomic
def offer_counter(
    *,
    case: Case,
    proposal: Proposal,
    loans: Collection[str],
    words: str,
    by: Staff,
    at: datetime,
    on: date,
    policy: Policy,
    follows: Offer | None = None,
) -> Offer:
    """Take in what the customer proposes, work out what follows from it, and submit it: it is
    answered with reasons within the days that `options.toml` names.

    Raises as `offer_make` and `offer_submit`; Refused TOO_LITTLE, naming the least a month, where
    the debt would not end within the longest term there is.
    """
    owing = borrower_loans(borrower_id=case.borrower_id, on=on, at=at, policy=policy)
    chosen = _chosen(owing, loans)
    least = proposal_least(loans=chosen, proposal=proposal, on=on)
    if proposal.monthly < least:
        amount = format_minor(least, chosen[0].currency, language=get_language() or "zh-hans")
        raise Refused(
            _("At this amount the debt would not end within the longest term there is."),
            code="TOO_LITTLE",
            hint=_("The least a month is %(amount)s; or ask for a part to be waived.")
            % {"amount": amount},
        )
    terms, _plan = proposal_terms(loans=chosen, proposal=proposal, on=on)
    offer = offer_make(
        case=case, terms=terms, loans=loans, reason_code="own_proposal", by=by, at=at, on=on,
        policy=policy, note=words, proposed_by=ProposedBy.BORROWER, follows=follows,
    )  # fmt: skip
    return offer_submit(offer=offer, by=by, at=at, on=on)


def _may_be_made(case: Case, at: datetime) -> None:
    if case.status != "open":
        raise Refused(_("The case is closed."), code="CASE_CLOSED")
    running = Q(ends_at__isnull=True) | Q(ends_at__gt=at)
    if known_rows(LegalStop).filter(running, borrower_id=case.borrower_id).exists():
        raise Refused(
            _("The law bars dealing with this customer about the debt."),
            code="LEGAL_STOP",
            hint=_("See the protections of the case."),
        )


def _chosen(owing: Sequence[BorrowerLoan], loans: Collection[str]) -> tuple[BorrowerLoan, ...]:
    found = tuple(loan for loan in owing if loan.loan_id in loans)
    if not found or len(found) != len(set(loans)):
        raise unfit("loans", _("Choose loans of this customer on which something is owed."))
    if len({loan.currency for loan in found}) > 1:
        raise unfit("loans", _("A plan is in one currency: choose loans of one."))
    return found


def _within_the_law(loans: Sequence[BorrowerLoan], terms: Terms) -> None:
    most = TABLE.card_most()
    if any(loan.product == CARD for loan in loans) and terms.all_months > most:
        raise Refused(
            _("A card plan lasts %(most)s months at most.") % {"most": most},
            code="CARD_TERM",
            hint=_("The law on credit cards, article 70 (CN-CC-70-TERM)."),
        )


def _offer(
    case: Case,
    terms: Terms,
    loans: Sequence[BorrowerLoan],
    plan: Plan,
    beside: int,
    on: date,
    at: datetime,
) -> Offer:
    currency = loans[0].currency
    form = affordability_in_force(borrower_id=case.borrower_id)
    means = means_of(borrower_id=case.borrower_id, on=on, at=at)
    fit, share = fit_of(plan=plan, beside=beside, means=means, currency=currency, on=on)
    return Offer(
        case=case, borrower_id=case.borrower_id, affordability=form, kind=terms.kind,
        counted_on=on, currency=currency, terms=terms.as_json(),
        snapshot=[loan.as_json() for loan in loans], months=terms.all_months,
        first_on=plan.rows[0].due_on, last_on=plan.rows[-1].due_on,
        instalment_minor=plan.usual, owed_minor=plan.owed_total, total_minor=plan.total,
        contract_minor=contract_total(loans, on=on, covers=terms.covers),
        waived_minor=plan.waived_parts.total, share_ppm=share,
        affordable=None if fit in UNKNOWN else fit is Fit.FITS,
    )  # fmt: skip
