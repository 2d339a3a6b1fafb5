"""The public pages, address by address: open to anybody, wild input never breaks them, no script of
theirs runs inline, no other site may frame them.

A new public address gets its line here; without one the test below fails.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import reverse

from doorstep.workforce.roles import Role
from tests.contracts.access_table import PORTAL
from tests.contracts.test_access_matrix import places
from tests.contracts.test_wild_input import WILD
from tests.factories import make_staff
from tests.visits.checks import CODE

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Line:
    """A public address: what a GET answers, its parameters, the fields of its form."""

    get: int
    path: tuple[str, ...] = ()
    form: tuple[str, ...] = ()


LINES = {
    "portal:enter": Line(200, form=("code",)),
    "portal:worker": Line(200),
    "portal:who": Line(200, form=("how", "named", "skipped", "day", "time", "number")),
    "portal:report": Line(
        200, form=("happened", "day", "words", "send", "work_id", "place", "code", "contact")
    ),
    "portal:received": Line(200, (CODE,)),
    "portal:visit": Line(404, (CODE,)),
    "portal:number": Line(200, (CODE,), form=("number",)),
}
each_line = pytest.mark.parametrize("name", LINES)
FORMS = [name for name, line in LINES.items() if line.form]
VALID = {"how": "phone", "happened": "door", "day": "2026-11-20", "time": "10:00", "send": "yes",
         "named": "W1", "skipped": "1", "words": "words", "number": "123"}  # fmt: skip


def path_of(name: str) -> str:
    return reverse(name, args=LINES[name].path)


def test_every_public_address_has_its_line() -> None:
    existing = {name for name, _place in places() if name.startswith("portal:")}
    assert existing == set(LINES) == PORTAL


def test_every_view_of_the_portal_says_that_it_is_public() -> None:
    silent = [
        name
        for name, place in places()
        if name.startswith("portal:") and not hasattr(place.view, "public")
    ]
    assert silent == []


@each_line
@pytest.mark.parametrize("role", [None, Role.DESK_AGENT, Role.ADMINISTRATOR])
def test_anybody_opens_it(client: Client, name: str, role: Role | None) -> None:
    if role is not None:
        client.force_login(make_staff(role))
    answer = client.get(path_of(name))
    assert answer.status_code == LINES[name].get
    assert "no-cache" in answer.headers["Cache-Control"]


@each_line
def test_it_cannot_be_changed_by_other_methods(client: Client, name: str) -> None:
    for method in (client.put, client.patch, client.delete):
        assert method(path_of(name)).status_code == 405


@each_line
def test_its_policy_allows_no_inline_script_and_no_frame(client: Client, name: str) -> None:
    answer = client.get(path_of(name))
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    page = answer.content.decode()
    if "text/html" in answer.headers["Content-Type"]:
        inline = re.findall(r"<script(?![^>]*(?:src=|application/json))", page)
        assert inline == []
        assert not re.search(r"\son\w+=|style=|javascript:", page)


@pytest.mark.parametrize("name", FORMS)
def test_a_form_from_another_site_is_refused(name: str) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post(path_of(name), VALID).status_code == 403


@pytest.mark.parametrize("name", FORMS)
def test_it_survives_any_value_of_any_field(client: Client, name: str) -> None:
    for number, value in enumerate(WILD):
        asker = {"REMOTE_ADDR": f"192.0.2.{number}"}
        for field in LINES[name].form:
            for values in ({field: value}, VALID | {field: value}):
                answer = client.post(path_of(name), values, **asker)
                assert answer.status_code < 500, (field, value)
                answer = client.get(path_of(name), values, **asker)
                assert answer.status_code < 500, (field, value)


@pytest.mark.parametrize("name", [name for name, line in LINES.items() if line.path])
def test_it_survives_any_path(client: Client, name: str) -> None:
    for number, value in enumerate(each for each in WILD if each and "/" not in each):
        if value in (".", ".."):
            continue
        path = reverse(name, args=[value])
        answer = client.get(path, REMOTE_ADDR=f"192.0.2.{number}")
        assert answer.status_code in (200, 400, 404), value


@each_line
def test_nothing_it_is_given_runs_on_the_page(client: Client, name: str) -> None:
    evil = "<script>alert(1)</script>"
    for field in LINES[name].form:
        answer = client.post(path_of(name), VALID | {field: evil})
        assert evil not in answer.content.decode()
