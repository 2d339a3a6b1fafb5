"""Erasing somebody: nothing about them can be read again, and the log still proves itself."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
from django.db import DatabaseError, connection

from doorstep.evidence.checking import self_check
from doorstep.evidence.erasing import legal_hold_end, legal_hold_place, subject_erase
from doorstep.evidence.keyring import keys
from doorstep.evidence.models import Checkpoint, Leaf, LegalHold, Sealed, Subject
from doorstep.evidence.opening import Opener
from doorstep.evidence.rotation import keys_rotate, masters_drop, subjects_rewrap
from doorstep.kernel.errors import InputError, NotFound, Refused
from tests.evidence.stories import AT, append, export, sign, verified

PLANTED = ("C-PLANTED-1", "欧阳小明", "+8619900012345", "lost his job in May")


def append_planted() -> None:
    append(3, subject="C2")
    append(
        4,
        subject=PLANTED[0],
        body={"name": PLANTED[1], "number": PLANTED[2], "said": PLANTED[3]},
    )
    append(2, subject="C2")


def hits(*contents: bytes) -> list[str]:
    """The planted values found, as UTF-8 or as JSON writes them."""
    return [
        value
        for value in PLANTED
        for content in contents
        if value.encode() in content or json.dumps(value)[1:-1].encode() in content
    ]


@pytest.mark.django_db(transaction=True)
def test_after_erasing_no_planted_value_is_left_and_everything_verifies(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    append_planted()
    before = sign()
    early = export(tmp_path / "early")
    assert hits((early / "entries.jsonl").read_bytes()) == list(PLANTED)
    subject_erase(subject=PLANTED[0], ground="request", by="officer", at=AT)
    after = sign()
    whole = export(tmp_path / "whole")
    notes = [before.note, after.note, Checkpoint.objects.latest("size").note]
    assert [verified(whole, note)["ok"] for note in notes] == [True, True, True]
    day = export(tmp_path / "day", day=AT.date())
    assert verified(day, notes[-1])["ok"]
    files = [path.read_bytes() for folder in (whole, day) for path in folder.iterdir()]
    assert hits(*files, _dump(), caplog.text.encode()) == []
    assert self_check(at=AT).findings == []
    rows = [json.loads(line) for line in (whole / "entries.jsonl").read_text("utf-8").splitlines()]
    assert [row["document"] is None for row in rows] == [n in range(3, 7) for n in range(len(rows))]


def _dump() -> bytes:
    """Every row of every table; on SQLite also the bytes of the file after cleaning up."""
    rows = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            rows.append(repr(cursor.fetchall()))
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            rows.append(Path(connection.settings_dict["NAME"]).read_bytes().decode("latin-1"))
            return "".join(rows).encode("latin-1", "replace")
    return "".join(rows).encode()


@pytest.mark.django_db
def test_others_can_still_be_read_and_a_new_start_has_a_new_reference() -> None:
    append_planted()
    old = Subject.objects.get(subject=PLANTED[0]).ref
    subject_erase(subject=PLANTED[0], ground="purpose_over", by="officer", at=AT)
    opener = Opener()
    leaves = Leaf.objects.select_related("subject", "sealed").order_by("index")
    read = [opener.read(leaf) for leaf in leaves]
    assert [entry is None for entry in read] == [False] * 3 + [True] * 4 + [False] * 3
    [place] = append(1, subject=PLANTED[0])
    assert Leaf.objects.get(index=place).subject_id != old
    erased = Subject.objects.get(ref=old)
    assert (erased.subject, erased.wrapped, erased.erased_in) == (None, None, 9)


@pytest.mark.django_db
def test_the_log_says_who_erased_and_why_but_not_whom() -> None:
    append_planted()
    place = subject_erase(subject=PLANTED[0], ground="mistake", by="officer", at=AT)
    document = Opener().read(Leaf.objects.select_related("subject", "sealed").get(pk=place))
    assert document is not None
    assert document["body"]["ground"] == "mistake"
    assert document["agent"] == "officer"
    assert PLANTED[0] not in json.dumps(document)


@pytest.mark.django_db
def test_a_legal_hold_keeps_the_records_until_it_is_ended() -> None:
    append_planted()
    hold = legal_hold_place(
        subject=PLANTED[0], reason="Court case 17 is open.", by="officer", at=AT
    )
    with pytest.raises(Refused, match="legal hold"):
        subject_erase(subject=PLANTED[0], ground="request", by="officer", at=AT)
    assert Sealed.objects.filter(leaf__subject__subject=PLANTED[0]).count() == 5
    legal_hold_end(hold=hold, by="counsel", at=AT)
    with pytest.raises(Refused, match="ended already"):
        legal_hold_end(hold=hold, by="counsel", at=AT)
    subject_erase(subject=PLANTED[0], ground="request", by="officer", at=AT)
    assert not LegalHold.objects.exists()


@pytest.mark.django_db
def test_what_cannot_be_erased_says_why() -> None:
    append(1, subject="")
    for subject in ("", "nobody"):
        with pytest.raises(NotFound, match="no subject"):
            subject_erase(subject=subject, ground="request", by="officer", at=AT)
    with pytest.raises(InputError, match="ground"):
        subject_erase(subject="C1", ground="because", by="officer", at=AT)
    with pytest.raises(InputError, match="why"):
        legal_hold_place(subject="C1", reason=" ", by="officer", at=AT)


@pytest.mark.django_db(transaction=True)
def test_a_document_goes_only_with_its_key() -> None:
    append_planted()
    with pytest.raises(DatabaseError, match="only grows"):
        Sealed.objects.filter(pk=0).delete()
    assert Sealed.objects.count() == 9


@pytest.mark.django_db
def test_a_new_master_key_wraps_every_key_anew_and_the_old_one_can_go() -> None:
    append_planted()
    subject_erase(subject="C2", ground="request", by="officer", at=AT)
    assert masters_drop() == []
    assert keys_rotate() == "k2"
    assert masters_drop() == []  # every subject's key is still under it
    assert subjects_rewrap() == 2
    assert subjects_rewrap() == 0
    assert masters_drop() == ["k1"]
    assert set(keys().masters) == {"k2"}
    append(1, subject=PLANTED[0])
    assert self_check(at=AT).findings == []
