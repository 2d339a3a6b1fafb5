"""What is done about borrowers and by agencies, drawn by chance: the edge of a year, of a night."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from doorstep.guard.action import Action
from doorstep.guard.facts import Facts, Known
from doorstep.rules.values import NOTHING, Value
from tests.guard.oracle_deeds import CONTACTS, DEEDS, OTHERS, ZONE, Deed
from tests.guard.scenes import LETTER
from tests.guard.scenes_abroad import NUDGES, one
from tests.rulepacks.kit import DETAILS, ORDINARY

EDGES = [time(h) for h in (0, 7, 8, 10, 12, 18, 21, 22, 23)]
# How often each is so; what the law asks for stands most of the time.
FLAGS = {
    "human_reviewed": 0.85, "separate_consent": 0.5, "contract_basis": 0.95, "overdue": 0.95,
    "borrower_unreachable": 0.8, "fee_in_contract": 0.7, "agency_listed": 0.9,
    "agency_violations": 0.1, "bankrupt": 0.05, "agreement_performing": 0.1,
    "dispute_open": 0.05, "held": 0.05, "hardship_open": 0.1,
    "settled": 0.05, "deceased": 0.05, "incapacitated": 0.05, "contact_stop_requested": 0.1,
    "discloses_debt": 0.2, "outsource_notice_given": 0.8, "private_device": 0.1,
}  # fmt: skip
# What may be unknown to whoever decides. Nobody having said that the contact asked us to stop, that
# a person died, looked at it or consented, is read as the rules say: as that they did not.
UNKNOWN = (
    "contract_basis", "overdue", "borrower_unreachable", "fee_in_contract", "agency_listed",
    "agency_violations", "bankrupt", "agreement_performing", "hardship_open", "settled",
    "dispute_open", "held",
    "discloses_debt", "outsource_notice_given",
)  # fmt: skip


def deeds(number: int, seed: int) -> Iterator[tuple[Deed, str]]:
    """So many deeds, and for one in six the flag nobody knows; the same for the same seed."""
    chance = np.random.default_rng(seed)
    for _ in range(number):
        deed = _deed(chance)
        yield deed, one(chance, UNKNOWN) if chance.random() < 1 / 6 else ""


def _deed(chance: np.random.Generator) -> Deed:
    kind = one(chance, (*DEEDS, *DEEDS, *CONTACTS))
    day = date(2026, 2, 1) + timedelta(days=int(chance.integers(460)))
    at = datetime.combine(day, one(chance, EDGES), ZONE).astimezone(UTC) + one(chance, NUDGES)
    day = at.astimezone(ZONE).date()
    rare, drawn = chance.random(4), chance.random(len(FLAGS))
    about = kind in ("third_party_enquiry", "disclosure")
    review = 365 + one(chance, (-300, -2, -1, 0, 1, 2))
    return Deed(
        kind=kind,
        at=at,
        purpose=one(chance, ("locate",) * 3 + ("collect",)) if about else "collect",
        recipient=one(chance, ("contact",) * 4 + OTHERS) if about else "borrower",
        product=one(chance, ("consumer", "credit_card")),
        channel={"message": "sms", "visit": "visit", "letter": "letter"}.get(kind, "phone"),
        failed_days=one(chance, (0, 2, 3, 3, 3, 4)),
        consented=bool(rare[0] < 0.1),
        no_contact_until=day + timedelta(days=one(chance, (-1, 0, 1))) if rare[1] < 0.1 else None,
        reviewed_on=day - timedelta(days=review) if rare[2] < 0.9 else None,
        days_old=one(chance, (0, 1, 3, 5)) if kind in CONTACTS else 0,
        flags=frozenset(f for f, x in zip(FLAGS, drawn, strict=True) if x < FLAGS[f]),
    )


def action_deed(deed: Deed) -> Action:
    """The deed as it is put to the guard."""
    details: dict[str, Value] = {
        **DETAILS.get(deed.kind, {}), "id_shown": True, "recorded": True,
        "authorised_until": deed.at.astimezone(ZONE).date() + timedelta(9),
    }  # fmt: skip
    details.pop("channel", None)
    if deed.on("private_device"):
        details["device"] = "private"
    place = str(details.pop("place", "home"))
    return Action(
        kind=deed.kind, channel=deed.channel, at=deed.at, zone="Asia/Shanghai", place=place,
        recipient=deed.recipient, contact_point="n1", purpose=deed.purpose, details=details,
        actor="agency" if deed.kind in CONTACTS else "bank",
    )  # fmt: skip


def facts_deed(deed: Deed, unknown: str = "") -> Facts:
    """The facts of the deed as the registers would give them, without what nobody knows."""
    values: dict[str, Value] = {**ORDINARY, "private_device_consent": False, "device": "platform"}
    values |= {flag: deed.on(flag) for flag in FLAGS if flag != "private_device"}
    values |= {
        "product": deed.product,
        "failed_days_registered": deed.failed_days,
        "failed_calls_registered": deed.failed_days,
        "consent_hours": ("* 00:00-24:00",) if deed.consented else (),
        "no_contact_until": deed.no_contact_until or NOTHING,
        "agency_reviewed_on": deed.reviewed_on or NOTHING,
    }
    if deed.on("private_device"):
        values["device"] = "private"
    if deed.product == "credit_card" and deed.kind == "letter":
        values["contains"] = LETTER
    values.pop(unknown, None)
    old = deed.at - timedelta(days=deed.days_old, microseconds=1 if deed.days_old else 0)
    books = ("overdue", "settled")
    return Facts({n: Known(v, old if n in books else None, "t") for n, v in values.items()})
