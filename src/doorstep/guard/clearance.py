"""The sealed permission for one exact act: made once, used once, good for minutes.

The seal is a MAC over every field. Whoever opens a channel checks it again against what is about
to be sent; that it is used only once is the database's part (`dispatch`).
"""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass, replace
from datetime import datetime

from doorstep.kernel.errors import Refused


@dataclass(frozen=True, kw_only=True)
class Clearance:
    """What was cleared. Instants are aware; `log_index` is the leaf of the decision in the log."""

    id: str
    case: str
    recipient_ref: str
    contact_point: str
    channel: str
    content_sha256: str
    not_before: datetime
    not_after: datetime
    packs: tuple[str, ...]
    log_index: int
    mac: str = ""


def clearance_seal(
    *,
    key: bytes,
    id: str,
    case: str,
    recipient_ref: str,
    contact_point: str,
    channel: str,
    content_sha256: str,
    not_before: datetime,
    not_after: datetime,
    packs: tuple[str, ...],
    log_index: int,
) -> Clearance:
    """A clearance with its seal. `key` is secret and at least 32 bytes long; ValueError if not."""
    if not_before.tzinfo is None or not_after.tzinfo is None or not_after <= not_before:
        raise ValueError("A clearance needs two aware instants, the later one last.")
    bare = Clearance(
        id=id, case=case, recipient_ref=recipient_ref, contact_point=contact_point,
        channel=channel, content_sha256=content_sha256, not_before=not_before,
        not_after=not_after, packs=tuple(packs), log_index=log_index,
    )  # fmt: skip
    return replace(bare, mac=_mac(bare, key))


def clearance_check(
    *,
    clearance: Clearance,
    key: bytes,
    channel: str,
    contact_point: str,
    content_sha256: str,
    at: datetime,
) -> None:
    """Refuses unless the seal is ours and fits this channel, contact point, content and moment.

    Raises `Refused` with code CLEARANCE_FORGED, CLEARANCE_MISMATCH, CLEARANCE_TOO_EARLY or
    CLEARANCE_EXPIRED.
    """
    if not hmac.compare_digest(clearance.mac, _mac(clearance, key)):
        raise _refused("FORGED", "The clearance does not carry our seal.")
    asked = {"channel": channel, "contact_point": contact_point, "content_sha256": content_sha256}
    for name, value in asked.items():
        if getattr(clearance, name) != value:
            raise _refused("MISMATCH", f"The clearance was given for another {name}.")
    if at < clearance.not_before:
        raise _refused("TOO_EARLY", f"Cleared only from {clearance.not_before.isoformat()}.")
    if at > clearance.not_after:
        raise _refused("EXPIRED", f"Cleared only until {clearance.not_after.isoformat()}.")


def _mac(clearance: Clearance, key: bytes) -> str:
    if len(key) < 32:
        raise ValueError("The clearance key must be at least 32 bytes long.")
    fields = dict(vars(clearance))  # asdict copies deeply, which is felt a thousand times a second
    fields.pop("mac")
    for name in ("not_before", "not_after"):
        fields[name] = fields[name].isoformat()
    plain = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hmac.digest(key, b"doorstep clearance 1\n" + plain.encode(), "sha256").hex()


def _refused(code: str, message: str) -> Refused:
    return Refused(
        message,
        code=f"CLEARANCE_{code}",
        hint="Nothing was sent. Ask for a new clearance for this exact act.",
    )
