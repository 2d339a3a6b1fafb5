"""Money stays whole: rounding once, showing it in the way of each currency and language."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.kernel.money import (
    babel_locale,
    divide_half_up,
    format_minor,
    minor_digits,
    to_major_text,
)


@given(st.integers(-(10**30), 10**30), st.integers(1, 10**18))
def test_a_quotient_is_never_further_than_half_from_the_exact_value(top: int, bottom: int) -> None:
    assert abs(divide_half_up(top, bottom) - Fraction(top, bottom)) <= Fraction(1, 2)


@given(st.integers(0, 10**20), st.integers(1, 10**12))
def test_a_refund_rounds_like_the_charge_it_undoes(top: int, bottom: int) -> None:
    assert divide_half_up(-top, bottom) == -divide_half_up(top, bottom)


@pytest.mark.parametrize(
    ("top", "bottom", "rounded"),
    [(5, 2, 3), (-5, 2, -3), (4, 3, 1), (5, 3, 2), (0, 7, 0), (1, 2, 1), (-1, 2, -1)],
)
def test_a_half_goes_away_from_zero(top: int, bottom: int, rounded: int) -> None:
    assert divide_half_up(top, bottom) == rounded


@pytest.mark.parametrize("bottom", [0, -1])
def test_a_divisor_that_is_not_positive_is_refused(bottom: int) -> None:
    with pytest.raises(ValueError, match="positive"):
        divide_half_up(1, bottom)


def test_currencies_have_the_decimals_of_their_country() -> None:
    assert [minor_digits(code) for code in ("CNY", "JPY", "KWD")] == [2, 0, 3]


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (123456, "CNY", "1234.56"),
        (-5, "CNY", "-0.05"),
        (0, "CNY", "0.00"),
        (1234, "JPY", "1234"),
        (1234, "KWD", "1.234"),
        (-1000, "KWD", "-1.000"),
    ],
)
def test_money_in_files_is_plain_decimal_text(minor: int, currency: str, text: str) -> None:
    assert to_major_text(minor, currency) == text


@given(st.integers(-(10**18), 10**18), st.sampled_from(["CNY", "JPY", "KWD"]))
def test_money_in_files_reads_back_to_the_same_minor_units(minor: int, currency: str) -> None:
    text = to_major_text(minor, currency)
    assert Fraction(text) * 10 ** minor_digits(currency) == minor


@pytest.mark.parametrize(
    ("language", "text"),
    [("zh-hans", "¥1,234,567.89"), ("zh-hant", "CN¥1,234,567.89"), ("en", "CN¥1,234,567.89")],
)
def test_people_read_money_with_its_sign_and_thousands(language: str, text: str) -> None:
    assert format_minor(123456789, "CNY", language=language) == text


@pytest.mark.parametrize(
    ("language", "locale"),
    [
        ("zh-hans", "zh_Hans_CN"),
        ("zh-Hans", "zh_Hans_CN"),
        ("zh", "zh_Hans_CN"),
        ("zh-hant", "zh_Hant_TW"),
        ("zh-Hant-HK", "zh_Hant_TW"),
        ("en", "en_GB"),
    ],
)
def test_each_language_has_its_locale(language: str, locale: str) -> None:
    assert babel_locale(language) == locale
