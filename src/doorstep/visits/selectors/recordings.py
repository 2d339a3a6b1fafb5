"""Reading recordings: whether they may be heard and hold, their plain bytes, where steps stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from itertools import accumulate
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet

from doorstep.cases.models import Case
from doorstep.evidence.door_keys import recording_private_key
from doorstep.evidence.files import file_open
from doorstep.evidence.recording import (
    SEALED_MORE,
    Finding,
    content_key_unwrap,
    recording_verify,
    segment_open,
    segment_sha,
)
from doorstep.evidence.verify_recording import Receipt, Segment
from doorstep.kernel.errors import DoorstepError
from doorstep.visits import recording_store as files
from doorstep.visits.models import (
    DoorConflict,
    DoorEvent,
    EventState,
    PlannedVisit,
    Recording,
    RecordingSegment,
)
from doorstep.visits.models.recordings import RecordingState

CONSENT_TOPIC = "step:consent_record"


class Consent(Enum):
    """What the borrower said to being recorded."""

    GIVEN = "given"
    REFUSED = "refused"
    UNKNOWN = "unknown"


def consent_of(*, visit_id: int, event: UUID) -> Consent:
    """What the event of that id says; UNKNOWN while it is not here, not decided between two phones,
    or where it is of another visit or day or no answer to this question. Where a person kept
    another phone's answer, that one counts."""
    visit = PlannedVisit.objects.filter(pk=visit_id)
    asked = DoorEvent.objects.filter(
        visit__case__in=visit.values("case"), visit__crew__day__in=visit.values("crew__day"),
        kind="step", topic=CONSENT_TOPIC,
    )  # fmt: skip
    found = asked.filter(pk=event).first()
    if found is not None and found.state == EventState.ASIDE:
        kept = DoorConflict.objects.filter(other=found).select_related("kept").first()
        kept = kept or DoorConflict.objects.filter(stood=found).select_related("kept").first()
        found = kept.kept if kept else None
    if found is None or found.state != EventState.APPLIED or not isinstance(found.body, dict):
        return Consent.UNKNOWN
    return Consent.GIVEN if found.body.get("given") is True else Consent.REFUSED


def recordings_within(*, cases: QuerySet[Case, Any]) -> QuerySet[Recording]:
    """The recordings of visits to these cases, the latest first."""
    found = Recording.objects.filter(visit__case__in=cases)
    return found.select_related("visit__case__borrower", "made_by").order_by("-started_at", "pk")


def recordings_of(*, visit: PlannedVisit) -> QuerySet[Recording]:
    """The recordings of a visit; of the same visit in plans made anew on the day too."""
    day = visit.crew.day if visit.crew else None
    found = Recording.objects.filter(visit__case=visit.case_id)
    found = found.filter(visit__crew__day=day) if day else found.filter(visit=visit)
    return found.select_related("made_by").order_by("started_at", "pk")


def recordings_on_days(*, first_day: date, last_day: date) -> QuerySet[Recording]:
    """The recordings that ended on these days of the house, destroyed ones left out."""
    zone = ZoneInfo(settings.TIME_ZONE)
    since = datetime.combine(first_day, time.min, zone)
    until = datetime.combine(last_day + timedelta(days=1), time.min, zone)
    found = Recording.objects.filter(ended_at__gte=since, ended_at__lt=until)
    return found.exclude(state=RecordingState.REFUSED)


def key_place(recording: UUID) -> str:
    """Where the sealed content key of a recording lies."""
    return f"visits_recording:wrapped:{recording}"


def segments_of(recording: Recording) -> list[RecordingSegment]:
    """The segments that were kept, in their order."""
    return list(recording.segments.order_by("seq"))


def receipt_of(recording: Recording) -> Receipt:
    """What the borrower was given: the head that the phone signed."""
    return Receipt(
        recording.visit_id, str(recording.pk), recording.count or 0, bytes(recording.head),
        bytes(recording.device_key), bytes(recording.signature),
    )  # fmt: skip


def chain_of(rows: Sequence[RecordingSegment]) -> list[Segment]:
    """The segments as the chain is made of them."""
    return [Segment(bytes.fromhex(row.sha), row.started_ms, row.length_ms) for row in rows]


def recording_check(recording: Recording) -> Finding:
    """Whether the files are those that the phone recorded, one after the other, and that it signed
    for. Reads every file; holds one segment at a time."""
    rows = segments_of(recording)
    absent = next((at for at, row in enumerate(rows) if row.seq != at), None)
    if absent is not None:
        return Finding(False, f"Segment {absent} is missing.", absent)
    if recording.count is None:
        return _open_check(recording, rows)
    return recording_verify(
        receipt=receipt_of(recording), nonce=bytes(recording.nonce), segments=chain_of(rows),
        bodies=files.bodies_read(recording.pk, (row.seq for row in rows)),
    )  # fmt: skip


def _open_check(recording: Recording, rows: Sequence[RecordingSegment]) -> Finding:
    """Of a recording without an end only the hashes of its segments can be looked at."""
    for row, body in zip(rows, files.bodies_read(recording.pk, range(len(rows))), strict=True):
        if segment_sha(body).hex() != row.sha:
            return Finding(False, f"Segment {row.seq} is not the one that was recorded.", row.seq)
    return Finding(False, "The phone has not ended and signed it; each segment is as it was sent.")


def may_be_heard(recording: Recording) -> Consent:
    """Whether a recording may be played: only with the borrower's consent on record."""
    if recording.state == RecordingState.REFUSED:
        return Consent.REFUSED
    return consent_of(visit_id=recording.visit_id, event=recording.consent)


@dataclass(frozen=True)
class Sound:
    """The plain recording as one file that nobody holds: where each segment ends in it."""

    recording: UUID
    rows: Sequence[RecordingSegment]
    key: bytes

    @property
    def size(self) -> int:
        """Bytes in all."""
        return sum(row.size - SEALED_MORE for row in self.rows)

    def read(self, first: int, last: int) -> Iterator[bytes]:
        """The bytes from `first` to `last`, both included, segment after segment. Raises
        DoorstepError SEAL_BROKEN where a segment is not the one that was recorded."""
        end = 0
        for row in self.rows:
            begin, end = end, end + row.size - SEALED_MORE
            if end <= first or begin > last:
                continue
            body = files.body_read(self.recording, row.seq)
            if body is None or segment_sha(body).hex() != row.sha:
                raise DoorstepError(
                    f"Segment {row.seq} is not the one that was recorded.", code="SEAL_BROKEN"
                )
            plain = segment_open(
                key=self.key, recording=str(self.recording), seq=row.seq, body=body
            )
            yield plain[max(first - begin, 0) : last + 1 - begin]


def sound_of(recording: Recording) -> Sound:
    """The plain bytes of a recording, to be read in parts: its segments from the first on, up to
    one that is missing. Raises DoorstepError when its key cannot be opened."""
    rows = segments_of(recording)
    whole = [row for at, row in enumerate(rows) if row.seq == at]
    wrapped = file_open(
        subject=recording.visit.case.borrower_id, place=key_place(recording.pk),
        sealed=bytes(recording.wrapped),
    )  # fmt: skip
    key = content_key_unwrap(private=recording_private_key(), wrapped=wrapped)
    return Sound(recording.pk, whole, key)


@dataclass(frozen=True)
class Chapter:
    """A step of the visit, and the second of the recording at which it was reached."""

    step: str
    second: int


def chapters_of(recording: Recording) -> list[Chapter]:
    """The steps of the visit that fell within the recording, in order."""
    rows = segments_of(recording)
    if not rows:
        return []
    before = [0, *accumulate(row.length_ms for row in rows)]
    steps = DoorEvent.objects.filter(
        visit__case=recording.visit.case_id, kind="step", state=EventState.APPLIED,
        at__gte=_instant(rows[0].started_ms),
        at__lte=_instant(rows[-1].started_ms + rows[-1].length_ms),
    ).order_by("at", "pk")  # fmt: skip
    found = []
    for step in steps:
        ms = int(step.at.timestamp() * 1000)
        place = max(at for at, row in enumerate(rows) if not at or row.started_ms <= ms)
        within = max(0, min(ms - rows[place].started_ms, rows[place].length_ms))
        code = str(step.body.get("step", "")) or step.topic.partition(":")[2]
        found.append(Chapter(code, (before[place] + within) // 1000))
    return found


def _instant(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, tz=UTC)
