"""Acts that should not have happened under a protection, and how that is made good."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class LateState(models.TextChoices):
    """Where the remedy stands."""

    OPEN = "open", _("To be made good")
    SETTLED = "settled", _("Made good")


class DelayedAt(models.TextChoices):
    """The step at which the news waited longest."""

    OUTSIDE = "outside", _("Before it reached us")
    BOOK = "book", _("Until the lender's book named it")
    RELEASE = "release", _("Until the book was released")
    RECORDING = "recording", _("Until it was recorded here")
    ACTED_ANYWAY = "acted_anyway", _("We knew, and it was done all the same")


class LateNews(models.Model):
    """A protection under which something was done that should not have been.

    One row a protection (`kind`, `reference`): mostly it took effect before we knew of it.
    `delayed_at` names the step that took longest between `took_effect_at` and `known_at`.
    `apology` and `correction` are drafts until it is settled.
    """

    borrower = models.ForeignKey(
        "portfolio.Borrower", on_delete=models.PROTECT, related_name="late_news"
    )
    kind = models.CharField(max_length=32)
    reference = models.CharField(max_length=100)
    took_effect_at = models.DateTimeField()
    received_at = models.DateTimeField()
    known_at = models.DateTimeField()
    listed_at = models.DateTimeField()
    delayed_at = models.CharField(max_length=12, choices=DelayedAt.choices)
    state = models.CharField(max_length=8, choices=LateState.choices, default=LateState.OPEN)
    due_on = models.DateField()
    due_sure = models.BooleanField(default=True)
    apology = models.TextField(default="")
    correction = models.TextField(default="")
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    settled_at = models.DateTimeField(null=True)
    settled_how = models.CharField(max_length=1000, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "reference"], name="late_news_once"),
            models.CheckConstraint(
                condition=Q(received_at__lte=F("known_at"), known_at__lte=F("listed_at"))
                & Q(took_effect_at__lte=F("listed_at")),
                name="late_news_in_order",
            ),
            models.CheckConstraint(
                condition=Q(delayed_at__in=DelayedAt.values), name="late_news_step_known"
            ),
            models.CheckConstraint(
                condition=Q(
                    state="open", settled_by__isnull=True, settled_at__isnull=True, settled_how=""
                )
                | (
                    Q(state="settled", settled_by__isnull=False, settled_at__isnull=False)
                    & ~Q(settled_how="")
                ),
                name="late_news_settled_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["due_on"], condition=Q(state="open"), name="late_news_open"),
        ]


class LateAct(models.Model):
    """One act that should not have happened: where it is recorded, when and how.

    `certain` is false where the record does not say enough (which loan a call was about) to be
    sure that the protection covers it; `knew` is true where we knew of the protection by then.
    """

    late = models.ForeignKey(
        LateNews, on_delete=models.CASCADE, related_name="acts", db_index=False
    )
    source = models.CharField(max_length=16)
    reference = models.CharField(max_length=128)
    at = models.DateTimeField()
    channel = models.CharField(max_length=16)
    result = models.CharField(max_length=16)
    actor = models.CharField(max_length=100, default="")
    certain = models.BooleanField()
    knew = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["late", "source", "reference"], name="late_act_once")
        ]
