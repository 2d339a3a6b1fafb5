"""Changes of a rule's values: proposed by one person, approved by another, from an instant on."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class ChangeState(models.TextChoices):
    """Where a change stands. An approved one binds from `effective_at` on, and for good: another
    change follows it, nothing takes it back."""

    PROPOSED = "proposed", _("Waiting for a second person")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Sent back")


class RuleChange(models.Model):
    """New values of one rule with their source. `values` and `values_before` are plain JSON.

    `simulation` tells what last month's contacts would have met with; empty until it was worked
    out, `{"failed": why}` where it could not be.
    """

    rule = models.CharField(max_length=64)
    pack = models.CharField(max_length=64)
    values = models.JSONField()
    values_before = models.JSONField()
    source = models.CharField(max_length=300)
    article = models.CharField(max_length=100, blank=True, default="")
    link = models.CharField(max_length=300, blank=True, default="")
    note = models.CharField(max_length=1000)
    effective_at = models.DateTimeField()
    simulation = models.JSONField(default=dict)
    state = models.CharField(
        max_length=12, choices=ChangeState.choices, default=ChangeState.PROPOSED
    )
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    decided_why = models.CharField(max_length=1000, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="proposed", decided_by__isnull=True, decided_at__isnull=True)
                | Q(state__in=("approved", "rejected"), decided_at__isnull=False)
                & Q(decided_by__isnull=False)
                & ~Q(decided_by=F("proposed_by")),
                name="rule_change_decided_by_a_second_person",
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(decided_at__lte=F("effective_at")),
                name="rule_change_binds_after_its_approval",
            ),
            models.UniqueConstraint(
                fields=["rule"], condition=Q(state="proposed"), name="one_proposal_a_rule"
            ),
        ]
        indexes = [models.Index(fields=["state", "effective_at"], name="rule_change_in_force")]
