"""The plans that are open to a borrower, side by side. Pure.

For every way of `options.toml` that the loans and the circumstances open, the shortest term that
the borrower can afford is worked out; where none is, the one that comes nearest is shown and said
to be beyond their means. Nothing is left out because it is not affordable, and nothing is shown
without saying so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from doorstep.agreements.affordability import most_for_plan
from doorstep.agreements.option_table import TABLE, TO_THE_END, OptionTable, Way
from doorstep.agreements.terms import (
    LONGEST_MONTHS,
    BorrowerLoan,
    Plan,
    Terms,
    plan_of,
    waived_of,
)
from doorstep.delinquency.daycount import DayCount, months_later
from doorstep.delinquency.schedule import schedule
from doorstep.kernel.errors import InputError, Where
from doorstep.kernel.money import divide_half_up

CARD = "credit_card"
PPM = 1_000_000


class Fit(StrEnum):
    """Whether a plan fits a borrower's means, and why not."""

    FITS = "fits"
    ABOVE_SHARE = "above_share"
    NOTHING_LEFT = "nothing_left"
    LUMP_SUM = "lump_sum"
    NOT_KNOWN = "not_known"
    OUT_OF_DATE = "out_of_date"
    OTHER_CURRENCY = "other_currency"


UNKNOWN = frozenset({Fit.NOT_KNOWN, Fit.OUT_OF_DATE, Fit.OTHER_CURRENCY})


class Shut(StrEnum):
    """Why a way is not open."""

    NOT_THIS_PRODUCT = "not_this_product"
    NO_HARDSHIP = "no_hardship"
    NOT_LATE_ENOUGH = "not_late_enough"
    CAN_PAY_AT_ONCE = "can_pay_at_once"
    WILLINGNESS_NOT_STATED = "willingness_not_stated"
    NOTHING_OWED = "nothing_owed"
    NO_TERM = "no_term"


@dataclass(frozen=True)
class Means:
    """What affordability says: left a month (None: nobody has asked yet), until when it holds, for
    what causes of hardship, and whether the borrower wants to pay."""

    disposable: int | None
    currency: str
    valid_until: date
    willing: bool = False
    causes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Option:
    """One plan with what it costs and means.

    `beside` is what goes on to be paid a month on loans (or parts) that the plan does not cover.
    `contract_total` is what the same debt costs when it is paid as contracted from today;
    `difference` is negative where the plan is cheaper. `share_ppm` of what is left a month is taken
    at the highest instalment; None where what is left is not known or nothing.
    """

    key: str
    terms: Terms
    loans: tuple[str, ...]
    plan: Plan
    beside: int
    contract_total: int
    share_ppm: int | None
    fit: Fit
    way: Way

    @property
    def affordable(self) -> bool:
        """Only what is known to fit."""
        return self.fit is Fit.FITS

    @property
    def difference(self) -> int:
        """What the plan costs more (or, negative, less) than the contract."""
        return self.plan.total - self.contract_total

    @property
    def first_on(self) -> date:
        """The first day on which something is paid."""
        return self.plan.rows[0].due_on

    @property
    def last_on(self) -> date:
        """The day after whose payment it is over."""
        return self.plan.rows[-1].due_on


@dataclass(frozen=True)
class Closed:
    """A way that is not open to these loans, and why."""

    key: str
    kind: str
    why: Shut


def options_for(
    *,
    borrower_loans: Sequence[BorrowerLoan],
    affordability: Means | None,
    on: date,
    policy: OptionTable = TABLE,
    first_on: date | None = None,
) -> tuple[Option, ...]:
    """Every plan that is open, those that fit first, the cheapest of them first.

    Raises InputError for loans of several currencies: each currency has its own plan.
    """
    ways = ways_of(borrower_loans=borrower_loans, affordability=affordability, policy=policy)
    first = first_on or on + timedelta(days=policy.first_days)
    made = [
        _option(way, found, borrower_loans, affordability, on, first, policy)
        for way, found in ways
        if isinstance(found, tuple)
    ]
    return tuple(sorted(made, key=lambda o: (not o.affordable, o.plan.total, o.key)))


def closed_for(
    *,
    borrower_loans: Sequence[BorrowerLoan],
    affordability: Means | None,
    policy: OptionTable = TABLE,
) -> tuple[Closed, ...]:
    """The ways that are not open, each with why, in the order of the table."""
    ways = ways_of(borrower_loans=borrower_loans, affordability=affordability, policy=policy)
    return tuple(Closed(way.key, way.kind, found) for way, found in ways if isinstance(found, Shut))


def ways_of(
    *, borrower_loans: Sequence[BorrowerLoan], affordability: Means | None, policy: OptionTable
) -> list[tuple[Way, tuple[BorrowerLoan, ...] | Shut]]:
    """Each way of the table with the loans it is open for, or why it is not."""
    if len({loan.currency for loan in borrower_loans}) > 1:
        raise InputError(
            "The loans are in several currencies.",
            code="SEVERAL_CURRENCIES",
            hint="Work out a plan for the loans of one currency at a time.",
            where=Where(field="loans"),
        )
    return [(way, _open(way, borrower_loans, affordability, policy)) for way in policy.ways]


def fit_of(
    *, plan: Plan, beside: int, means: Means | None, currency: str, on: date
) -> tuple[Fit, int | None]:
    """Whether a plan fits what is left a month at its highest instalment, and the share it takes
    in parts per million."""
    if means is None or means.disposable is None:
        return Fit.NOT_KNOWN, None
    if means.currency != currency:
        return Fit.OTHER_CURRENCY, None
    if means.valid_until < on:
        return Fit.OUT_OF_DATE, None
    burden = plan.most + beside
    if means.disposable <= 0:
        return Fit.NOTHING_LEFT, None
    share = divide_half_up(burden * PPM, means.disposable)
    if burden <= most_for_plan(means.disposable):
        return Fit.FITS, share
    return (Fit.LUMP_SUM if len(plan.rows) == 1 else Fit.ABOVE_SHARE), share


def beside_of(
    loans: Sequence[BorrowerLoan], all_loans: Sequence[BorrowerLoan], *, covers: str
) -> int:
    """What goes on to be paid a month beside a plan: on the loans it leaves out, and on all of them
    where it covers only what is overdue."""
    covered = {loan.loan_id for loan in loans} if covers == "all" else set()
    return sum(loan.usual for loan in all_loans if loan.loan_id not in covered)


def contract_total(loans: Iterable[BorrowerLoan], *, on: date, covers: str = "all") -> int:
    """What the debt costs when it is paid as contracted: all that is overdue at once, the rest in
    level instalments at the contract's rate until its last day. A debt whose contract has no day
    ahead is all due at once. Penalty interest that would still come is not counted."""
    return sum(_contract_cost(loan, on, covers) for loan in loans)


def _contract_cost(loan: BorrowerLoan, on: date, covers: str) -> int:
    if covers == "overdue":
        return loan.overdue.total
    ahead = loan.owed.principal - loan.overdue.principal
    if not loan.months_left or ahead <= 0:
        return loan.owed.total
    rows = schedule(
        principal=ahead, annual_rate_ppm=loan.annual_rate_ppm, start_on=on,
        first_on=months_later(on, 1), number=loan.months_left, day_count=DayCount.THIRTY_360,
    )  # fmt: skip
    return loan.owed.total + sum(row.interest for row in rows)


def _open(
    way: Way, loans: Sequence[BorrowerLoan], means: Means | None, policy: OptionTable
) -> tuple[BorrowerLoan, ...] | Shut:
    eligible = [loan for loan in loans if loan.product in way.products]
    if not eligible:
        return Shut.NOT_THIS_PRODUCT
    owing = [loan for loan in eligible if _covered(loan, way) > 0]
    if not owing:
        return Shut.NOTHING_OWED
    late = _together(way, [loan for loan in owing if loan.dpd >= way.dpd_from], policy)
    if not late:
        return Shut.NOT_LATE_ENOUGH
    if not _left_to_pay(way, late):
        return Shut.NOTHING_OWED
    if not _terms_to_try(way, late, policy):
        return Shut.NO_TERM
    return _circumstances(way, late, means) or late


def _circumstances(way: Way, loans: Sequence[BorrowerLoan], means: Means | None) -> Shut | None:
    causes = means.causes if means else frozenset()
    if "always" not in way.opened_by and not causes & way.opened_by:
        return Shut.NO_HARDSHIP
    if means is None or means.disposable is None:
        return None
    at_once = sum(_covered(loan, way) for loan in loans)
    if way.beyond_means and at_once <= most_for_plan(means.disposable):
        return Shut.CAN_PAY_AT_ONCE
    return Shut.WILLINGNESS_NOT_STATED if way.willing and not means.willing else None


def _together(
    way: Way, loans: Sequence[BorrowerLoan], policy: OptionTable
) -> tuple[BorrowerLoan, ...]:
    """Those that can be in one plan: a card is in none that outlasts what the law lets a card plan
    last (CN-CC-70-TERM); it goes on beside it and has a plan of its own."""
    others = tuple(loan for loan in loans if loan.product != CARD)
    if not others or len(others) == len(loans):
        return tuple(loans)
    longest = _left(loans, policy) + way.pause + way.smaller
    return others if longest > policy.card_most() else tuple(loans)


def _covered(loan: BorrowerLoan, way: Way) -> int:
    return (loan.owed if way.covers == "all" else loan.overdue).total


def _left_to_pay(way: Way, loans: Sequence[BorrowerLoan]) -> int:
    """What a plan would share out: nothing where all that is owed is what the way waives."""
    terms = _terms(way, loans, 1, date.max)
    owed = [loan.owed if way.covers == "all" else loan.overdue for loan in loans]
    return sum((parts - waived_of(parts, terms=terms)).total for parts in owed)


def _option(
    way: Way,
    loans: tuple[BorrowerLoan, ...],
    all_loans: Sequence[BorrowerLoan],
    means: Means | None,
    on: date,
    first: date,
    policy: OptionTable,
) -> Option:
    beside = beside_of(loans, all_loans, covers=way.covers)
    cost = contract_total(loans, on=on, covers=way.covers)
    names = tuple(loan.loan_id for loan in loans)
    currency = loans[0].currency
    tried: list[Option] = []
    for months in _terms_to_try(way, loans, policy):
        terms = _terms(way, loans, months, first)
        plan = plan_of(loans=loans, terms=terms, on=on)
        fit, share = fit_of(plan=plan, beside=beside, means=means, currency=currency, on=on)
        tried.append(Option(way.key, terms, names, plan, beside, cost, share, fit, way))
        if fit is Fit.FITS or (fit in UNKNOWN and months >= _left(loans, policy)):
            break
    return tried[-1]


def _terms_to_try(way: Way, loans: Sequence[BorrowerLoan], policy: OptionTable) -> tuple[int, ...]:
    """The terms of a way, the shortest first; none where the limits leave none."""
    left = _left(loans, policy)
    if isinstance(way.months, str):
        late = max(max(loan.overdue_count for loan in loans), 1)
        term = left + (late if way.months == TO_THE_END else 0)
        return (term,) if term <= LONGEST_MONTHS else ()
    most = min((way.most_months[loan.product] for loan in loans if loan.product in way.most_months),
               default=10**6)  # fmt: skip
    tried = tuple(each for each in way.months if isinstance(each, int) and each <= most)
    return tuple(each for each in tried if not way.longer or each >= left) or tried[-1:]


def _left(loans: Sequence[BorrowerLoan], policy: OptionTable) -> int:
    """Months until the last of the contracts ends."""
    return max(
        loan.months_left or (policy.card_months if loan.product == CARD else policy.ended_months)
        for loan in loans
    )


def _terms(way: Way, loans: Sequence[BorrowerLoan], months: int, first: date) -> Terms:
    return Terms(
        kind=way.kind, months=months, first_on=first, rate_ppm=_rate(way, loans),
        pause=way.pause, smaller=way.smaller, smaller_percent=way.smaller_percent,
        waive=dict(way.waive), settle_percent=way.settle_percent, covers=way.covers,
    )  # fmt: skip


def _rate(way: Way, loans: Sequence[BorrowerLoan]) -> int | None:
    """One rate for the whole plan where it is lowered: of the cheapest loan's."""
    if way.rate_percent == 100:
        return None
    return min(loan.annual_rate_ppm for loan in loans) * way.rate_percent // 100
