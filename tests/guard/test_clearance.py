"""A clearance opens a channel for one exact act, and for nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from doorstep.guard.clearance import Clearance, clearance_check, clearance_seal
from doorstep.kernel.errors import Refused

KEY = b"k" * 32
TEN = datetime(2026, 5, 12, 2, 0, tzinfo=UTC)


def sealed(**changes: Any) -> Clearance:
    fields: dict[str, Any] = {
        "key": KEY, "id": "c1", "case": "17", "recipient_ref": "b1", "contact_point": "n1",
        "channel": "sms", "content_sha256": "ab" * 32, "not_before": TEN,
        "not_after": TEN + timedelta(minutes=5), "packs": ("cn-1",), "log_index": 7,
    }  # fmt: skip
    return clearance_seal(**{**fields, **changes})


def refusal(clearance: Clearance, **changes: Any) -> str:
    asked: dict[str, Any] = {
        "key": KEY, "channel": "sms", "contact_point": "n1", "content_sha256": "ab" * 32, "at": TEN,
    }  # fmt: skip
    with pytest.raises(Refused) as refused:
        clearance_check(clearance=clearance, **{**asked, **changes})
    return refused.value.code


def test_the_very_act_that_was_cleared_passes_at_both_ends_of_its_minutes() -> None:
    for at in (TEN, TEN + timedelta(minutes=5)):
        clearance_check(
            clearance=sealed(), key=KEY, channel="sms", contact_point="n1",
            content_sha256="ab" * 32, at=at,
        )  # fmt: skip


def test_a_moment_too_early_or_too_late_is_refused() -> None:
    assert refusal(sealed(), at=TEN - timedelta(microseconds=1)) == "CLEARANCE_TOO_EARLY"
    late = TEN + timedelta(minutes=5, microseconds=1)
    assert refusal(sealed(), at=late) == "CLEARANCE_EXPIRED"


@pytest.mark.parametrize(
    "other", [{"channel": "email"}, {"contact_point": "n2"}, {"content_sha256": "cd" * 32}]
)
def test_another_channel_number_or_text_is_refused(other: dict[str, str]) -> None:
    assert refusal(sealed(), **other) == "CLEARANCE_MISMATCH"


@pytest.mark.parametrize(
    "change",
    [
        {"id": "c2"}, {"case": "18"}, {"recipient_ref": "b2"}, {"contact_point": "n2"},
        {"channel": "email"}, {"content_sha256": "cd" * 32},
        {"not_before": TEN - timedelta(days=1)}, {"not_after": TEN + timedelta(days=1)},
        {"packs": ("cn-2",)}, {"packs": ()}, {"log_index": 8}, {"mac": ""}, {"mac": "0" * 64},
    ],
)  # fmt: skip
def test_a_clearance_changed_in_any_field_is_forged(change: dict[str, Any]) -> None:
    assert refusal(replace(sealed(), **change)) == "CLEARANCE_FORGED"


def test_another_key_does_not_open() -> None:
    assert refusal(sealed(), key=b"x" * 32) == "CLEARANCE_FORGED"


def test_a_short_key_and_naive_or_turned_times_are_not_accepted() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        sealed(key=b"short")
    with pytest.raises(ValueError, match="aware"):
        sealed(not_before=TEN.replace(tzinfo=None))
    with pytest.raises(ValueError, match="later one last"):
        sealed(not_after=TEN)
