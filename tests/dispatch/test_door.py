"""The one door, from a queued act to its receipt: everything that is kept on the way."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from doorstep.cases.models import Contact
from doorstep.dispatch.clearing import acts_clear
from doorstep.dispatch.leases import lease_take
from doorstep.dispatch.models import ActState, CapSlot, Clearance, Receipt
from doorstep.dispatch.rulebook import rulebook_current
from doorstep.evidence.models import Leaf
from tests.dispatch.outbox import AT, TEXT, Clock, make_act, make_owing_case, make_sender
from tests.factories import make_contact_point

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


def test_a_number_that_two_borrowers_share_is_decided_one_after_the_other(tmp_path: Path) -> None:
    first = make_act()
    assert first.contact_point is not None
    other = make_owing_case()
    shared = make_contact_point(borrower=other.borrower, value=first.contact_point.value)
    second = make_act(case=other, contact_point=shared)
    make_sender(folder=tmp_path).round()
    for act in (first, second):
        act.refresh_from_db()
    assert first.state in (ActState.SENT, ActState.DELIVERED)
    decided = Leaf.objects.filter(kind="decision").order_by("index").values_list("index", flat=True)
    assert len(decided) == 2
    assert second.state != ActState.QUEUED


def test_what_an_error_cut_short_is_in_doubt_at_the_next_round_and_never_lost(
    tmp_path: Path,
) -> None:
    sender = make_sender(folder=tmp_path)
    acts = [make_act(), make_act()]
    for worker in (sender.worker, lease_take(at=AT).worker):
        acts_clear(
            limit=1, worker=worker, clock=Clock(), rulebook=rulebook_current(), channels=["sms"]
        )
    sender.round()
    for act in acts:
        act.refresh_from_db()
    assert (acts[0].state, acts[0].why) == (ActState.IN_DOUBT, "worker_died")
    assert acts[1].state == ActState.SENDING
