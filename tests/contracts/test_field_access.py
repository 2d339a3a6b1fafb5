"""Every address of the phone's interface x how a phone may stand, and whatever it may send.

A new address needs its line in `LINES`, and in `access_table.FIELD_API`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from doorstep.kernel import clock
from doorstep.visits.models import PlannedVisit
from doorstep.workforce.models import Device, Staff
from doorstep.workforce.roles import Role
from doorstep.workforce.services.devices import device_revoke
from tests.contracts.access_table import FIELD_API
from tests.contracts.test_access_matrix import places
from tests.sites.field.phones import crew_today, stop_of
from tests.visits.fieldwork import agents_of
from tests.visits.taping import Phone, make_phone
from tests.workforce.people import make_agent

pytestmark = pytest.mark.django_db
BY_SESSION = {"field_api:session", "field_api:devices"}


@dataclass(frozen=True)
class Line:
    """An address by name and method; `answers` what a phone of the crew gets for an empty body, and
    whether it is about one visit."""

    name: str
    method: str
    answers: frozenset[int]
    about: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.method} {self.name}"

    @property
    def of_a_visit(self) -> bool:
        """Whether others than its crew get 404."""
        return "visit_id" in self.about


def line(name: str, method: str, *answers: int, about: str = "") -> Line:
    """A line of the table."""
    return Line(f"field_api:{name}", method, frozenset(answers), tuple(about.split()))


LINES = (
    line("device_self", "DELETE", 204),
    line("me", "GET", 200),
    line("pin", "POST", 400),
    line("day", "GET", 200),
    line("changes", "GET", 200),
    line("events", "POST", 400),
    line("clear", "POST", 409, about="visit_id"),
    line("sos", "POST", 400),
    line("position", "POST", 400),
    line("recording", "GET", 404, about="visit_id recording"),
    line("recording", "PUT", 400, about="visit_id recording"),
    line("recording_segment", "PUT", 400, 404, about="visit_id recording seq sha"),
    line("recording_end", "POST", 400, 404, about="visit_id recording"),
    line("challenge", "POST", 201, 400, 409, about="visit_id"),
    line("number", "POST", 400, 409, about="visit_id"),
)
each_line = pytest.mark.parametrize("asked", LINES, ids=str)
of_visits = pytest.mark.parametrize("asked", [each for each in LINES if each.of_a_visit], ids=str)
with_body = pytest.mark.parametrize(
    "asked",
    [each for each in LINES if each.method != "GET" and "segment" not in each.name],
    ids=str,
)


@pytest.fixture(autouse=True)
def own_place(home: Path, settings: Settings) -> None:
    settings.EVIDENCE_KEYS = home / "keys.toml"
    settings.CHECKPOINT_PLACE = home / "checkpoints"


@pytest.fixture
def visit() -> PlannedVisit:
    return stop_of(crew_today())


@pytest.fixture
def phone(visit: PlannedVisit) -> Phone:
    assert visit.crew is not None
    return make_phone(agents_of(visit.crew)[0])


def path_of(asked: Line, visit: PlannedVisit) -> str:
    keys: dict[str, Any] = {
        "visit_id": visit.pk, "recording": uuid4(), "seq": 0, "sha": "0" * 64,
    }  # fmt: skip
    return reverse(asked.name, kwargs={name: keys[name] for name in asked.about})


def ask(phone: Phone, asked: Line, visit: PlannedVisit, body: object = None) -> Any:
    sent = {} if body is None and asked.method in ("POST", "PUT") else body
    return phone.ask(asked.method, path_of(asked, visit), sent)


def test_every_address_has_its_line() -> None:
    existing = {name for name, _place in places() if name.startswith("field_api:")}
    assert existing == FIELD_API
    assert {each.name for each in LINES} | BY_SESSION == existing


@each_line
def test_a_phone_of_the_crew_is_heard(asked: Line, visit: PlannedVisit, phone: Phone) -> None:
    answer = ask(phone, asked, visit)
    assert answer.status_code in asked.answers, answer.content
    assert answer["Cache-Control"] == "no-store"
    if answer.status_code >= 400:
        assert {"code", "message", "hint"} <= set(answer.json())


@each_line
def test_another_method_is_refused(asked: Line, visit: PlannedVisit, phone: Phone) -> None:
    answer = phone.ask("PATCH", path_of(asked, visit), {})
    assert answer.status_code == 405


Spoil = Callable[[Phone], Phone]


def revoked(phone: Phone) -> Phone:
    device_revoke(device=phone.device, why="lost", by=phone.staff, at=clock.now())
    return phone


def expired(phone: Phone) -> Phone:
    now = clock.now()
    Device.objects.update(bound_at=now - timedelta(days=1), expires_at=now)
    return phone


def other_key(phone: Phone) -> Phone:
    phone.key = Ed25519PrivateKey.from_private_bytes(b"x" * 32)
    return phone


def unknown(phone: Phone) -> Phone:
    phone.device.pk = uuid4()
    return phone


def closed_account(phone: Phone) -> Phone:
    Staff.objects.filter(pk=phone.staff.pk).update(is_active=False)
    return phone


def with_role(role: Role) -> Spoil:
    def spoil(phone: Phone) -> Phone:
        Staff.objects.filter(pk=phone.staff.pk).update(role=role)
        return phone

    return spoil


SPOILT: dict[str, tuple[Spoil, str]] = {
    "revoked": (revoked, "DEVICE_REVOKED"),
    "expired": (expired, "DEVICE_EXPIRED"),
    "other key": (other_key, "BAD_SIGNATURE"),
    "unknown": (unknown, "DEVICE_UNKNOWN"),
    "closed account": (closed_account, "DEVICE_REVOKED"),
    **{
        str(role): (with_role(role), "DEVICE_REVOKED")
        for role in Role
        if role is not Role.FIELD_AGENT
    },
}


@each_line
def test_a_phone_that_may_not_is_refused_and_told_why(
    asked: Line, visit: PlannedVisit, phone: Phone
) -> None:
    assert Client().generic(asked.method, path_of(asked, visit)).json()["code"] == "NOT_SIGNED"
    signed_in = Client()
    signed_in.force_login(phone.staff)
    assert signed_in.generic(asked.method, path_of(asked, visit)).status_code == 401
    for spoil, code in SPOILT.values():
        other = make_phone(make_agent())
        answer = ask(spoil(other), asked, visit)
        assert (answer.status_code, answer.json()["code"]) == (401, code)
        assert answer["Cache-Control"] == "no-store"


@of_visits
def test_another_crews_visit_is_not_found(asked: Line, visit: PlannedVisit) -> None:
    stranger = make_phone(make_agent())
    for number in (visit, PlannedVisit(pk=10**9), PlannedVisit(pk=2**70)):
        answer = ask(stranger, asked, number)
        assert answer.status_code in (404, 400), answer.content
        assert answer.json()["code"] != ""
        if asked.method != "PUT":
            assert answer.status_code == 404


WILD: tuple[bytes, ...] = (
    b"", b"\xff\xfe", b"null", b"[]", b"7", b'"x"', b"{", b'{"a": NaN}', b'{"a": 1e999}',
    b'{"key": "\\u0000", "text": "\\u0000"}', b'{"\\ud800": 1}', b"[" * 3000 + b"]" * 3000,
    b'{"latitude": "x", "longitude": [], "key": {}, "events": {}, "salt": 5, "nonce": {}}',
    b'{"latitude": 1e300, "longitude": -1e300, "key": "", "events": [[]], "hash": null}',
    b'{"latitude": true, "longitude": false, "key": "k", "visit": "x", "events": [null]}',
    b'{"latitude": 1, "key": "k2", "visit": -5, "duress": "yes", "count": -1, "gaps": [[]]}',
    b'{"key": "k3", "visit": 99999999999999, "iterations": 1e10, "head": 5, "gaps": {}}',
    b'{"nonce": "x", "wrapped": 5, "media_type": [], "started_at": 5, "consent": "x"}',
    b'{"nonce": "AA", "signature": "AA", "latitude": 0, "longitude": 0}',
    b'{"x": "' + b"y" * 5_000_000 + b'"}',
)  # fmt: skip


@with_body
def test_no_address_falls_over_whatever_is_sent(
    asked: Line, visit: PlannedVisit, phone: Phone
) -> None:
    if asked.name == "field_api:device_self":
        return
    for raw in WILD:
        answer = ask(phone, asked, visit, raw)
        assert answer.status_code < 500, (raw[:80], answer.content)
