"""Offers of a plan: what is proposed by whom, its instalments, and who agreed to it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

PARTS = ("principal", "interest", "fee", "penalty")


class OfferKind(models.TextChoices):
    """What is changed so that a borrower can pay."""

    EXTENSION = "extension", _("Longer term")
    LOWER_INSTALMENT = "lower_instalment", _("Lower instalments")
    INSTALMENTS = "instalments", _("Pay in instalments")
    DEFERRAL = "deferral", _("Pause, then pay")
    TEMPORARY_REDUCTION = "temporary_reduction", _("Smaller instalments for a time")
    RATE_REDUCTION = "rate_reduction", _("Lower interest")
    WAIVER = "waiver", _("Penalty and fees waived")
    SETTLEMENT = "settlement", _("Settle for less")


class ProposedBy(models.TextChoices):
    """Whose idea the plan is."""

    BORROWER = "borrower", _("Proposed by the customer")
    LENDER = "lender", _("Offered by us")


class OfferState(models.TextChoices):
    """The life of an offer until it becomes an agreement."""

    PROPOSED = "proposed", _("Being prepared")
    SUBMITTED = "submitted", _("Waits for approval")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Not possible")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    LAPSED = "lapsed", _("Time ran out")


class Offer(models.Model):
    """A plan for some of a borrower's loans, worked out to the minor unit.

    `terms` says how it is made (`agreements.terms.Terms`), `snapshot` what was owed on
    `counted_on`, so that the same rows can be worked out again. Once submitted neither changes.
    `level` is the row of `authority.toml` that says who must agree; `needed` is who, as it stood
    when it was submitted. `refused_for` are codes, `refused_words` what the borrower is told.
    """

    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="offers")
    borrower = models.ForeignKey(
        "portfolio.Borrower", on_delete=models.CASCADE, related_name="offers"
    )
    loans = models.ManyToManyField("portfolio.Loan", related_name="offers")
    affordability = models.ForeignKey(
        "agreements.Affordability", null=True, on_delete=models.PROTECT, related_name="offers"
    )
    kind = models.CharField(max_length=20, choices=OfferKind.choices)
    proposed_by = models.CharField(max_length=8, choices=ProposedBy.choices)
    state = models.CharField(max_length=9, choices=OfferState.choices, default=OfferState.PROPOSED)
    maker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    counted_on = models.DateField()
    currency = models.CharField(max_length=3)
    terms = models.JSONField()
    snapshot = models.JSONField()
    reason_code = models.CharField(max_length=32)
    note = models.CharField(max_length=1000, default="", blank=True)
    months = models.PositiveSmallIntegerField()
    first_on = models.DateField()
    last_on = models.DateField()
    instalment_minor = models.BigIntegerField()
    owed_minor = models.BigIntegerField()
    total_minor = models.BigIntegerField()
    contract_minor = models.BigIntegerField()
    waived_minor = models.BigIntegerField(default=0)
    share_ppm = models.BigIntegerField(null=True)
    affordable = models.BooleanField(null=True)
    level = models.CharField(max_length=32, default="", blank=True)
    needed = models.JSONField(default=list)
    answer_by = models.DateField(null=True)
    submitted_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    valid_until = models.DateField(null=True)
    refused_for = models.JSONField(default=list)
    refused_words = models.CharField(max_length=1000, default="", blank=True)
    refused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    follows = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="followed_by"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=OfferState.values), name="offer_state_known"
            ),
            models.CheckConstraint(condition=Q(kind__in=OfferKind.values), name="offer_kind_known"),
            models.CheckConstraint(
                condition=Q(
                    months__gte=1,
                    total_minor__gte=0,
                    waived_minor__gte=0,
                    owed_minor__gte=0,
                    instalment_minor__gte=0,
                    last_on__gte=F("first_on"),
                ),
                name="offer_figures_sensible",
            ),
            models.CheckConstraint(condition=~Q(reason_code=""), name="offer_says_why"),
            models.CheckConstraint(
                condition=~Q(state__in=("submitted", "approved", "refused"))
                | Q(submitted_at__isnull=False) & ~Q(level=""),
                name="offer_submitted_under_a_level",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("approved", "refused")) | Q(decided_at__isnull=False),
                name="offer_decided_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(valid_until__isnull=False),
                name="offer_approved_until_a_day",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(refused_words="") & Q(refused_by__isnull=False),
                name="offer_refused_with_reasons",
            ),
            models.CheckConstraint(
                condition=Q(refused_by__isnull=True) | ~Q(refused_by=F("maker")),
                name="offer_refused_by_a_second_person",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "submitted_at"], name="offer_by_state"),
            models.Index(fields=["borrower", "-made_at"], name="offer_by_borrower"),
        ]


class OfferInstalment(models.Model):
    """What would be due on a day under an offer; `by_loan` splits each part over the loans as
    {loan number: [principal, interest, fee, penalty]}."""

    offer = models.ForeignKey(
        Offer, on_delete=models.CASCADE, related_name="instalments", db_index=False
    )
    number = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    principal = models.BigIntegerField(default=0)
    interest = models.BigIntegerField(default=0)
    fee = models.BigIntegerField(default=0)
    penalty = models.BigIntegerField(default=0)
    by_loan = models.JSONField(default=dict)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["offer", "number"], name="offer_instalment_once"),
            models.CheckConstraint(
                condition=Q(number__gte=1, **{f"{part}__gte": 0 for part in PARTS}),
                name="offer_instalment_positive",
            ),
        ]

    @property
    def total(self) -> int:
        """Minor units due on the day."""
        return self.principal + self.interest + self.fee + self.penalty


class OfferApproval(models.Model):
    """One person's yes, for the `position`-th of the approvals that are needed. `maker` repeats the
    offer's, so that the database itself keeps maker and checker apart."""

    offer = models.ForeignKey(
        Offer, on_delete=models.PROTECT, related_name="approvals", db_index=False
    )
    position = models.PositiveSmallIntegerField()
    role = models.CharField(max_length=32)
    maker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    note = models.CharField(max_length=1000, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["offer", "position"], name="offer_approval_once"),
            models.UniqueConstraint(fields=["offer", "by"], name="offer_approved_once_by_each"),
            models.CheckConstraint(
                condition=~Q(by=F("maker")), name="offer_approved_by_a_second_person"
            ),
        ]
