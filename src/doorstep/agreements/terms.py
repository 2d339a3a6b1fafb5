"""The terms of a plan, and the rows that follow from them. Pure; whole minor units.

Principal is paid off in level instalments at the rate of the terms. Interest, fees and penalty
interest that are owed already are spread evenly over the regular rows and bear nothing themselves:
a plan never takes interest on interest, nor a fee that the contract does not know (CN-CBA-EXTRA-FEE
of the rule packs). For every loan: owed = waived + what the rows take of it; interest that accrues
during the plan comes on top.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from doorstep.delinquency.daycount import DayCount, months_later
from doorstep.delinquency.dues import NOTHING, Parts
from doorstep.delinquency.schedule import schedule
from doorstep.kernel.errors import InputError, Where
from doorstep.kernel.money import divide_half_up

PARTS = ("principal", "interest", "fee", "penalty")
LONGEST_MONTHS = 360
WAIVED_FIRST = ("penalty", "fee", "interest", "principal")


@dataclass(frozen=True)
class BorrowerLoan:
    """What options need of a loan on a day.

    `owed` is all that is left of it: principal due or not, and what is overdue of interest, fees
    and penalty, less what is `disputed`. `overdue` is the part past due. `months_left` until the
    last contractual due day (0 where there is none ahead), `usual` what is paid in a usual month.
    """

    loan_id: str
    product: str
    currency: str
    annual_rate_ppm: int
    owed: Parts
    overdue: Parts = NOTHING
    disputed: Parts = NOTHING
    overdue_count: int = 0
    dpd: int = 0
    months_left: int = 0
    usual: int = 0

    def as_json(self) -> dict[str, Any]:
        """Plain values, to keep beside an offer."""
        plain = {name: getattr(self, name) for name in _PLAIN}
        return plain | {name: parts_json(getattr(self, name)) for name in _MONEY}


_PLAIN = (
    "loan_id", "product", "currency", "annual_rate_ppm", "overdue_count", "dpd", "months_left",
    "usual",
)  # fmt: skip
_MONEY = ("owed", "overdue", "disputed")


@dataclass(frozen=True)
class Terms:
    """How a plan is made.

    kind            what is changed (`OfferKind`)
    months          regular rows; those of a pause or of smaller instalments come before them
    first_on        the first due day; a pause begins there
    rate_ppm        yearly rate during the plan; None: each loan's own
    pause           months in which nothing is paid
    smaller         months with smaller instalments, of `smaller_percent` of the regular one
    waive           percent of penalty, fee and interest owed that are waived
    settle_percent  percent of all that is owed which settles it; the rest is waived
    covers          "all" that is owed, or what is "overdue" (the contract goes on beside it)
    """

    kind: str
    months: int
    first_on: date
    rate_ppm: int | None = None
    pause: int = 0
    smaller: int = 0
    smaller_percent: int = 0
    waive: Mapping[str, int] = field(default_factory=dict)
    settle_percent: int | None = None
    covers: str = "all"

    def __post_init__(self) -> None:
        limits = {
            "months": (1, LONGEST_MONTHS), "pause": (0, 24), "smaller": (0, 24),
            "smaller_percent": (0, 100),
        }  # fmt: skip
        for name, (least, most) in limits.items():
            if not least <= getattr(self, name) <= most:
                raise _bad(name, f"{name} must be from {least} to {most}.")
        if self.pause and self.smaller:
            raise _bad("pause", "A pause and smaller instalments do not go together.")
        if self.smaller and not self.smaller_percent:
            raise _bad("smaller_percent", "Say how much smaller; a pause is another kind.")
        if self.rate_ppm is not None and not 0 <= self.rate_ppm <= 1_000_000:
            raise _bad("rate_ppm", "The rate is not usable.")
        wrong = set(self.waive) - set(WAIVED_FIRST[:3])
        if wrong or any(not 0 <= percent <= 100 for percent in self.waive.values()):
            raise _bad("waive", "Penalty, fee and interest can be waived, by 0 to 100 percent.")
        if self.settle_percent is not None and not 1 <= self.settle_percent <= 100:
            raise _bad("settle_percent", "A settlement pays 1 to 100 percent.")
        if self.covers not in ("all", "overdue"):
            raise _bad("covers", "A plan covers all that is owed, or what is overdue.")

    @property
    def all_months(self) -> int:
        """Months from the first due day to the last, both counted."""
        return self.pause + self.smaller + self.months

    def as_json(self) -> dict[str, Any]:
        """Plain values, to keep."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return plain | {"first_on": self.first_on.isoformat(), "waive": dict(self.waive)}


def terms_from_json(values: Mapping[str, Any]) -> Terms:
    """Terms as they were kept. Raises InputError for values that are no terms."""
    try:
        return Terms(**{**values, "first_on": date.fromisoformat(values["first_on"])})
    except (KeyError, TypeError, ValueError):
        raise _bad("terms", "These are no terms of a plan.") from None


def loan_from_json(values: Mapping[str, Any]) -> BorrowerLoan:
    """A loan as it was kept beside an offer."""
    return BorrowerLoan(**{**values, **{name: Parts(*values[name]) for name in _MONEY}})


@dataclass(frozen=True)
class PlanRow:
    """What is due on a day, together and by loan."""

    number: int
    due_on: date
    parts: Parts
    by_loan: Mapping[str, Parts]

    @property
    def total(self) -> int:
        """Minor units."""
        return self.parts.total


@dataclass(frozen=True)
class Plan:
    """The rows of a plan, what was owed and what is waived of it, by loan."""

    rows: tuple[PlanRow, ...]
    owed: Mapping[str, Parts]
    waived: Mapping[str, Parts]

    @property
    def total(self) -> int:
        """All that is paid."""
        return sum(row.total for row in self.rows)

    @property
    def owed_total(self) -> int:
        """All that is owed at the start."""
        return sum(parts.total for parts in self.owed.values())

    @property
    def waived_parts(self) -> Parts:
        """All that is waived, by component."""
        return sum(self.waived.values(), NOTHING)

    @property
    def most(self) -> int:
        """The highest instalment."""
        return max(row.total for row in self.rows)

    @property
    def usual(self) -> int:
        """The instalment that comes most often; the higher where two do."""
        totals = [row.total for row in self.rows]
        return max(set(totals), key=lambda total: (totals.count(total), total))


def plan_of(*, loans: Sequence[BorrowerLoan], terms: Terms, on: date) -> Plan:
    """The rows of a plan from day `on`. Raises InputError where there is nothing to pay, or for a
    first day that is over."""
    if terms.first_on <= on:
        raise _bad("first_on", f"The first payment must be after {on}.")
    owed = {loan.loan_id: loan.owed if terms.covers == "all" else loan.overdue for loan in loans}
    waived = {loan_id: waived_of(parts, terms=terms) for loan_id, parts in owed.items()}
    rows = {
        loan.loan_id: _loan_rows(owed[loan.loan_id] - waived[loan.loan_id], loan, terms, on)
        for loan in loans
    }
    made = [
        _row(place, {loan_id: each[place] for loan_id, each in rows.items()}, terms)
        for place in range(terms.all_months)
    ]
    due = [row for row in made if row.total]
    if not due:
        raise _bad("loans", "There is nothing left to pay on these loans.")
    numbered = (
        PlanRow(number, row.due_on, row.parts, row.by_loan) for number, row in enumerate(due, 1)
    )
    return Plan(tuple(numbered), owed, waived)


def waived_of(owed: Parts, *, terms: Terms) -> Parts:
    """What the terms waive of an amount owed; a settlement takes penalty first, principal last."""
    if terms.settle_percent is None:
        return Parts(
            **{part: getattr(owed, part) * each // 100 for part, each in terms.waive.items()}
        )
    left = owed.total - divide_half_up(owed.total * terms.settle_percent, 100)
    taken: dict[str, int] = {}
    for part in WAIVED_FIRST:
        taken[part] = min(left, getattr(owed, part))
        left -= taken[part]
    return Parts(**taken)


def parts_json(parts: Parts) -> list[int]:
    """[principal, interest, fee, penalty]."""
    return [getattr(parts, part) for part in PARTS]


def _loan_rows(kept: Parts, loan: BorrowerLoan, terms: Terms, on: date) -> list[Parts]:
    before = terms.pause + terms.smaller
    rate = loan.annual_rate_ppm if terms.rate_ppm is None else terms.rate_ppm
    smaller = _smaller(kept.principal, rate, terms, on)
    rows = schedule(
        principal=kept.principal, annual_rate_ppm=rate, start_on=on, first_on=terms.first_on,
        number=terms.all_months, day_count=DayCount.THIRTY_360,
        reduced=(0,) * terms.pause + (smaller,) * terms.smaller,
    )  # fmt: skip
    slices = {part: _spread(getattr(kept, part), terms.months) for part in PARTS[1:]}
    made = []
    for place, row in enumerate(rows):
        older = {part: each[place - before] if place >= before else 0
                 for part, each in slices.items()}  # fmt: skip
        made.append(Parts(row.principal, row.interest) + Parts(**older))
    return made


def _smaller(principal: int, rate: int, terms: Terms, on: date) -> int:
    if not terms.smaller:
        return 0
    regular = schedule(
        principal=principal, annual_rate_ppm=rate, start_on=on, first_on=terms.first_on,
        number=terms.months, day_count=DayCount.THIRTY_360,
    )  # fmt: skip
    return regular[0].payment * terms.smaller_percent // 100


def _spread(amount: int, number: int) -> list[int]:
    """In whole minor units; what does not divide comes in the last row."""
    each, rest = divmod(amount, number)
    return [each] * (number - 1) + [each + rest]


def _row(place: int, by_loan: Mapping[str, Parts], terms: Terms) -> PlanRow:
    due_on = months_later(terms.first_on, place)
    return PlanRow(place + 1, due_on, sum(by_loan.values(), NOTHING), by_loan)


def _bad(name: str, why: str) -> InputError:
    return InputError(why, code="BAD_TERMS", where=Where(field=name))
