"""The door as plain rules: steps, the pass, what a device signs."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from doorstep.kernel.errors import InputError
from doorstep.visits.door.request import (
    b64,
    b64_read,
    request_text,
    signature_holds,
    signed_read,
)
from doorstep.visits.door.steps import (
    FILE,
    door,
    door_read,
)
from doorstep.visits.door.visit_pass import VisitPass, distance_m, pass_sign
from tests.factories import AT
from tests.visits.door.passes import pass_opens, pass_read

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
PUBLIC = KEY.public_key().public_bytes_raw()
GIVEN = VisitPass(
    visit=7, case=3, members=(1, 2), latitude=30.0, longitude=104.0, tolerance_m=200,
    windows=((AT, AT + timedelta(hours=1)), (AT + timedelta(hours=3), AT + timedelta(hours=9))),
    issued_at=AT - timedelta(minutes=5), lives_until=AT + timedelta(hours=4), revision="r1",
)  # fmt: skip
ORDER = (
    "on_my_way", "arrive", "clearance", "identity", "who_is_there", "purpose", "consent_record",
    "consent_enter", "debt", "listen", "options", "agreement", "warning", "close", "report",
)  # fmt: skip


def test_the_steps_stand_in_their_order_in_three_languages() -> None:
    assert door().codes() == ORDER
    for step in door().steps:
        for words in (step.title, step.words):
            assert set(words) == {"zh-Hans", "zh-Hant", "en"}
            assert all(words.values())
    assert door().step("identity").rules == ("CN-CBA-IDENTIFY",)  # type: ignore[union-attr]
    assert door().step("nothing") is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('code = "close"', 'code = "report"'), ('who = "all"', 'who = "dog"'),
        ("may_skip = true\\n", ""), ("silent = [", "quiet = ["),
    ],
)  # fmt: skip
def test_a_protocol_that_lacks_something_is_refused(before: str, after: str) -> None:
    text = FILE.read_text("utf-8").replace(before.replace("\\n", "\n"), after)
    with pytest.raises((KeyError, ValueError)):
        door_read(text)


def opens(given: VisitPass = GIVEN, **other: Any) -> str:
    facts: dict[str, Any] = {
        "visit": 7, "members": [1, 2], "latitude": 30.0, "longitude": 104.0, "at": AT,
    }  # fmt: skip
    return pass_opens(given, **facts | other)


def hours(number: float) -> datetime:
    return AT + timedelta(hours=number)


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({}, ""), ({"visit": 8}, "OTHER_VISIT"), ({"members": [1]}, "OTHER_PEOPLE"),
        ({"members": [1, 1]}, "OTHER_PEOPLE"), ({"members": [1, 3]}, "OTHER_PEOPLE"),
        ({"at": hours(-1)}, "OVER"), ({"at": hours(4)}, "OVER"), ({"at": hours(3.99)}, ""),
        ({"at": hours(1)}, "NOT_NOW"), ({"at": hours(2.99)}, "NOT_NOW"), ({"at": hours(3)}, ""),
        ({"latitude": 30.0017}, ""), ({"latitude": 30.0019}, "NOT_HERE"),
        ({"latitude": float("nan")}, "NOT_HERE"),
    ],
)  # fmt: skip
def test_a_pass_opens_one_door_to_its_people_in_its_hours(other: dict[str, Any], why: str) -> None:
    assert opens(**other) == why


def test_a_pass_is_read_as_it_was_signed() -> None:
    assert pass_read(pass_sign(GIVEN, key=KEY), public_key=PUBLIC) == GIVEN


def test_no_forged_pass_is_read() -> None:
    signed, drawn = pass_sign(GIVEN, key=KEY), np.random.default_rng(1)
    other = pass_sign(replace(GIVEN, visit=8), key=KEY)
    stranger = pass_sign(GIVEN, key=Ed25519PrivateKey.from_private_bytes(b"x" * 32))
    forged: list[dict[str, Any]] = [
        stranger, signed | {"signature": other["signature"]}, signed | {"payload": 5}, {},
        signed | {"payload": signed["payload"] + "="}, {"payload": "", "signature": ""},
    ]  # fmt: skip
    for name in ("payload", "signature"):
        raw = bytearray(b64_read(signed[name], field=name))
        for _each in range(200):
            flipped = bytearray(raw)
            flipped[drawn.integers(len(raw))] ^= 1 << int(drawn.integers(8))
            forged.append(signed | {name: b64(bytes(flipped))})
    for each in forged:
        with pytest.raises(InputError):
            pass_read(each, public_key=PUBLIC)


def test_distances_are_those_of_the_earth() -> None:
    assert distance_m(0, 0, 0, 1) == pytest.approx(111_195, rel=1e-3)
    assert distance_m(31.23, 121.47, 31.23, 121.47) == 0


def test_a_request_is_signed_whole() -> None:
    facts = {"method": "POST", "path": "/field/api/events/?a=1", "body": b"{}", "seconds": 5}
    text = request_text(**facts)  # type: ignore[arg-type]
    assert text.decode().splitlines()[:3] == [
        "doorstep-request/1",
        "POST",
        "/field/api/events/?a=1",
    ]
    signature = KEY.sign(text)
    assert signature_holds(public_key=PUBLIC, signature=signature, text=text)
    for other in ({"method": "PUT"}, {"path": "/"}, {"body": b"{ }"}, {"seconds": 6}):
        changed = request_text(**facts | other)  # type: ignore[arg-type]
        assert not signature_holds(public_key=PUBLIC, signature=signature, text=changed)
    assert not signature_holds(public_key=b"short", signature=signature, text=text)


@pytest.mark.parametrize(
    "header",
    [
        "", "Bearer x", "Device", "Device x.1.y", "Device " + "0" * 36 + ".1." + "A" * 86,
        "Device 00000000-0000-0000-0000-000000000000.-1." + "A" * 86,
        "Device 00000000-0000-0000-0000-000000000000.1." + "A" * 85,
        "Device 00000000-0000-0000-0000-000000000000.1." + "A" * 85 + "B",
        "Device 00000000-0000-0000-0000-000000000000.1." + "A" * 86 + "\n",
    ],
)  # fmt: skip
def test_a_header_that_is_none_signs_nothing(header: str) -> None:
    assert signed_read(header) is None


@pytest.mark.parametrize("text", ["a", "aa=", "a+", "aB", None, 5, "a b", "ä"])
def test_bytes_have_one_form(text: object) -> None:
    with pytest.raises(InputError):
        b64_read(text, field="x")
    assert b64_read(b64(b"\xff\x00"), field="x") == b"\xff\x00"
