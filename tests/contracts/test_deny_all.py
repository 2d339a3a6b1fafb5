"""A pack that permits nothing: the whole desk works on, and nothing leaves. No send, no socket."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from doorstep.cases.models import Case, Contact
from doorstep.dispatch.calls import call_clear
from doorstep.dispatch.gateways import channels_open, door_make
from doorstep.dispatch.leases import lease_take
from doorstep.dispatch.models import Act, ActState, Clearance
from doorstep.dispatch.proposals import acts_approve, acts_propose
from doorstep.dispatch.rulebook import rulebook_current
from doorstep.dispatch.worker import Sender
from doorstep.kernel.errors import Refused
from doorstep.outreach.selectors import templates_in_force
from doorstep.portfolio.models import ContactPoint
from doorstep.rules import selectors
from doorstep.rules.pack import packs_folder
from doorstep.workforce.roles import Role
from tests.dispatch.outbox import AT, Clock, make_act, make_owing_case
from tests.factories import make_address, make_contact_point, make_instalments, make_staff

DENY_ALL = """
id = "deny-all"
version = "1"
authority = "test"
jurisdiction = "cn"
title = { zh = "一律不做", en = "Nothing at all" }
"""


@pytest.fixture
def nothing_permitted(tmp_path: Path, settings: Settings) -> Iterator[None]:
    """The rulebook is a pack without a single permission."""
    selectors._with_changes.cache_clear()
    folder = tmp_path / "rulepacks"
    (folder / "none").mkdir(parents=True)
    shutil.copy(packs_folder() / "facts.toml", folder / "facts.toml")
    (folder / "counters.toml").write_text("", "utf-8")
    (folder / "none" / "pack.toml").write_text(DENY_ALL, "utf-8")
    settings.RULEPACKS = str(folder)
    settings.HOME = tmp_path / "home"
    settings.HOME.mkdir()
    yield
    selectors._with_changes.cache_clear()


@pytest.fixture
def sockets(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every connection that somebody tried to open to another program."""
    opened: list[Any] = []

    def connect(self: socket.socket, address: Any) -> None:
        opened.append(address)
        raise OSError("no connection in this test")

    monkeypatch.setattr(socket.socket, "connect", connect)
    return opened


def owing_cases(count: int) -> list[Case]:
    cases = []
    for _ in range(count):
        case = make_owing_case(step="call")
        make_instalments(loan=case.borrower.loans.get())
        make_contact_point(borrower=case.borrower, kind="email", value=f"c{case.pk}@example.test")
        make_address(borrower=case.borrower, state="verified")
        cases.append(case)
    return cases


@pytest.mark.django_db
def test_with_nothing_permitted_nothing_is_sent_and_no_socket_is_opened(
    nothing_permitted: None, sockets: list[Any], tmp_path: Path
) -> None:
    cases = owing_cases(4)
    manager, colleague = (make_staff(Role.COLLECTIONS_MANAGER) for _ in range(2))
    proposed = 0
    for template in templates_in_force().values():
        if template.medium == "phone":
            continue
        with suppress(Refused):  # a text that lacks a fact is proposed to nobody
            proposal = acts_propose(
                cases=Case.objects.all(), template=template.key, planned_from=AT,
                planned_until=AT + timedelta(hours=2), by=manager, at=AT,
            )  # fmt: skip
            acts_approve(proposal=proposal, by=colleague, at=AT)
            assert proposal.preview["allowed"] == 0
            proposed += 1
    assert proposed >= 6
    for case in cases:
        make_act(case=case)  # past every preview, straight into the outbox
    clock = Clock(AT + timedelta(hours=1))
    door = door_make(clock)
    sender = Sender(
        worker=lease_take(at=AT).worker, door=door,
        channels=channels_open(door=door, clock=clock), rulebook=rulebook_current, clock=clock,
    )  # fmt: skip
    for _ in range(3):
        sender.round()
    sender.close()
    for case in cases:
        point = ContactPoint.objects.filter(borrower=case.borrower_id, kind="mobile").first()
        assert point is not None
        asked = call_clear(case=case, contact_point=point, by=manager, clock=clock)
        assert not asked.may
    assert Clearance.objects.count() == 0
    assert Contact.objects.count() == 0
    assert set(Act.objects.values_list("state", flat=True)) == {ActState.BLOCKED}
    assert not list((tmp_path / "home").rglob("*.json"))
    assert sockets == []


@pytest.mark.django_db
def test_the_same_desk_sends_when_the_rules_permit_it(
    sockets: list[Any], tmp_path: Path, settings: Settings
) -> None:
    """Else the test above would prove nothing."""
    settings.HOME = tmp_path
    make_act(case=owing_cases(1)[0])
    clock = Clock()
    door = door_make(clock)
    sender = Sender(
        worker=lease_take(at=AT).worker, door=door,
        channels=channels_open(door=door, clock=clock), rulebook=rulebook_current, clock=clock,
    )  # fmt: skip
    sender.round()
    sender.close()
    assert Act.objects.get().state == ActState.DELIVERED
    assert len(list(tmp_path.rglob("sandbox/sms/*.json"))) == 1
    assert sockets == []
