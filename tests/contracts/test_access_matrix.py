"""Access follows role and case: every address x every role x whose case it is.

The expectation is `access_table.py`, written by hand; what happens is asked of the real site.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse

from doorstep.workforce.models import Staff
from tests.contracts.access_table import (
    CLOSED,
    FIELD_API,
    LETTERS,
    OFFICE,
    OWN_ACCOUNT,
    PORTAL,
    PUBLIC,
    SEES,
    WHOSE,
    Address,
)
from tests.contracts.trial_world import World, world_made

SIGN_IN = "/accounts/login/"
# What a form may answer to somebody who may send it, be the form itself good or not.
TAKEN = {200, 204, 302, 400, 409, 422}
PAGES = [address for address in OFFICE if address.method == "GET"]
FORMS = [address for address in OFFICE if address.method == "POST"]
DEEDS = [form for form in FORMS if form.name not in {page.name for page in PAGES}]
# The key of no thing, where a number is none.
NOBODY = dict.fromkeys(
    ("recording_id", "event_id", "device_id"), "00000000-0000-4000-8000-000000000000"
)
matrix = pytest.mark.parametrize("address", OFFICE, ids=str)
each_role = pytest.mark.parametrize("letter", LETTERS)


@dataclass(frozen=True)
class Place:
    """An address as the site knows it: its view and the parameters in its path."""

    view: Callable[..., HttpResponse]
    parameters: frozenset[str]


def places(
    resolver: URLResolver | None = None,
    prefix: str = "",
    parameters: frozenset[str] = frozenset(),
) -> Iterator[tuple[str, Place]]:
    """Every address of the site by name, with its namespace."""
    for entry in (resolver or get_resolver()).url_patterns:
        known = parameters | set(entry.pattern.regex.groupindex)
        if isinstance(entry, URLResolver):
            inner = f"{prefix}{entry.namespace}:" if entry.namespace else prefix
            yield from places(entry, inner, known)
        else:
            yield f"{prefix}{entry.name or ''}", Place(entry.callback, known)


def opened_by(letter: str, addresses: Iterable[Address]) -> list[Address]:
    """The addresses whose first role is that one: making a trial world is dear, so tests go through
    the addresses role by role."""
    return [address for address in addresses if address.may[0] == letter]


@contextmanager
def undone() -> Iterator[None]:
    """What one request changes is not there for the next."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def path_of(address: Address, world: World | None, whose: str = "own") -> str:
    """The address as a path, about the things of that person's case."""
    keys = {
        parameter: world.key(thing, whose) if world else NOBODY.get(parameter, 1)
        for parameter, thing in address.about.items()
    }
    return reverse(address.name, kwargs=keys)


def form_of(address: Address, world: World | None, whose: str = "own") -> dict[str, str]:
    """The form of the address; `{thing}` in a value stands for the key of that person's thing."""
    keys = {thing: world.key(thing, whose) for thing in world.keys} if world else {}
    return {
        name: value.format_map(keys) if world else value for name, value in address.form.items()
    }


def ask(client: Client, address: Address, world: World | None, whose: str = "own") -> HttpResponse:
    """Sends the request of the address."""
    path = path_of(address, world, whose)
    if address.method == "POST":
        return client.post(path, form_of(address, world, whose))
    return client.get(f"{path}?{address.query}" if address.query else path)


def to_sign_in(answer: HttpResponse) -> bool:
    """Whether the answer leads to the sign-in page."""
    return answer.status_code == 302 and answer.headers["Location"].startswith(SIGN_IN)


def test_every_address_has_its_line_in_the_table() -> None:
    declared = {address.name for address in OFFICE} | set(PUBLIC) | CLOSED | OWN_ACCOUNT | PORTAL
    declared |= FIELD_API
    existing = {name for name, _ in places()}
    assert existing - declared == set(), "say in access_table.py who may open these"
    assert declared - existing == set(), "these are gone; take their lines out of access_table.py"


def test_an_address_that_takes_a_parameter_says_what_it_is_about() -> None:
    known = dict(places())
    for address in OFFICE:
        assert (address.name, known[address.name].parameters) == (address.name, set(address.about))


def test_every_view_of_the_office_states_its_permission() -> None:
    silent = [
        name
        for name, place in places()
        if name.startswith("office:") and name not in PUBLIC and not hasattr(place.view, "needs")
    ]
    assert silent == []


def test_the_table_says_for_every_role_how_far_it_sees() -> None:
    assert set(SEES) == set(LETTERS)
    assert all(set(address.may) <= set(LETTERS) and address.may for address in OFFICE)


def expected_of(address: Address, letter: str, whose: str) -> set[int]:
    """What the table says the role gets for the address when it is about that person's case."""
    if letter not in address.may:
        return {403}
    if address.scoped and whose not in SEES[letter]:
        return {404}
    return TAKEN if address.method == "POST" else set(address.answers)


@pytest.mark.django_db
@each_role
def test_access_is_as_the_table_says(client: Client, letter: str) -> None:
    world = world_made(role=LETTERS[letter])
    client.force_login(world.staff)
    wrong = {}
    for address in OFFICE:
        for whose in WHOSE if address.about else ("own",):
            with undone():
                answer = ask(client, address, world, whose)
            expected = expected_of(address, letter, whose)
            if answer.status_code not in expected or to_sign_in(answer):
                wrong[f"{address} {whose}"] = (answer.status_code, expected)
    assert wrong == {}


@pytest.mark.django_db
@matrix
def test_nobody_gets_in_without_signing_in(client: Client, address: Address) -> None:
    assert to_sign_in(ask(client, address, None))


@pytest.mark.django_db
@pytest.mark.parametrize("name", PUBLIC)
def test_what_is_open_to_all_is_no_more_than_this(client: Client, name: str) -> None:
    if name == "phone" and not (Path(settings.PHONE) / "index.html").exists():
        pytest.skip("the phone app is not built: npm --prefix field run build")
    assert client.get(reverse(name)).status_code == PUBLIC[name]


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(OWN_ACCOUNT))
def test_ones_own_account_is_not_for_strangers(client: Client, name: str) -> None:
    parameters = dict(places())[name].parameters
    assert to_sign_in(client.get(reverse(name, kwargs=dict.fromkeys(parameters, 1))))


@pytest.mark.django_db
@each_role
def test_what_changes_something_cannot_be_done_by_a_link(client: Client, letter: str) -> None:
    world = world_made(role=LETTERS[letter])
    client.force_login(world.staff)
    for address in opened_by(letter, DEEDS):
        assert client.get(path_of(address, world)).status_code == 405, str(address)


@pytest.mark.django_db
@each_role
def test_a_form_from_another_site_is_refused(letter: str) -> None:
    world = world_made(role=LETTERS[letter])
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.staff)
    for address in opened_by(letter, FORMS):
        assert ask(client, address, world).status_code == 403, str(address)


@pytest.mark.django_db
@each_role
def test_an_account_taken_out_of_use_opens_nothing(client: Client, letter: str) -> None:
    world = world_made(role=LETTERS[letter])
    client.force_login(world.staff)
    Staff.objects.filter(pk=world.staff.pk).update(is_active=False)
    for address in OFFICE:
        assert to_sign_in(ask(client, address, world)), str(address)
