"""What texts need to know about many borrowers, set by set: a fixed number of queries.

Amounts are those of the last night (`Case`), so that a text and the worklist say the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import F
from django.db.models.expressions import CombinedExpression

from doorstep.cases.models import Case, Note
from doorstep.kernel.masking import mask_name
from doorstep.outreach.lender import COURT, PENALTY, Lender
from doorstep.outreach.render import Value
from doorstep.outreach.words import Reading
from doorstep.portfolio.models import Borrower, Instalment, Loan
from doorstep.treatment.wording import language_code

PRODUCTS: dict[str, dict[str, str]] = {
    "credit_card": {"zh-Hans": "信用卡", "zh-Hant": "信用卡", "en": "credit card"},
    "consumer": {"zh-Hans": "消费贷款", "zh-Hant": "消費貸款", "en": "consumer loan"},
    "mortgage": {"zh-Hans": "住房贷款", "zh-Hant": "房屋貸款", "en": "mortgage"},
    "auto": {"zh-Hans": "汽车贷款", "zh-Hant": "汽車貸款", "en": "car loan"},
    "business": {"zh-Hans": "经营贷款", "zh-Hant": "經營貸款", "en": "business loan"},
    "other": {"zh-Hans": "贷款", "zh-Hant": "貸款", "en": "loan"},
}
MOST_TAILS = 3


@dataclass(frozen=True)
class Known:
    """What is known about one case for its texts: facts, the borrower's language and reading."""

    facts: dict[str, Value]
    language: str
    reading: Reading


@dataclass(frozen=True)
class Beside:
    """What other parts know and this one may not read, by case id: promises, visits, decisions.

    `facts` are added as they are (`promise_amount`, `visit_on`, ...); `court`: cases where going
    to court has been decided, so that saying so is true."""

    facts: Mapping[int, Mapping[str, Value]] = field(default_factory=dict)
    court: frozenset[int] = frozenset()


def facts_gather(
    *, cases: Sequence[Case], lender: Lender, on: date, beside: Beside | None = None
) -> dict[int, Known]:
    """The facts of every case for its texts, by case id, in four queries however many there are.

    `on` is the day of the text (ages, next instalments). Never includes what a borrower's text may
    not name, such as numbers of other people.
    """
    beside = beside or Beside()
    ids = [case.borrower_id for case in cases]
    borrowers = Borrower.objects.in_bulk(ids)
    loans = _loans(ids)
    senders = _senders(cases)
    known = {}
    for case in cases:
        borrower = borrowers[case.borrower_id]
        own = loans.get((case.borrower_id, case.currency), [])
        facts = lender.facts() | {"today": on, "case_ref": str(case.pk)}
        facts |= _person(borrower) | _amounts(case, lender) | _upcoming(own, on=on)
        facts |= _accounts(own, business_date=case.business_date)
        facts["sender"] = senders.get(case.pk)
        facts["consequence_court"] = COURT if case.pk in beside.court else None
        facts |= beside.facts.get(case.pk, {})
        known[case.pk] = Known(
            facts=facts,
            language=language_code(borrower.language),
            reading=reading_for(borrower.birth_date, on=on, plain_from=lender.plain_from_age),
        )
    return known


def reading_for(birth: date | None, *, on: date, plain_from: int) -> Reading:
    """Plain wording from an age on; the usual one where the age is not known."""
    if birth is None:
        return Reading.USUAL
    age = on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))
    return Reading.PLAIN if age >= plain_from else Reading.USUAL


def _person(borrower: Borrower) -> dict[str, Value]:
    return {"who": mask_name(borrower.name), "name": borrower.name}


def _amounts(case: Case, lender: Lender) -> dict[str, Value]:
    oldest = case.facts.get("oldest_due_on")
    charged = lender.charges_penalty and case.due_penalty > 0
    return {
        "currency": case.currency,
        "amount_due": case.due_total,
        "principal_due": case.due_principal,
        "interest_due": case.due_interest,
        "penalty_due": case.due_penalty,
        "fee_due": case.due_fee,
        "due_on": date.fromisoformat(oldest) if oldest else None,
        "days_late": str(case.dpd),
        "as_of": case.business_date,
        "consequence_penalty": PENALTY if charged else None,
    }


@dataclass(frozen=True)
class _Open:
    """An instalment that is not settled."""

    loan_id: str
    due_on: date
    amount: int


@dataclass(frozen=True)
class _Loan:
    loan_id: str
    product: str
    contract: str
    balance: int
    open: tuple[_Open, ...]

    @property
    def oldest(self) -> date:
        """The day the oldest open instalment fell due."""
        return min((row.due_on for row in self.open), default=date.max)


Key = tuple[str, str]


def _loans(ids: Sequence[str]) -> dict[Key, list[_Loan]]:
    """Active loans by borrower and currency, the one that waits longest first."""
    still_open = _open_instalments(ids)
    loans: dict[Key, list[_Loan]] = {}
    for row in Loan.objects.filter(borrower__in=ids, status="active"):
        mine = tuple(still_open.get(row.pk, ()))
        loan = _Loan(row.pk, row.product, row.contract_ref or row.pk, row.balance, mine)
        loans.setdefault((row.borrower_id, row.currency), []).append(loan)
    for group in loans.values():
        group.sort(key=lambda loan: (loan.oldest, loan.loan_id))
    return loans


def _open_instalments(ids: Sequence[str]) -> dict[str, list[_Open]]:
    def left(part: str) -> CombinedExpression:
        return F(f"{part}_due") - F(f"{part}_paid") - F(f"{part}_waived")

    rows = (
        Instalment.objects.filter(loan__borrower__in=ids, settled_on__isnull=True)
        .annotate(still=left("principal") + left("interest") + left("fee") + left("penalty"))
        .filter(still__gt=0)
        .values_list("loan_id", "due_on", "still")
    )
    found: dict[str, list[_Open]] = {}
    for loan_id, due_on, amount in rows:
        found.setdefault(loan_id, []).append(_Open(loan_id, due_on, amount))
    return found


def _accounts(loans: Sequence[_Loan], *, business_date: date) -> dict[str, Value]:
    """The loans a text is about: those overdue, or all where none is."""
    about = [loan for loan in loans if loan.oldest < business_date] or list(loans)
    if not about:
        return {}
    tails = [loan.contract[-4:] for loan in about[:MOST_TAILS]]
    return {
        "account_tail": "、".join(tails),
        "contract_ref": "、".join(loan.contract for loan in about),
        "product": PRODUCTS.get(about[0].product, PRODUCTS["other"]),
        "balance": sum(loan.balance for loan in about),
    }


def _upcoming(loans: Sequence[_Loan], *, on: date) -> dict[str, Value]:
    """The next day on which something falls due, and how much in all."""
    coming = [row for loan in loans for row in loan.open if row.due_on >= on]
    if not coming:
        return {}
    day = min(row.due_on for row in coming)
    return {
        "next_due_on": day,
        "next_amount": sum(row.amount for row in coming if row.due_on == day),
    }


def _senders(cases: Sequence[Case]) -> dict[int, str]:
    """Who looks after each case and has dealt with the borrower: there is a note of theirs."""
    rows = Note.objects.filter(case__in=[case.pk for case in cases], by=F("case__assignee"))
    return dict(rows.values_list("case_id", "by__display_name"))
