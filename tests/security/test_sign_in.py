"""Signing in: with a password and a second factor, not by trying, and not for ever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from doorstep import settings as program_settings
from doorstep.kernel import clock
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Role
from tests.factories import make_staff

PASSWORD = "leaf-harbour-9-lantern"
SIGN_IN = "/accounts/login/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def member() -> Staff:
    """A desk agent with a password and no second factor."""
    return make_staff(Role.DESK_AGENT, username="li.lei", password=PASSWORD)


@pytest.fixture
def live(settings: Settings) -> None:
    """What live mode asks of staff."""
    settings.MODE = "live"
    settings.LIVE = True
    settings.SECOND_FACTOR_REQUIRED = True


def try_password(client: Client, password: str, *, username: str = "li.lei", **extra: str) -> int:
    """Sends the sign-in form; the answer's status (302 leads inside)."""
    form = {"login": username, "password": password}
    return client.post(SIGN_IN, form, **extra).status_code  # type: ignore[arg-type]


def signed_in(client: Client) -> bool:
    """Whether the client's session belongs to somebody."""
    return "_auth_user_id" in client.session


def test_the_right_password_signs_in_and_the_wrong_one_does_not(
    client: Client, member: Staff
) -> None:
    assert try_password(client, "leaf-harbour-9-lanterns") == 200
    assert not signed_in(client)
    assert try_password(client, PASSWORD) == 302
    assert signed_in(client)


def test_an_account_taken_out_of_use_cannot_sign_in_and_loses_its_session(
    client: Client, member: Staff
) -> None:
    client.force_login(member)
    Staff.objects.filter(pk=member.pk).update(is_active=False)
    assert client.get("/").headers["Location"].startswith(SIGN_IN)
    newcomer = Client()
    try_password(newcomer, PASSWORD)
    assert not signed_in(newcomer)


def test_a_name_nobody_has_is_answered_like_a_wrong_password(
    client: Client, member: Staff, live: None
) -> None:
    def answer_to(name: str) -> str:
        page = client.post(SIGN_IN, {"login": name, "password": "x"})
        return page.content.decode().replace(name, "").replace(str(page.context["csrf_token"]), "")

    assert answer_to("li.lei") == answer_to("nobody")


def test_eight_wrong_passwords_lock_the_account_at_that_place(
    client: Client, member: Staff, settings: Settings
) -> None:
    settings.ACCOUNT_RATE_LIMITS = False  # so that the lock-out itself answers
    answers = [try_password(client, f"wrong-{number}") for number in range(8)]
    assert answers[:7] == [200] * 7
    assert answers[7] == 429
    assert try_password(client, PASSWORD) == 429
    assert not signed_in(client)
    assert try_password(Client(), PASSWORD, REMOTE_ADDR="10.9.8.7") == 302


def test_the_lock_opens_after_a_quarter_of_an_hour(
    client: Client, member: Staff, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from axes.models import AccessAttempt

    settings.ACCOUNT_RATE_LIMITS = False
    for number in range(8):
        try_password(client, f"wrong-{number}")
    ago = datetime.now(UTC) - timedelta(minutes=16)  # noqa: TID251
    AccessAttempt.objects.update(attempt_time=ago)
    assert try_password(client, PASSWORD) == 302


def test_guessing_fast_is_slowed_before_it_locks(client: Client, member: Staff) -> None:
    pages = [client.post(SIGN_IN, {"login": "li.lei", "password": f"wrong-{n}"}) for n in range(6)]
    assert [page.status_code for page in pages] == [200] * 6
    assert try_password(client, PASSWORD) == 200
    assert not signed_in(client)


def test_without_a_second_factor_no_page_opens_in_live_mode(
    client: Client, member: Staff, live: None
) -> None:
    client.force_login(member)
    for address in ("/", "/search/?q=x", "/no-such-page/"):
        assert client.get(address).headers["Location"] == reverse("mfa_index")
    assert client.get(reverse("mfa_index")).status_code == 200


def test_with_a_second_factor_the_password_alone_is_half_the_way(
    client: Client, member: Staff, live: None
) -> None:
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(member, secret)
    assert try_password(client, PASSWORD) == 302
    assert not signed_in(client)
    assert client.get("/").headers["Location"].startswith(SIGN_IN)

    counter = next(iter(totp.yield_hotp_counters_from_time()))
    code = totp.format_hotp_value(totp.hotp_value(secret, counter))
    client.post(reverse("mfa_authenticate"), {"code": code})
    assert signed_in(client)
    assert client.get("/").status_code == 200


def test_a_wrong_code_leaves_the_door_shut(client: Client, member: Staff, live: None) -> None:
    totp.TOTP.activate(member, totp.generate_totp_secret())
    RecoveryCodes.activate(member)
    try_password(client, PASSWORD)
    client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert not signed_in(client)


def test_demo_mode_asks_for_no_second_factor(client: Client, member: Staff) -> None:
    client.force_login(member)
    assert client.get("/").status_code == 200


def test_a_session_ends_an_hour_after_its_last_use(client: Client, member: Staff) -> None:
    client.force_login(member)
    client.get("/")
    session = Session.objects.get()
    left = session.expire_date - datetime.now(UTC)  # noqa: TID251
    assert timedelta(minutes=59) < left <= timedelta(hours=1)
    Session.objects.update(expire_date=datetime.now(UTC))  # noqa: TID251
    assert client.get("/").headers["Location"].startswith(SIGN_IN)


@pytest.mark.parametrize(("seconds", "open_still"), [(12 * 3600, True), (12 * 3600 + 1, False)])
def test_a_session_ends_after_twelve_hours_however_busy(
    client: Client,
    member: Staff,
    monkeypatch: pytest.MonkeyPatch,
    seconds: int,
    open_still: bool,
) -> None:
    client.force_login(member)
    client.get("/")
    began = client.session["began"]
    later = datetime.fromtimestamp(began + seconds, UTC)
    monkeypatch.setattr(clock, "now", lambda: later)
    answer = client.get("/")
    assert (answer.status_code == 200) is open_still
    assert signed_in(client) is open_still


def test_signing_out_ends_the_session_at_the_server(client: Client, member: Staff) -> None:
    client.force_login(member)
    client.post("/accounts/logout/")
    assert not Session.objects.exists()


def test_signing_out_by_a_link_is_not_possible(client: Client, member: Staff) -> None:
    client.force_login(member)
    client.get("/accounts/logout/")
    assert signed_in(client)


@pytest.mark.parametrize(
    "address",
    [
        "/accounts/signup/",
        "/accounts/email/",
        "/accounts/confirm-email/",
        "/accounts/password/set/",
        "/accounts/password/reset/",
        "/accounts/password/reset/key/1-x/",
        "/accounts/login/code/confirm/",
    ],
)
def test_nobody_makes_or_resets_an_account_from_outside(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404
    assert client.post(address, {"username": "x", "email": "x@example.com"}).status_code == 404
    assert not get_user_model().objects.exists()


def test_a_new_database_holds_no_account() -> None:
    assert Staff.objects.count() == 0


@pytest.mark.parametrize(
    "password", ["short-1-pass", "password1234", "123456789012345", "li.lei-2026"]
)
def test_weak_passwords_are_refused(member: Staff, password: str) -> None:
    if password == "short-1-pass":
        password = password[:11]
    with pytest.raises(ValidationError):
        validate_password(password, member)


def test_a_password_of_twelve_uncommon_characters_is_taken(member: Staff) -> None:
    validate_password("moss-2-kettl", member)


def test_passwords_are_kept_with_argon2(member: Staff) -> None:
    assert program_settings.PASSWORD_HASHERS == ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    assert member.password.startswith("argon2$argon2id$")
    assert django_settings.PASSWORD_HASHERS != program_settings.PASSWORD_HASHERS
