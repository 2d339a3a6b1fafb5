"""What a borrower can afford: the form as it is filled, its papers, and the result."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class AffordabilityState(models.TextChoices):
    """The life of a form: filled bit by bit, taken as told, checked against papers, followed by a
    newer one."""

    DRAFT = "draft", _("Being filled in")
    STATED = "stated", _("As the customer told it")
    VERIFIED = "verified", _("Checked against papers")
    REPLACED = "replaced", _("Replaced by a newer one")


class Group(models.TextChoices):
    """What a line is about."""

    INCOME = "income", _("Income")
    SPENDING = "spending", _("Spending")
    DEBT = "debt", _("Other debts")


class Affordability(models.Model):
    """Income, spending and other debts of a borrower's household, in minor units a month.

    The sums are set when the form is finished and then do not change; `findings` says how each line
    was counted and `guideline` by which edition of `spending.toml`. `filled_by` is the member of
    staff at the form, or null where the borrower filled it alone.
    """

    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="affordability")
    borrower = models.ForeignKey(
        "portfolio.Borrower", on_delete=models.CASCADE, related_name="affordability"
    )
    state = models.CharField(
        max_length=8, choices=AffordabilityState.choices, default=AffordabilityState.DRAFT
    )
    currency = models.CharField(max_length=3)
    adults = models.PositiveSmallIntegerField(default=1)
    children = models.PositiveSmallIntegerField(default=0)
    willing = models.BooleanField(default=False)
    note = models.CharField(max_length=1000, default="", blank=True)
    filled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    begun_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    stated_at = models.DateTimeField(null=True)
    valid_until = models.DateField(null=True)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    verified_at = models.DateTimeField(null=True)
    income_minor = models.BigIntegerField(default=0)
    spending_minor = models.BigIntegerField(default=0)
    debts_minor = models.BigIntegerField(default=0)
    reserve_minor = models.BigIntegerField(default=0)
    disposable_minor = models.BigIntegerField(default=0)
    findings = models.JSONField(default=list)
    guideline = models.CharField(max_length=64, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(state="draft"), name="one_affordability_draft_a_case"
            ),
            models.UniqueConstraint(
                fields=["borrower"],
                condition=Q(state__in=("stated", "verified")),
                name="one_affordability_in_force",
            ),
            models.CheckConstraint(
                condition=Q(state__in=AffordabilityState.values), name="affordability_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="draft")
                | Q(stated_at__isnull=False, valid_until__isnull=False)
                & Q(
                    disposable_minor=F("income_minor")
                    - F("spending_minor")
                    - F("debts_minor")
                    - F("reserve_minor")
                ),
                name="affordability_adds_up",
            ),
            models.CheckConstraint(
                condition=~Q(state="verified") | Q(verified_at__isnull=False),
                name="affordability_verified_by_somebody",
            ),
            models.CheckConstraint(condition=Q(adults__gte=1), name="affordability_has_an_adult"),
        ]
        indexes = [models.Index(fields=["borrower", "-saved_at"], name="affordability_by_borrower")]


class AffordabilityLine(models.Model):
    """One line of the form: a source of income, a kind of spending or of debt, a month."""

    affordability = models.ForeignKey(
        Affordability, on_delete=models.CASCADE, related_name="lines", db_index=False
    )
    group = models.CharField(max_length=8, choices=Group.choices)
    code = models.CharField(max_length=24)
    minor = models.BigIntegerField()
    why = models.CharField(max_length=200, default="", blank=True)
    verified = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["affordability", "group", "code"], name="affordability_line_once"
            ),
            models.CheckConstraint(condition=Q(minor__gte=0), name="affordability_line_positive"),
        ]


class AffordabilityEvent(models.Model):
    """Something sudden that changed what can be paid; `cause` is a hardship's."""

    affordability = models.ForeignKey(
        Affordability, on_delete=models.CASCADE, related_name="events", db_index=False
    )
    cause = models.CharField(max_length=16)
    since = models.DateField(null=True)
    expected_until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["affordability", "cause"], name="affordability_event_once"
            ),
            models.CheckConstraint(
                condition=Q(since__isnull=True)
                | Q(expected_until__isnull=True)
                | Q(expected_until__gte=F("since")),
                name="affordability_event_in_order",
            ),
        ]


class AffordabilityPaper(models.Model):
    """A paper that shows a line to be so: made anew from what was sent, and kept sealed.

    `sealed` opens only under the borrower's own key and for this very row (`place`); `sha256` is of
    what was sealed.
    """

    affordability = models.ForeignKey(
        Affordability, on_delete=models.CASCADE, related_name="papers"
    )
    about = models.CharField(max_length=24)
    media = models.CharField(max_length=32)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    place = models.UUIDField(unique=True)
    sealed = models.BinaryField()
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    added_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["affordability", "sha256"], name="affordability_paper_once"
            )
        ]
