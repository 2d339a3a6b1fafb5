"""Keys of the one door, all from the settings: one seals clearances, one names numbers.

A clearance lives for minutes, so its key may change with the secret key. The key of a number is
kept in records for years: set DOORSTEP_ADDRESS_KEY before the secret key is ever changed.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from functools import lru_cache

from django.conf import settings

from doorstep.channels.message import contact_point_key


def clearance_key() -> bytes:
    """What clearances are sealed with."""
    return _derived(settings.SECRET_KEY, "clearance")


def address_key() -> bytes:
    """What turns numbers and addresses into keys."""
    return _derived(settings.ADDRESS_KEY or settings.SECRET_KEY, "address")


def number_key(*, kind: str, value: str) -> str:
    """The key of a number or address of ours."""
    return contact_point_key(key=address_key(), kind=kind, value=value)


def reference_make() -> str:
    """A new reference of an act: 24 characters that nobody can guess."""
    return secrets.token_hex(12)


@lru_cache(maxsize=8)
def _derived(secret: str, use: str) -> bytes:
    return hmac.new(secret.encode(), f"doorstep {use}".encode(), hashlib.sha256).digest()
