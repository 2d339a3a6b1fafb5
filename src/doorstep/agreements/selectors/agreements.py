"""Agreements to look at: whose they are, what they say, and the files sealed beside them."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, QuerySet

from doorstep.agreements import document
from doorstep.agreements.models import (
    Agreement,
    AgreementDocument,
    Offer,
    OfferState,
    Party,
    Signature,
)
from doorstep.agreements.models.agreements import OPEN_AGREEMENT
from doorstep.agreements.terms import loan_from_json, terms_from_json, waived_of
from doorstep.agreements.watch import TERMS
from doorstep.cases.selectors import cases_visible_to
from doorstep.evidence.files import file_open
from doorstep.kernel.errors import NotFound
from doorstep.kernel.masking import mask_number
from doorstep.portfolio.models import Borrower, Loan
from doorstep.workforce.models import Staff


def agreements_visible_to(*, staff: Staff) -> QuerySet[Agreement]:
    """The agreements of the cases that `staff` may see."""
    return Agreement.objects.filter(case__in=cases_visible_to(staff=staff))


def plan_stated(offer: Offer) -> document.Plan:
    """An offer as its document states it. Five queries."""
    terms = terms_from_json(offer.terms)
    loans = [loan_from_json(each) for each in offer.snapshot]
    covered = {loan.loan_id: loan.owed if terms.covers == "all" else loan.overdue for loan in loans}
    waived = sum(waived_of(parts, terms=terms).interest for parts in covered.values())
    old_interest = sum(parts.interest for parts in covered.values()) - waived
    contracts = dict(Loan.objects.filter(pk__in=covered).values_list("pk", "contract_ref"))
    dues = tuple(
        document.Due(
            row.number, row.due_on, row.principal, row.interest, penalty=row.penalty, fee=row.fee
        )
        for row in offer.instalments.all()
    )
    means = offer.affordability
    return document.Plan(
        kind=offer.kind,
        currency=offer.currency,
        counted_on=offer.counted_on,
        owed=tuple(
            document.Owed(
                product=loan.product,
                contract=contracts.get(loan.loan_id) or loan.loan_id,
                rate_ppm=loan.annual_rate_ppm if terms.rate_ppm is None else terms.rate_ppm,
                principal=parts.principal, interest=parts.interest,
                penalty=parts.penalty, fee=parts.fee,
            )
            for loan in loans
            for parts in [covered[loan.loan_id]]
        ),
        dues=dues,
        waived=offer.waived_minor,
        new_interest=sum(due.interest for due in dues) - old_interest,
        breach=document.Breach(TERMS.grace_days, TERMS.missed_to_break, TERMS.days_to_break),
        assessed_on=_day(means.stated_at, offer.borrower) if means and means.stated_at else None,
        disposable=means.disposable_minor if means else 0,
    )  # fmt: skip


def _day(at: datetime, borrower: Borrower) -> date:
    return at.astimezone(ZoneInfo(borrower.time_zone)).date()


def signer_of(borrower: Borrower) -> document.Signer:
    """The borrower as a document names them; the identity number masked in its middle."""
    number = borrower.id_number or ""
    return document.Signer(
        borrower.name, borrower.pk, mask_number(number, head=3, tail=4) if number else ""
    )


def pdf_of(agreement: Agreement) -> bytes:
    """What the parties sign. Raises as `file_open`."""
    return _opened(agreement, "pdf", agreement.document.pdf)


def sealed_of(agreement: Agreement) -> bytes:
    """The document with every signature and the lender's seal. Raises NotFound NOT_SEALED before
    the lender has sealed it, and as `file_open`."""
    kept: AgreementDocument = agreement.document
    if kept.sealed is None:
        raise NotFound("This agreement is not sealed.", code="NOT_SEALED")
    return _opened(agreement, "sealed", kept.sealed)


def picture_of(signature: Signature) -> bytes | None:
    """The drawing or scan; None for a party that signed otherwise."""
    if signature.picture is None:
        return None
    return file_open(
        subject=signature.agreement.case.borrower_id,
        place=picture_place(signature.agreement_id, signature.party),
        sealed=bytes(signature.picture),
    )


def _opened(agreement: Agreement, column: str, sealed: bytes | memoryview) -> bytes:
    place = document_place(agreement.number, agreement.version, column)
    return file_open(subject=agreement.case.borrower_id, place=place, sealed=bytes(sealed))


def document_place(number: str, version: int, column: str) -> str:
    """Where a document lies: it opens nowhere else."""
    return f"agreements_agreementdocument:{column}:{number}/{version}"


def picture_place(agreement_id: int, party: str) -> str:
    """Where a drawing or scan lies: it opens nowhere else."""
    return f"agreements_signature:picture:{agreement_id}/{party}"


def parties_missing(agreement: Agreement) -> list[str]:
    """The parties that have not signed yet, in the order in which they sign: the lender last."""
    signed = {each.party for each in agreement.signatures.all()}
    return [party for party in Party.values if party in agreement.needed and party not in signed]


def offers_to_draw_up(*, staff: Staff, again: bool = False) -> QuerySet[Offer]:
    """Approved offers of the cases that `staff` may see for which there is no open agreement, the
    earliest to run out first; with `again` also those that have one."""
    found = Offer.objects.filter(
        case__in=cases_visible_to(staff=staff), state=OfferState.APPROVED
    ).select_related("case__borrower", "case__branch", "borrower")
    if not again:
        ended = Agreement.objects.filter(
            offer=OuterRef("pk"), state__in=(*OPEN_AGREEMENT, "kept", "broken")
        )
        found = found.filter(~Exists(ended))
    return found.order_by("valid_until", "pk")


def case_agreements(*, borrower_id: str) -> QuerySet[Agreement]:
    """Every version of every agreement with a borrower, the newest first."""
    return Agreement.objects.filter(case__borrower=borrower_id).order_by("-drafted_at", "-pk")
