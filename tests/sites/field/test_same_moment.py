"""Two phones at the same moment on real connections: one after the other, and neither is lost."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

import pytest
from django.db import connection

from doorstep.dispatch.door_events import Told, events_apply
from doorstep.kernel import clock
from doorstep.visits.models import DoorConflict, DoorEvent, DoorHead, PlannedVisit
from tests.sites.field.phones import crew_today, event, phones_of, step, stop_of
from tests.visits.taping import Phone

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def visit() -> PlannedVisit:
    return stop_of(crew_today())


@pytest.fixture
def phones(visit: PlannedVisit) -> list[Phone]:
    assert visit.crew is not None
    return phones_of(visit.crew)


def at_once(phones: list[Phone], sent: list[list[Any]]) -> list[Told]:
    """Each phone sends its own; what became of all of it."""
    ready, told = threading.Barrier(len(phones)), list[Told]()

    def send(phone: Phone, events: list[Any]) -> None:
        try:
            ready.wait()
            for each in events:
                told.extend(events_apply(device=phone.device, events=[each], at=clock.now()))
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=pair) for pair in zip(phones, sent, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


def test_of_two_that_differ_one_stands_and_the_other_waits(
    visit: PlannedVisit, phones: list[Phone]
) -> None:
    sent = [[step(visit, "consent_enter", given=given)] for given in (True, False)]
    told = at_once(phones, sent)
    assert Counter(each.state for each in told) == {"applied": 1, "conflict": 1}
    assert (DoorHead.objects.count(), DoorConflict.objects.count()) == (1, 1)


def test_the_same_event_sent_twice_at_once_is_applied_once(
    visit: PlannedVisit, phones: list[Phone]
) -> None:
    one = phones[0]
    sent = [event(visit) for _each in range(5)]
    told = at_once([one, one], [sent, sent])
    assert Counter(each.state for each in told) == {"applied": 5, "already": 5}
    assert DoorEvent.objects.count() == 5


def test_one_number_for_events_of_two_visits_is_taken_once(
    visit: PlannedVisit, phones: list[Phone]
) -> None:
    assert visit.crew is not None
    one, other = event(visit), event(stop_of(visit.crew))
    other |= {"id": one["id"], "topic": one["topic"]}
    told = at_once(phones, [[one], [other]])
    assert Counter((each.state, each.code) for each in told) == {
        ("applied", ""): 1, ("refused", "ID_TWICE"): 1,
    }  # fmt: skip
