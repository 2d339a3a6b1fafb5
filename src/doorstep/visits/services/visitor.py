"""Deeds by which a real visitor is known: what a phone signs to be shown the number, what anybody
may look up by a code, and how often.

`challenge_make` -> `number_show` on the phone; `code_look_up` and `number_compare` for the borrower
and for whoever answers the hotline. Nothing here says anything about a debt.
"""

from __future__ import annotations

import ipaddress
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from doorstep.evidence.entry import Entry
from doorstep.evidence.services import evidence_append
from doorstep.kernel.errors import Refused
from doorstep.visits.door.request import b64, signature_holds
from doorstep.visits.door.visit_pass import TOLERANCE_M, distance_m
from doorstep.visits.models import AskedCount, CrewMember, PlannedVisit, VisitorChallenge
from doorstep.visits.safety import place_told
from doorstep.visits.selectors.visitor import (
    CheckedVisit,
    visit_by_code,
    visit_in_time,
    visit_is_on,
    visitor_secret,
    visitors_standing,
)
from doorstep.visits.visitor import (
    CHALLENGE_LIVES,
    NONCE_BYTES,
    challenge_text,
    key_of,
    number_agrees,
    number_of,
    raw_read,
    slot_ends,
    slot_of,
)
from doorstep.workforce.models import Device, Staff
from doorstep.workforce.selectors import device_standing

EVERYBODY = "everybody"
KEPT = timedelta(days=2)
LONGEST_TEXT = 200


@dataclass(frozen=True)
class Limit:
    """At most `most` within each stretch of `every`."""

    most: int
    every: timedelta


CODES = Limit(20, timedelta(minutes=10))
"""Codes one address may look up."""
WRONG_CODES = Limit(60_000, timedelta(hours=1))
"""Wrong codes from everywhere together. Nobody guesses one of 27 to the power of 8: this keeps a
flood from the database, and a few who try do not close the check for everybody."""
COMPARED = Limit(5, timedelta(hours=1))
"""Numbers that may be compared for one visit."""
CHALLENGES = Limit(60, timedelta(minutes=10))
"""Challenges one phone may have."""


def asked(*, what: str, key: str, limit: Limit, at: datetime, add: int = 1) -> bool:
    """Count once more, and say whether it is still within the limit. Stands although what was
    asked for is refused; all processes count together."""
    seconds = int(limit.every.total_seconds())
    since = datetime.fromtimestamp(int(at.timestamp()) // seconds * seconds, UTC)
    row, new = AskedCount.objects.get_or_create(what=what, key=key, since=since)
    AskedCount.objects.filter(pk=row.pk).update(count=F("count") + add)
    if new and key == EVERYBODY:
        AskedCount.objects.filter(since__lt=at - KEPT).delete()
    count: int = AskedCount.objects.values_list("count", flat=True).get(pk=row.pk)
    return count <= limit.most


def asker_key(address: str | None) -> str:
    """Who asks, for counting only: a digest of the address, of an IPv6 network as a whole."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return key_of(secret=visitor_secret(), value="unknown")
    whole = 64 if found.version == 6 else 32
    network = ipaddress.ip_network((found, whole), strict=False)
    return key_of(secret=visitor_secret(), value=str(network))


def too_many() -> Refused:
    """The refusal of somebody who asked too often."""
    return Refused(
        _("That was tried too often."), code="TOO_MANY",
        hint=_("Wait a while, or call our hotline."),
    )  # fmt: skip


def code_look_up(
    *, code: str, asker: str, at: datetime, by: Staff | None = None
) -> CheckedVisit | None:
    """What a code tells whoever holds it; None for any code that tells nothing, without saying why.
    `asker`: `asker_key`. `by`: the colleague who looks it up for a caller, whom what others tried
    does not keep from it. Raises Refused TOO_MANY."""
    within = asked(what="code", key=asker, limit=CODES, at=at)
    everybody = asked(what="wrong_code", key=EVERYBODY, limit=WRONG_CODES, at=at, add=0)
    if not within or not (everybody or by):
        raise too_many()
    found = visit_by_code(code=code, at=at)
    asked(what="wrong_code", key=EVERYBODY, limit=WRONG_CODES, at=at, add=0 if found else 1)
    return found


def number_compare(
    *, code: str, said: str, asker: str, at: datetime, by: Staff | None = None
) -> bool:
    """Whether the number that a visitor shows is the one their own phone was just shown at this
    door. Five numbers an hour for a visit: who guesses is not told more. Raises as `code_look_up`,
    and TOO_MANY."""
    found = code_look_up(code=code, asker=asker, at=at, by=by)
    if found is None:
        return False
    if not asked(what="number", key=str(found.visit_id), limit=COMPARED, at=at):
        raise too_many()
    agrees = number_agrees(
        secret=visitor_secret(), visit=found.visit_id, said=said.strip()[:LONGEST_TEXT], at=at
    )
    proved = found.proved_at is not None and slot_of(at) - slot_of(found.proved_at) <= 1
    return bool(found.number) and proved and agrees


@dataclass(frozen=True)
class NumberShown:
    """The three figures a phone shows, and when they change."""

    number: str
    until: datetime


def challenge_make(*, visit: PlannedVisit, device: Device, at: datetime) -> VisitorChallenge:
    """Something new for this phone to sign for this visit, within two minutes.

    Raises Refused: NOT_PERMITTED for another crew's, DEVICE_NOT_VALID, NOT_AUTHORISED when not
    everybody of the crew may go, NOT_PLANNED, NOT_NOW, TOO_MANY.
    """
    if not asked(what="challenge", key=device.pk.hex, limit=CHALLENGES, at=at):
        raise too_many()
    found = _visit(visit)
    _must_stand(found, device, at)
    return VisitorChallenge.objects.create(
        visit=found, device=str(device.pk), staff=device.staff, made_at=at,
        nonce=b64(secrets.token_bytes(NONCE_BYTES)), until=at + CHALLENGE_LIVES,
    )  # fmt: skip


def number_show(
    *, visit: PlannedVisit, device: Device, nonce: str, signature: str,
    latitude: object, longitude: object, at: datetime, within_m: float = TOLERANCE_M,
) -> NumberShown:  # fmt: skip
    """The number of this moment, for a phone of the crew that signs its challenge at the door, at
    most `within_m` metres from it.

    A challenge is used up by the first try, whatever comes of it. Raises as `challenge_make`, and
    Refused: CHALLENGE_UNKNOWN, CHALLENGE_USED, CHALLENGE_OVER, BAD_SIGNATURE, NO_PLACE, NOT_HERE.
    """
    challenge = _use(visit, device, nonce, at)
    found = _visit(visit)
    _must_stand(found, device, at)
    raw = raw_read(signature[:LONGEST_TEXT])
    text = challenge_text(visit=found.pk, nonce=challenge.nonce)
    if raw is None or not signature_holds(
        public_key=bytes(device.public_key), signature=raw, text=text
    ):
        raise Refused(_("This phone did not sign what it was given."), code="BAD_SIGNATURE")
    _must_be_here(found, latitude, longitude, within_m)
    with transaction.atomic():
        VisitorChallenge.objects.filter(pk=challenge.pk).update(shown_at=at)
        evidence_append(entries=[_entry(found, device)], at=at)
    number = number_of(secret=visitor_secret(), visit=found.pk, slot=slot_of(at))
    return NumberShown(number, slot_ends(at))


def _use(visit: PlannedVisit, device: Device, nonce: str, at: datetime) -> VisitorChallenge:
    rows = VisitorChallenge.objects.filter(
        visit=visit.pk, device=str(device.pk), staff=device.staff_id, nonce=nonce[:LONGEST_TEXT]
    )
    challenge = rows.first() if "\x00" not in nonce else None
    if challenge is None:
        raise Refused(_("This phone was not given that to sign."), code="CHALLENGE_UNKNOWN")
    if rows.filter(used_at=None).update(used_at=at) != 1:
        raise Refused(_("This was signed once already. Ask anew."), code="CHALLENGE_USED")
    if not challenge.made_at <= at < challenge.until:
        raise Refused(_("This was given too long ago. Ask anew."), code="CHALLENGE_OVER")
    return challenge


def _visit(visit: PlannedVisit) -> PlannedVisit:
    """The visit as it stands now."""
    rows = PlannedVisit.objects.select_related("plan", "crew", "appointment", "case__borrower")
    return rows.get(pk=visit.pk)


def _must_stand(visit: PlannedVisit, device: Device, at: datetime) -> None:
    device = Device.objects.select_related("staff").get(pk=device.pk)
    if device_standing(device, at=at) != "valid":
        raise Refused(_("This phone is not valid any more."), code="DEVICE_NOT_VALID")
    crew_id = visit.crew_id
    if not CrewMember.objects.filter(crew=crew_id, staff=device.staff_id).exists():
        raise Refused(_("This visit is another crew's."), code="NOT_PERMITTED")
    if not visit_is_on(visit):
        raise Refused(
            _("This visit is no longer planned. Do not ring; look at your day again."),
            code="NOT_PLANNED",
        )
    if not visitors_standing(visit=visit, at=at):
        raise Refused(
            _("Not everybody of this crew may make visits now."), code="NOT_AUTHORISED",
            hint=_("Do not ring. Call your team leader."),
        )  # fmt: skip
    if not visit_in_time(visit, at=at):
        raise Refused(_("It is not the time of this visit."), code="NOT_NOW")


def _must_be_here(
    visit: PlannedVisit, latitude: object, longitude: object, within_m: float
) -> None:
    here = place_told(latitude, longitude)
    if here is None:
        raise Refused(
            _("The phone does not know where it is."), code="NO_PLACE",
            hint=_("Let the app use the place of the phone, and try outside."),
        )  # fmt: skip
    assert visit.latitude is not None
    assert visit.longitude is not None
    if distance_m(here.latitude, here.longitude, visit.latitude, visit.longitude) > within_m:
        raise Refused(_("The phone is not at the place of this visit."), code="NOT_HERE")


def _entry(visit: PlannedVisit, device: Device) -> Entry:
    return Entry(
        kind="visitor.number_shown",
        subject=visit.case.borrower_id,
        case=str(visit.case_id),
        agent=device.staff.username,
        body={"visit": visit.pk, "device": str(device.pk)},
    )
