"""Phones: bound with a session, known by their signature, refused at once when they must be."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import Client
from django.urls import reverse

from doorstep.evidence.door_keys import recording_public_key, server_public_key
from doorstep.evidence.models import Leaf
from doorstep.kernel import clock
from doorstep.visits.door.request import b64
from doorstep.workforce.models import Device, DoorPin, Staff
from doorstep.workforce.roles import Role
from doorstep.workforce.services import staff_set_active
from doorstep.workforce.services.devices import device_revoke
from tests.factories import make_staff
from tests.visits.taping import Phone, make_phone
from tests.workforce.people import make_agent

pytestmark = pytest.mark.django_db
KEY = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"own").digest())
PUBLIC = b64(KEY.public_key().public_bytes_raw())
ME = "/field/api/me/"


@pytest.fixture
def agent() -> Staff:
    return make_agent(display_name="高立诚")


@pytest.fixture
def phone(agent: Staff) -> Phone:
    return make_phone(agent)


def bound(staff: Staff | None, body: Any = None) -> Any:
    client = Client()
    if staff is not None:
        client.force_login(staff)
    sent = {"public_key": PUBLIC, "name": "我的手机"} if body is None else body
    return client.post("/field/api/devices/", sent, content_type="application/json")


def test_a_phone_is_bound_by_a_session_and_then_known_by_its_signature(agent: Staff) -> None:
    answer = bound(agent)
    assert answer.status_code == 201
    told = answer.json()
    device = Device.objects.get(pk=told["device"])
    assert (device.staff, device.name) == (agent, "我的手机")
    assert told["keys"] == {
        "server": b64(server_public_key()), "recording": b64(recording_public_key()),
    }  # fmt: skip
    assert told["staff"]["work_id"] == agent.particulars.work_id
    assert told["pin"] == {"least": 6, "idle_seconds": 300}
    own = Phone(agent, KEY, device).ask("GET", ME)
    assert own.status_code == 200
    assert own.json()["staff"]["name"] == "高立诚"
    assert own["Cache-Control"] == "no-store"
    assert Leaf.objects.filter(kind="device_bound").count() == 1


def test_the_session_tells_who_is_signed_in_and_the_token_for_binding(agent: Staff) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.get("/field/api/session/").json() == {"signed_in": False}
    client.force_login(agent)
    told = client.get("/field/api/session/").json()
    assert (told["signed_in"], told["username"]) == (True, agent.username)
    body = {"public_key": PUBLIC, "name": "x"}
    path, kind = "/field/api/devices/", "application/json"
    assert client.post(path, body, content_type=kind).status_code == 403
    token = {"X-CSRFToken": told["csrf"]}
    assert client.post(path, body, content_type=kind, headers=token).status_code == 201


def test_the_same_key_again_renews_and_is_nobody_elses(agent: Staff) -> None:
    first = bound(agent).json()
    Device.objects.update(
        bound_at=clock.now() - timedelta(days=2), expires_at=clock.now() - timedelta(days=1)
    )
    again = bound(agent).json()
    assert again["device"] == first["device"]
    assert Device.objects.get().expires_at > clock.now() + timedelta(hours=15)
    other = bound(make_agent())
    assert (other.status_code, other.json()["code"]) == (409, "KEY_TAKEN")
    device_revoke(device=Device.objects.get(), why="lost", by=agent, at=clock.now())
    assert bound(agent).json()["code"] == "DEVICE_REVOKED"


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.FIELD_AGENT])
def test_nobody_but_field_agents_binds_a_phone(role: Role) -> None:
    assert bound(make_staff(role)).status_code == 403
    assert not Device.objects.exists()


def test_nobody_binds_without_signing_in() -> None:
    answer = bound(None)
    assert (answer.status_code, answer.json()["code"]) == (401, "SIGN_IN")


@pytest.mark.parametrize(
    "body",
    [
        {"public_key": PUBLIC[:-1], "name": "x"}, {"public_key": PUBLIC + "=", "name": "x"},
        {"public_key": 7, "name": "x"}, {"name": "x"}, {"public_key": PUBLIC, "name": 7},
        {"public_key": PUBLIC, "name": "x" * 300}, {"public_key": PUBLIC, "name": "a\x00b"}, [],
    ],
)  # fmt: skip
def test_what_is_no_key_binds_nothing(agent: Staff, body: Any) -> None:
    answer = bound(agent, body)
    assert answer.status_code == 400
    assert set(answer.json()) == {"code", "message", "hint"}
    assert not Device.objects.exists()


def test_a_request_signed_for_something_else_is_refused(phone: Phone) -> None:
    stranger = Phone(phone.staff, KEY, phone.device).ask("GET", ME)
    assert (stranger.status_code, stranger.json()["code"]) == (401, "BAD_SIGNATURE")
    unsigned = Client().get(ME)
    assert (unsigned.status_code, unsigned.json()["code"]) == (401, "NOT_SIGNED")
    header = "Device 00000000-0000-0000-0000-000000000000.1." + "A" * 86
    unknown = Client().get(ME, headers={"Authorization": header})
    assert unknown.json()["code"] == "DEVICE_UNKNOWN"


@pytest.mark.parametrize(("seconds", "status"), [(-90, 200), (90, 200), (-150, 401), (150, 401)])
def test_a_clock_that_is_wrong_is_told_the_right_time(
    phone: Phone, seconds: int, status: int
) -> None:
    answer = phone.ask("GET", ME, at=clock.now() + timedelta(seconds=seconds))
    assert answer.status_code == status
    if status == 401:
        assert answer.json()["code"] == "CLOCK_WRONG"
        assert answer.json()["now"].endswith("Z")


def test_a_phone_opens_nothing_once_expired_or_revoked(phone: Phone) -> None:
    Device.objects.update(bound_at=clock.now() - timedelta(days=1), expires_at=clock.now())
    assert phone.ask("GET", ME).json()["code"] == "DEVICE_EXPIRED"
    Device.objects.update(expires_at=clock.now() + timedelta(hours=1))
    assert phone.ask("GET", ME).status_code == 200
    assert phone.ask("DELETE", "/field/api/devices/self/").status_code == 204
    assert phone.ask("GET", ME).json()["code"] == "DEVICE_REVOKED"
    assert Leaf.objects.filter(kind="device_revoked").count() == 1


def test_a_closed_account_or_another_role_ends_its_phones_at_once(phone: Phone) -> None:
    admin = make_staff(Role.ADMINISTRATOR)
    staff_set_active(staff=phone.staff, active=False, by=admin, at=clock.now())
    assert phone.ask("GET", ME).json()["code"] == "DEVICE_REVOKED"
    staff_set_active(staff=phone.staff, active=True, by=admin, at=clock.now())
    assert phone.ask("GET", ME).json()["code"] == "DEVICE_REVOKED"
    other = make_phone(make_agent())
    Staff.objects.filter(pk=other.staff.pk).update(role=Role.DESK_AGENT)
    assert other.ask("GET", ME).json()["code"] == "DEVICE_REVOKED"


def test_what_is_refused_is_said_in_the_language_of_the_person(phone: Phone) -> None:
    phone.client = Client(headers={"Accept-Language": "en"})
    said = phone.ask("POST", "/field/api/events/", {"events": 7}).json()["message"]
    assert said == "events is missing or cannot be used."


def test_the_pin_of_a_person_is_kept_for_their_partner(phone: Phone) -> None:
    body = {"salt": b64(b"s" * 16), "iterations": 310_000, "hash": b64(b"h" * 32)}
    assert phone.ask("POST", "/field/api/pin/", body).status_code == 204
    assert bytes(DoorPin.objects.get(staff=phone.staff).hash) == b"h" * 32
    for wrong in (
        {"salt": b64(b"s")}, {"iterations": 10}, {"iterations": "310000"}, {"iterations": True},
        {"iterations": 10**40}, {"hash": b64(b"h" * 31)}, {"hash": None},
    ):  # fmt: skip
        assert phone.ask("POST", "/field/api/pin/", body | wrong).status_code == 400
    assert DoorPin.objects.get().iterations == 310_000


def test_revoking_needs_a_reason_and_somebody_who_may(phone: Phone) -> None:
    from doorstep.kernel.errors import InputError, Refused

    at, leader = clock.now(), make_staff(Role.TEAM_LEADER, branch=phone.staff.branch)
    with pytest.raises(InputError):
        device_revoke(device=phone.device, why=" ", by=leader, at=at)
    for by in (make_staff(Role.TEAM_LEADER), make_agent(branch=phone.staff.branch)):
        with pytest.raises(Refused):
            device_revoke(device=phone.device, why="lost", by=by, at=at)
    assert phone.ask("GET", ME).status_code == 200
    device_revoke(device=phone.device, why="lost", by=leader, at=at)
    assert phone.ask("GET", ME).json()["code"] == "DEVICE_REVOKED"
    assert reverse("field_api:me") == ME
