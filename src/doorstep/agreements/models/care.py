"""Offers of help that are nobody's duty to take: education, counselling, a call back afterwards."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class CareKind(models.TextChoices):
    """What is offered."""

    EDUCATION = "education", _("Course on managing money")
    COUNSELLING = "counselling", _("Free debt counselling")
    CALL_BACK = "call_back", _("Call to ask how things are")
    STORY = "story", _("Tell others their story")


class CareAnswer(models.TextChoices):
    """What the borrower said."""

    NONE = "none", _("No answer yet")
    ACCEPTED = "accepted", _("Would like it")
    DECLINED = "declined", _("Would rather not")
    DONE = "done", _("Done")


class CareOffer(models.Model):
    """Help offered at one of the set moments. Never a condition of anything: no rule reads it.

    A call back or a story needs the borrower's own consent (`consent_at`, by whom it was heard).
    """

    MOMENTS = (
        ("plan_signed", _("A plan was signed")),
        ("plan_at_risk", _("A payment did not come")),
        ("plan_eased", _("A plan was eased")),
        ("paid_up", _("Everything is paid")),
    )
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="care_offers")
    borrower = models.ForeignKey(
        "portfolio.Borrower", on_delete=models.CASCADE, related_name="care_offers"
    )
    kind = models.CharField(max_length=12, choices=CareKind.choices)
    moment = models.CharField(max_length=12, choices=MOMENTS)
    offered_on = models.DateField()
    due_on = models.DateField()
    answer = models.CharField(max_length=8, choices=CareAnswer.choices, default=CareAnswer.NONE)
    consent_at = models.DateTimeField(null=True)
    heard_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    note = models.CharField(max_length=1000, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "kind", "moment", "offered_on"], name="care_offered_once"
            ),
            models.CheckConstraint(
                condition=~Q(answer="accepted")
                | Q(consent_at__isnull=False, heard_by__isnull=False),
                name="care_accepted_by_consent",
            ),
        ]
        indexes = [models.Index(fields=["answer", "due_on"], name="care_by_day")]
