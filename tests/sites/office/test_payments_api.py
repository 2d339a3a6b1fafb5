"""Another system tells of payments with a key of its own: once, whatever happens on the way."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from doorstep.agreements.models import PaymentCall, PaymentIn
from doorstep.evidence.models import Leaf
from doorstep.workforce.models import MachineKey, Staff
from doorstep.workforce.roles import Permission, Role
from doorstep.workforce.services.keys import key_make, key_revoke
from tests.factories import AT, make_machine_key, make_staff

pytestmark = pytest.mark.django_db
ROW = {"reference": "R1", "amount": 5_000, "paid_on": "2026-11-20", "told": "nobody"}


@pytest.fixture(autouse=True)
def no_calls_yet() -> None:
    cache.clear()


@pytest.fixture
def admin() -> Staff:
    return make_staff(Role.ADMINISTRATOR)


@pytest.fixture
def secret(admin: Staff) -> str:
    return key_make(name="Bank", permission=Permission.TAKE_PAYMENTS, by=admin, at=AT)[1]


def tell(secret: str, rows: Any, **headers: str) -> Any:
    body = rows if isinstance(rows, str) else json.dumps(rows)
    named = {"Authorization": f"Bearer {secret}", **headers}
    return Client(enforce_csrf_checks=True).post(
        reverse("office:api_payments"), body, content_type="application/json",
        headers={"accept-language": "en", **named},
    )  # fmt: skip


def test_a_payment_is_taken_in_once_by_its_reference(secret: str) -> None:
    first = tell(secret, [ROW])
    assert first.status_code == 200
    counts = {"rows": 1, "accepted": 1, "rejected": 0, "repeated": 0, "matched": 0, "problems": []}
    assert first.json() == counts
    assert tell(secret, [ROW]).json() == counts | {"accepted": 0, "repeated": 1}
    assert PaymentIn.objects.get().amount == 5_000


def test_the_same_call_again_gets_the_same_answer(secret: str) -> None:
    named = {"Idempotency-Key": "night-1"}
    first, again = tell(secret, [ROW], **named), tell(secret, [ROW], **named)
    assert first.json() == again.json()
    assert (first["Idempotent-Replay"], again["Idempotent-Replay"]) == ("false", "true")
    assert PaymentCall.objects.count() == PaymentIn.objects.count() == 1
    other = tell(secret, [ROW | {"reference": "R2"}], **named)
    assert (other.status_code, other.json()["code"]) == (409, "KEY_REUSED")
    assert PaymentIn.objects.count() == 1


def test_another_system_may_use_the_same_number_of_a_call(secret: str, admin: Staff) -> None:
    _key, second = key_make(name="Till", permission=Permission.TAKE_PAYMENTS, by=admin, at=AT)
    named = {"Idempotency-Key": "1"}
    tell(secret, [ROW], **named)
    assert tell(second, [ROW | {"reference": "R2"}], **named).json()["accepted"] == 1


@pytest.mark.parametrize(
    ("change", "column", "code"),
    [
        ({"amount": "5.00"}, "amount", "AMOUNT_NOT_NUMBER"),
        ({"amount": 50.5}, "amount", "AMOUNT_NOT_NUMBER"),
        ({"amount": True}, "amount", "AMOUNT_NOT_NUMBER"),
        ({"amount": -1}, "amount", "AMOUNT_NEGATIVE"),
        ({"amount": 0}, "amount", "AMOUNT_NEGATIVE"),
        ({"amount": None}, "amount", "VALUE_MISSING"),
        ({"reference": ""}, "reference", "VALUE_MISSING"),
        ({"reference": "R" * 121}, "reference", "TEXT_TOO_LONG"),
        ({"paid_on": "2023-02-29"}, "paid_on", "DATE_IMPOSSIBLE"),
        ({"reverses": "never"}, "reverses", "PAYMENT_UNKNOWN"),
    ],
)
def test_a_bad_row_is_told_and_the_others_are_taken_in(
    secret: str, change: dict[str, Any], column: str, code: str
) -> None:
    answer = tell(secret, [ROW, ROW | {"reference": "R2"} | change])
    told = answer.json()
    assert (answer.status_code, told["accepted"], told["rejected"]) == (200, 1, 1)
    assert told["rows"] == told["accepted"] + told["rejected"] + told["repeated"]
    (problem,) = told["problems"]
    assert (problem["line"], problem["column"], problem["code"]) == (2, column, code)
    assert problem["hint"]
    assert set(problem) == {"line", "column", "code", "shown", "hint"}


def test_what_is_no_object_is_one_bad_row(secret: str) -> None:
    told = tell(secret, ["R1", ROW]).json()
    assert (told["accepted"], told["problems"][0]["code"]) == (1, "ROW_NOT_OBJECT")


def test_personal_words_are_never_shown_in_full(secret: str) -> None:
    told = tell(secret, [ROW | {"payer": "欧阳小明\u0007"}]).json()
    assert "欧阳小明" not in json.dumps(told, ensure_ascii=False)


@pytest.mark.parametrize("body", ["", "{}", "[]", "[" * 100_000, json.dumps([ROW] * 1001), "\x00"])
def test_what_is_no_list_takes_nothing_in(secret: str, body: str) -> None:
    answer = tell(secret, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "BAD_LIST")
    assert not PaymentIn.objects.exists()


def test_a_thousand_at_once_are_the_most(secret: str) -> None:
    rows = [ROW | {"reference": f"R{number}"} for number in range(1000)]
    assert tell(secret, rows).json()["accepted"] == 1000


@pytest.mark.parametrize("shown", ["", "dsk_guessed", "dsk_" + "x" * 500])
def test_without_a_key_nothing_is_taken_in(shown: str) -> None:
    answer = tell(shown, [ROW])
    assert (answer.status_code, answer.json()["code"]) == (401, "NO_KEY")
    assert not PaymentIn.objects.exists()


def test_a_person_who_is_signed_in_is_no_machine() -> None:
    client = Client()
    client.force_login(make_staff(Role.COLLECTIONS_MANAGER))
    answer = client.post(
        reverse("office:api_payments"), json.dumps([ROW]), content_type="application/json"
    )
    assert answer.status_code == 401


def test_a_revoked_key_opens_nothing(secret: str, admin: Staff) -> None:
    key = MachineKey.objects.get()
    assert tell(secret, [ROW]).status_code == 200
    key_revoke(key=key, by=admin, at=AT)
    assert tell(secret, [ROW]).status_code == 401


def test_a_key_for_something_else_opens_nothing(secret: str) -> None:
    MachineKey.objects.update(permission="see_cases")
    assert tell(secret, [ROW]).status_code == 401


def test_too_many_calls_are_told_to_wait(secret: str, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"payments_api": "2/m/ip"}
    assert [tell(secret, [ROW]).status_code for _call in range(3)] == [200, 200, 429]


def test_who_told_is_in_the_evidence(secret: str) -> None:
    before = Leaf.objects.count()
    tell(secret, [ROW])
    assert Leaf.objects.count() == before + 1


def test_a_key_is_made_shown_once_and_revoked_in_the_office(admin: Staff) -> None:
    client = Client(headers={"accept-language": "en"})
    client.force_login(admin)
    page = client.post(reverse("office:staff_keys"), {"name": "Bank"}).content.decode()
    secret = page.split("<code>")[1].split("</code>")[0]
    key = MachineKey.objects.get()
    assert secret.startswith("dsk_")
    assert secret not in (key.digest, key.name)
    assert secret not in client.get(reverse("office:staff_keys")).content.decode()
    assert tell(secret, [ROW]).status_code == 200
    client.post(reverse("office:staff_key_revoke", args=[key.pk]))
    assert tell(secret, [ROW]).status_code == 401
    assert "Revoked" in client.get(reverse("office:staff_keys")).content.decode()


def test_two_keys_in_use_have_different_names(admin: Staff) -> None:
    make_machine_key(name="Bank")
    client = Client(headers={"accept-language": "en"})
    client.force_login(admin)
    page = client.post(reverse("office:staff_keys"), {"name": "Bank"}, follow=True)
    assert "A key of this name is in use." in page.content.decode()
    assert MachineKey.objects.count() == 1


def test_only_an_administrator_makes_keys() -> None:
    client = Client()
    client.force_login(make_staff(Role.COLLECTIONS_MANAGER))
    assert client.post(reverse("office:staff_keys"), {"name": "Bank"}).status_code == 403
    assert not MachineKey.objects.exists()
