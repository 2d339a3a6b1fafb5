"""A phone that signs its requests, and strangers who ask."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from doorstep.visits.door.request import b64, request_text
from tests.factories import AT
from tests.visits.checks import Door


def phone_post(
    client: Client, door: Door, path: str, body: object = None, *, phone: int = 0,
    at: datetime = AT, raw: bytes | None = None,
) -> HttpResponse:  # fmt: skip
    """A request to the phone's interface, signed by a phone of the crew."""
    sent = json.dumps(body if body is not None else {}).encode() if raw is None else raw
    seconds = int(at.timestamp())
    text = request_text(method="POST", path=path, body=sent, seconds=seconds)
    header = f"Device {door.devices[phone].pk}.{seconds}.{b64(door.keys[phone].sign(text))}"
    return client.post(
        path, sent, content_type="application/json", headers={"Authorization": header}
    )


def challenge_path(door: Door) -> str:
    """Where a challenge is asked for."""
    return reverse("field_api:challenge", args=[door.visit.pk])


def number_path(door: Door) -> str:
    """Where the number is asked for."""
    return reverse("field_api:number", args=[door.visit.pk])


def body_of(door: Door, nonce: str, **fields: Any) -> dict[str, Any]:
    """An honest body for the number."""
    text = f"doorstep-challenge/1\n{door.visit.pk}\n{nonce}".encode()
    values = {
        "nonce": nonce, "signature": b64(door.keys[0].sign(text)),
        "latitude": 30.0001, "longitude": 104.0001,
    }  # fmt: skip
    return values | fields
