"""Acts, senders and clocks for the tests of the one door."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from doorstep.cases.models import Case
from doorstep.channels.message import Channel
from doorstep.channels.sandbox import Sandbox
from doorstep.dispatch.gateways import door_make
from doorstep.dispatch.keys import number_key, reference_make
from doorstep.dispatch.leases import lease_take
from doorstep.dispatch.models import Act, Inbound, Incident, Proposal
from doorstep.dispatch.rulebook import rulebook_current
from doorstep.dispatch.worker import Sender
from doorstep.outreach.render import digest_of
from doorstep.portfolio.models import ContactPoint
from doorstep.workforce.models import Staff
from tests.factories import make_borrower, make_case, make_contact, make_contact_point, make_loan

# 10:00 on a Friday in China, a day after the night of the factories' ON.
AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
TEXT = "【某银行】尊敬的欧*:您尾号1234的贷款有逾期,详询 95599。"
OPEN: list[Sender] = []


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    at: datetime = AT

    def __call__(self) -> datetime:
        return self.at

    def move(self, **step: float) -> None:
        self.at += timedelta(**step)


def make_owing_case(**fields: Any) -> Case:
    """A case whose borrower has a contract, an overdue loan and a verified mobile number."""
    borrower = make_borrower()
    make_loan(borrower=borrower)
    make_contact_point(borrower=borrower)
    return make_case(borrower=borrower, **fields)


def make_act(*, case: Case | None = None, **fields: Any) -> Act:
    """A queued reminder by SMS, due now and good for three hours."""
    case = case or make_owing_case()
    point = (
        fields.pop("contact_point", None)
        or ContactPoint.objects.filter(borrower=case.borrower_id).order_by("pk").first()
    )
    assert point is not None
    channel = fields.pop("channel", "sms")
    content = fields.pop("content", None) or {
        "text": TEXT, "subject": "", "html": "", "body": TEXT, "language": "zh-Hans",
        "kind": "reminder", "tone": "friendly", "reading": "usual",
    }  # fmt: skip
    values: dict[str, Any] = {
        "reference": reference_make(),
        "kind": "message",
        "channel": channel,
        "case": case,
        "borrower_id": case.borrower_id,
        "contact_point": point,
        "number": number_key(kind=point.kind, value=point.value),
        "template": "reminder_friendly_sms",
        "template_version": "1",
        "content": content,
        "content_sha256": digest_of(
            channel, content["language"], content["subject"], content["text"], content["html"]
        ),
        "contains": ["lender", "who", "amount", "due_on", "pay_channel", "hotline"],
        "planned_from": AT - timedelta(minutes=1),
        "planned_until": AT + timedelta(hours=3),
        "made_at": AT,
        "state_at": AT,
    }
    return Act.objects.create(**(values | fields))


def make_proposal(*, by: Staff, **fields: Any) -> Proposal:
    """A proposal that waits, with a preview as the guard would have given it."""
    values: dict[str, Any] = {
        "template": "reminder_friendly_sms",
        "template_version": "1",
        "channel": "sms",
        "planned_from": AT,
        "planned_until": AT + timedelta(hours=2),
        "preview": {"allowed": 0, "later": 0, "blocked": 0, "groups": [], "left_out": {}},
        "proposed_by": by,
        "proposed_at": AT,
    }
    return Proposal.objects.create(**(values | fields))


def make_incident(*, case: Case, by: Staff, **fields: Any) -> Incident:
    """A call from a private telephone that somebody recorded afterwards."""
    contact = make_contact(borrower=case.borrower, channel="call", origin="uncleared", by=by)
    values = {"note": "Rang from the bus.", "recorded_by": by, "recorded_at": AT}
    return Incident.objects.create(contact=contact, case=case, **(values | fields))


def make_inbound(*, text: str = "请问你是谁?", **fields: Any) -> Inbound:
    """What somebody wrote whom nobody knows."""
    values: dict[str, Any] = {
        "channel": "sms",
        "key": reference_make(),
        "number": "mobile:0",
        "text": text,
        "at": AT,
        "received_at": AT,
        "recognised": "other",
    }
    return Inbound.objects.create(**(values | fields))


def make_sender(
    *,
    channels: Callable[[Any], Mapping[str, Channel]] | None = None,
    clock: Callable[[], datetime] | None = None,
    folder: Path | None = None,
    rulebook: Any = None,
    batch: int = 400,
) -> Sender:
    """A sender at work; without `channels` its SMS go to a sandbox in `folder`."""
    clock = clock or Clock()
    door = door_make(clock)
    if channels is None:
        assert folder is not None
        opened: Mapping[str, Channel] = {
            "sms": Sandbox(door=door, name="sms", folder=folder, clock=clock)
        }
    else:
        opened = channels(door)
    sender = Sender(
        worker=lease_take(at=clock()).worker,
        door=door,
        channels=opened,
        rulebook=(lambda: rulebook) if rulebook is not None else rulebook_current,
        clock=clock,
        batch=batch,
    )
    OPEN.append(sender)
    return sender
