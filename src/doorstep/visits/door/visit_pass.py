"""The pass that lets a crew ring without a network: signed by the server, short-lived, for one
visit, its people, its place and its hours. Pure; the key is passed in."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from doorstep.visits.door.request import b64

PREFIX = b"doorstep-pass/1\n"
KIND = "visit-pass"
LIVES = timedelta(hours=4)
TOLERANCE_M = 200
"""How far from the address a crew may stand: the fault of a phone's place between tall houses."""
EARTH_M = 6_371_008.8


@dataclass(frozen=True)
class VisitPass:
    """What a pass says. `windows` are the spans within which the crew may ring; `revision` is that
    of the day it was made for."""

    visit: int
    case: int
    members: tuple[int, ...]
    latitude: float
    longitude: float
    tolerance_m: int
    windows: tuple[tuple[datetime, datetime], ...]
    issued_at: datetime
    lives_until: datetime
    revision: str


def pass_sign(given: VisitPass, *, key: Ed25519PrivateKey) -> dict[str, str]:
    """The pass as the phone gets it: payload and signature, both base64url."""
    payload = json.dumps(_values(given), sort_keys=True, separators=(",", ":")).encode()
    return {"payload": b64(payload), "signature": b64(key.sign(PREFIX + payload))}


def distance_m(latitude: float, longitude: float, to_latitude: float, to_longitude: float) -> float:
    """Metres between two places on earth (haversine)."""
    north, south = math.radians(latitude), math.radians(to_latitude)
    across = math.radians(to_longitude - longitude)
    chord = (
        math.sin((south - north) / 2) ** 2
        + math.cos(north) * math.cos(south) * math.sin(across / 2) ** 2
    )
    return 2 * EARTH_M * math.asin(math.sqrt(chord))


def _values(given: VisitPass) -> dict[str, Any]:
    return {
        "v": 1, "kind": KIND, "visit": given.visit, "case": given.case,
        "members": list(given.members), "latitude": given.latitude,
        "longitude": given.longitude, "tolerance_m": given.tolerance_m,
        "windows": [[_iso(begins), _iso(ends)] for begins, ends in given.windows],
        "issued_at": _iso(given.issued_at), "lives_until": _iso(given.lives_until),
        "revision": given.revision,
    }  # fmt: skip


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
