"""What a crew was told of a visit that changed after the plan was published."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from doorstep.visits.models.days import PlannedVisit


class CrewTidings(models.TextChoices):
    """What became of a visit."""

    WITHDRAWN = "withdrawn", _("Withdrawn: do not go")
    MOVED = "moved", _("At another time")
    GIVEN = "given", _("New for you")
    TAKEN = "taken", _("Now another crew's")


class CrewTold(models.Model):
    """One member of a crew is told what became of a visit; it stands on their first page until
    `seen_at`. `why` is the first word on it: the rule that spoke, or what somebody wrote."""

    visit = models.ForeignKey(PlannedVisit, on_delete=models.CASCADE, related_name="told")
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="told"
    )
    what = models.CharField(max_length=12, choices=CrewTidings.choices)
    why = models.CharField(max_length=300, default="", blank=True)
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(what__in=CrewTidings.values), name="crew_told_something_known"
            ),
            models.UniqueConstraint(fields=["visit", "staff", "what"], name="crew_told_once"),
        ]
        indexes = [
            models.Index(
                fields=["staff"], condition=Q(seen_at__isnull=True), name="crew_told_unseen"
            )
        ]
