"""What every page carries: headers that hold the browser back, and no script in the page itself."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from django.test import Client

from doorstep.workforce.roles import Role
from tests.contracts.access_table import LETTERS
from tests.contracts.test_access_matrix import PAGES, each_role, opened_by, path_of, undone
from tests.contracts.trial_world import world_made
from tests.factories import make_staff

pytestmark = pytest.mark.django_db


class Inline(HTMLParser):
    """Finds what a strict content security policy would stop: scripts and styles in the page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Looks at one element."""
        names = dict(attrs)
        if tag == "style" or (
            tag == "script" and "src" not in names and names.get("type") != "application/json"
        ):
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            if name == "style" or name.startswith(("on", "hx-on")):
                self.found.append(f"{name}={value}")
            if (value or "").strip().lower().startswith("javascript:"):
                self.found.append(f"{name}={value}")
            if name in {"src", "action", "formaction"} and "//" in (value or ""):
                self.found.append(f"{name}={value}")


def inline(page: str) -> list[str]:
    """What the page holds that the policy would stop."""
    finder = Inline()
    finder.feed(page)
    return finder.found


def policy_of(header: str) -> dict[str, str]:
    """The directives of a content security policy."""
    parts = (part.strip().partition(" ") for part in header.split(";") if part.strip())
    return {name: value for name, _, value in parts}


@each_role
def test_a_page_runs_only_what_the_site_ships(client: Client, letter: str) -> None:
    world = world_made(role=LETTERS[letter])
    client.force_login(world.staff)
    for address in opened_by(letter, PAGES):
        path = path_of(address, world)
        with undone():
            answer = client.get(f"{path}?{address.query}" if address.query else path)
        policy = policy_of(answer.headers["Content-Security-Policy"])
        assert policy["script-src"] == "'self'", str(address)
        assert policy["style-src"] == "'self'", str(address)
        assert policy["frame-ancestors"] == policy["object-src"] == "'none'", str(address)
        if answer.headers["Content-Type"].startswith("text/html"):
            assert inline(answer.content.decode()) == [], str(address)


@pytest.mark.parametrize("path", ["/accounts/login/", "/no-such-page/", "/accounts/signup/"])
def test_pages_for_strangers_are_held_back_too(client: Client, path: str) -> None:
    answer = client.get(path)
    assert policy_of(answer.headers["Content-Security-Policy"])["script-src"] == "'self'"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert inline(answer.content.decode()) == []


def test_a_page_made_for_one_person_stays_out_of_every_cache(client: Client) -> None:
    client.force_login(make_staff(Role.COLLECTIONS_MANAGER))
    cached = client.get("/").headers["Cache-Control"]
    assert "no-store" in cached
    assert "private" in cached


@pytest.mark.parametrize(
    "planted",
    [
        "<script>go()</script>",
        "<style>p{}</style>",
        '<p style="color:red">',
        '<a onclick="go()">',
        '<a hx-on:click="go()">',
        '<a href="javascript:go()">',
        '<img src="//elsewhere.example/x.png">',
    ],
)
def test_the_search_for_inline_code_finds_each_kind(planted: str) -> None:
    assert inline(planted)


def test_a_script_file_and_data_for_it_are_allowed() -> None:
    assert inline('<script src="/static/a.js"></script><script type="application/json">[]') == []
