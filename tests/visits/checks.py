"""A crew at a door with phones that can sign, and what an impostor tries."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from doorstep.visits.door.request import b64
from doorstep.visits.models import Appointment, CrewDay, ImpostorReport, PlannedVisit
from doorstep.visits.services.visitor import NumberShown, challenge_make, number_show
from doorstep.visits.visitor import challenge_text, code_normal
from doorstep.workforce.models import Branch, Device, Staff
from doorstep.workforce.services.devices import device_bind
from tests.factories import AT, ON, make_branch, make_case
from tests.visits.appointments import make_appointment
from tests.visits.fieldwork import make_crew, make_field_plan, make_visit
from tests.workforce.people import make_agent

HERE = (30.0001, 104.0001)
CODE = "KQ4T-9WHM"


@dataclass
class Door:
    """A visit that is on now: its crew, the first agent's phone and key, its appointment."""

    visit: PlannedVisit
    crew: CrewDay
    agents: list[Staff]
    keys: list[Ed25519PrivateKey]
    devices: list[Device]
    appointment: Appointment

    def ask(self, at: datetime = AT) -> str:
        """A fresh challenge for the first phone."""
        return challenge_make(visit=self.visit, device=self.devices[0], at=at).nonce

    def show(self, nonce: str, *, at: datetime = AT, **fields: Any) -> NumberShown:
        """What the first phone is shown for a challenge that it signs here."""
        visit = fields.pop("visit", self.visit)
        device = fields.pop("device", self.devices[0])
        key = fields.pop("key", self.keys[0])
        signed = fields.pop("signed", challenge_text(visit=visit.pk, nonce=nonce))
        latitude, longitude = fields.pop("here", HERE)
        signature = fields.pop("signature", None) or b64(key.sign(signed))
        return number_show(
            visit=visit, device=device, nonce=nonce, signature=signature,
            latitude=latitude, longitude=longitude, at=at,
        )  # fmt: skip

    def token(self, *, moment: datetime = AT, **fields: Any) -> str:
        """What the first phone shows at the door without a network."""
        key = fields.pop("key", self.keys[0])
        values = {
            "v": 1, "visit": self.visit.pk, "device": str(self.devices[0].pk),
            "at": int(moment.timestamp()),
        } | fields  # fmt: skip
        return token_signed(values, key)

    def kept(self) -> dict[str, Any]:
        """What the borrower's phone has kept of this visit."""
        devices = {
            str(each.pk): {"staff": each.staff_id, "key": b64(bytes(each.public_key))}
            for each in self.devices
        }
        visitors = {str(each.pk): {"name": str(each)} for each in self.agents}
        until = int(self.visit.ends_at.timestamp()) if self.visit.ends_at else 0
        return {str(self.visit.pk): {"until": until, "devices": devices, "visitors": visitors}}


def token_signed(values: object, key: Ed25519PrivateKey) -> str:
    """Anything as a token, signed as the phone app signs it."""
    payload = json.dumps(values, separators=(",", ":")).encode()
    return f"{b64(payload)}.{b64(key.sign(b'doorstep-door/1' + bytes([10]) + payload))}"


def make_device(*, staff: Staff, at: datetime = AT) -> tuple[Ed25519PrivateKey, Device]:
    """A phone of somebody, bound an hour ago."""
    key = Ed25519PrivateKey.generate()
    raw = key.public_key().public_bytes_raw()
    return key, device_bind(staff=staff, public_key=raw, name="phone", at=at - timedelta(hours=1))


def make_door(
    *, branch: Branch | None = None, at: datetime = AT, code: str = CODE, **fields: Any
) -> Door:
    """A visit from `at` on, of two agents with all papers and a phone each."""
    assert code_normal(code) == code
    branch = branch or make_branch()
    day = at.date()
    letter = {"valid_from": day - timedelta(days=3), "valid_until": day + timedelta(days=60)}
    agents = [make_agent(branch=branch, letter=letter) for _each in "ab"]
    plan = make_field_plan(branch=branch, at=at)
    crew = make_crew(plan=plan, members=agents, at=at)
    case = make_case(branch=branch)
    times = {"from_at": at - timedelta(minutes=30), "until_at": at + timedelta(minutes=30)}
    appointment = make_appointment(case=case, code=code, **times)
    visit = make_visit(crew=crew, case=case, at=at, appointment=appointment, **fields)
    phones = [make_device(staff=each, at=at) for each in agents]
    return Door(
        visit, crew, agents, [key for key, _device in phones],
        [device for _key, device in phones], appointment,
    )  # fmt: skip


def make_impostor_report(**fields: Any) -> ImpostorReport:
    """Somebody told of a man at the door."""
    number = ImpostorReport.objects.count()
    values: dict[str, Any] = {
        "number": f"TEST-{number:04}", "happened": "door", "happened_on": ON,
        "words": "一名男子自称银行人员，要求现金。", "language": "zh-hans", "at": AT,
    }  # fmt: skip
    return ImpostorReport.objects.create(**(values | fields))
