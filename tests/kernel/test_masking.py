"""Personal data masked: enough to recognise, never enough to use."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.kernel.masking import mask_address, mask_email, mask_name, mask_number


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张小明", "张**"),
        ("李雷", "李*"),
        ("王", "王*"),
        ("", ""),
        ("  ", ""),
        ("𠮷野家", "𠮷**"),
        ("阿卜杜拉·买买提", "阿***"),
    ],
)
def test_a_name_keeps_its_first_character(name: str, shown: str) -> None:
    assert mask_name(name) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("13800001234", "138****1234"),
        ("110101190001010000", "110***********0000"),
        ("12345678", "123*5678"),
    ],
)
def test_a_number_keeps_its_ends(number: str, shown: str) -> None:
    assert mask_number(number) == shown


@pytest.mark.parametrize("number", ["", "1", "1234567"])
def test_a_number_too_short_to_keep_its_ends_keeps_nothing(number: str) -> None:
    assert mask_number(number) == "*" * len(number)


@given(st.text(alphabet="0123456789", min_size=8, max_size=30))
def test_masking_a_number_keeps_its_length_and_hides_its_middle(number: str) -> None:
    shown = mask_number(number)
    assert len(shown) == len(number)
    assert set(shown[3:-4]) == {"*"}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("li.lei@example.com", "l***@example.com"),
        ("@example.com", "***@example.com"),
        ("not an address", "***"),
        ("", "***"),
    ],
)
def test_an_email_keeps_its_first_letter_and_domain(value: str, shown: str) -> None:
    assert mask_email(value) == shown


def test_an_address_keeps_the_city_and_never_the_street() -> None:
    assert mask_address("云州市青江区梧桐路88号3幢502") == "云州市青江区****"
    assert mask_address("梧桐路88") == "****"
