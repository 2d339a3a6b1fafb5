"""Appending: together with what it proves, or not at all; in order; readable by the key alone."""

from __future__ import annotations

import json

import pytest
from django.db import DatabaseError, connection, transaction

from doorstep.evidence.entry import Entry
from doorstep.evidence.models import Head, Leaf, Node, Sealed, Subject
from doorstep.evidence.services import evidence_append
from doorstep.kernel.errors import InputError
from tests.factories import AT

pytestmark = pytest.mark.django_db(transaction=True)


def entries(count: int, *, subject: str = "C1") -> list[Entry]:
    return [
        Entry("decision", subject, {"verdict": "permit", "number": n}, case="7", agent="li")
        for n in range(count)
    ]


def test_leaves_are_numbered_from_zero_and_go_on() -> None:
    first = evidence_append(entries=entries(3), at=AT)
    second = evidence_append(entries=entries(2, subject=""), at=AT)
    assert [*first, *second] == [0, 1, 2, 3, 4]
    assert Head.objects.get().size == 5
    assert Leaf.objects.count() == Sealed.objects.count() == 5
    assert Subject.objects.count() == 2


def test_nothing_appended_changes_nothing() -> None:
    assert evidence_append(entries=[], at=AT) == range(0)
    assert not Head.objects.exists()


def test_what_is_rolled_back_was_never_in_the_log() -> None:
    evidence_append(entries=entries(1), at=AT)
    with transaction.atomic():
        evidence_append(entries=entries(5), at=AT)
        transaction.set_rollback(True)
    assert Head.objects.get().size == Leaf.objects.count() == 1
    assert evidence_append(entries=entries(1), at=AT) == range(1, 2)


def test_a_body_that_json_cannot_say_is_refused_before_anything_is_locked() -> None:
    bodies: list[dict[str, object]] = [
        {"at": AT}, {"share": float("nan")}, {"hash": b"x"}, {"days": [{1: "a", 10: "b"}]},
    ]  # fmt: skip
    for body in bodies:
        with pytest.raises(InputError, match="body"):
            evidence_append(entries=[Entry("decision", "C1", body)], at=AT)
    with pytest.raises(InputError, match="kind"):
        Entry("Decision made", "C1", {})
    with pytest.raises(InputError, match="subject"):
        Entry("decision", "C" * 129, {})
    assert not Leaf.objects.exists()


def test_no_plaintext_is_in_the_tables_but_what_the_audit_room_looks_up() -> None:
    evidence_append(entries=[Entry("note", "C77", {"text": "欧阳小明 lost his job"})], at=AT)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM evidence_leaf, evidence_sealed")
        stored = repr(cursor.fetchall())
    assert "job" not in stored
    assert "C77" not in stored
    assert json.dumps("欧阳小明") not in stored


def test_every_256_leaves_a_node_is_stored() -> None:
    evidence_append(entries=entries(255), at=AT)
    assert not Node.objects.exists()
    evidence_append(entries=entries(300), at=AT)
    assert list(Node.objects.values_list("level", "position").order_by("id")) == [(8, 0), (8, 1)]


@pytest.mark.parametrize(
    "deed",
    [
        "UPDATE evidence_leaf SET kind = 'other'",
        "DELETE FROM evidence_leaf",
        "UPDATE evidence_node SET level = 16",
        "DELETE FROM evidence_node",
        "UPDATE evidence_sealed SET agent = 'wang'",
        "DELETE FROM evidence_sealed",
        "UPDATE evidence_head SET size = 1",
        "DELETE FROM evidence_head",
        "DELETE FROM evidence_subject",
    ],
)
def test_the_database_refuses_to_alter_the_log(deed: str) -> None:
    evidence_append(entries=entries(256), at=AT)
    with pytest.raises(DatabaseError, match="only grows"), connection.cursor() as cursor:
        cursor.execute(deed)
