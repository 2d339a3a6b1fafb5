"""No page falls over whatever stands in its address: the answer is a page or a refusal."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote

import pytest
from django.test import Client

from doorstep.workforce.roles import Role
from tests.contracts.access_table import LETTERS, OFFICE
from tests.contracts.test_access_matrix import (
    FORMS,
    PAGES,
    each_role,
    opened_by,
    path_of,
    undone,
)
from tests.contracts.trial_world import world_made

pytestmark = pytest.mark.django_db

PARAMETERS = (
    *("q", "page", "sort", "order", "view", "columns", "query", "next", "export", "kind", "state"),
    *("step", "bucket", "branch", "team", "assignee", "hold", "movement", "currency", "reason"),
    *("on", "date", "due_min", "due_max", "dpd_min", "dpd_max", "from", "to", "night", "borrower"),
)
WILD = (
    *("", " ", "0", "-1", "1.5", "1e400", "NaN", "٣", "１２", "9" * 40, "2147483648"),
    *("9223372036854775808", "0000-00-00", "2023-02-29", "9999-12-31", "10000-01-01"),
    *("\x00", "a\x00b", "\ud7ff\uffff", "\u202e\u200b𠮷", "'; DROP TABLE cases_case; --"),
    *("<script>alert(1)</script>", "{{ 7 * 7 }}", "%", "%00", "../../etc/passwd", "=1+1"),
    *("a" * 5000, "priority", "-priority", "__class__", "case__pk", "[]", "null", "%s%n"),
)


@each_role
def test_a_page_survives_any_value_of_any_parameter(client: Client, letter: str) -> None:
    world = world_made(role=LETTERS[letter])
    client.force_login(world.staff)
    for address in opened_by(letter, PAGES):
        path = path_of(address, world)
        with undone():
            for number, value in enumerate(WILD):
                headers = {"HX-Request": "true"} if number % 2 else {}
                answer = client.get(path, dict.fromkeys(PARAMETERS, value), headers=headers)
                assert answer.status_code < 500, (str(address), value)


@each_role
def test_a_thing_that_is_not_there_is_not_found(client: Client, letter: str) -> None:
    world = world_made(role=LETTERS[letter])
    client.force_login(world.staff)
    for address in opened_by(letter, [about for about in OFFICE if about.about]):
        first = next(iter(address.about.values()))
        stem, _, rest = path_of(address, world).partition(f"/{world.key(first, 'own')}/")
        for value in ("-1", "999999999", "9" * 40, "x", "a\x00b", "'--", "𠮷", "%2e%2e"):
            path = f"{stem}/{quote(value)}/{rest}"
            send = client.post if address.method == "POST" else client.get
            with undone():
                answer = send(path)
            assert answer.status_code in {302, 400, 404}, (str(address), value)


@each_role
def test_a_form_survives_any_value_of_its_fields(client: Client, letter: str) -> None:
    world = world_made(role=LETTERS[letter])
    client.force_login(world.staff)
    common = {*PARAMETERS, "name", "text", "purpose", "username", "case", "all"}
    for address in opened_by(letter, FORMS):
        fields = common | set(address.form)
        with undone():
            for value in WILD:
                answer = client.post(path_of(address, world), dict.fromkeys(fields, value))
                assert answer.status_code < 500, (str(address), value)


@pytest.mark.outside
def test_no_naughty_string_breaks_a_page_or_runs_in_it(client: Client, outside: Path) -> None:
    strings = json.loads((outside / "data/vectors/naughty-strings/blns.json").read_text("utf-8"))
    world = world_made(role=Role.COLLECTIONS_MANAGER)
    client.force_login(world.staff)
    pages = [page for page in PAGES if "M" in page.may and not page.about]
    for number, value in enumerate(strings):
        path = path_of(pages[number % len(pages)], world)
        answer = client.get(path, dict.fromkeys(PARAMETERS, value))
        assert answer.status_code < 500, value
        if "<" in value and not answer.streaming:
            assert value not in answer.content.decode("utf-8", "replace"), value
