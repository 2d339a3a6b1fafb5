"""A day at the example bank: the night proposes, two people approve a mass reminder, it arrives, a
customer complains and is not called in the afternoon, and the auditor proves what happened."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from rich.console import Console

from doorstep.cases.models import Case, WorkItem
from doorstep.channels.email_smtp import EmailSmtp, MailServer
from doorstep.channels.sandbox import Sandbox
from doorstep.cli.demo_load import demo_load
from doorstep.dispatch.gateways import door_make, sandbox_folder
from doorstep.dispatch.leases import lease_take
from doorstep.dispatch.models import Act, ActState, Inbound, Proposal
from doorstep.dispatch.rulebook import rulebook_current
from doorstep.dispatch.worker import Sender
from doorstep.evidence.checkpoints import checkpoints_keep_up
from doorstep.evidence.models import Checkpoint
from doorstep.kernel import clock
from doorstep.portfolio.models import ContactPoint
from doorstep.protections.models import Complaint
from doorstep.workforce.models import Staff
from tests.channels.test_email import free_port
from tests.servers.mail import MailGateway, deliver, mail_server

pytestmark = pytest.mark.django_db
CHINA = ZoneInfo("Asia/Shanghai")
NINE = clock.now().astimezone(CHINA).replace(hour=9, minute=0, second=0, microsecond=0)
LOANS = 1_500


@dataclass
class Day:
    """The office on one day: its clock, its people, its sender and its mail server."""

    mail_port: int
    returns: Path
    at: datetime = NINE
    mails: MailGateway = field(default_factory=MailGateway)

    def now(self) -> datetime:
        return self.at

    def passes(self, **step: float) -> None:
        self.at += timedelta(**step)

    def desk(self, username: str) -> Client:
        client = Client()
        client.force_login(
            Staff.objects.get(username=username),
            backend="allauth.account.auth_backends.AuthenticationBackend",
        )
        return client

    def sender_runs(self) -> None:
        """A round of the sender: SMS into the sandbox, e-mail through the bank's own server."""
        server = MailServer(
            host="127.0.0.1", port=self.mail_port, security="none", sender="service@bank.test",
            sender_name="云川银行", return_domain="bank.test", returns=self.returns,
        )  # fmt: skip
        door = door_make(self.now)
        sms = Sandbox(door=door, name="sms", folder=sandbox_folder(), clock=self.now)
        sender = Sender(
            worker=lease_take(at=self.at).worker,
            door=door,
            channels={"sms": sms, "email": EmailSmtp(door=door, server=server, clock=self.now)},
            rulebook=rulebook_current,
            clock=self.now,
        )
        sender.round()
        sender.close()


@pytest.fixture
def day(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Day]:
    """A morning at the example bank, its night just run."""
    settings.HOME = tmp_path / "home"
    settings.HOME.mkdir()
    settings.CHECKPOINT_PLACE = tmp_path / "elsewhere"
    settings.CHECKPOINT_PLACE.mkdir()
    day = Day(mail_port=free_port(), returns=tmp_path / "returns")
    monkeypatch.setattr(clock, "now", day.now)
    demo_load(console=Console(file=StringIO()), loans=LOANS, seed=7, on=NINE.date())
    with mail_server(day.mails, day.mail_port):
        yield day


def propose(day: Day, *, query: str, template: str) -> Proposal:
    """The manager chooses whom and what; the answer is the preview."""
    start = day.at.replace(tzinfo=None)
    answer = day.desk("manager").post(
        "/messages/propose/",
        {
            "query": query,
            "template": template,
            "planned_from": start.isoformat(),
            "planned_until": (start + timedelta(hours=2)).isoformat(),
        },
    )
    assert answer.status_code == 302, re.findall(r"role=.alert.*?</", answer.content.decode(), re.S)
    found = re.fullmatch(r"/messages/proposals/(\d+)/", answer["Location"])
    assert found, answer["Location"]
    return Proposal.objects.get(pk=found[1])


def approve(day: Day, proposal: Proposal, *, by: str) -> None:
    address = f"/messages/proposals/{proposal.pk}/decide/"
    assert day.desk(by).post(address, {"decision": "approve"}).status_code == 302
    proposal.refresh_from_db()


def test_from_the_nights_proposal_to_the_auditors_proof(day: Day, tmp_path: Path) -> None:
    waiting = Case.objects.filter(status="open", step="remind").count()
    assert waiting > 50

    reminder = propose(day, query="step=remind", template="reminder_friendly_sms")
    preview = reminder.preview
    assert preview["allowed"] > 0
    assert preview["blocked"] > 0
    assert all(group["verdict"]["reasons"] for group in preview["groups"])
    counted = preview["allowed"] + preview["later"] + preview["blocked"]
    assert counted + sum(preview["left_out"].values()) == waiting

    approve(day, reminder, by="manager")  # whoever proposed cannot approve
    assert reminder.state == "waiting"
    day.passes(hours=1, minutes=55)
    day.sender_runs()
    assert not Act.objects.filter(state=ActState.SENT).exists()
    approve(day, reminder, by="approver")
    day.sender_runs()
    sent = reminder.acts.filter(state__in=(ActState.SENT, ActState.DELIVERED))
    assert sent.count() == preview["allowed"]
    assert len(list((sandbox_folder() / "sms").glob("*.json"))) == preview["allowed"]
    page = day.desk("manager").get("/sandbox/").content.decode()
    assert "云川银行" in page

    second = propose(day, query="step=call", template="reminder_second_email")
    approve(day, second, by="approver")
    day.passes(hours=1, minutes=55)
    day.sender_runs()
    assert len(day.mails.accepted) == second.preview["allowed"] > 0
    act = second.acts.filter(state=ActState.SENT).select_related("contact_point").first()
    assert act is not None
    complains(day, act)
    auditor_proves(day, act, tmp_path)


def complains(day: Day, act: Act) -> None:
    """The afternoon's call is on the desk's list until the customer's mail arrives."""
    case = act.case
    manager = day.desk("manager")
    assert case.borrower_id in manager.get(f"/calls/?q={case.borrower_id}").content.decode()
    point = act.contact_point
    assert point is not None
    answer = EmailMessage()
    answer["From"], answer["To"] = point.value, "service@bank.test"
    answer["Subject"], answer["Message-ID"] = "回复", "<complaint@example.test>"
    answer.set_content("我要投诉")
    deliver(day.returns, answer)
    day.sender_runs()

    assert Inbound.objects.get().recognised == "complaint"
    complaint = Complaint.objects.get(borrower=case.borrower_id)
    assert complaint.about_template == act.template
    case.refresh_from_db()
    assert case.step != "call"
    assert not WorkItem.objects.filter(case=case, status="open", step="call").exists()
    day.passes(hours=1)
    number = ContactPoint.objects.filter(borrower=case.borrower_id, kind="mobile").first()
    assert number is not None
    asked = manager.post(f"/calls/cases/{case.pk}/ask/", {"point": number.pk})
    assert number.value not in asked.content.decode()
    call = Act.objects.get(case=case, kind="call")
    assert call.state == ActState.BLOCKED
    assert call.verdict["outcome"] == "forbid"


def auditor_proves(day: Day, act: Act, tmp_path: Path) -> None:
    """She takes the case's bundle away and runs the verifier against the copy kept elsewhere."""
    day.passes(minutes=1)
    checkpoints_keep_up(at=day.at)
    taken = day.desk("auditor").post(
        "/audit/bundle/", {"case": str(act.case_id), "purpose": "Sample of the quarter"}
    )
    assert taken.status_code == 200
    with zipfile.ZipFile(BytesIO(b"".join(taken.streaming_content))) as bundle:  # type: ignore[arg-type]
        bundle.extractall(tmp_path / "laptop")
    (folder,) = (tmp_path / "laptop").iterdir()
    kinds = [
        json.loads(line)["kind"]
        for line in (folder / "entries.jsonl").read_text("utf-8").splitlines()
    ]
    assert {"decision", "inbound"} <= set(kinds), kinds
    note = tmp_path / "note"
    note.write_text(Checkpoint.objects.latest("size").note, "utf-8")
    command = [sys.executable, "-I", "-S", "verify.py", "--checkpoint", str(note)]
    sound = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert json.loads(sound.stdout)["ok"], sound.stdout
    entries = folder / "entries.jsonl"
    entries.write_text(entries.read_text("utf-8").replace("permit", "forbid", 1), "utf-8")
    found = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert not json.loads(found.stdout)["ok"]
