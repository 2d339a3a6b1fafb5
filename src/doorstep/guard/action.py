"""One act on a person, exactly as it would be done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from doorstep.rules.values import NOTHING, Value


class Kind(StrEnum):
    """What is done to a person or about a person; contacts first."""

    MESSAGE = "message"
    CALL = "call"
    VISIT = "visit"
    LETTER = "letter"
    THIRD_PARTY_ENQUIRY = "third_party_enquiry"
    DISCLOSURE = "disclosure"
    SKIP_TRACE = "skip_trace"
    FEE_CHANGE = "fee_change"
    LEGAL_REFERRAL = "legal_referral"
    PLACEMENT = "placement"
    AGREEMENT = "agreement"
    RECORD_PURGE = "record_purge"
    RECORD_KEEP = "record_keep"


CONTACTS = frozenset({Kind.MESSAGE, Kind.CALL, Kind.VISIT, Kind.LETTER})


@dataclass(frozen=True, kw_only=True)
class Action:
    """An act as proposed. `at` is when it would happen, aware; `zone` the borrower's (IANA).

    Where the place of the borrower is disputed (an area code says one zone, the address another),
    the rest stand in `other_zones`: the act must be lawful in every one of them.
    `contact_point` is the key of the number, address or account used, never the number itself.
    `details` are further facts about this very act, by catalogue name (`agents`, `id_shown`, ...).
    """

    kind: str
    at: datetime
    zone: str
    channel: str = ""
    actor: str = "bank"
    recipient: str = "borrower"
    recipient_ref: str = ""
    contact_point: str = ""
    place: str = ""
    content_sha256: str = ""
    purpose: str = "collect"
    debts: tuple[str, ...] = ()
    direction: str = "out"
    other_zones: tuple[str, ...] = ()
    details: Mapping[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("Action.at must carry a time zone.")

    @property
    def zones(self) -> tuple[str, ...]:
        """Every zone the borrower may be in."""
        return (self.zone, *self.other_zones)

    def facts(self, zone: str | None = None) -> dict[str, Value]:
        """The act in the words of the fact catalogue, its clock read in `zone`."""
        local = self.at.astimezone(ZoneInfo(zone or self.zone))
        return {
            "kind": str(self.kind),
            "channel": self.channel or NOTHING,
            "direction": self.direction,
            "purpose": self.purpose or NOTHING,
            "actor": self.actor,
            "recipient": self.recipient,
            "number": self.contact_point or NOTHING,
            "place": self.place or NOTHING,
            "debts": self.debts,
            "local_at": local,
            "local_time": local.time(),
            "local_day": local.date(),
            **self.details,
        }
