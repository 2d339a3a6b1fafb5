"""Recordings in the office: who hears them, byte ranges, chapters, what does not hold, copies."""

from __future__ import annotations

import io
import uuid
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from doorstep.evidence.models import Leaf
from doorstep.evidence.opening import Opener
from doorstep.evidence.verify_recording import receipt_text, report
from doorstep.kernel import clock
from doorstep.sites.office.recordings_media import Span, range_read
from doorstep.visits import recording_store as files
from doorstep.visits.models import DoorEvent, PlannedVisit, Playback, Recording, Transcript
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Role
from tests.evidence.recordings import Made
from tests.factories import make_staff
from tests.visits.taping import (
    Phone,
    make_held_recording,
    make_kept_recording,
    make_playback,
    make_step,
    make_taped_visit,
    send_segment,
    taped,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_place(home: Path, settings: Settings) -> Path:
    settings.EVIDENCE_KEYS = home / "keys.toml"
    settings.CHECKPOINT_PLACE = home / "checkpoints"
    return home


@pytest.fixture
def visit_and_phone() -> tuple[PlannedVisit, Phone]:
    return make_taped_visit()


@pytest.fixture
def officer() -> Staff:
    return make_staff(Role.COMPLIANCE_OFFICER)


def signed_in(staff: Staff) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def media(client: Client, recording: Recording, playback: Playback, **headers: str) -> Any:
    address = reverse("office:recording_media", args=[recording.pk, playback.pk])
    return client.get(address, headers=headers)


def kept(visit_and_phone: tuple[PlannedVisit, Phone], **fields: Any) -> tuple[Recording, Made]:
    visit, phone = visit_and_phone
    return make_kept_recording(visit=visit, phone=phone, **fields)


def heard_for(kind: str = "access") -> list[dict[str, Any]]:
    leaves = Leaf.objects.filter(kind=kind).select_related("subject", "sealed").order_by("index")
    return [document["body"] for leaf in leaves if (document := Opener().read(leaf))]


def test_it_plays_after_a_purpose_is_on_record_and_says_who_listened(
    visit_and_phone: tuple[PlannedVisit, Phone], officer: Staff
) -> None:
    recording, made = kept(visit_and_phone)
    client = signed_in(officer)
    sent = {"purpose": "Complaint of Monday"}
    answer = client.post(reverse("office:recording_play", args=[recording.pk]), sent)
    playback = Playback.objects.get()
    assert answer["Location"] == reverse(
        "office:recording_player", args=[recording.pk, playback.pk]
    )
    assert media(client, recording, playback).getvalue() == b"".join(made.plain)
    (entry,) = heard_for()
    assert entry["what"] == f"recording {recording.pk}"
    assert (entry["purpose"], entry["by"]) == ("Complaint of Monday", officer.username)
    shown = client.get(reverse("office:recording", args=[recording.pk])).content.decode()
    assert "Complaint of Monday" in shown


def test_nobody_listens_without_a_purpose(
    visit_and_phone: tuple[PlannedVisit, Phone], officer: Staff
) -> None:
    recording, _made = kept(visit_and_phone)
    for purpose in ("", "   ", "abc", "\x00\x00\x00\x00"):
        signed_in(officer).post(
            reverse("office:recording_play", args=[recording.pk]), {"purpose": purpose}
        )
    assert not Playback.objects.exists()


def test_a_playback_is_its_opener_s_alone_and_ends(
    visit_and_phone: tuple[PlannedVisit, Phone], officer: Staff
) -> None:
    recording, _made = kept(visit_and_phone)
    mine = make_playback(recording=recording, by=officer)
    other = make_playback(recording=recording, by=make_staff(Role.AUDITOR))
    late = make_playback(recording=recording, by=officer, at=clock.now() - timedelta(hours=4))
    copied = make_playback(recording=recording, by=officer, copy=True)
    client = signed_in(officer)
    assert media(client, recording, mine).status_code == 200
    for each in (other, late, copied):
        assert media(client, recording, each).status_code == 404
    address = reverse("office:recording_player", args=[recording.pk, late.pk])
    assert client.get(address)["Location"] == reverse("office:recording", args=[recording.pk])


def test_without_consent_on_record_nobody_listens(
    visit_and_phone: tuple[PlannedVisit, Phone], officer: Staff
) -> None:
    recording, _made = kept(visit_and_phone)
    opened = make_playback(recording=recording, by=officer)
    DoorEvent.objects.filter(pk=recording.consent).update(state="conflict")
    client = signed_in(officer)
    client.post(reverse("office:recording_play", args=[recording.pk]), {"purpose": "Complaint"})
    assert Playback.objects.count() == 1
    assert media(client, recording, opened).status_code == 404
    shown = client.get(reverse("office:recording", args=[recording.pk])).content.decode()
    assert reverse("office:recording_play", args=[recording.pk]) not in shown


def test_only_whoever_sees_the_case_finds_it(visit_and_phone: tuple[PlannedVisit, Phone]) -> None:
    recording, _made = kept(visit_and_phone)
    stranger = signed_in(make_staff(Role.TEAM_LEADER))
    assert stranger.get(reverse("office:recording", args=[recording.pk])).status_code == 404
    agent = signed_in(visit_and_phone[1].staff)
    assert agent.get(reverse("office:recording", args=[recording.pk])).status_code == 403
    assert str(recording.pk) not in stranger.get(reverse("office:recordings")).content.decode()


# ---------------------------------------------------------------- byte ranges


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", None), ("bytes=0-", Span(0, 99)), ("bytes=0-0", Span(0, 0)),
        ("bytes=10-19", Span(10, 19)), ("bytes=90-500", Span(90, 99)), ("bytes=-1", Span(99, 99)),
        ("bytes=-500", Span(0, 99)), ("bytes=99-", Span(99, 99)), ("bytes=20-10", None),
        ("bytes=0-1,5-6", None), ("items=0-1", None), ("bytes=-", None), ("bytes=٣-٤", None),
        ("bytes=a-b", None), ("bytes=" + "9" * 400 + "-", None),
    ],
)  # fmt: skip
def test_a_range_is_read_as_browsers_write_it(header: str, expected: Span | None) -> None:
    assert range_read(header, 100) == expected


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0"])
def test_a_range_behind_the_end_is_none(header: str) -> None:
    with pytest.raises(ValueError):
        range_read(header, 100)


def test_every_range_gives_the_bytes_that_were_recorded(
    visit_and_phone: tuple[PlannedVisit, Phone], officer: Staff
) -> None:
    recording, made = kept(visit_and_phone, count=5, size=20)
    playback, client = make_playback(recording=recording, by=officer), signed_in(officer)
    plain = b"".join(made.plain)
    for first in range(0, len(plain), 7):
        for length in (1, 13, len(plain)):
            last = min(first + length, len(plain)) - 1
            answer = media(client, recording, playback, Range=f"bytes={first}-{last}")
            assert answer.status_code == 206
            assert answer["Content-Range"] == f"bytes {first}-{last}/{len(plain)}"
            assert answer.getvalue() == plain[first : last + 1]
            assert int(answer["Content-Length"]) == last + 1 - first
    answer = media(client, recording, playback, Range=f"bytes={len(plain)}-")
    assert (answer.status_code, answer["Content-Range"]) == (416, f"bytes */{len(plain)}")


def test_one_segment_is_opened_for_one_range_and_nothing_lies_in_a_cache(
    visit_and_phone: tuple[PlannedVisit, Phone], officer: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording, _made = kept(visit_and_phone, count=40)
    playback, client = make_playback(recording=recording, by=officer), signed_in(officer)
    read: list[int] = []
    original = files.body_read

    def noted(recording: uuid.UUID, seq: int) -> bytes | None:
        read.append(seq)
        return original(recording, seq)

    monkeypatch.setattr(files, "body_read", noted)
    answer = media(client, recording, playback, Range="bytes=0-0")
    assert len(answer.getvalue()) == 1
    assert read == [0]
    assert "no-store" in answer["Cache-Control"]


def test_the_page_costs_the_same_queries_however_long_the_recording(
    visit_and_phone: tuple[PlannedVisit, Phone], officer: Staff
) -> None:
    client, counts = signed_in(officer), []
    for count in (2, 30):
        recording, _made = kept(visit_and_phone, count=count)
        playback = make_playback(recording=recording, by=officer)
        for name, key in (("recording", []), ("recording_player", [playback.pk])):
            with CaptureQueriesContext(connection) as queries:
                answer = client.get(reverse(f"office:{name}", args=[recording.pk, *key]))
            assert answer.status_code == 200
            counts.append(len(queries))
    assert counts[:2] == counts[2:]
    for _ in range(5):
        kept(visit_and_phone, count=1)
    with CaptureQueriesContext(connection) as queries:
        client.get(reverse("office:recordings"))
    assert len(queries) <= 20


# ---------------------------------------------------------------- what does not hold


def shown_of(recording: Recording, staff: Staff) -> str:
    return signed_in(staff).get(reverse("office:recording", args=[recording.pk])).content.decode()


def test_the_page_says_plainly_whether_a_recording_holds(
    visit_and_phone: tuple[PlannedVisit, Phone], officer: Staff
) -> None:
    recording, _made = kept(visit_and_phone)
    assert "notice-green" in shown_of(recording, officer)
    path = files.segment_path(recording.pk, 3)
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    shown = shown_of(recording, officer)
    assert "notice-red" in shown
    assert "Segment 3" in shown
    playback = make_playback(recording=recording, by=officer)
    client = signed_in(officer)
    sizes = [row.size - 28 for row in recording.segments.order_by("seq")]
    begin = sum(sizes[:3])
    answer = media(client, recording, playback, Range=f"bytes={begin}-")
    assert answer.status_code == 409
    answer = media(client, recording, playback, Range=f"bytes=0-{begin - 1}")
    assert len(answer.getvalue()) == begin


@pytest.mark.parametrize("attack", ["row_gone", "rows_swapped", "head", "file_gone", "count"])
def test_whoever_owns_the_database_cannot_hide_it(
    attack: str, visit_and_phone: tuple[PlannedVisit, Phone], officer: Staff
) -> None:
    recording, _made = kept(visit_and_phone)
    rows = list(recording.segments.order_by("seq"))
    if attack == "row_gone":
        rows[-1].delete()
    elif attack == "rows_swapped":
        first, second = rows[0].sha, rows[1].sha
        one, two = (files.segment_path(recording.pk, seq) for seq in (0, 1))
        a, b = one.read_bytes(), two.read_bytes()
        one.write_bytes(b)
        two.write_bytes(a)
        for row, sha in ((rows[0], second), (rows[1], first)):
            row.sha = sha
            row.save()
    elif attack == "head":
        Recording.objects.filter(pk=recording.pk).update(head=b"h" * 32)
    elif attack == "file_gone":
        files.segment_path(recording.pk, 2).unlink()
    else:
        Recording.objects.filter(pk=recording.pk).update(count=5)
    assert "notice-red" in shown_of(recording, officer)


def test_a_phone_that_was_killed_leaves_what_is_there_to_be_heard_and_says_so(
    visit_and_phone: tuple[PlannedVisit, Phone], officer: Staff
) -> None:
    recording, _made = kept(visit_and_phone, count=1)
    Recording.objects.filter(pk=recording.pk).update(state="open", ended_at=None, count=None)
    shown = shown_of(recording, officer)
    assert "notice-amber" in shown
    playback = make_playback(recording=recording, by=officer)
    assert media(signed_in(officer), recording, playback).status_code == 200
    assert (
        signed_in(officer).get(reverse("office:recording_receipt", args=[recording.pk])).status_code
        == 404
    )


# ---------------------------------------------------------------- chapters, transcripts


def test_steps_are_chapters_at_the_second_they_were_reached(
    visit_and_phone: tuple[PlannedVisit, Phone], officer: Staff
) -> None:
    visit, phone = visit_and_phone
    recording, made = kept(visit_and_phone, count=3)
    began = datetime.fromtimestamp(made.start_ms / 1000, tz=UTC)
    for step, after in (("identity", -5), ("purpose", 4), ("debt", 27), ("close", 31)):
        make_step(visit=visit, phone=phone, step=step, at=began + timedelta(seconds=after))
    playback = make_playback(recording=recording, by=officer)
    address = reverse("office:recording_player", args=[recording.pk, playback.pk])
    shown = signed_in(officer).get(address)
    chapters = {second for second, _words in shown.context["chapters"]}
    assert {4, 27} <= chapters
    assert not chapters & {31, -5}
    assert 'data-second="27"' in shown.content.decode()


def test_a_transcript_is_linted_line_by_line(
    visit_and_phone: tuple[PlannedVisit, Phone], officer: Staff
) -> None:
    recording, _made = kept(visit_and_phone)
    text = "您好，我们是银行的。\n不还钱我们就去你单位找你领导。\n好的，谢谢。"
    client = signed_in(officer)
    file = io.BytesIO("\ufeff".encode() + text.replace("\n", "\r\n").encode())
    file.name = "visit.txt"
    client.post(reverse("office:recording_transcript", args=[recording.pk]), {"file": file})
    found = Transcript.objects.get()
    assert found.text == text
    assert {row["line"] for row in found.findings} == {2}
    playback = make_playback(recording=recording, by=officer)
    address = reverse("office:recording_player", args=[recording.pk, playback.pk])
    shown = client.get(address).content.decode()
    assert 'href="#line-2"' in shown
    assert "找你领导" in shown
    assert "找你领导" not in shown_of(recording, officer)  # only with a purpose


@pytest.mark.parametrize(
    "sent",
    [{}, {"text": ""}, {"text": "  \n "}, {"text": "a\x00b"}, {"text": "x" * 200_001},
     {"text": "x" * 2001}],
)  # fmt: skip
def test_what_is_no_transcript_is_refused(
    sent: dict[str, str], visit_and_phone: tuple[PlannedVisit, Phone], officer: Staff
) -> None:
    recording, _made = kept(visit_and_phone, count=1)
    client, address = (
        signed_in(officer),
        reverse("office:recording_transcript", args=[recording.pk]),
    )
    assert client.post(address, sent).status_code == 302
    for content in (b"\xff\xfe\x00", "中文".encode("gb18030"), b"x" * (1024 * 1024 + 1)):
        file = io.BytesIO(content)
        file.name = "visit.txt"
        assert client.post(address, {"file": file}).status_code == 302
    assert not Transcript.objects.exists()


# ---------------------------------------------------------------- receipt and copy


def test_the_copy_is_checked_by_the_verifier_in_it_with_the_borrower_s_own_receipt(
    visit_and_phone: tuple[PlannedVisit, Phone], officer: Staff, tmp_path: Path
) -> None:
    recording, made = kept(visit_and_phone)
    address = reverse("office:recording_copy", args=[recording.pk])
    client = signed_in(officer)
    answer = client.post(address, {"purpose": "The customer asked", "whole": "1"})
    with zipfile.ZipFile(io.BytesIO(answer.getvalue())) as archive:
        assert archive.testzip() is None
        archive.extractall(tmp_path / "copy")
    receipt = receipt_text(made.receipt())
    found = report(tmp_path / "copy", receipt)
    assert (found["ok"], found["looked_at"]) == (True, 6)
    assert (tmp_path / "copy" / "receipt.txt").read_text() == receipt
    assert (tmp_path / "copy" / "plays.webm").read_bytes() == b"".join(made.plain)
    assert {"README.txt", "verify.py", "verify_recording.py", "content-key.txt"} <= {
        path.name for path in (tmp_path / "copy").iterdir()
    }
    (segment,) = (tmp_path / "copy" / "segments").glob("00002.bin")
    segment.write_bytes(segment.read_bytes() + b"?")
    assert report(tmp_path / "copy", receipt)["first_bad"] == 2
    assert Playback.objects.get().copy
    assert heard_for()[0]["what"].endswith("(copy)")


def test_a_copy_of_hashes_holds_no_sound_and_no_key(
    visit_and_phone: tuple[PlannedVisit, Phone], officer: Staff, tmp_path: Path
) -> None:
    recording, made = kept(visit_and_phone)
    address = reverse("office:recording_copy", args=[recording.pk])
    answer = signed_in(officer).post(address, {"purpose": "The customer asked"})
    content = answer.getvalue()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(tmp_path / "copy")
        assert not [name for name in archive.namelist() if "segments" in name or "key" in name]
    assert made.bodies[0] not in content
    assert report(tmp_path / "copy", receipt_text(made.receipt()))["ok"]


def test_the_receipt_shows_what_the_phone_showed_and_nothing_of_the_debt(
    visit_and_phone: tuple[PlannedVisit, Phone], officer: Staff
) -> None:
    recording, made = kept(visit_and_phone)
    address = reverse("office:recording_receipt", args=[recording.pk])
    answer = signed_in(officer).get(address)
    shown = answer.content.decode()
    assert receipt_text(made.receipt()).strip() in shown
    assert "data:image/svg" in shown
    assert recording.visit.case.borrower.name not in shown


def test_a_recording_by_services_alone_is_the_same(officer: Staff) -> None:
    visit, phone = make_taped_visit()
    recording = make_held_recording(visit=visit, staff=phone.staff)
    assert recording.state == "sealed"
    assert "notice-green" in shown_of(recording, officer)
    assert send_segment(phone, taped(visit, phone), 0).status_code == 404
