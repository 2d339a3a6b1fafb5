"""Deeds on recordings of visits: begun and ended by the phone, segment by segment kept in between.

Segments may come before the event that says the borrower agreed, because sound and events leave the
phone in different hours. A recording can neither end nor be heard before that event is here; where
the borrower refused, what was sent is destroyed. Every beginning and end is in the evidence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from doorstep.evidence.door_keys import recording_private_key
from doorstep.evidence.entry import Entry
from doorstep.evidence.files import file_seal
from doorstep.evidence.recording import (
    LONGEST_SEGMENT,
    LONGEST_SEGMENT_MS,
    MOST_SEGMENTS,
    SEALED_MORE,
    content_key_unwrap,
    head_signed,
    segment_sha,
)
from doorstep.evidence.services import evidence_append
from doorstep.evidence.verify_recording import Receipt
from doorstep.kernel.errors import InputError, Refused, Where
from doorstep.visits import recording_store as files
from doorstep.visits.models import PlannedVisit, Recording, RecordingSegment
from doorstep.visits.models.recordings import RecordingState
from doorstep.visits.selectors.recordings import (
    Consent,
    consent_of,
    key_place,
    recording_check,
    recordings_of,
    segments_of,
)
from doorstep.workforce.models import Device

NONCE_BYTES = 16
MEDIA = re.compile(r"(audio/(webm|mp4|ogg)|video/(webm|mp4))(; ?codecs=[A-Za-z0-9.,\" -]{1,60})?")
MOST_BYTES = 4 * 1024**3
MOST_GAPS = 500
LONGEST_WHY = 100
LATEST_MS = 2**42
AHEAD = timedelta(minutes=10)
Gap = tuple[int, int, str]


def recording_nonce(*, visit_id: int) -> bytes:
    """What the chain of every recording of this visit begins from, 16 bytes: given to the crew's
    phones with the day, known to nobody before."""
    digest = salted_hmac("doorstep.recording_nonce", str(visit_id), algorithm="sha256").digest()
    return digest[:NONCE_BYTES]


@dataclass(frozen=True)
class Beginning:
    """What the phone says when it begins to record; `wrapped` is the content key for the server."""

    nonce: bytes
    wrapped: bytes = field(repr=False)
    media_type: str
    started_at: datetime
    consent: UUID


@dataclass(frozen=True)
class Ending:
    """What the phone says when it has ended: how many segments, the head of the chain, its
    signature by the phone, and where it could not record."""

    count: int
    head: bytes
    signature: bytes
    gaps: Sequence[Gap] = ()


@dataclass(frozen=True)
class Part:
    """A sealed segment as it came: its number, the hash the phone says it has, its time."""

    seq: int
    sha: str
    started_ms: int
    length_ms: int
    body: bytes = field(repr=False)


@transaction.atomic
def recording_begin(
    *, visit: PlannedVisit, recording: UUID, said: Beginning, device: Device, at: datetime
) -> tuple[Recording, bool]:
    """Take in that a phone has begun to record; the row, and whether it is new. The same again
    changes nothing.

    Raises InputError for a nonce of another visit, a key that this server cannot open, or no medium
    of ours; Refused when the id stands for another recording, or the borrower did not agree.
    """
    if not MEDIA.fullmatch(said.media_type):
        raise _unfit("media_type")
    if said.nonce != recording_nonce(visit_id=visit.pk):
        raise InputError(
            _("The recording does not begin from what this visit was given."), code="NONCE_WRONG",
            hint=_("Fetch the day again."), where=Where(field="nonce"),
        )  # fmt: skip
    if said.started_at > at + AHEAD:
        raise _unfit("started_at")
    content_key_unwrap(private=recording_private_key(), wrapped=said.wrapped)
    held = Recording.objects.filter(pk=recording).first()
    if held is not None:
        return _same(held, visit, said, device), False
    if consent_of(visit_id=visit.pk, event=said.consent) is Consent.REFUSED:
        raise _no_consent()
    subject = visit.case.borrower_id
    made = Recording.objects.create(
        pk=recording, visit=visit, nonce=said.nonce, media_type=said.media_type,
        wrapped=file_seal(
            subject=subject, place=key_place(recording), content=said.wrapped, at=at
        ),
        started_at=said.started_at, consent=said.consent, device=device.pk,
        device_key=bytes(device.public_key), made_by=device.staff, begun_at=at,
    )  # fmt: skip
    body = {
        "nonce": said.nonce.hex(), "media_type": said.media_type,
        "started_at": said.started_at.isoformat(), "consent": str(said.consent),
        "device": str(device.pk), "device_key": bytes(device.public_key).hex(),
    }  # fmt: skip
    _log("visit.recording_begun", made, body, at=at)
    return made, True


def _same(held: Recording, visit: PlannedVisit, said: Beginning, device: Device) -> Recording:
    known = (held.visit_id, held.device, held.media_type, held.started_at, held.consent)
    if known != (visit.pk, device.pk, said.media_type, said.started_at, said.consent):
        raise Refused(_("This id stands for another recording."), code="ID_TWICE")
    return held


def segment_keep(
    *, recording: Recording, part: Part, device: Device, at: datetime
) -> tuple[RecordingSegment, bool]:
    """Keep a sealed segment; the row, and whether it is new. The same again changes nothing.

    Durable when it returns: file and row are on the disk. Raises InputError for a hash that is not
    the body's, or measures that cannot be; Refused when another segment of this number is held, or
    the recording is over; DoorstepError DISK_FULL or STORE_BROKEN, and then nothing was kept.
    """
    _must_fit(part)
    _must_be_of(recording, device)
    beside = files.body_put_by(recording.pk, part.body)
    try:
        return _kept(recording, part, beside, at)
    finally:
        beside.unlink(missing_ok=True)


@transaction.atomic
def _kept(
    recording: Recording, part: Part, beside: Any, at: datetime
) -> tuple[RecordingSegment, bool]:
    row = Recording.objects.select_for_update().get(pk=recording.pk)
    held = RecordingSegment.objects.filter(recording=row, seq=part.seq).first()
    if held is not None:
        if (held.sha, held.started_ms, held.length_ms) != (
            part.sha,
            part.started_ms,
            part.length_ms,
        ):
            raise Refused(
                _("Another segment of this number is held already."), code="SEGMENT_OTHER"
            )
        if row.state != RecordingState.REFUSED and files.body_read(row.pk, part.seq) != part.body:
            files.body_move(beside, recording=row.pk, seq=part.seq)
        return held, False
    if row.state == RecordingState.REFUSED:
        raise _no_consent()
    if row.state != RecordingState.OPEN:
        raise Refused(_("This recording has ended."), code="ENDED_ALREADY")
    if row.size + len(part.body) > MOST_BYTES:
        raise Refused(_("This recording is too long."), code="TOO_LONG")
    made = RecordingSegment.objects.create(
        recording=row, seq=part.seq, sha=part.sha, started_ms=part.started_ms,
        length_ms=part.length_ms, size=len(part.body), kept_at=at,
    )  # fmt: skip
    Recording.objects.filter(pk=row.pk).update(size=F("size") + len(part.body))
    files.body_move(beside, recording=row.pk, seq=part.seq)
    return made, True


def recording_end(*, recording: Recording, said: Ending, device: Device, at: datetime) -> Recording:
    """Take in that the phone has ended, and say whether the recording is the one made on the spot:
    it is `sealed`, or `broken` with the reason. Where the borrower refused it is destroyed and
    comes back `refused`. The same again changes nothing.

    Raises Refused while segments or the event of the consent are still to come, and for another end
    than the one held; InputError for a head that the phone has not signed.
    """
    _must_be_of(recording, device)
    head = {"count": said.count, "head": said.head, "signature": said.signature}
    if not 0 <= said.count <= MOST_SEGMENTS:
        raise _unfit("count")
    _gaps_must_fit(said.gaps)
    if not head_signed(_receipt(recording, said)):
        raise InputError(
            _("The end of the recording is not signed by the phone that made it."),
            code="BAD_SIGNATURE", where=Where(field="signature"),
        )  # fmt: skip
    if recording.state == RecordingState.OPEN:
        _must_be_whole(recording, said.count)
        consent = consent_of(visit_id=recording.visit_id, event=recording.consent)
        if consent is Consent.UNKNOWN:
            raise Refused(
                _("Whether the borrower agreed to be recorded is not known yet."),
                code="CONSENT_UNKNOWN", hint=_("Send the events of the visit first."),
            )  # fmt: skip
        if consent is Consent.REFUSED:
            return recording_destroy(recording=recording, at=at)
    trial = Recording.objects.get(pk=recording.pk)
    trial.count, trial.head, trial.signature = head["count"], head["head"], head["signature"]  # type: ignore[assignment]
    found = recording_check(trial)
    return _ended(recording, said, "" if found.ok else found.why, at)


@transaction.atomic
def _ended(recording: Recording, said: Ending, why: str, at: datetime) -> Recording:
    row = Recording.objects.select_for_update().get(pk=recording.pk)
    if row.state == RecordingState.REFUSED:
        return row
    if row.state != RecordingState.OPEN:
        if (row.count, bytes(row.head)) != (said.count, said.head):
            raise Refused(_("This recording has ended otherwise before."), code="ENDED_OTHERWISE")
        return row
    row.state = RecordingState.BROKEN if why else RecordingState.SEALED
    row.ended_at, row.count, row.head, row.signature = at, said.count, said.head, said.signature
    row.gaps, row.why = [list(gap) for gap in said.gaps], why[:300]
    row.save()
    body = {
        "count": said.count, "head": said.head.hex(), "signature": said.signature.hex(),
        "state": row.state, "why": row.why, "gaps": row.gaps,
        "segments": [[s.sha, s.started_ms, s.length_ms] for s in segments_of(row)],
    }  # fmt: skip
    _log("visit.recording_ended", row, body, at=at)
    return row


@transaction.atomic
def recording_destroy(*, recording: Recording, at: datetime) -> Recording:
    """Destroy what was sent of a recording that the borrower did not agree to: segments and key go,
    the row says that there was one."""
    row = Recording.objects.select_for_update().get(pk=recording.pk)
    if row.state == RecordingState.REFUSED:
        return row
    count, _by_table = row.segments.all().delete()
    row.state, row.wrapped, row.size = RecordingState.REFUSED, b"", 0
    row.why = "The borrower did not agree to be recorded."
    row.save(update_fields=["state", "wrapped", "size", "why"])
    _log("visit.recording_destroyed", row, {"segments": count, "why": row.why}, at=at)
    transaction.on_commit(lambda: files.bodies_remove(row.pk))
    return row


def recordings_refused_destroy(*, visit: PlannedVisit, at: datetime) -> int:
    """Destroy what was sent of this visit under a consent that turns out to be a no: it came after
    the recording, or a person kept the other phone's answer. How many that were."""
    refused = [
        each
        for each in recordings_of(visit=visit).exclude(state=RecordingState.REFUSED)
        if consent_of(visit_id=each.visit_id, event=each.consent) is Consent.REFUSED
    ]
    for each in refused:
        recording_destroy(recording=each, at=at)
    return len(refused)


def recordings_sweep() -> int:
    """Take away the files of recordings that no row speaks of any more (erased borrowers); how many
    recordings that were."""
    stored = set(files.recordings_stored())
    gone = stored - set(Recording.objects.filter(pk__in=stored).values_list("pk", flat=True))
    for recording in gone:
        files.bodies_remove(recording)
    return len(gone)


def _must_fit(part: Part) -> None:
    if not SEALED_MORE <= len(part.body) <= LONGEST_SEGMENT:
        raise InputError(_("A segment is too large or empty."), code="TOO_LARGE")
    if segment_sha(part.body).hex() != part.sha:
        raise InputError(
            _("The segment arrived damaged."), code="SHA_WRONG", hint=_("Send it again."),
            where=Where(field="sha"),
        )  # fmt: skip
    if not 0 <= part.seq < MOST_SEGMENTS:
        raise _unfit("seq")
    if not 0 <= part.started_ms <= LATEST_MS:
        raise _unfit("started_ms")
    if not 0 <= part.length_ms <= LONGEST_SEGMENT_MS:
        raise _unfit("length_ms")


def _must_be_of(recording: Recording, device: Device) -> None:
    """Only the phone that began a recording adds to it."""
    if bytes(recording.device_key) != bytes(device.public_key):
        raise Refused(_("Another phone makes this recording."), code="OTHER_DEVICE")


def _must_be_whole(recording: Recording, count: int) -> None:
    held = set(recording.segments.values_list("seq", flat=True))
    missing = [seq for seq in range(count) if seq not in held]
    if missing:
        few = ", ".join(str(seq) for seq in missing[:20])
        raise Refused(
            _("Segments are still to come: %(segments)s") % {"segments": few},
            code="SEGMENTS_MISSING", hint=_("Send them, then end the recording again."),
        )  # fmt: skip


def _gaps_must_fit(gaps: Sequence[Gap]) -> None:
    if len(gaps) > MOST_GAPS:
        raise _unfit("gaps")
    for since, until, why in gaps:
        if not 0 <= since <= until <= LATEST_MS or not 1 <= len(why) <= LONGEST_WHY:
            raise _unfit("gaps")


def _receipt(recording: Recording, said: Ending) -> Receipt:
    return Receipt(
        recording.visit_id, str(recording.pk), said.count, said.head,
        bytes(recording.device_key), said.signature,
    )  # fmt: skip


def _log(kind: str, recording: Recording, body: dict[str, Any], *, at: datetime) -> None:
    case = recording.visit.case
    body = {"visit": recording.visit_id, "recording": str(recording.pk), **body}
    agent = recording.made_by.username
    entry = Entry(kind, case.borrower_id, body, case=str(case.pk), agent=agent)
    evidence_append(entries=[entry], at=at)


def _no_consent() -> Refused:
    return Refused(
        _("The borrower did not agree to be recorded."), code="CONSENT_REFUSED",
        hint=_("Stop recording, and write the record instead."),
    )  # fmt: skip


def _unfit(name: str) -> InputError:
    return InputError(
        _("%(field)s is missing or cannot be used.") % {"field": name},
        code="BAD_FIELD", where=Where(field=name),
    )  # fmt: skip
