"""Promises to pay and instalments of signed agreements, as the lender reports them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class PromiseState(models.TextChoices):
    """Where a promise stands."""

    RUNNING = "running", _("Running")
    KEPT = "kept", _("Kept")
    BROKEN = "broken", _("Broken")
    CANCELLED = "cancelled", _("Cancelled")


class Promise(models.Model):
    """An amount promised for a day. `kind` tells a bare promise from a signed agreement's part."""

    promise_id = models.CharField(max_length=128, primary_key=True)
    borrower = models.ForeignKey(
        "portfolio.Borrower", on_delete=models.CASCADE, related_name="promises"
    )
    loan = models.ForeignKey("portfolio.Loan", null=True, on_delete=models.CASCADE)
    kind = models.CharField(
        max_length=16, choices=[("promise", _("Promise")), ("agreement", _("Agreement"))]
    )
    made_on = models.DateField()
    due_on = models.DateField()
    amount = models.BigIntegerField()
    paid_amount = models.BigIntegerField(default=0)
    grace_days = models.IntegerField(default=0)
    state = models.CharField(max_length=16, choices=PromiseState.choices)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, paid_amount__gte=0, grace_days__gte=0),
                name="promise_amounts_sensible",
            )
        ]
        indexes = [models.Index(fields=["borrower", "due_on"], name="promise_by_borrower")]
