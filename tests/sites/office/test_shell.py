"""The frame around pages: rail by role, language and display, error pages, assets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client, override_settings

from doorstep.kernel import clock
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Role
from tests.factories import AT, make_staff
from tests.visits.boards import make_board

pytestmark = pytest.mark.django_db


def client_of(role: Role, **fields: str) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(make_staff(role, **fields))
    return client


@pytest.mark.parametrize(
    ("role", "shown", "hidden"),
    [
        (Role.DESK_AGENT, ["Today", "Worklist", "To verify"], ["Nights", "Staff"]),
        (Role.ADMINISTRATOR, ["Today", "Nights", "Staff"], ["Worklist", "books"]),
        (Role.ANALYST, ["Worklist", "Nights"], ["To verify", "Staff"]),
    ],
)
def test_the_rail_shows_the_places_of_the_role(
    role: Role, shown: list[str], hidden: list[str]
) -> None:
    text = client_of(role).get("/").content.decode()
    rail = text[text.index('<nav class="rail"') : text.index("</nav>")]
    assert all(words in rail for words in shown)
    assert not any(words in rail for words in hidden)
    assert rail.count('aria-current="page"') == 1


def test_language_is_kept_for_this_browser_and_with_the_account() -> None:
    client = client_of(Role.DESK_AGENT)
    answer = client.post("/language/", {"language": "zh-hant", "next": "/search/"})
    assert answer.headers["Location"] == "/search/"
    assert 'lang="zh-hant"' in client.get("/").content.decode()


def signs_in(staff: Staff, client: Client) -> str:
    """The first page after the sign-in form."""
    form = {"login": staff.username, "password": "a quiet morning 7"}
    return client.post("/accounts/login/", form, follow=True).content.decode()


@pytest.mark.parametrize(("own", "shown"), [("zh-hant", "zh-hant"), ("en", "en"), ("", "zh-hans")])
def test_the_language_of_the_account_is_there_on_any_machine(own: str, shown: str) -> None:
    staff = make_staff(language=own, password="a quiet morning 7")
    client = Client(headers={"accept-language": "zh-CN"})
    assert 'lang="zh-hans"' in client.get("/accounts/login/").content.decode()
    assert f'lang="{shown}"' in signs_in(staff, client)


def test_a_language_chosen_on_the_way_in_becomes_the_accounts() -> None:
    staff = make_staff(language="zh-hans", password="a quiet morning 7")
    client = Client(headers={"accept-language": "zh-CN"})
    client.post("/language/", {"language": "en"})
    assert 'lang="en"' in signs_in(staff, client)
    staff.refresh_from_db()
    assert staff.language == "en"
    other = make_staff(language="zh-hant", password="a quiet morning 7")
    client.post("/accounts/logout/")
    assert 'lang="zh-hant"' in signs_in(other, client), "the choice before was somebody else's"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:x", ""])
def test_choosing_a_language_leads_nowhere_else(target: str) -> None:
    answer = Client().post("/language/", {"language": "en", "next": target})
    assert answer.headers["Location"] == "/"


def test_a_theme_nobody_knows_changes_nothing() -> None:
    client = client_of(Role.DESK_AGENT)
    client.post("/language/", {"theme": '"><script>', "text": "huge", "language": "xx"})
    client.cookies["doorstep_theme"] = "evil"
    text = client.get("/").content.decode()
    assert 'data-bs-theme="auto" data-text="normal"' in text


def test_theme_and_text_size_are_on_the_page_before_any_script() -> None:
    client = client_of(Role.DESK_AGENT)
    client.post("/language/", {"theme": "dark"})
    client.post("/language/", {"text": "large"})
    assert 'data-bs-theme="dark" data-text="large"' in client.get("/").content.decode()


@pytest.mark.parametrize(
    ("language", "words"),
    [("zh-CN", "没有这个页面"), ("zh-TW", "沒有這個頁面"), ("en", "There is no such page")],
)
def test_a_page_that_is_not_there_says_so_in_the_readers_language(
    language: str, words: str
) -> None:
    answer = Client(headers={"accept-language": language}).get("/nothing/")
    assert answer.status_code == 404
    assert words in answer.content.decode()


def test_a_form_without_its_token_is_refused_with_a_way_on() -> None:
    client = Client(enforce_csrf_checks=True, headers={"accept-language": "en"})
    answer = client.post("/accounts/login/", {"login": "x", "password": "y"})
    assert answer.status_code == 403
    assert "This form has grown old" in answer.content.decode()


def test_a_failure_of_ours_shows_a_page_and_no_details(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("doorstep.sites.office.today.open_cases_grouped", lambda **_: 1 / 0)
    client = client_of(Role.DESK_AGENT)
    client.raise_request_exception = False
    answer = client.get("/")
    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.content.decode()
    assert "ZeroDivision" not in answer.content.decode()


def test_demo_sign_ins_are_shown_in_demo_mode_only() -> None:
    make_staff(Role.ANALYST, username="lulu")
    english = Client(headers={"accept-language": "en"})
    assert "lulu" in english.get("/accounts/login/").content.decode()
    for mode in ("lender", "live"):
        with override_settings(MODE=mode):
            text = english.get("/accounts/login/").content.decode()
        assert "lulu" not in text
        assert "example bank" not in text


def test_demo_sign_ins_name_whose_phone_has_a_visit_today(monkeypatch: pytest.MonkeyPatch) -> None:
    make_staff(Role.ANALYST)
    monkeypatch.setattr(clock, "now", lambda: AT)
    english = Client(headers={"accept-language": "en"})
    assert "No crew has a visit left today" in english.get("/accounts/login/").content.decode()
    visit = make_board(state="published", published_at=AT).visits[0]
    assert visit.crew is not None
    lead = visit.crew.members.order_by("-leads", "pk").first()
    assert lead is not None
    text = english.get("/accounts/login/").content.decode()
    assert f"The crew of <code>{lead.staff.username}</code> has a visit today" in text
    assert 'href="/field/"' in text


def test_assets_are_kept_for_good_and_sent_small() -> None:
    manifest = settings.ASSETS / "manifest.json"
    if not manifest.exists():
        pytest.skip("the office's assets are not built: npm --prefix office_ui run build")
    for entry in json.loads(manifest.read_text("utf-8")).values():
        answer = Client().get(f"/static/{entry['file']}", headers={"accept-encoding": "gzip, br"})
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["Content-Encoding"] == "br"
        answer.close()
    other = Client().get("/static/mfa/js/webauthn.js")
    assert "immutable" not in other.headers["Cache-Control"]
    other.close()


def test_the_lock_of_the_assets_names_no_host(repository: Path) -> None:
    lock = json.loads((repository / "office_ui" / "package-lock.json").read_text("utf-8"))
    assert all("resolved" not in package for package in lock["packages"].values())
    assert all("integrity" in package for name, package in lock["packages"].items() if name)
