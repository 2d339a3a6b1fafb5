"""The pack for a court: what is claimed and from what, every demand with its result, what was
agreed and paid, and the proofs, as one ZIP whose first file is its index."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from doorstep.agreements.models import Agreement, LegalReferral, PaymentIn, PlanEvent
from doorstep.agreements.selectors.agreements import case_agreements, pdf_of, sealed_of
from doorstep.agreements.services.legal import referral_pack_keep, referral_pack_may
from doorstep.cases.models import Case, Contact
from doorstep.dispatch.models import Act
from doorstep.evidence.export import export_write
from doorstep.evidence.selection import Selection
from doorstep.kernel.errors import NotFound
from doorstep.kernel.money import format_minor
from doorstep.kernel.pdf import pdf_render
from doorstep.portfolio.models import Loan, Payment
from doorstep.sites.office import bill_document
from doorstep.sites.office.agreements_words import why_words
from doorstep.sites.office.bill import case_bill, loan_words
from doorstep.sites.office.case_words import language
from doorstep.sites.office.channel_words import CHANNELS, RESULTS
from doorstep.sites.office.legal_contracts import (
    TEMPLATE,
    contract_rows,
    contracts_pdf,
    loans_claimed,
    section,
)
from doorstep.treatment.wording import language_code
from doorstep.workforce.models import Staff

REACHED = ("delivered", "answered", "read", "received", "right_party", "met")
DAYS_APART = 30
STAMP = (2026, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Piece:
    """One file of the pack."""

    name: str
    title: str
    content: bytes

    @property
    def sha256(self) -> str:
        """Digest of the file."""
        return hashlib.sha256(self.content).hexdigest()


def pack_make(*, referral: LegalReferral, by: Staff, at: datetime) -> LegalReferral:
    """Put the pack together and keep it with the referral. Raises as `referral_pack_keep`, before
    anything is taken from the log, and as `pdf_render`."""
    referral_pack_may(referral=referral, by=by)
    case = referral.case
    demands = _demands(case)
    agreements = list(case_agreements(borrower_id=case.borrower_id))
    pieces = [
        *_contracts(referral, at), *_bill(case, at), *_agreed(agreements),
        _table("demands.csv", _("Demands"), _told(demands)),
        _table("payments.csv", _("Payments"), _paid(case)), *_proofs(referral, by, at),
    ]  # fmt: skip
    index = _index(referral, pieces, demands, agreements, at)
    contents = [
        {"file": each.name, "title": each.title, "sha256": each.sha256, "bytes": len(each.content)}
        for each in (index, *pieces)
    ]
    return referral_pack_keep(
        referral=referral, pack=_zipped([index, *pieces]), contents=contents,
        missing=_missing(case, demands, agreements), by=by, at=at,
    )  # fmt: skip


def _missing(case: Case, demands: Sequence[Contact], agreements: Sequence[Agreement]) -> list[str]:
    """What a court would ask for and is not there, in codes."""
    lacks = []
    if Loan.objects.filter(borrower=case.borrower_id, contract_ref=None).exists():
        lacks.append("contract_number")
    lacks.append("contract_copy")
    if not effective_demands([row.at for row in demands if row.result in REACHED]):
        lacks.append("effective_demands")
    if not any(each.state == "broken" for each in agreements):
        lacks.append("broken_agreement")
    return lacks


def effective_demands(reached: Sequence[datetime]) -> bool:
    """Whether two demands that reached the borrower lie thirty days apart (rule
    CN-CARD-EFFECTIVE-COLLECTION)."""
    return bool(reached) and max(reached) - min(reached) >= timedelta(days=DAYS_APART)


def _demands(case: Case) -> list[Contact]:
    rows = Contact.objects.filter(borrower=case.borrower_id, direction="out", purpose="collect")
    return list(rows.order_by("at"))


def _contracts(referral: LegalReferral, at: datetime) -> list[Piece]:
    pdf = contracts_pdf(case=referral.case, number=_number(referral), pages=_pages(), at=at)
    return [Piece("contracts.pdf", _("Contracts as they stand in the book"), pdf)]


def _number(referral: LegalReferral) -> str:
    return f"LP-{referral.pk}"


def _pages() -> list[str]:
    """The words around the number of a page and of all pages."""
    return re.split(r"\{pages?\}", _("Page {page} of {pages}"))


def _bill(case: Case, at: datetime) -> list[Piece]:
    pdf = bill_document.render(bill=case_bill(case), case=case, loans=loan_words(case), at=at)
    return [Piece("bill.pdf", _("Bill"), pdf)]


def _agreed(agreements: Sequence[Agreement]) -> list[Piece]:
    """Every agreement that was in force, as it was sealed."""
    found = []
    for each in agreements:
        if each.in_force_at is None:
            continue
        try:
            content = sealed_of(each)
        except NotFound:
            content = pdf_of(each)
        name = f"agreements/{each.number}-{each.version}.pdf"
        found.append(Piece(name, _("Agreement %(number)s") % {"number": each.number}, content))
    return found


def _table(name: str, title: str, rows: list[list[str]]) -> Piece:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return Piece(name, title, text.getvalue().encode("utf-8-sig"))


def _told(demands: Sequence[Contact]) -> list[list[str]]:
    texts = dict(
        Act.objects.filter(clearance__in=[row.clearance for row in demands if row.clearance])
        .values_list("clearance_id", "content__text")
    )  # fmt: skip
    head = ["at", "channel", "result", "clearance", "text"]
    return [head] + [
        [
            row.at.isoformat(), row.channel, row.result, row.clearance or "",
            _plain(texts.get(row.clearance or "") or ""),
        ]
        for row in demands
    ]  # fmt: skip


def _plain(text: str) -> str:
    """Text that a spreadsheet does not take for a formula."""
    return f"'{text}" if text.startswith(tuple("=+-@\t\r")) else text


def _paid(case: Case) -> list[list[str]]:
    rows = [["day", "amount_minor", "currency", "loan", "reference", "state"]]
    for row in Payment.objects.filter(loan__borrower=case.borrower_id).select_related("loan"):
        state = "reversed" if row.reversed_on else "booked"
        rows.append([
            row.paid_on.isoformat(), str(row.amount), row.loan.currency, row.loan_id, row.pk, state,
        ])  # fmt: skip
    for told in PaymentIn.objects.filter(loan__borrower=case.borrower_id):
        rows.append([
            told.paid_on.isoformat(), str(told.amount), told.currency, str(told.loan_id),
            told.reference, told.state,
        ])  # fmt: skip
    return [rows[0], *sorted(rows[1:])]


def _proofs(referral: LegalReferral, by: Staff, at: datetime) -> list[Piece]:
    """Everything the log holds of the case, with the verifier."""
    found = []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "proofs"
        export_write(
            folder=folder, selection=Selection(case=str(referral.case_id)), by=by.username,
            purpose=f"legal pack {referral.pk}", at=at,
        )  # fmt: skip
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                name = f"proofs/{path.relative_to(folder).as_posix()}"
                found.append(Piece(name, _("Proof from the evidence log"), path.read_bytes()))
    return found


def _index(
    referral: LegalReferral, pieces: Sequence[Piece], demands: Sequence[Contact],
    agreements: Sequence[Agreement], at: datetime,
) -> Piece:  # fmt: skip
    case = referral.case
    values = {
        "title": _("Legal pack"),
        "number": _number(referral),
        "pages": _pages(),
        "summary": [
            [_("Customer"), f"{case.borrower.name} · {case.borrower_id}"],
            [_("Claimed"), _money(referral.amount, referral.currency)],
            [_("As of"), case.business_date.isoformat()],
            [_("Why"), referral.reason],
        ],
        "sections": [
            _claim(case), contract_rows(loans_claimed(case)), _demand_section(demands, case),
            _plan_section(agreements), _files(pieces),
        ],
    }  # fmt: skip
    pdf = pdf_render(
        template=TEMPLATE, values=values, language=language_code(language()),
        title=_("Legal pack"), at=at,
    )  # fmt: skip
    return Piece("00-index.pdf", _("Index"), pdf)


def _claim(case: Case) -> dict[str, Any]:
    parts = [
        (_("Principal"), case.due_principal), (_("Interest"), case.due_interest),
        (_("Penalty"), case.due_penalty), (_("Fees"), case.due_fee),
        (_("In all"), case.due_total),
    ]  # fmt: skip
    rows = [[str(words), _money(amount, case.currency)] for words, amount in parts]
    return section(_("What is claimed"), [_("Part"), _("Amount")], rows, [1, 1])


def _demand_section(demands: Sequence[Contact], case: Case) -> dict[str, Any]:
    zone = ZoneInfo(case.borrower.time_zone)
    rows = [
        [
            f"{row.at.astimezone(zone):%Y-%m-%d %H:%M}",
            str(CHANNELS.get(row.channel, row.channel)),
            str(RESULTS.get(row.result, row.result)), row.clearance or "—",
        ]
        for row in demands
    ]  # fmt: skip
    heads = [_("When"), _("How"), _("Result"), _("Clearance")]
    return section(_("Demands"), heads, rows, [2, 1, 1, 2])


def _plan_section(agreements: Sequence[Agreement]) -> dict[str, Any]:
    events = PlanEvent.objects.filter(agreement__in=agreements).select_related("agreement")
    rows = [
        [
            each.on.isoformat(),
            each.agreement.number,
            str(each.get_kind_display()),
            why_words(each.note) if each.note else "",
        ]
        for each in events.order_by("on", "pk")
    ]
    heads = [_("Day"), _("Agreement"), _("What happened"), _("Note")]
    return section(_("What was agreed and what became of it"), heads, rows, [1, 2, 2, 2])


def _files(pieces: Sequence[Piece]) -> dict[str, Any]:
    rows = [[each.name, each.title, each.sha256[:16]] for each in pieces]
    heads = [_("File"), _("What it holds"), _("Digest (begins)")]
    return section(_("Files in this pack"), heads, rows, [3, 2, 2])


def _zipped(pieces: Sequence[Piece]) -> bytes:
    """The same pieces give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for each in pieces:
            packed.writestr(zipfile.ZipInfo(each.name, STAMP), each.content)
    return out.getvalue()


def _money(amount: int, currency: str) -> str:
    return format_minor(amount, currency, language=language())
