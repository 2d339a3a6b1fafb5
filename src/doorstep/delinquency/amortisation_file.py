"""Reads the terms of an amortisation from TOML: table `[loan]`, amounts as decimal text.

What a file asks for and we do not work out raises Unsupported, never a guess. A file that does not
state its rounding is one of these: the cents would be ours, not the contract's.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path
from typing import Any

from doorstep.delinquency.amortisation import QuotedRate, RateChange, Terms
from doorstep.delinquency.daycount import DayCount
from doorstep.delinquency.rounding import Rounding
from doorstep.delinquency.unsupported import Unsupported
from doorstep.kernel.errors import InputError, Where

PER_YEAR = {
    "weekly": 52, "biweekly": 26, "semi_monthly": 24, "monthly": 12, "quarterly": 4, "annual": 1,
}  # fmt: skip
MOST_PAYMENTS = 5_200
DAY_COUNTS = {
    "30/360": None, "actual/360": DayCount.ACTUAL_360, "actual/365": DayCount.ACTUAL_365,
    "actual/actual": DayCount.ACTUAL_ACTUAL,
}  # fmt: skip
KNOWN = frozenset(
    {
        "principal", "annual_rate", "term_months", "day_count", "payment_rounding",
        "interest_rounding", "start_date", "amortization_period_months", "balance_tracking",
        "compounding", "payment_frequency", "rate_schedule", "payment_override", "currency_unit",
        "interest_only_months", "fee_per_period",
    }
)  # fmt: skip
KNOWN_CHANGE = frozenset(
    {"effective_payment_number", "new_annual_rate", "recast", "payment_cap_factor"}
)


def terms_read(path: Path) -> tuple[Terms, Decimal]:
    """The terms in a TOML file and the unit of its currency (0.01).

    Raises InputError (file and field) for what cannot be read, Unsupported for what is not done.
    """
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise _bad(path, None, f"Cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _bad(path, None, f"Not readable as TOML: {error}.") from None
    loan = content.get("loan")
    if not isinstance(loan, dict):
        raise _bad(path, "loan", "There is no table [loan].")
    return _Reader(path, loan).terms()


class _Reader:
    """The fields of `[loan]`, each checked where it stands."""

    def __init__(self, path: Path, loan: Mapping[str, Any]) -> None:
        self.path = path
        self.loan = loan
        self.unit = Decimal(1)

    def terms(self) -> tuple[Terms, Decimal]:
        _known(self.loan, KNOWN, "loan")
        for name in ("payment_rounding", "interest_rounding"):
            if name not in self.loan:
                raise Unsupported(f"The rounding rule is not stated: {name} is missing.")
        self.unit = self._unit()
        per_year = self._choice("payment_frequency", PER_YEAR, "monthly")
        day_count = self._choice("day_count", DAY_COUNTS, "30/360")
        payments = self._payments("term_months", per_year)
        terms = Terms(
            principal=self._amount("principal"),
            percent=self._percent("annual_rate", self.loan.get("annual_rate")),
            payments=payments,
            per_year=per_year,
            amortised_over=self._payments("amortization_period_months", per_year, payments),
            payment_rounding=self._rounding("payment_rounding"),
            interest_rounding=self._rounding("interest_rounding"),
            quoted=self._choice("compounding", {one.value: one for one in QuotedRate}, "monthly"),
            carried=self._choice(
                "balance_tracking", {"round_each": False, "carry_precision": True}, "round_each"
            ) or day_count is not None,
            pinned=self._amount("payment_override") if "payment_override" in self.loan else None,
            interest_only=self._payments("interest_only_months", per_year, 0),
            fee=self._amount("fee_per_period", "0"),
            changes=tuple(self._change(one) for one in self.loan.get("rate_schedule", ())),
            day_count=day_count,
            start_on=self._start(day_count),
        )  # fmt: skip
        self._together(terms)
        return terms, self.unit

    def _together(self, terms: Terms) -> None:
        """What cannot stand together, or has no settled meaning."""
        if terms.principal <= 0:
            raise self._fault("principal", "must be more than 0")
        if not 1 <= terms.payments <= MOST_PAYMENTS or terms.amortised_over > MOST_PAYMENTS:
            raise self._fault("term_months", f"must hold 1 to {MOST_PAYMENTS} payments")
        if terms.amortised_over < terms.payments:
            raise self._fault("amortization_period_months", "must not be shorter than the term")
        if terms.interest_only >= terms.payments:
            raise self._fault("interest_only_months", "must leave a payment with principal")
        numbers = [change.number for change in terms.changes]
        if numbers != sorted(set(numbers)) or any(n > terms.payments for n in numbers):
            raise self._fault("rate_schedule", "must rise and stay within the term")
        balloon = terms.amortised_over != terms.payments
        by_days = terms.day_count is not None
        if by_days and (terms.per_year != 12 or terms.quoted is not QuotedRate.PAYMENT):
            raise Unsupported("Interest by days goes with monthly payments and compounding only.")
        if terms.changes and (balloon or by_days or terms.pinned is not None):
            raise Unsupported("A changing rate with a balloon, by days or with a pinned payment.")
        if balloon and terms.interest_only:
            raise Unsupported("A balloon after an interest-only time: contracts differ.")
        if any(change.cap is not None and not change.recast for change in terms.changes):
            raise self._fault("payment_cap_factor", "needs recast = true")
        if terms.pinned is not None and (balloon or terms.interest_only):
            raise Unsupported("A pinned payment with a balloon or an interest-only time.")

    def _unit(self) -> Decimal:
        unit = self._decimal("currency_unit", self.loan.get("currency_unit", "0.01"))
        if not 0 < unit <= 1 or unit.normalize().as_tuple().digits != (1,):
            raise self._fault("currency_unit", "must be 1, 0.1, 0.01 ...")
        return unit

    def _amount(self, name: str, default: str | None = None) -> int:
        value = self._decimal(name, self.loan.get(name, default)) / self.unit
        if value < 0 or value != value.to_integral_value():
            raise self._fault(name, f"must be whole units of {self.unit} and not negative")
        return int(value)

    def _percent(self, name: str, value: object) -> Fraction:
        percent = self._decimal(name, value)
        if percent < 0:
            raise self._fault(name, "must not be negative")
        return Fraction(percent)

    def _decimal(self, name: str, value: object) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            raise self._fault(name, "must be a decimal number as text")
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            raise self._fault(name, f"is not a number: {value!r}") from None
        if not number.is_finite():
            raise self._fault(name, f"is not a number: {value!r}")
        return number

    def _payments(self, name: str, per_year: int, default: int | None = None) -> int:
        months = self.loan.get(name)
        if months is None and default is not None:
            return default
        if isinstance(months, bool) or not isinstance(months, int) or months < 0:
            raise self._fault(name, "must be a whole number of months")
        payments, rest = divmod(months * per_year, 12)
        if rest:
            raise self._fault(name, f"is no whole number of payments at {per_year} a year")
        return payments

    def _choice(self, name: str, choices: Mapping[str, Any], default: str) -> Any:
        value = self.loan.get(name, default)
        if value not in choices:
            raise Unsupported(f"{name} = {value!r} is not worked out; known: {', '.join(choices)}.")
        return choices[value]

    def _rounding(self, name: str) -> Rounding:
        text = str(self.loan[name])
        return Rounding(
            self._choice(name, {f"ROUND_{one.value.upper()}": one.value for one in Rounding}, text)
        )

    def _start(self, day_count: DayCount | None) -> date | None:
        start = self.loan.get("start_date")
        if isinstance(start, str):
            try:
                start = date.fromisoformat(start)
            except ValueError:
                raise self._fault("start_date", "must be a date like 2026-01-31") from None
        if start is None and day_count is not None:
            raise Unsupported("Interest by days needs start_date.")
        if start is not None and not isinstance(start, date):
            raise self._fault("start_date", "must be a date like 2026-01-31")
        return start

    def _change(self, change: object) -> RateChange:
        if not isinstance(change, dict):
            raise self._fault("rate_schedule", "must hold tables")
        _known(change, KNOWN_CHANGE, "rate_schedule")
        number, recast = change.get("effective_payment_number"), change.get("recast", True)
        if isinstance(number, bool) or not isinstance(number, int) or number < 2:
            raise self._fault("effective_payment_number", "must be 2 or more")
        if not isinstance(recast, bool):
            raise self._fault("recast", "must be true or false")
        cap = change.get("payment_cap_factor")
        return RateChange(
            number=number,
            percent=self._percent("new_annual_rate", change.get("new_annual_rate")),
            recast=recast,
            cap=None if cap is None else self._percent("payment_cap_factor", cap),
        )

    def _fault(self, field: str, why: str) -> InputError:
        return _bad(self.path, field, f"{field} {why}.")


def _known(table: Mapping[str, Any], names: frozenset[str], where: str) -> None:
    unknown = sorted(set(table) - names)
    if unknown:
        raise Unsupported(f"{where}.{unknown[0]} is not known here.")


def _bad(path: Path, field: str | None, message: str) -> InputError:
    return InputError(message, code="BAD_EXAMPLE", where=Where(file=path.name, field=field))
