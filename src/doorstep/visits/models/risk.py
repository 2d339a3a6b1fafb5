"""What may happen at a door, and what is done about it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class RiskLevel(models.TextChoices):
    """How dangerous a visit may become."""

    LOW = "low", _("Low")
    MEDIUM = "medium", _("Medium")
    HIGH = "high", _("High")


class RiskAssessment(models.Model):
    """One look at the dangers of visiting a borrower at an address; the newest counts until
    `valid_until`.

    `factors` and `measures` are codes of `risk.py`. A visit of high risk needs a second person.
    """

    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="risks")
    address = models.ForeignKey(
        "portfolio.Address", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    factors = models.JSONField(default=list)
    measures = models.JSONField(default=list)
    level = models.CharField(max_length=8, choices=RiskLevel.choices)
    note = models.CharField(max_length=1000, default="", blank=True)
    assessed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    assessed_at = models.DateTimeField()
    valid_until = models.DateField()
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField(null=True)
    rejected_why = models.CharField(max_length=300, default="", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(level__in=RiskLevel.values), name="risk_level_known"
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("assessed_by")),
                name="risk_approved_by_a_second_person",
            ),
        ]
        indexes = [models.Index(fields=["case", "-assessed_at"], name="risk_by_case")]
