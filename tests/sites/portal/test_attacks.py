"""Whoever pretends to be a visitor is not believed: 0 accepted, class by class.

By default 25 tries a class. The whole promise is 10,000 of each, some minutes a class:
DOORSTEP_TEST_ATTACKS=10000 pytest tests/sites/portal/test_attacks.py
Each class ends with the honest one, so that nothing is refused for another reason.
"""

from __future__ import annotations

import itertools
import json
import os
import random  # noqa: TID251
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from doorstep.kernel import clock
from doorstep.kernel.errors import Refused
from doorstep.visits.appointments import ALPHABET
from doorstep.visits.door.request import b64, b64_read
from doorstep.visits.door.visit_pass import TOLERANCE_M, distance_m
from doorstep.visits.models import Appointment, AskedCount, PlannedVisit, VisitorChallenge
from doorstep.visits.selectors.visitor import visit_by_code, visitor_secret
from doorstep.visits.services.visitor import number_compare
from doorstep.visits.visitor import (
    CHALLENGE_LIVES,
    challenge_text,
    number_of,
    slot_of,
)
from doorstep.workforce.models import AuthorityLetter, Device, Staff
from tests.factories import AT
from tests.sites.portal.asking import body_of, challenge_path, number_path, phone_post
from tests.sites.portal.page_says import page_says
from tests.visits.checks import CODE, Door, make_door, token_signed
from tests.visits.fieldwork import make_visit

pytestmark = pytest.mark.django_db
TRIES = int(os.environ.get("DOORSTEP_TEST_ATTACKS", "25"))
BY_HTTP = max(2, min(100, TRIES // 10))


@pytest.fixture(autouse=True)
def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)


@pytest.fixture
def door() -> Door:
    return make_door()


@pytest.fixture
def chance() -> random.Random:
    return random.Random(20261123)


_numbers = itertools.count(1)


def given(door: Door, *, at: datetime = AT, visit: PlannedVisit | None = None) -> str:
    """A challenge of the first phone, past the limit that would stop an attack earlier."""
    row = VisitorChallenge.objects.create(
        visit=visit or door.visit, device=str(door.devices[0].pk), staff=door.agents[0],
        nonce=f"nonce-{next(_numbers)}", made_at=at, until=at + CHALLENGE_LIVES,
    )  # fmt: skip
    return row.nonce


def accepted(deed: Callable[..., object], *about: Any, **more: Any) -> bool:
    """Whether it is believed."""
    try:
        return deed(*about, **more) is not None
    except Refused:
        return False


def honest(door: Door) -> None:
    """The crew itself is believed."""
    assert accepted(door.show, given(door))


def test_forged_signatures(door: Door, chance: random.Random, client: Client) -> None:
    def forged(nonce: str) -> bytes:
        right = door.keys[0].sign(challenge_text(visit=door.visit.pk, nonce=nonce))
        flipped = bytearray(right)
        flipped[chance.randrange(64)] ^= 1 << chance.randrange(8)
        return chance.choice([
            chance.randbytes(64), bytes(flipped), right[:-1], right + b"\0", bytes(64),
            door.keys[1].sign(challenge_text(visit=door.visit.pk, nonce=nonce)),
            Ed25519PrivateKey.generate().sign(challenge_text(visit=door.visit.pk, nonce=nonce)),
            door.keys[0].sign(nonce.encode()),
            door.keys[0].sign(challenge_text(visit=door.visit.pk + 1, nonce=nonce)),
            door.keys[0].sign(challenge_text(visit=door.visit.pk, nonce=nonce + "x")),
        ])  # fmt: skip

    believed = 0
    for _each in range(TRIES):
        nonce = given(door)
        signature = b64(forged(nonce))
        believed += accepted(door.show, nonce, signature=signature)
    for _each in range(BY_HTTP):
        nonce = given(door)
        body = body_of(door, nonce, signature=b64(forged(nonce)))
        believed += phone_post(client, door, number_path(door), body).status_code == 200
    assert believed == 0
    honest(door)


def test_challenges_of_another_visit(door: Door, chance: random.Random) -> None:
    other = make_visit(crew=door.crew, place=2)
    believed = 0
    for _each in range(TRIES):
        mine, theirs = given(door), given(door, visit=other)
        asked, nonce = chance.choice([(door.visit, theirs), (other, mine)])
        signed = challenge_text(visit=chance.choice([door.visit.pk, other.pk]), nonce=nonce)
        believed += accepted(door.show, nonce, visit=asked, signed=signed)
    assert believed == 0
    honest(door)


def test_the_partners_challenge_on_another_phone(door: Door) -> None:
    believed = sum(
        accepted(door.show, given(door), device=door.devices[1], key=door.keys[1])
        for _each in range(TRIES)
    )
    assert believed == 0
    honest(door)


def test_replayed(door: Door, chance: random.Random, client: Client) -> None:
    used = given(door)
    honest_body = body_of(door, used)
    assert phone_post(client, door, number_path(door), honest_body).status_code == 200
    believed = 0
    for _each in range(TRIES):
        later = AT + timedelta(seconds=chance.randrange(100))
        believed += accepted(door.show, used, at=later)
    for _each in range(BY_HTTP):
        believed += phone_post(client, door, number_path(door), honest_body).status_code == 200
    assert believed == 0
    honest(door)


def test_expired(door: Door, chance: random.Random) -> None:
    believed = 0
    for _each in range(TRIES):
        ago = timedelta(seconds=chance.randrange(120, 86400))
        off = chance.choice([-ago, timedelta(seconds=chance.randrange(1, 600))])
        nonce = given(door, at=AT + off)
        believed += accepted(door.show, nonce)
    assert believed == 0
    honest(door)


def test_outside_the_time_of_the_visit(door: Door, chance: random.Random) -> None:
    believed = 0
    for _each in range(TRIES):
        off = chance.choice([
            -timedelta(minutes=30, seconds=chance.randrange(1, 10**5)),
            timedelta(hours=2, minutes=30, seconds=chance.randrange(0, 10**5)),
        ])  # fmt: skip
        nonce = given(door, at=AT + off)
        believed += accepted(door.show, nonce, at=AT + off)
    assert believed == 0
    honest(door)


def test_the_wrong_door(
    door: Door, chance: random.Random, client: Client, settings: Settings
) -> None:
    settings.MODE = "lender"  # in the example bank any place is the door

    def elsewhere() -> tuple[float, float]:
        while True:
            far = chance.choice([0.004, 0.1, 5.0])
            place = (30 + chance.uniform(-far, far), 104 + chance.uniform(-far, far))
            if distance_m(*place, 30.0, 104.0) > TOLERANCE_M:
                return place

    believed = sum(accepted(door.show, given(door), here=elsewhere()) for _each in range(TRIES))
    for _each in range(BY_HTTP):
        latitude, longitude = elsewhere()
        body = body_of(door, given(door), latitude=latitude, longitude=longitude)
        believed += phone_post(client, door, number_path(door), body).status_code == 200
    assert believed == 0
    honest(door)


NO_PLACES: list[tuple[Any, Any]] = [
    (None, None), (30.0, None), (None, 104.0), ("30.0", "104.0"), (True, True), (float("nan"), 104),
    (float("inf"), 104.0), (30.0, float("-inf")), (91.0, 104.0), (30.0, 181.0), ([30.0], [104.0]),
    ({}, {}), ("", ""), (10**400, 104),
]  # fmt: skip


def test_no_place(door: Door, chance: random.Random, client: Client) -> None:
    believed = sum(
        accepted(door.show, given(door), here=chance.choice(NO_PLACES)) for _each in range(TRIES)
    )
    for latitude, longitude in NO_PLACES:
        body = body_of(door, given(door), latitude=latitude, longitude=longitude)
        answer = phone_post(client, door, number_path(door), raw=json.dumps(body).encode())
        assert 400 <= answer.status_code < 500
    assert believed == 0
    honest(door)


def test_visits_that_were_cancelled(door: Door, chance: random.Random) -> None:
    believed = 0
    for _each in range(TRIES):
        nonce = given(door)
        visits = PlannedVisit.objects.filter(pk=door.visit.pk)
        appointments = Appointment.objects.filter(pk=door.appointment.pk)
        if chance.random() < 0.5:
            visits.update(state=chance.choice(["cancelled", "done"]))
        else:
            appointments.update(state=chance.choice(["cancelled", "declined", "missed"]))
        believed += accepted(door.show, nonce)
        believed += accepted(visit_by_code, code=CODE, at=AT)
        visits.update(state="planned")
        appointments.update(state="agreed")
    assert believed == 0
    honest(door)


def test_agents_who_may_not(door: Door, chance: random.Random) -> None:
    believed = 0
    manager = AuthorityLetter.objects.select_related("issued_by")[0].issued_by
    nothing = {"revoked_at": None, "revoked_by": None, "revoked_why": ""}
    revoked = {"revoked_at": AT, "revoked_by": manager, "revoked_why": "x"}
    for _each in range(TRIES):
        nonce, agent = given(door), chance.choice(door.agents)
        staff, letters = Staff.objects.filter(pk=agent.pk), AuthorityLetter.objects
        devices = Device.objects.filter(pk=door.devices[0].pk)
        before = devices.values("expires_at")[0]
        how = chance.choice(["account", "letter", "phone", "late"])
        if how == "account":
            staff.update(is_active=False)
        elif how == "letter":
            letters.filter(staff=agent).update(**revoked)
        else:
            devices.update(**revoked if how == "phone" else {"expires_at": AT})
        believed += accepted(door.show, nonce)
        if how in ("account", "letter"):
            believed += accepted(visit_by_code, code=CODE, at=AT)
        staff.update(is_active=True)
        letters.filter(staff=agent).update(**nothing)
        devices.update(**nothing, **before)
    assert believed == 0
    honest(door)


def test_guessed_codes(door: Door, chance: random.Random, client: Client) -> None:
    def guess() -> str:
        letters = "".join(chance.choices(ALPHABET, k=8))
        near = list(CODE.replace("-", ""))
        near[chance.randrange(8)] = chance.choice("".join(set(ALPHABET) - set(CODE)))
        return chance.choice([letters, "".join(near), CODE[:-1], CODE + "A", "", "%", "'--"])

    believed = sum(accepted(visit_by_code, code=guess(), at=AT) for _ in range(TRIES))
    for number in range(BY_HTTP):
        answer = client.post(reverse("portal:enter"), {"code": guess()}, follow=True,
                             REMOTE_ADDR=f"192.0.2.{number % 250}")  # fmt: skip
        believed += answer.status_code == 200
    assert believed == 0
    assert visit_by_code(code=CODE, at=AT)


def test_guessed_numbers(door: Door, chance: random.Random) -> None:
    right = number_of(secret=visitor_secret(), visit=door.visit.pk, slot=slot_of(AT))
    believed = 0
    for _each in range(TRIES):
        AskedCount.objects.all().delete()
        said = chance.choice([f"{chance.randrange(1000):03}", right])
        believed += number_compare(code=CODE, said=said, asker="impostor", at=AT)
    assert believed == 0, "a number is worth nothing before the crew's own phone proved itself"
    honest(door)
    assert number_compare(code=CODE, said=right, asker="borrower", at=AT)


def test_numbers_are_tried_five_times_and_no_more(door: Door, chance: random.Random) -> None:
    honest(door)
    heard = 0
    for number in range(TRIES):
        try:
            number_compare(code=CODE, said=f"{chance.randrange(1000):03}", asker=f"{number}", at=AT)
        except Refused:
            continue
        heard += 1
    assert heard == 5


def test_a_door_token_holds_for_half_a_minute(door: Door) -> None:
    ages = (0, 30, -5, 31, -6)
    texts = [door.token(moment=AT - timedelta(seconds=age)) for age in ages]
    assert page_says(texts, kept=door.kept()) == ["ours", "ours", "ours", "old", "old"]


def test_a_token_of_another_shape_is_none(door: Door) -> None:
    shapes: list[dict[str, Any]] = [
        {"v": 2}, {"visit": True}, {"visit": "1"}, {"at": 10.5}, {"at": "1"}, {"more": 1},
        {"device": 1}, {"visit": "__proto__"},
    ]  # fmt: skip
    texts = [door.token(**fields) for fields in shapes]
    texts += ["", ".", "nonsense.nonsense", "a" * 700, token_signed([], door.keys[0]),
              token_signed(None, door.keys[0]), token_signed("x", door.keys[0])]  # fmt: skip
    assert set(page_says(texts, kept=door.kept())) == {"not"}


def test_a_visit_that_is_over_is_unknown_to_the_page(door: Door) -> None:
    assert door.visit.ends_at is not None
    later = door.visit.ends_at + timedelta(seconds=1)
    assert page_says([door.token(moment=later)], kept=door.kept(), at=later) == ["unknown"]


def test_forged_door_tokens(door: Door, chance: random.Random) -> None:
    def forged() -> str:
        payload, _dot, signature = door.token().partition(".")
        raw = bytearray(b64_read(payload, field="payload"))
        raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
        sealed = bytearray(b64_read(signature, field="signature"))
        sealed[chance.randrange(64)] ^= 1 << chance.randrange(8)
        return chance.choice([
            f"{b64(bytes(raw))}.{signature}", f"{payload}.{b64(bytes(sealed))}",
            f"{payload}.{b64(chance.randbytes(64))}", f"{payload}.", f".{signature}", payload,
            door.token(key=Ed25519PrivateKey.generate()), door.token(v=2),
            f"{payload}.{b64(door.keys[0].sign(b64_read(payload, field='payload')))}",
            f"{payload}={signature}", f"{payload}.{signature}.", f"{payload}.{signature}=",
        ])  # fmt: skip

    said = page_says([*(forged() for _each in range(TRIES)), door.token()], kept=door.kept())
    assert set(said[:-1]) <= {"not", "unknown"}
    assert said[-1] == "ours"


def test_old_door_tokens(door: Door, chance: random.Random) -> None:
    def old() -> str:
        off = chance.choice([-chance.randrange(31, 10**6), chance.randrange(6, 10**6)])
        return door.token(moment=AT + timedelta(seconds=off))

    said = page_says([*(old() for _each in range(TRIES)), door.token()], kept=door.kept())
    assert set(said[:-1]) == {"old"}
    assert said[-1] == "ours"


def test_door_tokens_of_another_device_or_visit(door: Door, chance: random.Random) -> None:
    other = make_door(code="MMMM-8888")

    def of_another() -> str:
        values = {"v": 1, "visit": door.visit.pk, "device": str(door.devices[0].pk),
                  "at": int(AT.timestamp())}  # fmt: skip
        return chance.choice([
            other.token(), other.token(visit=door.visit.pk),
            other.token(visit=door.visit.pk, device=str(door.devices[0].pk)),
            door.token(visit=other.visit.pk), door.token(key=door.keys[1]),
            door.token(device=str(door.devices[1].pk)),
            token_signed(values | {"device": "x"}, door.keys[0]),
        ])  # fmt: skip

    texts = [*(of_another() for _each in range(TRIES)), door.token()]
    said = page_says(texts, kept=door.kept())
    assert set(said[:-1]) == {"not", "unknown"}
    assert said[-1] == "ours"
    assert page_says([other.token(), door.token()], kept=other.kept()) == ["ours", "unknown"]
    both = page_says(texts[:-1], kept=door.kept() | other.kept())
    honest = [text == other.token() for text in texts[:-1]]
    assert [each == "ours" for each in both] == honest


def test_an_honest_phone_through_the_interface(door: Door, client: Client) -> None:
    asked = phone_post(client, door, challenge_path(door))
    assert asked.status_code == 201
    answer = phone_post(client, door, number_path(door), body_of(door, asked.json()["nonce"]))
    right = number_of(secret=visitor_secret(), visit=door.visit.pk, slot=slot_of(AT))
    assert (answer.status_code, answer.json()["number"]) == (200, right)
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"[]", b"null", b"{", b'{"nonce": 1}', b'{"nonce": null, "signature": []}',
        b'{"nonce": "\\u0000"}', b'{"nonce": "\\ud800"}', b"\xff\xfe", b'{"nonce": "' + b"a" * 9999,
        b'{"nonce": "a", "signature": "\xe4\xb8\xad"}', b"[" * 5000,
        b'{"nonce": "a", "signature": "b", "latitude": 1e999}',
    ],
)  # fmt: skip
def test_wild_bodies_are_refused(door: Door, client: Client, raw: bytes) -> None:
    answer = phone_post(client, door, number_path(door), raw=raw)
    assert 400 <= answer.status_code < 500
    assert set(answer.json()) >= {"code", "message", "hint"}


def test_who_signs_nothing_gets_nothing(door: Door, client: Client) -> None:
    for path in (challenge_path(door), number_path(door)):
        assert client.post(path, b"{}", content_type="application/json").status_code == 401
        client.force_login(door.agents[0])
        assert client.post(path, b"{}", content_type="application/json").status_code == 401
        assert phone_post(client, door, path.replace(str(door.visit.pk), "9" * 40)).status_code in (
            404, 409,
        )  # fmt: skip
