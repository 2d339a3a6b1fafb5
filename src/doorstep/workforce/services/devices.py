"""Deeds on phones: bound to a person by a key of their own, revoked at once."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doorstep.evidence.entry import Entry
from doorstep.evidence.services import evidence_append
from doorstep.kernel.errors import InputError, Refused, Where
from doorstep.workforce.models import Device, DoorPin, Staff
from doorstep.workforce.models.devices import KEY_BYTES
from doorstep.workforce.roles import Permission
from doorstep.workforce.services.may import must_may

LASTS = timedelta(hours=16)
ROUNDS = (100_000, 10_000_000)
SALT_BYTES = (16, 64)
HASH_BYTES = 32


@transaction.atomic
def device_bind(*, staff: Staff, public_key: bytes, name: str, at: datetime) -> Device:
    """Bind a phone to a person for 16 hours; the same key of the same person again renews it.

    Raises Refused: NOT_PERMITTED without permission to check in at doors, KEY_TAKEN for a key of
    somebody else, DEVICE_REVOKED for a key that was revoked; InputError for what is no key.
    """
    must_may(by=staff, permission=Permission.CHECK_IN)
    _check_key(public_key)
    name = " ".join(name.replace("\x00", "").split())[:60] or _("Phone")
    known = Device.objects.select_for_update(of=("self",)).filter(public_key=public_key).first()
    if known is None:
        try:
            with transaction.atomic():
                return _bound(staff, public_key, name, at)
        except IntegrityError:  # bound twice in the same instant
            known = Device.objects.select_for_update(of=("self",)).get(public_key=public_key)
    if known.staff_id != staff.pk:
        raise Refused(
            _("This phone's key belongs to somebody else."), code="KEY_TAKEN",
            hint=_("Sign them out on it first; the phone then makes a new key."),
        )  # fmt: skip
    if known.revoked_at is not None:
        raise Refused(
            _("This phone was revoked."), code="DEVICE_REVOKED",
            hint=_("Sign in again; the phone then makes a new key."),
        )  # fmt: skip
    known.expires_at, known.name = at + LASTS, name
    known.save(update_fields=["expires_at", "name"])
    evidence_append(entries=[_entry("device_bound", known, staff)], at=at)
    return known


def _bound(staff: Staff, public_key: bytes, name: str, at: datetime) -> Device:
    made = Device.objects.create(
        staff=staff, public_key=public_key, name=name, bound_at=at, expires_at=at + LASTS
    )
    evidence_append(entries=[_entry("device_bound", made, staff)], at=at)
    return made


def _check_key(public_key: bytes) -> None:
    if len(public_key) != KEY_BYTES:
        raise InputError(
            _("This is no public key of 32 bytes."), code="BAD_KEY",
            where=Where(field="public_key"),
        )  # fmt: skip
    Ed25519PublicKey.from_public_bytes(public_key)


@transaction.atomic
def device_revoke(*, device: Device, why: str, by: Staff, at: datetime) -> Device:
    """From now on the phone opens nothing; a second time changes nothing.

    Anybody may revoke their own. Raises Refused NOT_PERMITTED for another's without permission to
    keep particulars, or for a colleague out of sight; InputError without a reason.
    """
    if by.pk != device.staff_id:
        must_may(by=by, permission=Permission.KEEP_PARTICULARS, whom=device.staff)
    why = " ".join(why.replace("\x00", "").split())[:300]
    if not why:
        raise InputError(_("Say why it is revoked."), code="NO_REASON", where=Where(field="why"))
    _revoke([device], why, by, at)
    device.refresh_from_db()
    return device


def devices_revoke(*, staff: Staff, why: str, by: Staff, at: datetime) -> int:
    """Revoke every phone of somebody whose account is closed; how many there were."""
    return _revoke(list(Device.objects.filter(staff=staff, revoked_at=None)), why, by, at)


def _revoke(devices: list[Device], why: str, by: Staff, at: datetime) -> int:
    done = [
        device
        for device in devices
        if Device.objects.filter(pk=device.pk, revoked_at=None).update(
            revoked_at=at, revoked_by=by, revoked_why=why
        )
    ]
    evidence_append(entries=[_entry("device_revoked", each, by, why=why) for each in done], at=at)
    return len(done)


def device_seen(*, device: Device, at: datetime) -> None:
    """Note that the phone was heard of, to the minute."""
    if device.seen_at is None or at - device.seen_at >= timedelta(minutes=1):
        Device.objects.filter(pk=device.pk).update(seen_at=at)


def door_pin_keep(
    *, staff: Staff, salt: bytes, iterations: int, hashed: bytes, at: datetime
) -> DoorPin:
    """Keep what checks somebody's door PIN, in the place of what was kept before.

    Raises Refused NOT_PERMITTED without permission to check in; InputError for too few or too many
    rounds, a salt that is too short or too long, or a hash of another length.
    """
    must_may(by=staff, permission=Permission.CHECK_IN)
    wrong = (
        "salt" if not SALT_BYTES[0] <= len(salt) <= SALT_BYTES[1]
        else "iterations" if not ROUNDS[0] <= iterations <= ROUNDS[1]
        else "hash" if len(hashed) != HASH_BYTES
        else ""
    )  # fmt: skip
    if wrong:
        raise InputError(
            _("This cannot check a PIN."), code="BAD_PIN", where=Where(field=wrong),
            hint=_("Salt of 16 to 64 bytes, 100,000 to 10,000,000 rounds, SHA-256."),
        )  # fmt: skip
    values = {"salt": salt, "iterations": iterations, "hash": hashed, "kept_at": at}
    kept, _made = DoorPin.objects.update_or_create(staff=staff, defaults=values)
    return kept


def _entry(kind: str, device: Device, by: Staff, **more: str) -> Entry:
    body = {
        "device": str(device.pk), "of": device.staff.username, "name": device.name,
        "key_sha256": hashlib.sha256(bytes(device.public_key)).hexdigest(),
        "until": device.expires_at.isoformat(), **more,
    }  # fmt: skip
    return Entry(kind=kind, subject="", agent=by.username, body=body)
