"""Rows written past the mapper are the rows the mapper would have written, on both databases."""

from __future__ import annotations

from datetime import timedelta, timezone

import pytest
from django.db import IntegrityError, transaction

from doorstep.dispatch.models import Act, Receipt
from doorstep.dispatch.rows import rows_highest, rows_insert, rows_update
from tests.dispatch.outbox import AT, make_act

pytestmark = pytest.mark.django_db
COLUMNS = (
    "channel", "key", "gateway_reference", "standing", "at", "received_at", "detail", "act_id",
)  # fmt: skip
ODD = ["plain", "tab\tnew\nline\rback\\slash", r"\N", "\\", "'; --", "%s {0}", "中文𠮷🙂", ""]
ELSEWHERE = AT.astimezone(timezone(timedelta(hours=8)))


def test_what_is_inserted_comes_back_as_it_was() -> None:
    act = make_act()
    rows = [
        ("sms", f"{n}", text, "delivered", ELSEWHERE, AT, text, act.pk if n else None)
        for n, text in enumerate(ODD)
    ]
    with transaction.atomic():
        rows_insert(model=Receipt, columns=COLUMNS, rows=rows)
    kept = list(Receipt.objects.order_by("key"))
    assert [(each.detail, each.gateway_reference) for each in kept] == [(t, t) for t in ODD]
    assert {each.at for each in kept} == {AT}
    assert [each.act_id for each in kept] == [None] + [act.pk] * (len(ODD) - 1)


def test_a_row_that_breaks_a_constraint_raises_as_always() -> None:
    row = ("sms", "same", "", "delivered", AT, AT, "", None)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows_insert(model=Receipt, columns=COLUMNS, rows=[row, row])


def test_each_row_gets_its_own_values_and_what_is_left_out_keeps_its_own() -> None:
    acts = [make_act() for _ in ODD]
    ended = acts[0]
    Act.objects.filter(pk=ended.pk).update(state="withdrawn")
    verdict = '{"outcome": "forbid", "words": "\\"so\\""}'
    with transaction.atomic():
        rows_update(
            model=Act,
            key="id",
            columns={"id": "bigint", "why": "text", "verdict": "jsonb"},
            rows=[(act.pk, text, verdict) for act, text in zip(acts, ODD, strict=True)],
            same={"state": "blocked", "state_at": ELSEWHERE, "ask_at": None},
            only=("state", ["queued"]),
        )
    kept = list(Act.objects.order_by("pk"))
    assert (kept[0].state, kept[0].why, kept[0].verdict) == ("withdrawn", "", None)
    assert [act.why for act in kept[1:]] == ODD[1:]
    assert kept[1].verdict == {"outcome": "forbid", "words": '"so"'}
    assert {(act.state, act.state_at) for act in kept[1:]} == {("blocked", AT)}


def test_nothing_to_write_is_nothing() -> None:
    with transaction.atomic():
        rows_insert(model=Receipt, columns=COLUMNS, rows=[])
        rows_update(model=Act, key="id", columns={"id": "bigint"}, rows=[], same={"why": "x"})
    assert not Receipt.objects.exists()


def test_among_many_keys_only_those_named_are_found() -> None:
    acts = [make_act() for _ in range(3)]
    wanted = [acts[0].pk, acts[2].pk, 10**12, *range(-2000, 0)]
    assert set(Act.objects.filter(pk__any_of=wanted)) == {acts[0], acts[2]}
    long = acts[1].reference + "and more than the column takes" * 9
    found = Act.objects.filter(reference__any_of=[acts[1].reference, long, "'\"%s,{}"])
    assert list(found) == [acts[1]]
    assert list(Act.objects.filter(borrower_id__any_of=[acts[0].borrower_id])) == [acts[0]]
    assert not Act.objects.filter(reference__any_of=[]).exists()
    assert not Act.objects.filter(reference__any_of=[long]).exists()


def test_the_highest_is_found_for_each_row_of_keys_and_nothing_where_there_is_none() -> None:
    receipts = [
        (channel, f"{text}{n}", text, "delivered", AT, AT, "", None)
        for n, text in enumerate(ODD)
        for channel in ("sms", "email")
    ]
    with transaction.atomic():
        rows_insert(model=Receipt, columns=COLUMNS, rows=receipts)
    highest = Receipt.objects.order_by("-pk")
    asked = [("sms", text) for text in [*ODD, "never"]]
    found = rows_highest(
        model=Receipt,
        keys={"channel": "text", "gateway_reference": "text"},
        rows=asked,
        column="id",
    )
    expected = [highest.filter(channel="sms", gateway_reference=text).first() for text in ODD]
    assert found == [each.pk for each in expected if each] + [None]
    assert rows_highest(model=Receipt, keys={"key": "text"}, rows=[], column="id") == []
