"""The pieces of a voicemail, and what makes it more than a limited-content message."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.rules.cases.voicemail import OTHER, voicemail_items

PLAIN = "This is Dana Lee calling from Harbor Group. Please call me back at (800) 555-0199."


def test_the_four_things_it_must_say() -> None:
    assert voicemail_items(PLAIN) == (
        "person_name", "business_name", "reply_request", "phone_number",
    )  # fmt: skip


def test_what_it_may_say_besides() -> None:
    text = (
        "Good morning, my name is Dana Lee from Harbor Group, Inc. It is 4:15 p.m. on Friday. "
        "Please call me or any other representative at 800-555-0199 until 6 p.m."
    )
    assert set(voicemail_items(text)) == {
        "salutation", "person_name", "business_name", "date_time", "reply_request",
        "phone_number", "any_representative", "reply_times",
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        f"{PLAIN} It is about your account.",
        f"{PLAIN} [state disclosure]",
        "This is Dana Lee calling from Harbor Debt Recovery. Please call me at 800-555-0199.",
        "This is Dana Lee calling from Har- [call drops]",
        "This is Dana Lee calling from Harbor Group about a loan. Please call 800-555-0199.",
        "Please call 800-555-0199 about an important matter.",
    ],
)
def test_anything_more_shows_as_something_else(text: str) -> None:
    assert OTHER in voicemail_items(text)


@given(st.text())
def test_any_text_has_some_reading(text: str) -> None:
    assert (voicemail_items(text) != ()) is bool(text.strip())
