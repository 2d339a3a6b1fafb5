"""The whole example bank under a pack that permits nothing: nights, proposals, calls, letters,
people's answers, tasks, gateways set up. Nothing leaves, and the interpreter itself saw no socket
connect (`sys.addaudithook`, which no library can go around)."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pytest_django import Settings
from rich.console import Console

from doorstep.cases.models import Case, Contact, WorkItem
from doorstep.channels.message import Channel, Incoming
from doorstep.cli.demo_load import demo_load
from doorstep.cli.worker import quick_duties, slow_duties
from doorstep.dispatch.calls import call_clear
from doorstep.dispatch.gateways import channels_open, door_make
from doorstep.dispatch.inbound import inbound_receive
from doorstep.dispatch.leases import lease_take
from doorstep.dispatch.models import Act, ActState, Clearance, Inbound
from doorstep.dispatch.proposals import acts_approve, acts_propose
from doorstep.dispatch.rulebook import rulebook_current
from doorstep.dispatch.worker import Sender
from doorstep.guard.action import Action, Kind
from doorstep.guard.decide import decide
from doorstep.guard.facts import Facts
from doorstep.guard.verdict import Outcome
from doorstep.kernel import clock
from doorstep.kernel.errors import Refused
from doorstep.outreach.selectors import templates_in_force
from doorstep.portfolio.models import ContactPoint
from doorstep.workforce.models import Staff
from tests.contracts.test_deny_all import nothing_permitted
from tests.rulepacks.kit import ORDINARY

pytestmark = pytest.mark.django_db
__all__ = ["nothing_permitted"]  # the fixture of a rulebook without a permission
NINE = clock.now().astimezone(ZoneInfo("Asia/Shanghai")).replace(hour=9, minute=30, second=0)
LOANS = 1_000
WATCHED = ("socket.connect", "socket.sendto", "socket.sendmsg")


@dataclass
class Watch:
    """What the interpreter told of sockets while it was switched on."""

    on: bool = False
    seen: list[tuple[str, Any]] = field(default_factory=list)

    def hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Called by the interpreter for whatever it does; hooks cannot be taken away."""
        if self.on and event in WATCHED:
            self.seen.append((event, arguments[1]))


WATCH = Watch()
sys.addaudithook(WATCH.hook)


@pytest.fixture
def watch() -> Iterator[list[tuple[str, Any]]]:
    """Every socket that connected or sent in this test."""
    WATCH.on, WATCH.seen = True, []
    yield WATCH.seen
    WATCH.on = False


@pytest.fixture
def gateway() -> Iterator[socket.socket]:
    """Somebody who listens where every gateway is said to be."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        yield listening


def gateways_written(folder: Path, port: int, *, sms: str) -> str:
    """A lender's `channels.toml` with every adapter there is for these channels."""
    (folder / "secret").write_text("s", "utf-8")
    secret = f'secret_file = "{folder / "secret"}"'
    by = {
        "http": f'adapter = "http"\nurl = "http://127.0.0.1:{port}"\n{secret}',
        "smpp": f'adapter = "smpp"\nhost = "127.0.0.1"\nport = {port}\nsystem_id = "us"\n'
        f'sender = "95599"\ntls = false\n{secret}',
    }
    text = f"""
[sms]
{by[sms]}
[email]
adapter = "smtp"
host = "127.0.0.1"
port = {port}
security = "none"
sender = "a@bank.test"
sender_name = "Bank"
return_domain = "bank.test"
[letter]
adapter = "print"
sender = "Bank"
[messenger]
adapter = "webhook"
url = "http://127.0.0.1:{port}"
{secret}
"""
    path = folder / f"{sms}.toml"
    path.write_text(text, "utf-8")
    return str(path)


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The clock of the test; the last entry is the time."""
    times = [NINE]
    monkeypatch.setattr(clock, "now", lambda: times[-1])
    return times


def sender_of(channels: dict[str, Channel], door: Any) -> Sender:
    return Sender(
        worker=lease_take(at=clock.now()).worker, door=door, channels=channels,
        rulebook=rulebook_current, clock=clock.now,
    )  # fmt: skip


def everything_proposed() -> int:
    """Every text there is, to every case there is; approved by a second person."""
    manager, approver = (Staff.objects.get(username=name) for name in ("manager", "approver"))
    proposed = 0
    for template in templates_in_force().values():
        if template.medium == "phone":
            continue
        with suppress(Refused):  # a text that lacks a fact is proposed to nobody
            proposal = acts_propose(
                cases=Case.objects.filter(status="open"), template=template.key,
                planned_from=clock.now(), planned_until=clock.now() + timedelta(hours=2),
                by=manager, at=clock.now(),
            )  # fmt: skip
            acts_approve(proposal=proposal, by=approver, at=clock.now())
            assert proposal.preview["allowed"] == 0
            proposed += 1
    return proposed


def everybody_called() -> int:
    """The desk asks for every number of the first forty cases."""
    caller = Staff.objects.get(username="manager")
    asked = 0
    for case in Case.objects.filter(status="open").order_by("pk")[:40]:
        for point in ContactPoint.objects.filter(borrower=case.borrower_id, kind="mobile"):
            with suppress(Refused):  # somebody else's number is not even asked for
                asked += 1
                assert not call_clear(
                    case=case, contact_point=point, by=caller, clock=clock.now
                ).may
    return asked


def everybody_answers() -> None:
    """People write in: an answer is recognised and acted on, and no answer goes out."""
    points = ContactPoint.objects.filter(kind="mobile")[:12]
    words = ("我要投诉", "已经还了", "你打错了", "不要再发了", "我失业了还不上", "这笔钱不对")
    for number, point in enumerate(points):
        incoming = Incoming(
            key=f"in-{number}", sender=point.value, text=words[number % 6], at=clock.now()
        )
        inbound_receive(channel="sms", incoming=incoming, at=clock.now())
    assert Inbound.objects.count() == len(points) > 0


def test_the_whole_example_bank_sends_nothing_where_nothing_is_permitted(
    nothing_permitted: None,
    watch: list[tuple[str, Any]],
    gateway: socket.socket,
    now: list[datetime],
    tmp_path: Path,
    settings: Settings,
) -> None:
    settings.CHECKPOINT_PLACE = str(tmp_path / "elsewhere")
    Path(settings.CHECKPOINT_PLACE).mkdir()
    demo_load(console=Console(file=StringIO()), loans=LOANS, seed=7, on=NINE.date())
    assert Case.objects.filter(status="open").count() > 50
    assert not WorkItem.objects.exists()  # the night proposes only what may be done
    past = Contact.objects.filter(direction="out").count()
    proposed, asked = everything_proposed(), everybody_called()
    everybody_answers()
    for duty in (quick_duties(), slow_duties()):
        for _every, deed in duty.values():
            deed()

    door = door_make(clock.now)
    demo = sender_of(channels_open(door=door, clock=clock.now), door)
    assert demo.round() > 0 or not Act.objects.filter(state=ActState.QUEUED).exists()
    demo.close()
    settings.MODE = "lender"
    for sms in ("http", "smpp"):  # what waits, once more, now before a lender's own gateways
        Act.objects.filter(kind="message").update(state=ActState.QUEUED, planned_from=clock.now())
        settings.CHANNELS_FILE = gateways_written(tmp_path, gateway.getsockname()[1], sms=sms)
        door = door_make(clock.now)
        channels = channels_open(door=door, clock=clock.now)
        assert set(channels) == {"sms", "email", "letter", "messenger"}
        sender = sender_of(channels, door)
        now.append(now[-1] + timedelta(minutes=20))
        assert sender.drain() > 0
        sender.ask()
        sender.close()

    assert (proposed >= 6, asked > 20) == (True, True)
    assert Clearance.objects.count() == 0
    assert Contact.objects.filter(direction="out").count() == past
    assert Act.objects.exists()
    assert (
        not Act.objects.exclude(state__in=(ActState.BLOCKED, ActState.EXPIRED))
        .exclude(state=ActState.WITHDRAWN)
        .exists()
    )
    home = Path(settings.HOME)
    assert not any((home / name).exists() for name in ("sandbox", "letters"))
    assert watch == []
    with pytest.raises(BlockingIOError):
        gateway.accept()


def test_the_watch_sees_a_socket_that_connects(
    watch: list[tuple[str, Any]], gateway: socket.socket
) -> None:
    """Else an empty list would prove nothing."""
    with socket.create_connection(gateway.getsockname()):
        gateway.accept()[0].close()
    assert watch == [("socket.connect", gateway.getsockname())]


@pytest.mark.parametrize("kind", Kind)
def test_no_kind_of_act_is_permitted_by_silence(nothing_permitted: None, kind: Kind) -> None:
    at = NINE
    action = Action(kind=kind, at=at, zone="Asia/Shanghai", channel="phone", contact_point="n1")
    facts = Facts.of("test", **{**ORDINARY, "human_reviewed": True, "separate_consent": True})
    verdict = decide(rulebook=rulebook_current(), action=action, facts=facts, at=at)
    assert verdict.outcome is Outcome.FORBID
    assert verdict.rules == ("NO-PERMISSION",)
