"""How each plan in force is doing, and what happened to it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class PlanHealth(models.TextChoices):
    """How a plan is doing."""

    ON_TRACK = "on_track", _("On track")
    AT_RISK = "at_risk", _("At risk")
    BROKEN = "broken", _("Broken")
    KEPT = "kept", _("Kept to the end")


class PlanWatch(models.Model):
    """How an agreement's plan stood on `looked_on`: `breaks_on` is the day on which it is broken if
    no more money comes. `cause`: something that holds for the borrower (a hardship, a complaint)
    for which a missed payment does not break it; a person decides."""

    agreement = models.OneToOneField(
        "agreements.Agreement", primary_key=True, on_delete=models.CASCADE, related_name="watch"
    )
    health = models.CharField(max_length=8, choices=PlanHealth.choices, default=PlanHealth.ON_TRACK)
    next_due_on = models.DateField(null=True)
    breaks_on = models.DateField(null=True)
    behind = models.BigIntegerField(default=0)
    missed = models.PositiveSmallIntegerField(default=0)
    cause = models.CharField(max_length=24, default="", blank=True)
    looked_on = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(health__in=PlanHealth.values, behind__gte=0),
                name="plan_watch_sensible",
            )
        ]
        indexes = [models.Index(fields=["health", "breaks_on"], name="plan_watch_by_health")]


class PlanEvent(models.Model):
    """Something that happened to a plan, for its history."""

    KINDS = (
        ("begun", _("The plan began")),
        ("at_risk", _("A payment did not come")),
        ("recovered", _("Back on track")),
        ("spared", _("Missed with a cause: a person decides")),
        ("broken", _("The plan was broken")),
        ("kept", _("The plan was kept to the end")),
        ("eased", _("The plan was eased")),
        ("reopened", _("A payment was taken back")),
    )
    agreement = models.ForeignKey(
        "agreements.Agreement", on_delete=models.CASCADE, related_name="events"
    )
    kind = models.CharField(max_length=10, choices=KINDS)
    on = models.DateField()
    at = models.DateTimeField()
    note = models.CharField(max_length=500, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agreement", "kind", "on"], name="plan_event_once")
        ]
