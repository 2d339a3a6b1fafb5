"""A sign-in in live mode from end to end, in a program of its own: TLS, cookies, second factor."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.security.live import LIVE, run_python
from tests.start.running import home_with

SOURCE = """
import json, os
os.environ["DJANGO_SETTINGS_MODULE"] = "doorstep.settings"
import django
django.setup()
from django.test import Client
from django.test.utils import setup_test_environment
from doorstep.workforce.models import Staff

setup_test_environment()
accounts = Staff.objects.count()
staff = Staff(username="wang.wei", role="administrator", display_name="Wang Wei")
staff.set_password("leaf-harbour-9-lantern")
staff.save()
client = Client(headers={"host": "desk.example"}, enforce_csrf_checks=True)
plain = client.get("/accounts/login/")
page = client.get("/accounts/login/", secure=True)
token = page.context["csrf_token"]
form = {"login": "wang.wei", "password": "leaf-harbour-9-lantern", "csrfmiddlewaretoken": token}
referer = {"referer": "https://desk.example/accounts/login/"}
signed = client.post("/accounts/login/", form, secure=True, headers=referer)
stranger = Client(headers={"host": "elsewhere.example"}).get("/accounts/login/", secure=True)
print(json.dumps({
    "accounts": accounts,
    "plain": [plain.status_code, plain.headers.get("Location")],
    "hsts": page.headers.get("Strict-Transport-Security"),
    "signed": signed.status_code,
    "cookies": {m.key: [m["secure"], m["httponly"], m["samesite"], m["path"], m["domain"]]
                for m in client.cookies.values()},
    "after": client.get("/", secure=True).headers.get("Location"),
    "hash": Staff.objects.get().password.split("$")[:4],
    "stranger": stranger.status_code,
}))
"""


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory, tables: Path) -> dict[str, Any]:
    """What a browser sees of a first sign-in."""
    home = home_with(tables, tmp_path_factory.mktemp("live"))
    run = run_python(SOURCE, home=home, environment=LIVE)
    assert run.returncode == 0, run.stderr
    return dict(json.loads(run.stdout))


def test_the_site_starts_without_any_account(session: dict[str, Any]) -> None:
    assert session["accounts"] == 0


def test_plain_http_is_sent_to_tls_and_tls_stays(session: dict[str, Any]) -> None:
    assert session["plain"] == [301, "https://desk.example/accounts/login/"]
    assert session["hsts"] == "max-age=31536000; includeSubDomains"


def test_cookies_go_to_this_host_over_tls_and_not_to_scripts(session: dict[str, Any]) -> None:
    assert session["signed"] == 302
    for name in ("__Host-doorstep", "__Host-csrf"):
        assert session["cookies"][name] == [True, True, "Lax", "/", ""]


def test_the_first_page_after_the_password_is_the_second_factor(session: dict[str, Any]) -> None:
    assert session["after"] == "/accounts/2fa/"


def test_the_password_is_kept_at_full_cost(session: dict[str, Any]) -> None:
    assert session["hash"] == ["argon2", "argon2id", "v=19", "m=102400,t=2,p=8"]


def test_a_host_nobody_named_is_not_answered(session: dict[str, Any]) -> None:
    assert session["stranger"] == 400
