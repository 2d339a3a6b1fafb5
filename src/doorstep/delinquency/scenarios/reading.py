"""Reads a scenario: its terms as ours, its steps as what they do or show.

The form holds one slip that every table in it follows: "interest free period" is how many rows put
their interest off, and "graceOnInterestPayment" has no effect. We read it as it is meant there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

from doorstep.delinquency.accounts.interest import DAYS_OF_PERIOD
from doorstep.delinquency.accounts.terms import InterestBy, InterestOn, Spread, Terms
from doorstep.delinquency.daycount import Period
from doorstep.delinquency.scenarios.products import GRACE_DAYS, order_named, product_of
from doorstep.delinquency.unsupported import Unsupported
from doorstep.kernel.errors import InputError, Where

T = TypeVar("T")
CENT = 100
LONGEST_DAYS = 36_600
INTEREST_ON = {"FLAT": InterestOn.FLAT, "DECLINING_BALANCE": InterestOn.BALANCE}
INTEREST_BY = {"SAME_AS_REPAYMENT_PERIOD": InterestBy.PERIOD, "DAILY": InterestBy.DAY}
SPREAD = {
    "EQUAL_INSTALLMENTS": Spread.EQUAL_INSTALMENTS,
    "EQUAL_PRINCIPAL_PAYMENTS": Spread.EQUAL_PRINCIPAL,
}
PERIODS = {
    "DAYS": Period.DAYS, "WEEKS": Period.WEEKS, "MONTHS": Period.MONTHS, "YEARS": Period.YEARS,
}  # fmt: skip
TERM_NAMES = frozenset(
    {
        "LoanProduct", "submitted on date", "with Principal", "ANNUAL interest rate %",
        "interest type", "interest calculation period", "amortization type", "loanTermFrequency",
        "loanTermFrequencyType", "repaymentEvery", "repaymentFrequencyType", "numberOfRepayments",
        "graceOnPrincipalPayment", "graceOnInterestPayment", "interest free period",
        "Payment strategy",
    }
)  # fmt: skip


def scenarios_read(path: Path) -> list[dict[str, Any]]:
    """The scenarios of a file; InputError where it is not a list of objects with id and steps."""
    try:
        content = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise _bad(path, None, f"Cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise _bad(path, None, f"Not readable as JSON: {error}.") from None
    found = content.get("scenarios") if isinstance(content, dict) else content
    if not isinstance(found, list):
        raise _bad(path, None, "There is no list of scenarios.")
    for place, scenario in enumerate(found):
        if not isinstance(scenario, dict) or not isinstance(scenario.get("id"), str):
            raise _bad(path, f"[{place}].id", "A scenario must be an object with an id.")
        steps = scenario.get("steps")
        if not isinstance(steps, list) or not all(isinstance(step, dict) for step in steps):
            raise _bad(path, f"{scenario['id']}.steps", "The steps must be a list of objects.")
        if not isinstance(scenario.get("terms"), dict):
            raise _bad(path, f"{scenario['id']}.terms", "The terms must be an object.")
        for number, step in enumerate(steps):
            if not _is_step(step):
                field = f"{scenario['id']}.steps[{number}]"
                raise _bad(path, field, "What a step does is an object, what it shows a table.")
    return found


def _is_step(step: Mapping[str, Any]) -> bool:
    header = step["table"][:1] if isinstance(step.get("table"), list) else [[]]
    return (
        isinstance(step.get("do", {}), dict)
        and isinstance(step.get("table", []), list)
        and all(isinstance(row, list) for row in header)
        and all(isinstance(name, str) for row in header for name in row)
        and isinstance(step.get("value", []), list)
    )


def terms_of(given: Mapping[str, Any]) -> Terms:
    """The terms of a scenario; Unsupported for a name or value that is not worked out."""
    unknown = sorted(set(given) - TERM_NAMES)
    if unknown:
        raise Unsupported(f"The term {unknown[0]!r} is not worked out.")
    product = product_of(_text(given, "LoanProduct"))
    terms = Terms(
        percent=Fraction(_number(given, "ANNUAL interest rate %")),
        number=_whole(given, "numberOfRepayments"),
        every=_whole(given, "repaymentEvery"),
        period=_choice(given, "repaymentFrequencyType", PERIODS),
        order=order_named(_text(given, "Payment strategy"), product),
        interest_on=_choice(given, "interest type", INTEREST_ON),
        interest_by=_choice(given, "interest calculation period", INTEREST_BY),
        spread=_choice(given, "amortization type", SPREAD),
        multiple=CENT if product.whole else None,
        principal_free=_whole(given, "graceOnPrincipalPayment", 0),
        interest_later=_whole(given, "interest free period", 0),
        recalculation=product.recalculation,
        down_payment=product.down_payment,
        down_payment_at_once=product.down_payment_at_once,
        sums_from_now=product.progressive,
        grace_days=GRACE_DAYS,
    )
    _limits(given, terms)
    return terms


def _limits(given: Mapping[str, Any], terms: Terms) -> None:
    if terms.number < 1 or terms.every < 1:
        raise Unsupported("A loan without rows is not worked out.")
    if terms.number * terms.every * DAYS_OF_PERIOD[terms.period] > LONGEST_DAYS:
        raise Unsupported("A loan of more than a century is not worked out.")
    term = (_whole(given, "loanTermFrequency"), _text(given, "loanTermFrequencyType"))
    if term != (terms.number * terms.every, _text(given, "repaymentFrequencyType")):
        raise Unsupported("A term that is not the sum of its periods is not worked out.")
    if max(terms.principal_free, terms.interest_later) >= terms.number:
        raise Unsupported("A time without principal or interest that never ends.")
    if terms.percent and terms.down_payment:
        raise Unsupported("A down payment with interest is not worked out.")
    if terms.recalculation and terms.percent and terms.interest_on is InterestOn.FLAT:
        raise Unsupported("Flat interest that follows payments is not worked out.")
    if terms.recalculation and terms.percent and terms.interest_by is not InterestBy.DAY:
        raise Unsupported("Interest that follows payments is worked out by the day only.")


def money(value: object) -> int:
    """An amount of the form ("12.5") in cents; Unsupported for parts of a cent."""
    try:
        cents = Decimal(str(value)) * CENT
    except InvalidOperation:
        raise Unsupported(f"{value!r} is not an amount.") from None
    if not cents.is_finite() or cents != cents.to_integral_value():
        raise Unsupported(f"{value!r} is not an amount in whole cents.")
    return int(cents)


def day(value: object) -> date:
    """A day of the form ("2023-01-31")."""
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise Unsupported(f"{value!r} is not a day.") from None


def _text(given: Mapping[str, Any], name: str) -> str:
    if not isinstance(given.get(name), str):
        raise Unsupported(f"The term {name!r} is missing.")
    return str(given[name])


def _number(given: Mapping[str, Any], name: str) -> Decimal:
    try:
        number = Decimal(_text(given, name))
    except InvalidOperation:
        raise Unsupported(f"{name}: {given[name]!r} is not a number.") from None
    if not number.is_finite() or number < 0:
        raise Unsupported(f"{name}: {given[name]!r} is not worked out.")
    return number


def _whole(given: Mapping[str, Any], name: str, default: int | None = None) -> int:
    if default is not None and name not in given:
        return default
    number = _number(given, name)
    if number != number.to_integral_value():
        raise Unsupported(f"{name}: {number} is not whole.")
    return int(number)


def _choice(given: Mapping[str, Any], name: str, choices: Mapping[str, T]) -> T:
    text = _text(given, name)
    if text not in choices:
        raise Unsupported(f"{name}: {text} is not worked out.")
    return choices[text]


def _bad(path: Path, field: str | None, message: str) -> InputError:
    return InputError(message, code="BAD_SCENARIO", where=Where(file=path.name, field=field))
