"""Phones that record: bound devices, signed requests, consent, whole recordings sent."""

from __future__ import annotations

import hashlib
import itertools
import json
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import Client

from doorstep.evidence.door_keys import recording_private_key
from doorstep.evidence.verify_recording import coded
from doorstep.kernel import clock
from doorstep.visits.models import (
    DoorEvent,
    PlannedVisit,
    Playback,
    Recording,
    SampleDraw,
    SampleReview,
)
from doorstep.visits.services.recordings import (
    Beginning,
    Ending,
    Part,
    recording_begin,
    recording_end,
    recording_nonce,
    segment_keep,
)
from doorstep.workforce.models import Device, Staff
from doorstep.workforce.roles import Role
from tests.evidence.recordings import Made, make_recording, wrapped_for
from tests.factories import make_staff
from tests.visits.fieldwork import agents_of, make_crew, make_visit

_numbers = itertools.count(1)


@dataclass
class Phone:
    """A bound phone of a member of a crew."""

    staff: Staff
    key: Ed25519PrivateKey
    device: Device
    client: Client = field(default_factory=Client)

    def ask(
        self, method: str, path: str, body: object = None, *, at: datetime | None = None
    ) -> Any:
        """Send a request as the phone signs it; `body` is JSON, or raw bytes."""
        raw = (
            body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        )
        seconds = int((at or clock.now()).timestamp())
        digest = hashlib.sha256(raw).hexdigest()
        text = f"doorstep-request/1\n{method}\n{path}\n{digest}\n{seconds}"
        signed = coded(self.key.sign(text.encode()))
        kind = "application/octet-stream" if isinstance(body, bytes) else "application/json"
        return self.client.generic(
            method, path, raw, content_type=kind,
            headers={"Authorization": f"Device {self.device.pk}.{seconds}.{signed}"},
        )  # fmt: skip


def make_phone(staff: Staff) -> Phone:
    """A phone bound just now."""
    key = Ed25519PrivateKey.from_private_bytes(
        hashlib.sha256(b"phone %d" % next(_numbers)).digest()
    )
    at = clock.now()
    device = Device.objects.create(
        staff=staff, public_key=key.public_key().public_bytes_raw(), name="Phone",
        bound_at=at, expires_at=at + timedelta(hours=16),
    )  # fmt: skip
    return Phone(staff, key, device)


def make_consent(
    *, visit: PlannedVisit, phone: Phone, given: object = True, **fields: Any
) -> DoorEvent:
    """The event in which the borrower was asked to be recorded."""
    return make_step(
        visit=visit, phone=phone, step="consent_record", more={"given": given}, **fields
    )


def make_step(
    *, visit: PlannedVisit, phone: Phone, step: str, more: dict[str, Any] | None = None,
    at: datetime | None = None, **fields: Any,
) -> DoorEvent:  # fmt: skip
    """A step of the visit, as it was applied."""
    at = at or clock.now()
    values: dict[str, Any] = {
        "id": uuid.uuid4(), "kind": "step", "topic": f"step:{step}", "at": at, "clock_at": at,
        "number": next(_numbers), "body": {"step": step, "how": "done", **(more or {})},
        "sha256": "0" * 64, "state": "applied", "received_at": at, "changed_at": at, **fields,
    }  # fmt: skip
    return DoorEvent.objects.create(visit=visit, device=phone.device, staff=phone.staff, **values)


def make_taped_visit(**fields: Any) -> tuple[PlannedVisit, Phone]:
    """A visit of today, and the phone of the agent who leads its crew."""
    crew = make_crew(at=clock.now(), **fields.pop("crew", {}))
    visit = make_visit(crew=crew, at=clock.now(), **fields)
    return visit, make_phone(agents_of(crew)[0])


def taped(visit: PlannedVisit, phone: Phone, **fields: Any) -> Made:
    """A recording on that phone, not sent yet."""
    nonce = recording_nonce(visit_id=visit.pk)
    values = {"seed": next(_numbers), "start_ms": int(clock.now().timestamp() * 1000), **fields}
    return make_recording(visit=visit.pk, nonce=nonce, device=phone.key, **values)


def base(made: Made) -> str:
    """The address of a recording."""
    return f"/field/api/visits/{made.visit}/recordings/{made.recording}/"


def opening(made: Made, consent: DoorEvent | uuid.UUID, **changes: Any) -> dict[str, Any]:
    """What the phone says when it begins."""
    server = recording_private_key().public_key()
    event = consent.pk if isinstance(consent, DoorEvent) else consent
    first = made.segments[0].started_ms / 1000 if made.segments else clock.now().timestamp()
    return {
        "nonce": coded(made.nonce), "wrapped": coded(wrapped_for(server, made.key)),
        "media_type": "audio/webm;codecs=opus", "consent": str(event),
        "started_at": datetime.fromtimestamp(first, tz=UTC).isoformat(), **changes,
    }  # fmt: skip


def closing(made: Made, **changes: Any) -> dict[str, Any]:
    """What the phone says when it ends."""
    receipt = made.receipt()
    return {
        "count": receipt.count, "head": receipt.head.hex(), "signature": coded(receipt.signature),
        "gaps": [], **changes,
    }  # fmt: skip


def send_segment(phone: Phone, made: Made, seq: int, **changes: Any) -> Any:
    """Send one segment."""
    part = made.segments[seq]
    body = changes.get("body", made.bodies[seq])
    sha = changes.get("sha", part.sha.hex())
    times = f"started_ms={part.started_ms}&length_ms={part.length_ms}"
    query = changes.get("query", f"?{times}")
    return phone.ask(
        "PUT", f"{base(made)}segments/{changes.get('number', seq)}/{sha}/{query}", body
    )


def send_all(phone: Phone, made: Made, consent: DoorEvent | uuid.UUID) -> Any:
    """Send a whole recording; the answer to its end."""
    phone.ask("PUT", base(made), opening(made, consent))
    for seq in range(len(made.segments)):
        send_segment(phone, made, seq)
    return phone.ask("POST", base(made) + "end/", closing(made))


def make_kept_recording(
    *, visit: PlannedVisit, phone: Phone, given: object = True, **fields: Any
) -> tuple[Recording, Made]:
    """A recording that was sent whole and ended."""
    made = taped(visit, phone, **fields)
    send_all(phone, made, make_consent(visit=visit, phone=phone, given=given))
    return Recording.objects.get(pk=made.recording), made


def make_held_recording(
    *, visit: PlannedVisit, staff: Staff | None = None, count: int = 2, **fields: Any
) -> Recording:
    """A recording that the server holds whole, with consent; `staff` made it."""
    phone = make_phone(staff or agents_of(visit.crew)[0])  # type: ignore[arg-type]
    made, at = taped(visit, phone, count=count, **fields), clock.now()
    server = recording_private_key().public_key()
    said = Beginning(
        nonce=made.nonce, wrapped=wrapped_for(server, made.key), started_at=at,
        media_type="audio/webm;codecs=opus",
        consent=make_consent(visit=visit, phone=phone, at=at).pk,
    )  # fmt: skip
    row, _new = recording_begin(
        visit=visit, recording=uuid.UUID(made.recording), said=said, device=phone.device, at=at
    )
    for seq, (part, body) in enumerate(zip(made.segments, made.bodies, strict=True)):
        sent = Part(seq, part.sha.hex(), part.started_ms, part.length_ms, body)
        segment_keep(recording=row, part=sent, device=phone.device, at=at)
    receipt = made.receipt()
    end = Ending(receipt.count, receipt.head, receipt.signature)
    return recording_end(recording=row, said=end, device=phone.device, at=at)


def make_playback(*, recording: Recording, by: Staff, **fields: Any) -> Playback:
    """Somebody listens just now."""
    values = {"at": clock.now(), "purpose": "Complaint", **fields}
    return Playback.objects.create(recording=recording, by=by, **values)


def make_review(*, recording: Recording, by: Staff | None = None) -> SampleReview:
    """A recording that was drawn."""
    at = clock.now()
    draw = SampleDraw.objects.create(
        first_day=at.date(), last_day=at.date(), share=1000, seed="s", found=1, drawn_at=at,
        drawn_by=by or make_staff(Role.COMPLIANCE_OFFICER),
    )  # fmt: skip
    return SampleReview.objects.create(draw=draw, recording=recording)
