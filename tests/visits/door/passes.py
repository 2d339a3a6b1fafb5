"""Reading a pass as a phone does: who it lets ring where and when."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from doorstep.kernel.errors import InputError
from doorstep.visits.door.request import b64_read, signature_holds
from doorstep.visits.door.visit_pass import KIND, PREFIX, VisitPass, distance_m


def pass_read(signed: Mapping[str, Any], *, public_key: bytes) -> VisitPass:
    """A pass whose signature holds. Raises InputError BAD_PASS for any other."""
    try:
        payload = b64_read(signed.get("payload"), field="payload")
        signature = b64_read(signed.get("signature"), field="signature")
        if not signature_holds(public_key=public_key, signature=signature, text=PREFIX + payload):
            raise ValueError
        return _pass(json.loads(payload))
    except (InputError, KeyError, TypeError, ValueError):
        raise InputError("This is no pass of ours.", code="BAD_PASS") from None


def pass_opens(
    given: VisitPass,
    *,
    visit: int,
    members: Sequence[int],
    latitude: float,
    longitude: float,
    at: datetime,
) -> str:
    """Why the pass does not let these people ring here and now, as a code; "" where it does:
    OTHER_VISIT, OTHER_PEOPLE, OVER, NOT_NOW, NOT_HERE, in this order."""
    if visit != given.visit:
        return "OTHER_VISIT"
    if len(set(members)) < 2 or not set(members) <= set(given.members):
        return "OTHER_PEOPLE"
    if not given.issued_at <= at < given.lives_until:
        return "OVER"
    if not any(begins <= at < ends for begins, ends in given.windows):
        return "NOT_NOW"
    far = distance_m(given.latitude, given.longitude, latitude, longitude)
    return "NOT_HERE" if not far <= given.tolerance_m else ""


def _pass(values: Mapping[str, Any]) -> VisitPass:
    if values["v"] != 1 or values["kind"] != KIND:
        raise ValueError
    return VisitPass(
        visit=values["visit"], case=values["case"], members=tuple(values["members"]),
        latitude=values["latitude"], longitude=values["longitude"],
        tolerance_m=values["tolerance_m"],
        windows=tuple((_instant(begins), _instant(ends)) for begins, ends in values["windows"]),
        issued_at=_instant(values["issued_at"]), lives_until=_instant(values["lives_until"]),
        revision=values["revision"],
    )  # fmt: skip


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
