"""Phones as people read them on a file."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from doorstep.kernel import clock
from doorstep.workforce.models import Staff
from doorstep.workforce.selectors import device_standing, devices_of

STANDINGS = {
    "valid": (gettext_lazy("In use"), "green"),
    "expired": (gettext_lazy("Its day is over"), "quiet"),
    "revoked": (gettext_lazy("Revoked"), "red"),
}


def phones_shown(whom: Staff) -> list[dict[str, Any]]:
    """The phones of somebody, the last bound first; one query."""
    found = []
    for device in devices_of(staff=whom):
        device.staff = whom
        standing = device_standing(device, at=clock.now())
        words, tone = STANDINGS[standing]
        found.append({"device": device, "standing": standing, "words": words, "tone": tone})
    return found
