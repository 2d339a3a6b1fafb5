"""How far away days and instants are, in three languages."""

from __future__ import annotations

import pytest
from django.utils import translation

from doorstep.sites.office.distance import days_away, time_away
from doorstep.sites.office.templatetags.office import duration, money

HOUR = 3600


@pytest.mark.parametrize(
    ("days", "chinese", "english"),
    [
        (0, "今天", "today"),
        (1, "明天", "tomorrow"),
        (-1, "昨天", "yesterday"),
        (2, "还有 2 天", "in 2 days"),
        (-30, "30 天前", "30 days ago"),
    ],
)
def test_days(days: int, chinese: str, english: str) -> None:
    assert days_away(days) == chinese
    with translation.override("en"):
        assert days_away(days) == english


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "now"),
        (-59, "now"),
        (60, "1 minute left"),
        (-3599, "59 minutes ago"),
        (18 * HOUR + 59, "18 hours left"),
        (48 * HOUR - 1, "47 hours left"),
        (48 * HOUR, "in 2 days"),
        (-49 * HOUR, "2 days ago"),
    ],
)
def test_instants(seconds: float, words: str) -> None:
    with translation.override("en"):
        assert time_away(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, "–"), (0.04, "0.0 s"), (9.96, "10.0 s"), (59.4, "59 s"), (59.6, "1 min 00 s")],
)
def test_durations(seconds: float | None, words: str) -> None:
    with translation.override("en"):
        assert duration(seconds) == words


def test_money_follows_the_language_and_the_currency() -> None:
    assert money(123_456, "CNY") == "¥1,234.56"
    assert money(1234, "JPY") == "JP¥1,234"
    assert money(None, "CNY") == "–"
    with translation.override("en"):
        assert money(-5, "CNY") == "-CN¥0.05"
