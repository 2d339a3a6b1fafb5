"""Encounters that weigh on people, and how long they rest afterwards."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from doorstep.workforce.models.accounts import Staff


class Weight(models.IntegerChoices):
    """How heavy an encounter was; an incident is one where somebody was in danger."""

    HARD = 1, _("Hard")
    VERY_HARD = 2, _("Very hard")
    INCIDENT = 4, _("Incident")


class Encounter(models.Model):
    """A hard encounter with a borrower, for the sake of those who lived through it.

    `note` is about the agents' situation; what the borrower said belongs on the case.
    """

    borrower_id = models.CharField(max_length=128, db_index=True)
    at = models.DateTimeField(db_index=True)
    weight = models.IntegerField(choices=Weight.choices)
    note = models.CharField(max_length=500, default="", blank=True)
    written_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(weight__in=Weight.values), name="encounter_weight_known"
            )
        ]


class EncounterAgent(models.Model):
    """An agent who was there; `rests_until` is the last day on which they make no visit."""

    encounter = models.ForeignKey(Encounter, on_delete=models.CASCADE, related_name="agents")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="encounters")
    rests_until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["encounter", "staff"], name="encounter_agent_once")
        ]
