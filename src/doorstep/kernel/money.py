"""Money is an integer of minor units (fen, cents) with an ISO 4217 currency beside it."""

from __future__ import annotations

from decimal import Decimal

from babel.numbers import format_currency, get_currency_precision


def divide_half_up(numerator: int, denominator: int) -> int:
    """Integer quotient rounded half away from zero; `denominator` must be positive.

    >>> divide_half_up(5, 2), divide_half_up(-5, 2), divide_half_up(4, 3)
    (3, -3, 1)
    """
    if denominator <= 0:
        raise ValueError("denominator must be positive")
    if numerator >= 0:
        return (2 * numerator + denominator) // (2 * denominator)
    return -((-2 * numerator + denominator) // (2 * denominator))


def minor_digits(currency: str) -> int:
    """How many decimals the currency has (CNY 2, JPY 0, KWD 3), from CLDR."""
    return get_currency_precision(currency)


def to_major_text(minor: int, currency: str) -> str:
    """Plain decimal text without grouping, for files: 123456 CNY -> '1234.56'."""
    digits = minor_digits(currency)
    sign = "-" if minor < 0 else ""
    whole, part = divmod(abs(minor), 10**digits)
    return f"{sign}{whole}.{part:0{digits}d}" if digits else f"{sign}{whole}"


def format_minor(minor: int, currency: str, *, language: str = "zh-hans") -> str:
    """Money as people read it, with currency sign and thousands: 123456 CNY -> '¥1,234.56'."""
    amount = Decimal(minor).scaleb(-minor_digits(currency))
    return format_currency(amount, currency, locale=babel_locale(language))


def babel_locale(language: str) -> str:
    """Our language codes as Babel's locale names."""
    code = language.lower()
    if code.startswith("zh-hant"):
        return "zh_Hant_TW"
    return "zh_Hans_CN" if code.startswith("zh") else "en_GB"
