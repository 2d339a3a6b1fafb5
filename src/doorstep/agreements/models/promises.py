"""Promises to pay and instalments of signed agreements, as the lender reports them; and promises
that were given here."""

from __future__ import annotations

from django.conf import settings
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
    """An amount promised for a day. `kind` tells a bare promise from a signed agreement's part.

    `origin`: the lender's book tells of it, and takes it away again; or it was given here, to `by`,
    and stays.
    """

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
    origin = models.CharField(
        max_length=8, choices=[("lender", "lender"), ("here", "here")], db_default="lender"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    note = models.CharField(max_length=300, db_default="", default="", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, paid_amount__gte=0, grace_days__gte=0),
                name="promise_amounts_sensible",
            ),
            models.CheckConstraint(
                condition=Q(origin="lender") | Q(by__isnull=False),
                name="promise_given_here_to_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["borrower", "due_on"], name="promise_by_borrower"),
            models.Index(
                fields=["due_on"], condition=Q(state="running"), name="promise_running_by_day"
            ),
        ]
