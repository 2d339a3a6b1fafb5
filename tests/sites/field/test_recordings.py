"""Recordings as phones send them: whole, in pieces, again, damaged, forged, without consent."""

from __future__ import annotations

import errno
import os
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from doorstep.dispatch.door_events import conflict_settle
from doorstep.evidence.models import Leaf
from doorstep.evidence.opening import Opener
from doorstep.evidence.verify_recording import coded
from doorstep.kernel import clock
from doorstep.visits import recording_store as files
from doorstep.visits.models import (
    DoorConflict,
    DoorEvent,
    PlannedVisit,
    Recording,
    RecordingSegment,
)
from doorstep.workforce.roles import Role
from tests.evidence.recordings import Made
from tests.factories import make_staff
from tests.sites.field.phones import sent, step
from tests.visits.fieldwork import agents_of, make_crew, make_visit
from tests.visits.taping import (
    Phone,
    base,
    closing,
    make_consent,
    make_kept_recording,
    make_phone,
    make_taped_visit,
    opening,
    send_all,
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


def begun(visit: PlannedVisit, phone: Phone, **fields: Any) -> Made:
    """A recording that the server knows of, with consent."""
    made = taped(visit, phone, **fields)
    consent = make_consent(visit=visit, phone=phone)
    assert phone.ask("PUT", base(made), opening(made, consent)).status_code == 201
    return made


def bodies_on_disk(made: Made) -> list[bytes]:
    folder = files.folder_of(uuid.UUID(made.recording))
    return [path.read_bytes() for path in sorted(folder.iterdir())] if folder.is_dir() else []


def logged(kind: str) -> list[dict[str, Any]]:
    leaves = Leaf.objects.filter(kind=kind).select_related("subject", "sealed").order_by("index")
    opener = Opener()
    return [document["body"] for leaf in leaves if (document := opener.read(leaf))]


def test_a_recording_that_was_sent_whole_is_verified_and_in_the_evidence(
    visit_and_phone: tuple[PlannedVisit, Phone],
) -> None:
    visit, phone = visit_and_phone
    made = taped(visit, phone)
    answer = send_all(phone, made, make_consent(visit=visit, phone=phone))
    assert answer.json() == {"state": "sealed", "verified": True}
    assert answer["Cache-Control"] == "no-store"
    assert bodies_on_disk(made) == made.bodies
    assert phone.ask("GET", base(made)).json() == {"held": [0, 1, 2, 3, 4, 5], "ended": True}
    (first,), (last,) = logged("visit.recording_begun"), logged("visit.recording_ended")
    assert first["recording"] == last["recording"] == made.recording
    assert first["nonce"] == made.nonce.hex()
    assert (last["head"], last["count"], last["state"]) == (made.head.hex(), 6, "sealed")
    assert [row[0] for row in last["segments"]] == [s.sha.hex() for s in made.segments]


def test_nothing_that_was_said_lies_in_the_clear_anywhere(
    visit_and_phone: tuple[PlannedVisit, Phone], own_place: Path
) -> None:
    visit, phone = visit_and_phone
    made = taped(visit, phone, count=0)
    made.add(b"the words that were said at the door")
    send_all(phone, made, make_consent(visit=visit, phone=phone))
    for path in own_place.rglob("*"):
        assert not path.is_file() or b"words that were said" not in path.read_bytes()
    wrapped = bytes(Recording.objects.get().wrapped)
    assert coded(wrapped) != opening(made, uuid.uuid4())["wrapped"]


def test_everything_may_be_sent_again_and_changes_nothing(
    visit_and_phone: tuple[PlannedVisit, Phone],
) -> None:
    visit, phone = visit_and_phone
    made, consent = taped(visit, phone), make_consent(visit=visit, phone=phone)
    said = opening(made, consent)
    assert [phone.ask("PUT", base(made), said).status_code for _ in "ab"] == [201, 200]
    codes = [send_segment(phone, made, 0).status_code for _ in "ab"]
    assert codes == [201, 200]
    for seq in range(1, 6):
        send_segment(phone, made, seq)
    ends = [phone.ask("POST", base(made) + "end/", closing(made)) for _ in "ab"]
    assert [each.status_code for each in ends] == [200, 200]
    assert send_segment(phone, made, 2).status_code == 200
    assert RecordingSegment.objects.count() == 6
    assert len(logged("visit.recording_ended")) == 1


def test_segments_come_in_any_order_and_what_is_missing_is_told(
    visit_and_phone: tuple[PlannedVisit, Phone],
) -> None:
    visit, phone = visit_and_phone
    made = begun(visit, phone)
    for seq in (5, 0, 3):
        send_segment(phone, made, seq)
    answer = phone.ask("POST", base(made) + "end/", closing(made))
    assert (answer.status_code, answer.json()["code"]) == (425, "SEGMENTS_MISSING")
    assert "1, 2, 4" in answer.json()["message"]
    assert phone.ask("GET", base(made)).json() == {"held": [0, 3, 5], "ended": False}
    for seq in (1, 2, 4):
        send_segment(phone, made, seq)
    assert phone.ask("POST", base(made) + "end/", closing(made)).json()["verified"]


def test_another_segment_of_a_held_number_is_refused(
    visit_and_phone: tuple[PlannedVisit, Phone],
) -> None:
    visit, phone = visit_and_phone
    made, other = begun(visit, phone), taped(visit, phone)
    send_segment(phone, made, 0)
    answer = send_segment(phone, made, 0, body=other.bodies[0], sha=other.segments[0].sha.hex())
    assert (answer.status_code, answer.json()["code"]) == (409, "SEGMENT_OTHER")
    assert bodies_on_disk(made) == made.bodies[:1]


def test_a_segment_that_arrives_damaged_is_not_kept(
    visit_and_phone: tuple[PlannedVisit, Phone],
) -> None:
    visit, phone = visit_and_phone
    made = begun(visit, phone)
    answer = send_segment(phone, made, 0, body=made.bodies[0][:-1] + b"?")
    assert (answer.status_code, answer.json()["code"]) == (400, "SHA_WRONG")
    assert bodies_on_disk(made) == []


def test_a_file_that_was_lost_is_healed_by_sending_it_again(
    visit_and_phone: tuple[PlannedVisit, Phone],
) -> None:
    visit, phone = visit_and_phone
    made = begun(visit, phone)
    send_segment(phone, made, 0)
    files.segment_path(uuid.UUID(made.recording), 0).unlink()
    assert send_segment(phone, made, 0).status_code == 200
    assert bodies_on_disk(made) == made.bodies[:1]


def test_after_the_end_no_segment_is_added(visit_and_phone: tuple[PlannedVisit, Phone]) -> None:
    visit, phone = visit_and_phone
    _row, made = make_kept_recording(visit=visit, phone=phone)
    made.add(b"something said later")
    answer = send_segment(phone, made, 6)
    assert (answer.status_code, answer.json()["code"]) == (409, "ENDED_ALREADY")
    answer = phone.ask("POST", base(made) + "end/", closing(made))
    assert (answer.status_code, answer.json()["code"]) == (409, "ENDED_OTHERWISE")


def test_a_chain_that_does_not_fit_is_kept_and_said_not_to_hold(
    visit_and_phone: tuple[PlannedVisit, Phone],
) -> None:
    visit, phone = visit_and_phone
    made, other = begun(visit, phone), taped(visit, phone)
    for seq in range(6):
        source = other if seq == 2 else made
        send_segment(phone, made, seq, body=source.bodies[seq], sha=source.segments[seq].sha.hex())
    answer = phone.ask("POST", base(made) + "end/", closing(made))
    assert answer.json() == {"state": "broken", "verified": False}
    (last,) = logged("visit.recording_ended")
    assert last["state"] == "broken"
    assert last["why"]


def test_a_head_that_the_phone_has_not_signed_is_refused(
    visit_and_phone: tuple[PlannedVisit, Phone],
) -> None:
    visit, phone = visit_and_phone
    made = begun(visit, phone)
    for seq in range(6):
        send_segment(phone, made, seq)
    thief = make_phone(agents_of(visit.crew)[1]).key  # type: ignore[arg-type]
    forged = closing(made, signature=coded(made.receipt(by=thief).signature))
    answer = phone.ask("POST", base(made) + "end/", forged)
    assert (answer.status_code, answer.json()["code"]) == (400, "BAD_SIGNATURE")
    assert Recording.objects.get().state == "open"


def test_the_partner_s_phone_adds_nothing_to_it(
    visit_and_phone: tuple[PlannedVisit, Phone],
) -> None:
    visit, phone = visit_and_phone
    made = begun(visit, phone)
    partner = make_phone(agents_of(visit.crew)[1])  # type: ignore[arg-type]
    answer = send_segment(partner, made, 0)
    assert (answer.status_code, answer.json()["code"]) == (409, "OTHER_DEVICE")


def test_another_crew_finds_no_such_visit(visit_and_phone: tuple[PlannedVisit, Phone]) -> None:
    visit, phone = visit_and_phone
    made = begun(visit, phone)
    _visit, stranger = make_taped_visit()
    consent = uuid.uuid4()
    for answer in (
        stranger.ask("GET", base(made)),
        stranger.ask("PUT", base(made), opening(made, consent)),
        send_segment(stranger, made, 0),
        stranger.ask("POST", base(made) + "end/", closing(made)),
    ):
        assert answer.status_code == 404


def test_a_chain_of_another_visit_s_nonce_is_refused(
    visit_and_phone: tuple[PlannedVisit, Phone],
) -> None:
    visit, phone = visit_and_phone
    made = taped(visit, phone)
    made.nonce = b"0" * 16
    answer = phone.ask("PUT", base(made), opening(made, uuid.uuid4()))
    assert (answer.status_code, answer.json()["code"]) == (400, "NONCE_WRONG")


def test_a_key_that_this_server_cannot_open_is_refused(
    visit_and_phone: tuple[PlannedVisit, Phone],
) -> None:
    visit, phone = visit_and_phone
    made = taped(visit, phone)
    answer = phone.ask("PUT", base(made), opening(made, uuid.uuid4(), wrapped="AAAA"))
    assert (answer.status_code, answer.json()["code"]) == (400, "BAD_WRAP")


def test_an_id_stands_for_one_recording(visit_and_phone: tuple[PlannedVisit, Phone]) -> None:
    visit, phone = visit_and_phone
    made = begun(visit, phone)
    answer = phone.ask("PUT", base(made), opening(made, uuid.uuid4()))
    assert (answer.status_code, answer.json()["code"]) == (409, "ID_TWICE")


# ---------------------------------------------------------------- consent


def test_segments_may_come_before_the_event_of_the_consent_but_no_end(
    visit_and_phone: tuple[PlannedVisit, Phone],
) -> None:
    visit, phone = visit_and_phone
    made, event = taped(visit, phone), uuid.uuid4()
    answer = send_all(phone, made, event)
    assert (answer.status_code, answer.json()["code"]) == (425, "CONSENT_UNKNOWN")
    assert bodies_on_disk(made) == made.bodies
    make_consent(visit=visit, phone=phone, id=event)
    assert phone.ask("POST", base(made) + "end/", closing(made)).json()["verified"]


def test_nothing_is_recorded_where_the_borrower_refused(
    visit_and_phone: tuple[PlannedVisit, Phone],
) -> None:
    visit, phone = visit_and_phone
    made = taped(visit, phone)
    refused = make_consent(visit=visit, phone=phone, given=False)
    answer = phone.ask("PUT", base(made), opening(made, refused))
    assert (answer.status_code, answer.json()["code"]) == (409, "CONSENT_REFUSED")
    assert not Recording.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_was_sent_before_a_refusal_was_known_is_destroyed() -> None:
    visit, phone = make_taped_visit()
    made, event = taped(visit, phone), uuid.uuid4()
    send_all(phone, made, event)
    make_consent(visit=visit, phone=phone, id=event, given=False)
    answer = phone.ask("POST", base(made) + "end/", closing(made))
    assert (answer.status_code, answer.json()["code"]) == (409, "CONSENT_REFUSED")
    assert bodies_on_disk(made) == []
    row = Recording.objects.get()
    assert (row.state, bytes(row.wrapped), row.segments.count()) == ("refused", b"", 0)
    assert logged("visit.recording_destroyed")[0]["segments"] == 6
    assert send_segment(phone, made, 0).status_code == 409
    assert bodies_on_disk(made) == []


@pytest.mark.django_db(transaction=True)
def test_a_refusal_destroys_at_once_whether_or_not_the_phone_ends_it() -> None:
    visit, phone = make_taped_visit()
    made, asked = taped(visit, phone), step(visit, "consent_record", given=False)
    send_all(phone, made, uuid.UUID(asked["id"]))
    assert bodies_on_disk(made) == made.bodies
    assert sent(phone, asked) == [("applied", "")]
    assert Recording.objects.get().state == "refused"
    assert bodies_on_disk(made) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("keeps_the_no", [True, False])
def test_a_person_who_keeps_the_no_destroys_what_was_recorded_under_the_yes(
    keeps_the_no: bool,
) -> None:
    visit, phone = make_taped_visit()
    partner = make_phone(agents_of(visit.crew)[1]) if visit.crew else phone
    made, yes = taped(visit, phone), step(visit, "consent_record", given=True)
    sent(phone, yes)
    assert send_all(phone, made, uuid.UUID(yes["id"])).json()["verified"]
    sent(partner, step(visit, "consent_record", given=False))
    conflict = DoorConflict.objects.get()
    keep = conflict.other_id if keeps_the_no else conflict.stood_id
    leader = make_staff(Role.TEAM_LEADER, branch=visit.plan.branch)
    conflict_settle(conflict=conflict, keep=keep, why="同事在场", by=leader, at=clock.now())
    assert Recording.objects.get().state == ("refused" if keeps_the_no else "sealed")
    assert bool(bodies_on_disk(made)) is not keeps_the_no


@pytest.mark.parametrize("given", ["yes", 1, None, [], {"given": True}])
def test_only_a_plain_yes_is_a_consent(
    given: object, visit_and_phone: tuple[PlannedVisit, Phone]
) -> None:
    visit, phone = visit_and_phone
    made = taped(visit, phone)
    said = opening(made, make_consent(visit=visit, phone=phone, given=given))
    assert phone.ask("PUT", base(made), said).status_code == 409


def test_the_consent_of_another_day_does_not_serve(
    visit_and_phone: tuple[PlannedVisit, Phone],
) -> None:
    visit, phone = visit_and_phone
    monday = make_visit(
        crew=make_crew(at=clock.now() - timedelta(days=3), members=[phone.staff]), case=visit.case,
        at=clock.now() - timedelta(days=3),
    )  # fmt: skip
    given = make_consent(visit=monday, phone=phone)
    answer = send_all(phone, taped(visit, phone), given)
    assert (answer.status_code, answer.json()["code"]) == (425, "CONSENT_UNKNOWN")


def test_the_consent_of_another_borrower_or_a_conflict_does_not_serve(
    visit_and_phone: tuple[PlannedVisit, Phone],
) -> None:
    visit, phone = visit_and_phone
    elsewhere, other = make_taped_visit()
    foreign = make_consent(visit=elsewhere, phone=other)
    open_one = make_consent(visit=visit, phone=phone, state="conflict")
    for event in (foreign, open_one):
        answer = send_all(phone, taped(visit, phone), event)
        assert (answer.status_code, answer.json()["code"]) == (425, "CONSENT_UNKNOWN")
    DoorEvent.objects.filter(pk=open_one.pk).update(state="applied")
    assert send_all(phone, taped(visit, phone), open_one).json()["verified"]


# ---------------------------------------------------------------- the disk


@pytest.mark.parametrize(
    ("number", "status", "code"),
    [(errno.ENOSPC, 507, "DISK_FULL"), (errno.EIO, 503, "STORE_BROKEN")],
)
@pytest.mark.parametrize("where", ["fsync", "replace"])
def test_a_full_or_broken_disk_leaves_no_half_state(
    where: str, number: int, status: int, code: str,
    visit_and_phone: tuple[PlannedVisit, Phone], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    visit, phone = visit_and_phone
    made = begun(visit, phone)

    def fails(*_arguments: object) -> None:
        raise OSError(number, "no")

    with monkeypatch.context() as patch:
        patch.setattr(*((os, "fsync") if where == "fsync" else (Path, "replace")), fails)
        answer = send_segment(phone, made, 0)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert bodies_on_disk(made) == []
    assert not RecordingSegment.objects.exists()
    assert send_segment(phone, made, 0).status_code == 201
    assert bodies_on_disk(made) == made.bodies[:1]


# ---------------------------------------------------------------- wild input


WILD: tuple[object, ...] = (
    None, True, 0, -1, 1.5, 2**63, "", "\x00", "a\x00b", "é" * 90_000, [], {}, [[]], "null", "٣",
    "0000-00-00", "=1+1", "../../etc/passwd", "A" * 86, "0" * 64, [[1, 2]], [[1, "x", 3]],
    [[5, 1, "x"]], [[0, 1, ""]], [[0, 1, "x" * 101]], [[0, 2**60, "x"]], [[0, 1, "x"]] * 501,
)  # fmt: skip


def test_no_wild_field_falls_over(visit_and_phone: tuple[PlannedVisit, Phone]) -> None:
    visit, phone = visit_and_phone
    made = begun(visit, phone, count=1)
    send_segment(phone, made, 0)
    fresh = taped(visit, phone)
    for value in WILD:
        for name in opening(fresh, uuid.uuid4()):
            said = opening(fresh, uuid.uuid4()) | {name: value}
            answer = phone.ask("PUT", base(fresh), said)
            assert 400 <= answer.status_code < 500, (name, value)
        for name in closing(made):
            answer = phone.ask("POST", base(made) + "end/", closing(made) | {name: value})
            assert 400 <= answer.status_code < 500 or (name, value) == ("gaps", []), (name, value)
            Recording.objects.filter(pk=made.recording).update(state="open", ended_at=None)
    for body in (b"", b"[]", b"null", b"\xff\xfe", b'{"count": NaN}', b"[" * 100_000):
        for method, path in (("PUT", base(fresh)), ("POST", base(made) + "end/")):
            assert phone.ask(method, path, body).status_code == 400


@pytest.mark.parametrize(
    "query",
    ["", "started_ms=1", "started_ms=-1&length_ms=1", "started_ms=1&length_ms=60001",
     "started_ms=9999999999999999&length_ms=1", "started_ms=%D9%A3&length_ms=1",
     "started_ms=1e3&length_ms=1", "started_ms=1&length_ms=" + "9" * 400],
)  # fmt: skip
def test_a_segment_s_time_must_be_one(
    query: str, visit_and_phone: tuple[PlannedVisit, Phone]
) -> None:
    visit, phone = visit_and_phone
    made = begun(visit, phone)
    assert send_segment(phone, made, 0, query=query and f"?{query}").status_code == 400
    assert bodies_on_disk(made) == []


@pytest.mark.parametrize("seq", [8640, 2**31, 10**40])
def test_a_segment_s_number_has_an_end(
    seq: int, visit_and_phone: tuple[PlannedVisit, Phone]
) -> None:
    visit, phone = visit_and_phone
    made = begun(visit, phone)
    assert send_segment(phone, made, 0, number=seq).status_code == 400


def test_a_segment_has_a_largest_size(
    visit_and_phone: tuple[PlannedVisit, Phone], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("doorstep.visits.services.recordings.LONGEST_SEGMENT", 500)
    visit, phone = visit_and_phone
    made = begun(visit, phone, count=0)
    made.add(b"x" * (500 - 28))
    made.add(b"x" * (500 - 27))
    assert send_segment(phone, made, 0).status_code == 201
    assert send_segment(phone, made, 1).status_code == 413


def test_a_segment_costs_a_fixed_number_of_queries(
    visit_and_phone: tuple[PlannedVisit, Phone],
) -> None:
    visit, phone = visit_and_phone
    made = begun(visit, phone)
    counts = []
    for seq in range(4):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            send_segment(phone, made, seq)
        counts.append(len(queries))
    assert len(set(counts[1:])) == 1
    assert counts[-1] <= 12
