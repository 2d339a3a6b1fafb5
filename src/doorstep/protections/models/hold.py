"""Holds: why a borrower is left alone, since when, until when, and who says so."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class HoldKind(models.TextChoices):
    """Why a borrower is left alone."""

    DISPUTE = "dispute", _("Dispute")
    COMPLAINT = "complaint", _("Complaint")
    HARDSHIP = "hardship", _("Hardship")
    VULNERABILITY = "vulnerability", _("Vulnerability")
    DECEASED = "deceased", _("Deceased")
    STOP_REQUEST = "stop_request", _("Request to stop contact")
    BANKRUPTCY = "bankruptcy", _("Bankruptcy")
    POLICE_NO_CONTACT = "police_no_contact", _("Police no-contact order")
    MINOR = "minor", _("Minor")
    REPRESENTATIVE = "representative", _("Represented by another")


class Hold(models.Model):
    """A reason to leave a borrower, or one loan, alone. Days are inclusive.

    `placed_at` is when we learned of it, `ended_at` when it was lifted here or left the lender's
    book; an ended hold keeps its row, so that it stays known what was known when.
    """

    borrower = models.ForeignKey(
        "portfolio.Borrower", on_delete=models.CASCADE, related_name="holds"
    )
    kind = models.CharField(max_length=32, choices=HoldKind.choices)
    loan = models.ForeignKey("portfolio.Loan", null=True, on_delete=models.CASCADE)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    note = models.CharField(max_length=500, default="", blank=True)
    source = models.CharField(max_length=16, choices=[("lender", "lender"), ("staff", "staff")])
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="holds_placed"
    )
    placed_at = models.DateTimeField()
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="holds_ended"
    )
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="hold_ends_after_it_starts",
            ),
            models.CheckConstraint(condition=Q(kind__in=HoldKind.values), name="hold_kind_known"),
            models.UniqueConstraint(
                fields=["borrower", "kind", "starts_on"],
                condition=Q(source="lender", ended_at__isnull=True),
                name="lender_hold_once",
            ),
        ]
        indexes = [models.Index(fields=["borrower", "starts_on"], name="hold_by_borrower")]
