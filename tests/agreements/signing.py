"""Approved offers, agreements and signatures to work with."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from doorstep.agreements import document
from doorstep.agreements.models import (
    Agreement,
    AgreementDocument,
    Offer,
    OfferApproval,
    OfferInstalment,
    Signature,
)
from doorstep.agreements.selectors.agreements import document_place, picture_place
from doorstep.agreements.services.agreements import agreement_draft
from doorstep.agreements.services.signatures import Signed, agreement_seal, agreement_sign
from doorstep.agreements.strokes import strokes_png
from doorstep.agreements.terms import BorrowerLoan, Terms, parts_json, plan_of
from doorstep.cases.models import Case
from doorstep.delinquency.dues import Parts
from doorstep.evidence.files import file_seal
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Role
from tests.factories import AT, ON, make_case, make_loan, make_staff

NAME = "欧阳𠮷䶮"
STROKES = (((40.0, 200.0), (200.0, 60.0), (320.0, 250.0), (520.0, 70.0), (820.0, 240.0)),)


def lender_in(language: str = "zh-Hans") -> document.Lender:
    """The made-up lender, in one language."""
    names = {"zh-Hans": "云川银行股份有限公司", "zh-Hant": "雲川銀行股份有限公司"}
    return document.Lender(
        name=names.get(language, "Yunchuan Bank Co., Ltd."),
        address="云川市松林区中心路1号" if language != "en" else "1 Zhongxin Road, Yunchuan",
        hotline="400-000-0000",
        complaint_line="400-000-0001",
        verify_at="https://check.yunchuan-bank.example",
        pay_channels="云川银行手机银行或任一网点" if language != "en" else "the app or any branch",
        reports_credit=True,
    )


def make_offer(
    *,
    case: Case | None = None,
    state: str = "approved",
    months: int = 12,
    product: str = "credit_card",
    maker: Staff | None = None,
    **fields: Any,
) -> Offer:
    """An offer of instalments on one loan of 12,000.00 with 300.00 of interest and 14.56 of penalty
    owed, approved by a second person."""
    case = case or named_case()
    loan = make_loan(borrower=case.borrower, product=product)
    owed = BorrowerLoan(
        loan_id=loan.pk, product=product, currency="CNY", annual_rate_ppm=120_000,
        owed=Parts(1_200_000, 30_000, 0, 1_456),
    )  # fmt: skip
    terms = Terms(kind="instalments", months=months, first_on=ON + timedelta(days=15))
    plan = plan_of(loans=[owed], terms=terms, on=ON)
    maker = maker or make_staff(Role.DESK_AGENT)
    values: dict[str, Any] = {
        "kind": terms.kind, "proposed_by": "lender", "state": state, "maker": maker, "made_at": AT,
        "counted_on": ON, "currency": "CNY", "terms": terms.as_json(),
        "snapshot": [owed.as_json()], "reason_code": "income_fell", "months": months,
        "first_on": plan.rows[0].due_on, "last_on": plan.rows[-1].due_on,
        "instalment_minor": plan.usual, "owed_minor": plan.owed_total, "total_minor": plan.total,
        "contract_minor": plan.total, "level": "standard", "submitted_at": AT, "decided_at": AT,
        "valid_until": ON + timedelta(days=14),
    } | fields  # fmt: skip
    offer = Offer.objects.create(case=case, borrower=case.borrower, **values)
    offer.loans.add(loan)
    OfferInstalment.objects.bulk_create(
        OfferInstalment(
            offer=offer, number=row.number, due_on=row.due_on, principal=row.parts.principal,
            interest=row.parts.interest, fee=row.parts.fee, penalty=row.parts.penalty,
            by_loan={key: parts_json(parts) for key, parts in row.by_loan.items()},
        )
        for row in plan.rows
    )  # fmt: skip
    if state == "approved":
        approver = make_staff(Role.APPROVER)
        OfferApproval.objects.create(
            offer=offer, position=0, role=approver.role, maker=maker, by=approver, at=AT
        )
    return offer


def named_case(**fields: Any) -> Case:
    """A case of somebody with two rare characters in the name."""
    case = make_case(**fields)
    case.borrower.name = NAME
    case.borrower.save()
    return case


def draft(offer: Offer, *, by: Staff | None = None, **fields: Any) -> Agreement:
    """The next version of an agreement on an offer."""
    language = fields.pop("language", "zh-Hans")
    return agreement_draft(
        offer=offer, language=language, lender=lender_in(language),
        by=by or make_staff(Role.COLLECTIONS_MANAGER), at=fields.pop("at", AT), **fields,
    )  # fmt: skip


def signed(agreement: Agreement, **fields: Any) -> Signed:
    """What a borrower does who signs on the screen."""
    values = {
        "way": "screen", "name": agreement.case.borrower.name, "place": "云川市松林区桃源路12号",
        "consent": document.words()[agreement.language]["consents"],
        "picture": strokes_png(STROKES),
    } | fields  # fmt: skip
    return Signed(**values)


def sign(
    agreement: Agreement,
    party: str = "borrower",
    *,
    by: Staff | None = None,
    at: datetime = AT,
    sha256: str = "",
    **fields: Any,
) -> Signature:
    """A signature of a party."""
    return agreement_sign(
        agreement=agreement, party=party, signed=signed(agreement, **fields),
        sha256=sha256 or agreement.sha256, by=by or make_staff(Role.DESK_AGENT), at=at,
    )  # fmt: skip


def put_seal(agreement: Agreement, *, by: Staff | None = None, at: datetime = AT) -> Agreement:
    """The lender's seal."""
    return agreement_seal(
        agreement=agreement, place="云川市中心路1号", sha256=agreement.sha256,
        by=by or make_staff(Role.COLLECTIONS_MANAGER), at=at,
    )  # fmt: skip


def make_agreement_rows(*, case: Case) -> tuple[Agreement, Agreement]:
    """An agreement that waits for signatures and one in force, without making any document."""
    pair = []
    for state in ("drafted", "in_force"):
        offer = make_offer(case=case)
        row = Agreement.objects.create(
            case=case, offer=offer, version=1, number=f"RA-2026-{offer.pk:08d}", code="AAAA-BBBB",
            language="zh-Hans", state=state, sha256="0" * 64, summary=["要点"], contains=[],
            approvals=[{"by": "a", "name": "A", "role": "approver"}], needed=["borrower", "lender"],
            drafted_by=offer.maker, drafted_at=AT,
            in_force_at=AT if state == "in_force" else None,
        )  # fmt: skip
        kept = {
            column: file_seal(
                subject=case.borrower_id, place=document_place(row.number, 1, column),
                content=b"%PDF-1.7", at=AT,
            )
            for column in ("pdf", "sealed")[: 1 if state == "drafted" else 2]
        }  # fmt: skip
        AgreementDocument.objects.create(
            agreement=row, sealed_sha256="0" * 64 if "sealed" in kept else "", **kept
        )
        pair.append(row)
    picture = file_seal(
        subject=case.borrower_id, place=picture_place(pair[1].pk, "borrower"),
        content=strokes_png(STROKES), at=AT,
    )  # fmt: skip
    Signature.objects.create(
        agreement=pair[1], party="borrower", way="screen", name="x", at=AT, place="x",
        picture=picture, picture_sha256="0" * 64, sha256="0" * 64, taken_by=pair[1].drafted_by,
    )  # fmt: skip
    return pair[0], pair[1]


def agreed(offer: Offer | None = None, **fields: Any) -> Agreement:
    """An agreement in force."""
    agreement = draft(offer or make_offer(), **fields)
    sign(agreement)
    return put_seal(agreement)


def day(text: str) -> date:
    """A calendar day."""
    return date.fromisoformat(text)
