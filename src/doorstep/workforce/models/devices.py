"""Phones that people are signed in on at the door, and the PINs by which partners vouch there."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact

KEY_BYTES = 32


class Device(models.Model):
    """A phone bound to one person by a key that never leaves it; `public_key` is its Ed25519 half.

    It opens nothing after `expires_at`, and nothing from the instant it is revoked.
    """

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4)
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="devices"
    )
    public_key = models.BinaryField(unique=True)
    name = models.CharField(max_length=60)
    bound_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    revoked_why = models.CharField(max_length=300, default="", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Exact(Length("public_key"), KEY_BYTES), name="device_key_of_32_bytes"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("bound_at")), name="device_bound_for_a_time"
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True, revoked_why="")
                | Q(revoked_at__isnull=False, revoked_by__isnull=False) & ~Q(revoked_why=""),
                name="device_revoked_by_somebody_for_a_reason",
            ),
        ]
        indexes = [models.Index(fields=["staff", "-bound_at"], name="device_by_staff")]

    def __str__(self) -> str:
        return self.name


class DoorPin(models.Model):
    """What a partner's phone needs to check somebody's door PIN without a network: the PIN's
    PBKDF2-SHA256 hash of 32 bytes with its salt and number of rounds. The PIN itself is never
    sent."""

    staff = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="door_pin",
    )
    salt = models.BinaryField()
    iterations = models.IntegerField()
    hash = models.BinaryField()
    kept_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Exact(Length("hash"), 32), name="door_pin_hash_of_32_bytes"
            ),
            models.CheckConstraint(condition=Q(iterations__gte=1), name="door_pin_has_rounds"),
        ]
