"""The one door, from a queued act to its receipt: everything that is kept on the way."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from doorstep.cases.models import Contact
from doorstep.dispatch.models import ActState, CapSlot, Clearance, Receipt
from doorstep.evidence.models import Leaf
from tests.dispatch.outbox import AT, TEXT, make_act, make_sender

pytestmark = pytest.mark.django_db


def test_a_permitted_message_goes_out_once_and_everything_about_it_is_kept(tmp_path: Path) -> None:
    act = make_act()
    sender = make_sender(folder=tmp_path)
    sender.round()
    sender.round()
    act.refresh_from_db()
    assert act.verdict is None, act.verdict
    assert act.state == ActState.DELIVERED
    (kept,) = (tmp_path / "sms").iterdir()
    assert json.loads(kept.read_text("utf-8"))["text"] == TEXT
    clearance = Clearance.objects.get()
    assert (clearance.act, clearance.used_at, clearance.released_at) == (act, AT, None)
    assert act.clearance == clearance
    contact = Contact.objects.get(clearance=clearance.pk)
    assert (contact.origin, contact.result, contact.number) == ("platform", "delivered", act.number)
    assert list(Leaf.objects.order_by("index").values_list("kind", flat=True)) == [
        "decision", "sent", "receipt",
    ]  # fmt: skip
    assert clearance.log_index == Leaf.objects.get(kind="decision").index
    assert Receipt.objects.get().act == act
    assert set(CapSlot.objects.values_list("counter", flat=True)) >= {"messages_today"}
