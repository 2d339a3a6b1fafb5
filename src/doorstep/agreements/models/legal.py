"""What follows when a plan was broken without cause: going to court, and looking into evasion."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class ReferralState(models.TextChoices):
    """Where going to court stands."""

    PREPARED = "prepared", _("Being prepared")
    SUBMITTED = "submitted", _("Waits for approval")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Sent back")
    FILED = "filed", _("With the court")
    DECIDED = "decided", _("The court has decided")
    RECALLED = "recalled", _("Recalled")


OPEN_REFERRALS = ("prepared", "submitted", "approved", "filed")


class LegalReferral(models.Model):
    """One case on its way to a court. Nothing leaves the house before a second person agreed.

    `pack` is the file under the state directory, `pack_sha256` its digest, `contents` its index;
    `missing` are the codes of what it lacks. `amount` is what is claimed, in minor units.
    """

    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="referrals")
    borrower = models.ForeignKey(
        "portfolio.Borrower", on_delete=models.PROTECT, related_name="referrals"
    )
    state = models.CharField(
        max_length=10, choices=ReferralState.choices, default=ReferralState.PREPARED
    )
    reason = models.CharField(max_length=1000)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    pack = models.CharField(max_length=500, default="", blank=True)
    pack_sha256 = models.CharField(max_length=64, default="", blank=True)
    contents = models.JSONField(default=list)
    missing = models.JSONField(default=list)
    maker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    decided_why = models.CharField(max_length=1000, default="", blank=True)
    court = models.CharField(max_length=200, default="", blank=True)
    court_reference = models.CharField(max_length=100, default="", blank=True)
    recalled_at = models.DateTimeField(null=True)
    recalled_why = models.CharField(max_length=1000, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(state__in=OPEN_REFERRALS), name="one_open_referral"
            ),
            models.CheckConstraint(
                condition=Q(state__in=ReferralState.values), name="referral_state_known"
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("maker")),
                name="referral_decided_by_a_second_person",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("approved", "filed", "decided"))
                | (Q(decided_by__isnull=False) & ~Q(pack_sha256="")),
                name="referral_approved_with_its_pack",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="referral_claims_something"),
        ]
        indexes = [models.Index(fields=["state", "-made_at"], name="referral_by_state")]


class CourtDate(models.Model):
    """A day in the course of a referral: filed, a hearing, a decision, a deadline."""

    KINDS = (
        ("filed", _("Filed")),
        ("hearing", _("Hearing")),
        ("deadline", _("Deadline")),
        ("decision", _("Decision")),
    )
    referral = models.ForeignKey(LegalReferral, on_delete=models.CASCADE, related_name="dates")
    kind = models.CharField(max_length=10, choices=KINDS)
    on = models.DateField()
    note = models.CharField(max_length=500, default="", blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["on"], name="court_date_by_day")]


class InvestigationState(models.TextChoices):
    """Where looking into a suspicion stands."""

    OPEN = "open", _("Facts are gathered")
    SUBMITTED = "submitted", _("Waits for approval")
    CONFIRMED = "confirmed", _("Confirmed")
    UNFOUNDED = "unfounded", _("Unfounded")


class Investigation(models.Model):
    """The suspicion that a borrower who can pay hides from paying: looked into by itself, decided
    by a second person on facts. A suspicion changes nothing for the borrower."""

    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="investigations")
    borrower = models.ForeignKey(
        "portfolio.Borrower", on_delete=models.PROTECT, related_name="investigations"
    )
    state = models.CharField(
        max_length=10, choices=InvestigationState.choices, default=InvestigationState.OPEN
    )
    suspicion = models.CharField(max_length=1000)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    opened_at = models.DateTimeField()
    conclusion = models.CharField(max_length=2000, default="", blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    decided_why = models.CharField(max_length=2000, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(state__in=("open", "submitted")),
                name="one_open_investigation",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True)
                | (~Q(decided_by=F("opened_by")) & ~Q(decided_by=F("submitted_by"))),
                name="investigation_decided_by_a_second_person",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("confirmed", "unfounded"))
                | (Q(decided_by__isnull=False) & ~Q(decided_why="")),
                name="investigation_decided_with_reasons",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["state", "-opened_at"], name="investigation_by_state")]


class InvestigationFact(models.Model):
    """One fact of an investigation and where it comes from; `speaks_for` the suspicion or against
    it. Never changed."""

    investigation = models.ForeignKey(Investigation, on_delete=models.CASCADE, related_name="facts")
    text = models.CharField(max_length=2000)
    source = models.CharField(max_length=300)
    speaks_for = models.BooleanField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(text="") & ~Q(source=""), name="fact_with_its_source"
            )
        ]
