"""Caps hold when eight workers clear at once, and the database itself refuses what would break."""

from __future__ import annotations

import threading
from collections import Counter

import pytest
from django.db import IntegrityError, connections, transaction

from doorstep.cases.models import Contact
from doorstep.dispatch.clearing import acts_clear
from doorstep.dispatch.models import Act, ActState, CapSlot, Clearance
from doorstep.dispatch.rulebook import rulebook_current
from tests.dispatch.outbox import AT, Clock, make_act, make_owing_case

THREADS = 8
BORROWERS = 12
ACTS_EACH = 4


def most_messages_a_day() -> int:
    """What the lender's own rules allow, read from the rule itself."""
    rule = rulebook_current().rule("HOUSE-MESSAGE-DAY")
    row = rule.row_on(AT.date())
    assert row is not None
    return int(str(row.values["most"]))


@pytest.mark.django_db(transaction=True)
def test_eight_threads_never_clear_more_than_the_cap() -> None:
    cases = [make_owing_case() for _ in range(BORROWERS)]
    for case in cases:
        for _ in range(ACTS_EACH):
            make_act(case=case)
    failures: list[BaseException] = []
    barrier = threading.Barrier(THREADS)

    def work(number: int) -> None:
        try:
            barrier.wait(30)
            for _ in range(ACTS_EACH * 3):
                acts_clear(
                    limit=BORROWERS,
                    worker=f"w{number}",
                    clock=Clock(),
                    rulebook=rulebook_current(),
                    channels=["sms"],
                )
        except BaseException as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    cleared = Counter(Clearance.objects.values_list("act__borrower", flat=True))
    assert set(cleared.values()) == {most_messages_a_day()}
    assert set(cleared) == {case.borrower_id for case in cases}
    assert Contact.objects.filter(origin="platform").count() == sum(cleared.values())
    assert not Act.objects.filter(state=ActState.QUEUED, planned_from__lte=AT).exists()


def cleared_act() -> Act:
    act = make_act()
    acts_clear(limit=5, worker="w", clock=Clock(), rulebook=rulebook_current(), channels=["sms"])
    act.refresh_from_db()
    return act


@pytest.mark.django_db
def test_the_database_gives_a_place_under_a_cap_once() -> None:
    act = cleared_act()
    slot = CapSlot.objects.filter(clearance=act.clearance).first()
    assert slot is not None
    with pytest.raises(IntegrityError), transaction.atomic():
        CapSlot.objects.create(
            clearance_id=slot.clearance_id, counter=slot.counter, key=slot.key,
            window=slot.window, slot=slot.slot,
        )  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["sending", "sent", "delivered", "in_doubt", "cleared"])
def test_the_database_refuses_an_act_under_way_without_a_clearance(state: str) -> None:
    act = make_act()
    with pytest.raises(IntegrityError), transaction.atomic():
        Act.objects.filter(pk=act.pk).update(state=state, worker="w")


@pytest.mark.django_db
def test_the_database_refuses_two_live_clearances_of_an_act() -> None:
    act = cleared_act()
    live = act.clearance
    assert live is not None
    with pytest.raises(IntegrityError), transaction.atomic():
        Clearance.objects.create(
            id="another", act=act, attempt=2, number=live.number, not_before=AT,
            not_after=live.not_after, packs=[], log_index=live.log_index + 1, mac="", at=AT,
        )  # fmt: skip


@pytest.mark.django_db
def test_the_database_refuses_a_contact_of_ours_without_a_clearance() -> None:
    act = cleared_act()
    with pytest.raises(IntegrityError), transaction.atomic():
        Contact.objects.filter(clearance=act.clearance_id).update(clearance=None)
