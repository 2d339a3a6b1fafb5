"""Keys of other systems: made by an administrator, shown once, revoked at once."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doorstep.kernel.errors import InputError, Refused, Where
from doorstep.workforce.models import MachineKey, Staff
from doorstep.workforce.roles import Permission
from doorstep.workforce.services.may import must_may

BEGINS = "dsk_"
MACHINES_MAY = (Permission.TAKE_PAYMENTS,)


def key_make(
    *, name: str, permission: Permission, by: Staff, at: datetime
) -> tuple[MachineKey, str]:
    """A key under a name, and the key itself, which is kept nowhere.

    Raises Refused without permission to manage staff, for a name that is in use, or for a
    permission no machine may have; InputError without a name.
    """
    must_may(by=by, permission=Permission.MANAGE_STAFF)
    name = " ".join(name.replace("\x00", "").split())[:60]
    if not name:
        raise InputError(
            _("Say which system gets the key."), code="NO_NAME", where=Where(field="name")
        )
    if permission not in MACHINES_MAY:
        raise Refused(_("No machine may do this."), code="NOT_FOR_MACHINES")
    secret = BEGINS + secrets.token_urlsafe(32)
    try:
        with transaction.atomic():
            made = MachineKey.objects.create(
                name=name, digest=_digest(secret), permission=permission, made_by=by, made_at=at
            )
    except IntegrityError:
        raise Refused(
            _("A key of this name is in use."), code="NAME_TAKEN",
            hint=_("Revoke it first, or choose another name."),
        ) from None  # fmt: skip
    return made, secret


def key_revoke(*, key: MachineKey, by: Staff, at: datetime) -> None:
    """From now on the key opens nothing; a second time changes nothing. Raises Refused without
    permission to manage staff."""
    must_may(by=by, permission=Permission.MANAGE_STAFF)
    live = MachineKey.objects.filter(pk=key.pk, revoked_at__isnull=True)
    live.update(revoked_at=at, revoked_by=by)


def key_use(*, secret: str, permission: Permission, at: datetime) -> MachineKey | None:
    """The key that was shown, if it is in use and has the permission; when it was used is noted."""
    if not secret.startswith(BEGINS) or len(secret) > 200:
        return None
    found = MachineKey.objects.filter(
        digest=_digest(secret), permission=permission, revoked_at__isnull=True
    ).first()
    if found is not None:
        MachineKey.objects.filter(pk=found.pk).update(used_at=at)
    return found


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
