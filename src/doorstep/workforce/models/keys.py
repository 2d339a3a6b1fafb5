"""Keys of other systems that speak to this one. Only the digest of a key is kept."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from doorstep.workforce.models.accounts import Staff


class MachineKey(models.Model):
    """What one named system may do here: the one `permission`, until somebody revokes it."""

    name = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    permission = models.CharField(max_length=40)
    made_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name"],
                condition=Q(revoked_at__isnull=True),
                name="machine_key_name_once",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="machine_key_revoked_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.name
