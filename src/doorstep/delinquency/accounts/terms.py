"""What was agreed for a loan: how interest is counted, principal spread and payments taken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from doorstep.delinquency.accounts.allocation import Order
from doorstep.delinquency.daycount import Period
from doorstep.delinquency.rounding import Rounding


class InterestOn(StrEnum):
    """FLAT: on what was lent, all the term; BALANCE: on what is still open."""

    FLAT = "flat"
    BALANCE = "balance"


class InterestBy(StrEnum):
    """PERIOD: every period counts alike; DAY: by the days it has."""

    PERIOD = "period"
    DAY = "day"


class Spread(StrEnum):
    """How principal is spread over the rows."""

    EQUAL_INSTALMENTS = "equal_instalments"
    EQUAL_PRINCIPAL = "equal_principal"


class Early(StrEnum):
    """What money paid early changes: a smaller instalment, fewer of them, or the next ones due."""

    LOWER_INSTALMENT = "lower_instalment"
    FEWER_INSTALMENTS = "fewer_instalments"
    NEXT_INSTALMENTS = "next_instalments"


class Rest(StrEnum):
    """When a payment begins to lower the interest: at once, or from the next due day."""

    DAY = "day"
    DUE_DAY = "due_day"


@dataclass(frozen=True)
class Recalculation:
    """Interest follows what is really paid, and when.

    `compound_monthly`: on the first of every month unpaid interest is added to what bears interest.
    """

    early: Early = Early.LOWER_INSTALMENT
    rest: Rest = Rest.DAY
    compound_monthly: bool = False


@dataclass(frozen=True)
class Terms:
    """The terms of one loan. `percent` a year; money in minor units.

    multiple         instalments are whole multiples of so many minor units (None: to the cent)
    principal_free   so many first rows hold no principal
    interest_later   so many first rows hold no interest; it is due with the next one
    interest_free    so many first rows bear no interest at all
    down_payment     percent of every sum paid out that is due on the same day
    sums_from_now    a further sum joins the rows to come in equal shares; else every row is
                     the whole divided by all rows
    year_days        days of a year when interest is counted by the day
    grace_days       overdue days after which a loan counts as delinquent
    """

    percent: Fraction
    number: int
    every: int
    period: Period
    order: Order
    interest_on: InterestOn = InterestOn.BALANCE
    interest_by: InterestBy = InterestBy.PERIOD
    spread: Spread = Spread.EQUAL_INSTALMENTS
    rounding: Rounding = Rounding.HALF_EVEN
    multiple: int | None = None
    principal_free: int = 0
    interest_later: int = 0
    interest_free: int = 0
    recalculation: Recalculation | None = None
    down_payment: Fraction = Fraction(0)
    down_payment_at_once: bool = False
    sums_from_now: bool = False
    year_days: int = 365
    grace_days: int = 0

    @property
    def periods_per_year(self) -> Fraction:
        """How many periods of one unit (month, day ...) a year has."""
        years = {Period.DAYS: self.year_days, Period.WEEKS: 52, Period.MONTHS: 12, Period.YEARS: 1}
        return Fraction(years[self.period])


@dataclass(frozen=True)
class Span:
    """The days from one due day to the next."""

    start_on: date
    due_on: date

    @property
    def days(self) -> int:
        """Calendar days."""
        return (self.due_on - self.start_on).days
