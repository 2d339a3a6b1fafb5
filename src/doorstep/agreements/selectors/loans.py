"""A borrower's loans as plans need them: what is owed, what is overdue, what is disputed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime

from django.db.models import Q, Sum

from doorstep.agreements.models import PaymentAllocation
from doorstep.agreements.options import CARD
from doorstep.agreements.selectors.ledger import book_date
from doorstep.agreements.terms import WAIVED_FIRST, BorrowerLoan
from doorstep.cases.bills import loans_by_borrower
from doorstep.cases.models import Case
from doorstep.delinquency import dues
from doorstep.delinquency.daycount import DayCount, year_fraction
from doorstep.delinquency.dues import NOTHING, OverdueInstalment, Parts, loan_dues
from doorstep.delinquency.penalty import PPM
from doorstep.delinquency.policy import Policy
from doorstep.delinquency.rounding import Rounding, rounded
from doorstep.portfolio.models import Loan
from doorstep.protections.models import Component, Dispute
from doorstep.protections.selectors import known_rows

GONE = frozenset({"closed"})


def borrower_loans(
    *, borrower_id: str, on: date, at: datetime, policy: Policy
) -> tuple[BorrowerLoan, ...]:
    """The loans on which something is owed on a day, in their order; six queries.

    What came in since the last book is taken off. What is disputed at the instant is taken out of
    what is owed: nobody is asked to agree to it.
    """
    return loans_of_borrowers(borrower_ids=[borrower_id], on=on, at=at, policy=policy)[borrower_id]


def loans_of_borrowers(
    *, borrower_ids: Collection[str], on: date, at: datetime, policy: Policy
) -> dict[str, tuple[BorrowerLoan, ...]]:
    """The same for each of several borrowers, in as many queries."""
    ids = list(dict.fromkeys(borrower_ids))
    disputes: dict[str, list[Dispute]] = {}
    for dispute in disputes_running(borrower_ids=ids, at=at):
        disputes.setdefault(dispute.borrower_id, []).append(dispute)
    rows = {loan.pk: loan for loan in Loan.objects.filter(borrower__in=ids)}
    money, known = _money_since_book(ids), loans_by_borrower(ids)
    found = {}
    for borrower_id in ids:
        said = disputes.get(borrower_id, [])
        made = (
            _loan(rows[loan.loan_id], loan, said, money.get(loan.loan_id, 0), on, policy)
            for loan in known.get(borrower_id, [])
            if rows[loan.loan_id].status not in GONE
        )
        found[borrower_id] = tuple(each for each in made if each.owed.total or each.disputed.total)
    return found


def money_since_book(*, borrower_id: str) -> dict[str, int]:
    """What came in on each loan, less what was taken back, after the day of the last book that the
    borrower's case follows; minor units. What that book may know of is not counted again."""
    return _money_since_book([borrower_id])


def _money_since_book(borrower_ids: Collection[str]) -> dict[str, int]:
    cases = Case.objects.filter(borrower__in=borrower_ids, status="open")
    as_of = dict(cases.order_by("business_date").values_list("borrower_id", "business_date"))
    usual = book_date() if set(borrower_ids) - as_of.keys() else None
    rows = PaymentAllocation.objects.filter(loan__borrower__in=borrower_ids).order_by()
    sums: dict[str, int] = {}
    for loan, borrower, paid_on, came in rows.values_list(
        "loan_id", "loan__borrower_id", "paid_on"
    ).annotate(came=Sum("amount")):
        since = as_of.get(borrower, usual)
        if since is not None and paid_on > since:
            sums[loan] = sums.get(loan, 0) + came
    return {loan: max(came, 0) for loan, came in sums.items()}


def disputes_running(*, borrower_ids: Collection[str], at: datetime) -> Iterable[Dispute]:
    """What these borrowers dispute at an instant and nobody has answered."""
    running = Q(ends_at__isnull=True) | Q(ends_at__gt=at)
    return known_rows(Dispute).filter(running, borrower_id__in=borrower_ids)


def _loan(
    row: Loan, loan: dues.Loan, disputes: list[Dispute], money: int, on: date, policy: Policy
) -> BorrowerLoan:
    late = loan_dues(loan, on=on, policy=policy)
    not_due = max(row.balance - late.overdue.principal, 0)
    ahead = Parts(not_due, _accrued(row, loan, not_due, on))
    overdue, left = _paid(late.overdue, money)
    owed = overdue + _paid(ahead, left)[0]
    open_rows = _still_open(late.rows, money)
    disputed = disputed_of(owed, [each for each in disputes if each.loan_id in (None, row.pk)])
    last = max(loan.instalments, key=lambda each: each.number, default=None)
    return BorrowerLoan(
        loan_id=row.pk,
        product=row.product,
        currency=row.currency,
        annual_rate_ppm=row.annual_rate_ppm,
        owed=owed - disputed,
        overdue=_lesser(overdue, owed - disputed),
        disputed=disputed,
        overdue_count=len(open_rows),
        dpd=max((each.dpd for each in open_rows), default=0),
        months_left=_months_left(row, on),
        usual=(last.due - Parts(penalty=last.due.penalty)).total if last else 0,
    )


def _paid(owed: Parts, money: int) -> tuple[Parts, int]:
    """What is left of an amount, and of the money: penalty first and principal last."""
    left = {}
    for part in WAIVED_FIRST:
        taken = min(money, getattr(owed, part))
        left[part] = getattr(owed, part) - taken
        money -= taken
    return Parts(**left), money


def _still_open(rows: Sequence[OverdueInstalment], money: int) -> list[OverdueInstalment]:
    """The overdue instalments that money leaves open, the oldest being paid first."""
    found = []
    for row in sorted(rows, key=lambda each: each.instalment.due_on):
        if money < row.outstanding.total:
            found.append(row)
        money = max(money - row.outstanding.total, 0)
    return found


def disputed_of(owed: Parts, disputes: Iterable[Dispute]) -> Parts:
    """How much of what is owed is disputed; never more than is owed. A payment that is said to be
    missing counts against penalty first and principal last."""
    taken = NOTHING
    for dispute in disputes:
        taken += _disputed(owed - taken, dispute)
    return taken


def _disputed(owed: Parts, dispute: Dispute) -> Parts:
    single = dispute.component in WAIVED_FIRST
    parts = (str(dispute.component),) if single else WAIVED_FIRST
    left = owed.total if dispute.amount is None else dispute.amount
    if dispute.component in (Component.ALL, Component.IDENTITY) and dispute.loan_id is None:
        left = owed.total
    found: dict[str, int] = {}
    for part in parts:
        found[part] = min(left, getattr(owed, part))
        left -= found[part]
    return Parts(**found)


def _lesser(one: Parts, other: Parts) -> Parts:
    return Parts(**{part: min(getattr(one, part), getattr(other, part)) for part in WAIVED_FIRST})


def _accrued(row: Loan, loan: dues.Loan, principal: int, on: date) -> int:
    """Contract interest on principal that is not due yet, since the last due day. A card's interest
    is on its statements."""
    if row.product == CARD or principal <= 0:
        return 0
    since = max((each.due_on for each in loan.instalments if each.due_on <= on), default=on)
    part = year_fraction(since, on, day_count=DayCount.THIRTY_360)
    return rounded(principal * row.annual_rate_ppm * part / PPM, Rounding.HALF_UP)


def _months_left(row: Loan, on: date) -> int:
    if row.product == CARD or row.matures_on is None or row.matures_on <= on:
        return 0
    months = (row.matures_on.year - on.year) * 12 + row.matures_on.month - on.month
    return max(months + (row.matures_on.day > on.day), 1)
