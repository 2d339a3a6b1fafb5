"""Many payments at once: queries as for few, files read bit by bit, plans watched set by set."""

from __future__ import annotations

import tracemalloc
from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from doorstep.agreements.models import PaymentIn, PlanInstalment, PlanWatch
from doorstep.agreements.payment_file import PaymentRows, payment_rows
from doorstep.agreements.services.payments import payment_file_bring, payment_file_take
from doorstep.agreements.services.plans import plans_watch
from doorstep.agreements.watch import TERMS, Part, plan_standing
from doorstep.workforce.roles import Role
from tests.agreements.plans import make_agreement
from tests.agreements.test_payments import DAY, LATER, take, told
from tests.factories import AT, ON, make_staff

HEADER = "流水号,到账日,金额,附言\n"


def row(number: int, words: str = "", amount: str = "86.00") -> str:
    return f"R{number:07},2026-11-21,{amount},{words}\n"


def written(path, rows):
    with path.open("w", encoding="utf-8") as out:
        out.write(HEADER)
        out.writelines(rows)
    return path


@pytest.mark.django_db
def test_a_file_of_a_thousand_rows_needs_as_many_queries_as_one_of_ten(tmp_path, settings):
    settings.HOME = str(tmp_path / "home")
    leader = make_staff(Role.TEAM_LEADER)
    asked = {}
    for count in (10, 1000):
        numbers = [make_agreement().number for _ in range(5)]
        rows = (row(count * 10 + n, numbers[n % 5] if n % 2 else "", "0.01") for n in range(count))
        path = written(tmp_path / f"{count}.csv", rows)
        file = payment_file_bring(path=path, name=path.name, by=leader, at=LATER)
        with CaptureQueriesContext(connection) as queries:
            file = payment_file_take(file=file, at=LATER)
        assert (file.accepted, file.matched) == (count, count // 2)
        asked[count] = len(queries)
    assert asked[10] == asked[1000]


def test_a_file_is_read_so_many_rows_at_once_and_every_row_comes(tmp_path):
    path = written(
        tmp_path / "p.csv", (row(n, amount="x" if n == 7 else "1.00") for n in range(60))
    )
    found = PaymentRows()
    batches = list(payment_rows(path, on=DAY, found=found, at_once=10))
    lines = [each.line for batch in batches for each in batch]
    assert (found.rows, found.rejected, len(lines)) == (60, 1, 59)
    assert all(one < two for one, two in pairwise(lines))


def test_the_memory_for_a_file_does_not_grow_with_its_length(tmp_path):
    most = {}
    for count in (60_000, 180_000):
        path = written(tmp_path / f"{count}.csv", (row(n) for n in range(count)))
        tracemalloc.start()
        assert sum(len(b) for b in payment_rows(path, on=DAY, found=PaymentRows())) == count
        most[count] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert most[180_000] < 2 * most[60_000]  # three times as long


@pytest.mark.django_db
def test_money_far_ahead_reaches_instalments_that_fall_due_much_later():
    agreement = make_agreement()
    loan = agreement.offer.loans.get()
    take(told("R1", 3 * 86_000 + 5, loan.pk))
    assert [each.outstanding for each in agreement.instalments.all()] == [0, 0, 0]
    assert PaymentIn.objects.get().state == "matched"


@pytest.mark.django_db
def test_what_is_watched_set_by_set_is_what_one_plan_says_of_itself():
    agreements = [make_agreement() for _ in range(4)]
    for place, agreement in enumerate(agreements[1:], start=1):
        take(told(f"R{place}", place * 50_000, agreement.number))
    for days in (0, 1, 20, 31, 40, 66, 95, 130):
        on = ON + timedelta(days=days)
        expected = {
            each.pk: plan_standing(_parts(each.pk), on=on, terms=TERMS) for each in agreements
        }
        PlanWatch.objects.update(health="on_track")
        for agreement in agreements:
            agreement.__class__.objects.filter(pk=agreement.pk).update(
                state="in_force", ended_at=None
            )
        plans_watch(on=on, at=AT)
        for watch in PlanWatch.objects.all():
            plan = expected[watch.agreement_id]
            kept = (watch.health, watch.next_due_on, watch.breaks_on, watch.behind, watch.missed)
            missed = len(plan.missed)
            said = (plan.health, plan.next_due_on, plan.breaks_on, plan.behind, missed)
            assert kept == said, (days, watch.agreement_id)


def _parts(agreement: int) -> list[Part]:
    rows = PlanInstalment.objects.filter(agreement=agreement)
    return [Part(each.number, each.due_on, each.outstanding) for each in rows if each.outstanding]
