"""Reading one amount of money into whole minor units. Exact: no float is ever made."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel.core import get_global

from doorstep.kernel.money import minor_digits
from doorstep.portfolio.intake.faults import Fault

UNITS = {"minor": None, "major": 1, "yuan": 1, "wan": 10_000, "thousand": 1_000, "yi": 100_000_000}
LARGEST = 10**16
PLAIN = re.compile(r"-?\d{1,15}(\.\d{1,4})?", re.ASCII)
SIGNS = {"¥": {"CNY", "JPY"}, "￥": {"CNY", "JPY"}, "$": None, "€": {"EUR"}, "£": {"GBP"}}
WORDS = {
    "元": {"CNY", "TWD"},
    "圆": {"CNY"},
    "RMB": {"CNY"},
    "人民币": {"CNY"},
    "NT$": {"TWD"},
    "HK$": {"HKD"},
}
SUFFIX_UNITS = {"万元": 10_000, "万": 10_000, "萬元": 10_000, "亿元": 10**8, "亿": 10**8}
GROUPED = {
    ".": re.compile(r"[1-9]\d{0,2}(,\d{3})+(\.\d+)?|\d+(\.\d+)?", re.ASCII),
    ",": re.compile(r"[1-9]\d{0,2}(\.\d{3})+(,\d+)?|\d+(,\d+)?", re.ASCII),
}
BLANK = re.compile(r"[\s\u00a0\u202f\u3000]+")


def amount_reader(
    *, currency: str, unit: str, decimal: str = "auto", negative: bool = True
) -> Callable[[str], Any]:
    """A reader of amounts in `currency`, written in `unit`, with `decimal` '.', ',' or 'auto'.

    Under 'auto' `1,234` and `1.234` are refused as ambiguous when they could be either. Also read:
    full-width and Arabic-Indic digits, (123.45), 123.45-, U+2212, blanks as thousands separators,
    a currency sign of the same currency. Never read: 1e400, 1_000, NaN, Infinity.
    """
    digits = minor_digits(currency)
    scale = Decimal(1) if unit == "minor" else Decimal(UNITS[unit] or 1).scaleb(digits)

    def read(text: str) -> Any:
        if PLAIN.fullmatch(text) and decimal != "," and not _three_after(text, decimal, digits):
            value = Decimal(text) * scale
        else:
            reading = _careful(text, currency, decimal, digits)
            if isinstance(reading, Fault):
                return reading
            amount, factor = reading
            value = amount * (scale if factor is None else Decimal(factor).scaleb(digits))
        if value != value.to_integral_value():
            return Fault("AMOUNT_TOO_FINE")
        if abs(value) >= LARGEST:
            return Fault("AMOUNT_TOO_LARGE")
        return Fault("AMOUNT_NEGATIVE") if value < 0 and not negative else int(value)

    return read


def _three_after(text: str, decimal: str, digits: int) -> bool:
    """Whether '1.234' may be 1234: one point, three decimals, in a currency with fewer."""
    whole, point, part = text.lstrip("-").partition(".")
    return decimal == "auto" and bool(point) and len(part) == 3 > digits and len(whole) <= 3


def _careful(
    text: str, currency: str, decimal: str, digits: int
) -> tuple[Decimal, int | None] | Fault:
    body = BLANK.sub("", _plain_digits(text)).replace("\u2212", "-").replace("－", "-")
    negative, body = _sign(body)
    named = _without_currency(body, currency)
    if named is None:
        return Fault("AMOUNT_CURRENCY")
    body, factor = named
    again, body = _sign(body)
    number = _number(body, decimal, digits)
    if isinstance(number, Fault):
        return number
    return (-number if negative != again else number), factor


def _plain_digits(text: str) -> str:
    """Digits of any script and full-width signs as ASCII."""
    out = []
    for character in text:
        digit = unicodedata.decimal(character, None)
        if digit is not None:
            out.append(str(digit))
        else:
            out.append(
                unicodedata.normalize("NFKC", character)
                if character in "（），．＄－＋"
                else character
            )
    return "".join(out)


def _sign(body: str) -> tuple[bool, str]:
    if body.startswith("(") and body.endswith(")"):
        return True, body[1:-1]
    if body.endswith("-"):
        return True, body[:-1]
    if body.startswith("-"):
        return True, body[1:]
    return False, body.removeprefix("+")


def _without_currency(body: str, currency: str) -> tuple[str, int | None] | None:
    """The number without its currency words, and the unit it names itself; None when foreign."""
    factor = None
    for word, size in SUFFIX_UNITS.items():
        if body.endswith(word):
            body, factor = body.removesuffix(word), size
            break
    for word, of in (WORDS | SIGNS).items():
        if body.startswith(word) or body.endswith(word):
            if of is not None and currency not in of:
                return None
            body = body.removeprefix(word).removesuffix(word)
    letters = re.fullmatch(r"([A-Z]{3})?(.*?)([A-Z]{3})?", body)
    if letters and (letters[1] or letters[3]) and (letters[1] or letters[3]) in currencies():
        if currency not in {letters[1], letters[3]}:
            return None
        body = letters[2]
    return body, factor


def _number(body: str, decimal: str, digits: int) -> Decimal | Fault:
    points = [sign for sign in ".," if GROUPED[sign].fullmatch(body)]
    if decimal != "auto":
        points = [sign for sign in points if sign == decimal]
    if not points:
        return Fault("AMOUNT_NOT_NUMBER")
    readings = {_as_decimal(body, sign) for sign in points}
    if len(readings) > 1:
        exact = {value for value in readings if _fits(value, digits)}
        return Fault("AMOUNT_AMBIGUOUS") if len(exact) != 1 or _groups(body) else exact.pop()
    return readings.pop()


def _groups(body: str) -> bool:
    return re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", body) is not None


def _fits(value: Decimal, digits: int) -> bool:
    return value.scaleb(digits) == value.scaleb(digits).to_integral_value()


def _as_decimal(body: str, point: str) -> Decimal:
    group = "," if point == "." else "."
    return Decimal(body.replace(group, "").replace(point, "."))


@lru_cache(maxsize=1)
def currencies() -> frozenset[str]:
    """Codes of ISO 4217 that CLDR knows."""
    return frozenset(get_global("all_currencies"))


CURRENCY_WORDS = {
    "人民币": "CNY",
    "RMB": "CNY",
    "元": "CNY",
    "￥": "CNY",
    "¥": "CNY",
    "新台币": "TWD",
    "新臺幣": "TWD",
    "NTD": "TWD",
    "港币": "HKD",
    "港幣": "HKD",
    "美元": "USD",
    "美金": "USD",
}


def read_currency(text: str) -> Any:
    """An ISO 4217 code, or a common Chinese word for one."""
    code = CURRENCY_WORDS.get(text.upper(), text.upper())
    return code if code in currencies() else Fault("CURRENCY_UNKNOWN")
