"""Payments taken in: from files, one by one from another system, matched by a person, given back.

In one transaction the money is matched, counts for the plan or promise it was for, and shows in the
case. The same payment is taken in once, however often it is told of.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.agreements.matching import How, Incoming, Match, Taken, Unmatched
from doorstep.agreements.models import FileState, PaymentFile, PaymentIn, PaymentState
from doorstep.agreements.payment_file import PaymentRows, Told, payment_rows
from doorstep.agreements.selectors.ledger import DOUBLE_DAYS, Books, books_read
from doorstep.agreements.services.crediting import (
    Credit,
    credits_apply,
    credits_reverse,
    rows_write,
)
from doorstep.evidence.entry import Entry
from doorstep.evidence.services import evidence_append
from doorstep.kernel.errors import InputError, Refused, Where
from doorstep.kernel.memory import cycles_uncollected
from doorstep.kernel.rows import Cell
from doorstep.portfolio.lookups import Many
from doorstep.portfolio.models import Loan
from doorstep.protections.terms import local_day
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission
from doorstep.workforce.services.may import must_may

COLUMNS = (
    "reference", "file_id", "line", "amount", "currency", "paid_on", "told", "payer", "means",
    "state", "why", "near", "how", "doubt", "loan_id", "taken_at", "note",
)  # fmt: skip


@dataclass
class TakenIn:
    """What became of rows: rows = accepted + rejected + repeated."""

    accepted: int = 0
    rejected: int = 0
    repeated: int = 0
    matched: int = 0

    def add(self, other: TakenIn) -> None:
        """Count what became of other rows too."""
        for name, number in vars(other).items():
            setattr(self, name, getattr(self, name) + number)


def payment_file_bring(*, path: Path, name: str, by: Staff, at: datetime) -> PaymentFile:
    """Keep a copy of a file of payments, to be taken in; the same bytes give the file that is there
    already. Raises Refused without permission."""
    must_may(by=by, permission=Permission.TAKE_PAYMENTS)
    digest = _digest(path)
    known = PaymentFile.objects.filter(sha256=digest).first()
    if known is not None:
        return known
    folder = Path(settings.HOME) / "payments" / digest[:16]
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, folder / "file")
    return PaymentFile.objects.create(
        sha256=digest, name=name[:300], folder=str(folder), brought_by=by, brought_at=at
    )


def payment_file_take(*, file: PaymentFile, at: datetime) -> PaymentFile:
    """Take a kept file in, as a whole or not at all; a second time changes nothing. A file that
    cannot be used is refused with the reason, and nothing is raised."""
    if file.state != FileState.WAITING:
        return file
    try:
        with transaction.atomic():
            file = PaymentFile.objects.select_for_update(of=("self",)).get(pk=file.pk)
            if file.state == FileState.WAITING:
                with cycles_uncollected():
                    _take_file(file, at)
    except InputError as error:
        file.state, file.reason = FileState.REFUSED, f"{error.message} {error.hint}".strip()[:500]
        file.save(update_fields=["state", "reason"])
    return file


def _take_file(file: PaymentFile, at: datetime) -> None:
    """Some ten thousand rows at once, however long the file is."""
    found, taken = PaymentRows(), TakenIn()
    for rows in payment_rows(Path(file.folder) / "file", on=local_day(at), found=found):
        taken.add(payments_take(rows=rows, file=file, found=found, at=at))
    file.rows, file.accepted, file.repeated = found.rows, taken.accepted, taken.repeated
    file.rejected, file.matched = found.rejected, taken.matched
    file.problems = found.problems
    file.state, file.taken_at = FileState.TAKEN, at
    file.save()
    body = {"file": file.pk, "sha256": file.sha256, **vars(taken), "rejected": found.rejected}
    evidence_append(entries=[Entry("payments.taken", "", body, agent=_who(file))], at=at)


def _who(file: PaymentFile) -> str:
    return str(file.brought_by.username)


@transaction.atomic
def payments_take(
    *,
    rows: Sequence[Told],
    at: datetime,
    file: PaymentFile | None = None,
    found: PaymentRows | None = None,
) -> TakenIn:
    """Take in payments in the order of their days, then reversals. What was taken in before is left
    alone; a reversal of what is not there is refused, and told in `found`."""
    found = found or PaymentRows()
    fresh, repeated = _fresh(rows)
    taken = TakenIn(repeated=repeated)
    money = sorted(
        (each for each in fresh if not each.reverses), key=lambda e: (e.payment.paid_on, e.line)
    )
    taken.accepted = len(money)
    taken.matched = _take_money(money, file, at)
    for each in (each for each in fresh if each.reverses):
        refused = _take_back(each, file, at)
        taken.accepted += not refused
        taken.rejected += bool(refused)
        if refused:
            found.rejected += 1
            found.refuse(each.line, "reverses", refused, each.reverses, personal=False)
    return taken


def _fresh(rows: Sequence[Told]) -> tuple[list[Told], int]:
    """The rows whose payment is not there yet, each once."""
    references = [each.payment.reference for each in rows]
    known = set(
        PaymentIn.objects.filter(reference__any_of=Many(references)).values_list(
            "reference", flat=True
        )
    )
    fresh = []
    for each in rows:
        if each.payment.reference not in known:
            known.add(each.payment.reference)
            fresh.append(each)
    return fresh, len(rows) - len(fresh)


def _take_money(rows: Sequence[Told], file: PaymentFile | None, at: datetime) -> int:
    """Match and credit payments; returns how many found their loan."""
    if not rows:
        return 0
    books = books_read([each.payment for each in rows])
    kept: list[tuple[Cell, ...]] = []
    taken: dict[str, tuple[str, Incoming, Taken]] = {}
    for each in rows:
        found, doubt = books.ledger.match(each.payment), ""
        if isinstance(found, Match):
            doubt = _doubt(books, each.payment, found.loan_id)
            share = books.ledger.take(each.payment, found.loan_id)
            taken[each.payment.reference] = (found.loan_id, each.payment, share)
        kept.append(_cells(each, found, doubt, file, at))
    rows_write(PaymentIn, COLUMNS, kept)
    ids = PaymentIn.objects.filter(reference__any_of=Many(taken)).values_list("reference", "pk")
    numbers = dict(ids)
    credits = [Credit(numbers[reference], *each) for reference, each in taken.items()]
    credits_apply(credits=credits, books=books, at=at)
    return len(credits)


def _cells(
    told: Told, found: Match | Unmatched, doubt: str, file: PaymentFile | None, at: datetime
) -> tuple[Cell, ...]:
    """A payment in the order of COLUMNS."""
    payment = told.payment
    whose: tuple[Cell, ...]
    if isinstance(found, Match):
        whose = (PaymentState.MATCHED.value, "", "[]", str(found.how), doubt, found.loan_id)
    else:
        near = json.dumps(found.near)
        whose = (PaymentState.UNMATCHED.value, str(found.why), near, "", "", None)
    return (
        payment.reference, file.pk if file else None, told.line or None, payment.amount,
        payment.currency, payment.paid_on, payment.told, payment.payer, told.means, *whose, at, "",
    )  # fmt: skip


def _doubt(books: Books, payment: Incoming, loan_id: str) -> str:
    """Whether the same amount came in for the same loan within days."""
    lately = books.seen[(loan_id, payment.amount)]
    again = any(abs((payment.paid_on - day).days) <= DOUBLE_DAYS for day in lately)
    lately.append(payment.paid_on)
    return "double" if again else ""


def _take_back(told: Told, file: PaymentFile | None, at: datetime) -> str:
    """Take a payment back because the bank says so; the code of why it cannot be, or nothing."""
    payment = PaymentIn.objects.filter(reference=told.reverses).first()
    if payment is None:
        return "PAYMENT_UNKNOWN"
    same = (told.payment.amount, told.payment.currency) == (payment.amount, payment.currency)
    if payment.state in (PaymentState.REVERSED, PaymentState.REVERSAL) or not same:
        return "PAYMENT_REVERSED"
    each = told.payment
    reversal = PaymentIn(
        reference=each.reference, file=file, line=told.line or None, amount=each.amount,
        currency=each.currency, paid_on=each.paid_on, told=each.told, payer=each.payer,
        means=told.means, taken_at=at,
    )  # fmt: skip
    _reverse(payment, reversal, at)
    return ""


def _reverse(payment: PaymentIn, reversal: PaymentIn, at: datetime) -> None:
    reversal.state, reversal.reversal_of = PaymentState.REVERSAL, payment
    reversal.loan_id = payment.loan_id
    reversal.save()
    was = payment.state
    payment.state, payment.doubt = PaymentState.REVERSED, ""
    payment.save(update_fields=["state", "doubt"])
    if was == PaymentState.MATCHED:
        credits_reverse(payment=payment, reversal=reversal, at=at)


@transaction.atomic
def payment_reverse(*, payment: PaymentIn, why: str, by: Staff, at: datetime) -> PaymentIn:
    """Take a payment back by the hand of a person: a charge-back, or what was booked by mistake.

    Raises Refused without permission or when it was taken back already; InputError without a
    reason."""
    payment = _chosen(payment, by, why, (PaymentState.MATCHED, PaymentState.UNMATCHED))
    reversal = PaymentIn(
        reference=f"{payment.reference}#R"[:120], amount=payment.amount, currency=payment.currency,
        paid_on=max(payment.paid_on, local_day(at)), taken_at=at, settled_by=by,
        note=why.strip()[:300],
    )  # fmt: skip
    _reverse(payment, reversal, at)
    _noted("payment.reversed", payment, why, by, at)
    return reversal


@transaction.atomic
def payment_match(
    *, payment: PaymentIn, loan: Loan, why: str, by: Staff, at: datetime
) -> PaymentIn:
    """A person says whose money it is, and how they know. Raises as `payment_reverse`; InputError
    for a loan in another currency."""
    payment = _chosen(payment, by, why, (PaymentState.UNMATCHED,))
    if loan.currency != payment.currency:
        raise InputError(
            _("This loan is in another currency."), code="OTHER_CURRENCY",
            where=Where(field="loan"),
        )  # fmt: skip
    incoming = Incoming(payment.reference, payment.amount, payment.currency, payment.paid_on)
    books = books_read([incoming], loans=[loan.pk])
    payment.state, payment.loan, payment.how = PaymentState.MATCHED, loan, str(How.PERSON)
    payment.why, payment.near = "", []
    payment.settled_by, payment.note = by, why.strip()[:300]
    payment.doubt = _doubt(books, incoming, loan.pk)
    payment.save()
    credit = Credit(payment.pk, loan.pk, incoming, books.ledger.take(incoming, loan.pk))
    credits_apply(credits=[credit], books=books, at=at)
    _noted("payment.matched", payment, why, by, at)
    return payment


@transaction.atomic
def payment_set_aside(*, payment: PaymentIn, why: str, by: Staff, at: datetime) -> PaymentIn:
    """Say that money is nobody's here and goes back to whoever sent it. Raises as
    `payment_reverse`."""
    payment = _chosen(payment, by, why, (PaymentState.UNMATCHED,))
    payment.state, payment.settled_by = PaymentState.RETURNED, by
    payment.note = why.strip()[:300]
    payment.save(update_fields=["state", "settled_by", "note"])
    _noted("payment.returned", payment, why, by, at)
    return payment


@transaction.atomic
def payment_doubt_clear(*, payment: PaymentIn, why: str, by: Staff, at: datetime) -> PaymentIn:
    """Say that two payments alike were meant to be two. Raises as `payment_reverse`."""
    payment = _chosen(payment, by, why, (PaymentState.MATCHED,))
    payment.doubt, payment.settled_by, payment.note = "", by, why.strip()[:300]
    payment.save(update_fields=["doubt", "settled_by", "note"])
    _noted("payment.looked_at", payment, why, by, at)
    return payment


def _chosen(payment: PaymentIn, by: Staff, why: str, states: tuple[PaymentState, ...]) -> PaymentIn:
    must_may(by=by, permission=Permission.TAKE_PAYMENTS)
    if not why.strip():
        raise InputError(
            _("Say how you know: whoever reads it later must understand it."), code="NO_REASON",
            where=Where(field="why"),
        )  # fmt: skip
    payment = PaymentIn.objects.select_for_update(of=("self",)).get(pk=payment.pk)
    if payment.state not in states:
        raise Refused(
            _("Somebody has dealt with this payment meanwhile."), code="WRONG_STATE",
            hint=_("Load the page again."),
        )  # fmt: skip
    return payment


def _noted(kind: str, payment: PaymentIn, why: str, by: Staff, at: datetime) -> None:
    borrower = payment.loan.borrower_id if payment.loan else ""
    body = {"payment": payment.reference, "loan": payment.loan_id or "", "why": why.strip()[:300]}
    evidence_append(entries=[Entry(kind, borrower, body, agent=by.username)], at=at)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
