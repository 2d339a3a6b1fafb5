"""Plain words in texts: how to opt out, what is owed, which channel, which hours."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.rules.cases import wording
from doorstep.rules.hours import hours_read


@pytest.mark.parametrize(
    ("text", "link", "ways"),
    [
        ("Reply STOP to stop texts to this telephone number.", None, ("reply",)),
        ("Text 'STOP' to opt out.", None, ("reply",)),
        ("To stop, visit our website.", False, ("website",)),
        ("To stop, visit our website.", True, ("link", "website")),
        ("Click here to unsubscribe.", None, ("link",)),
        ("Click here to unsubscribe.", False, ()),
        ("To opt out, write to PO Box 12.", None, ("post",)),
        ("To opt out, call 1-800-555-0199.", None, ("phone",)),
        ("Please call us. Our website is new.", None, ()),
        ("[opt-out notice left out]", None, ()),
    ],
)
def test_a_text_shows_how_one_can_opt_out(
    text: str, link: bool | None, ways: tuple[str, ...]
) -> None:
    assert wording.opt_out_ways(text, link=link) == ways


@pytest.mark.parametrize(
    ("text", "debt"),
    [
        ("Mr X owes a debt, where does he live?", True),
        ("Your account is past due.", True),
        ("他欠款未还", True),
        ("I am confirming location information for Mr X.", False),
        ("Mr X owes nothing; I only ask for his address.", False),
    ],
)
def test_a_text_tells_of_a_debt_or_does_not(text: str, debt: bool) -> None:
    assert wording.states_debt(text) is debt


@pytest.mark.parametrize(
    ("text", "closed"),
    [
        ("stop calling", ("phone",)),
        ("please do not text me any more", ("sms",)),
        ("email me instead of visiting", ("visit",)),
        ("only write letters", ("phone", "sms", "email", "messenger", "visit")),
        ("leave me alone", wording.ALL_CHANNELS),
        ("thank you for calling", ()),
    ],
)
def test_a_request_closes_the_channels_after_its_no(text: str, closed: tuple[str, ...]) -> None:
    assert wording.channels_refused(text) == closed


@pytest.mark.parametrize(
    ("text", "rates"),
    [
        ("Call 0900 123", ("premium",)),
        ("Ring +44 20 7946 0000 or 0800 123 456", ("ordinary", "free")),
        ("Ring 0871 222 3344", ("special",)),
        ("This is a premium-rate line", ("premium",)),
        ("Pay 100 pounds by 2026-05-12", ()),
    ],
)
def test_a_number_costs_what_its_prefix_says(text: str, rates: tuple[str, ...]) -> None:
    assert wording.number_rates(text) == rates


def test_charges_are_named_without_the_small_words_before_them() -> None:
    assert wording.fees_in("You owe $100 plus a $25 collection fee.") == ("collection fee",)
    assert wording.fees_in("You owe $100.") == ()


@given(st.text())
def test_hours_found_in_any_text_can_be_read(text: str) -> None:
    for window in wording.hours_in(f"{text} 08:00-12:00 {text}"):
        hours_read(window)


@given(st.text())
def test_no_text_breaks_the_reading(text: str) -> None:
    wording.opt_out_ways(text, link=None)
    wording.channels_refused(text)
    wording.number_rates(text)
    wording.fees_in(text)
    wording.disclosures(text)
