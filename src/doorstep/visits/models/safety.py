"""People in the field: timers that run on the server, alarms, and where crews were."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from doorstep.visits.models.days import CrewDay, PlannedVisit


class SafetyTimer(models.Model):
    """A crew has gone to a door and must say by `due_at` that it is well; `alarm_at` is when the
    grace ends. One timer a visit. Ended by a check-in (`ended_how`), or by its alarm."""

    visit = models.OneToOneField(PlannedVisit, on_delete=models.PROTECT, related_name="timer")
    crew = models.ForeignKey(CrewDay, on_delete=models.PROTECT, related_name="timers")
    began_at = models.DateTimeField()
    due_at = models.DateTimeField()
    alarm_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_how = models.CharField(max_length=16, default="", blank=True)
    extended = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(due_at__gt=F("began_at"), alarm_at__gte=F("due_at")),
                name="timer_runs_forward",
            )
        ]
        indexes = [
            models.Index(
                fields=["alarm_at"], condition=Q(ended_at__isnull=True), name="timer_running"
            )
        ]


class AlarmKind(models.TextChoices):
    """What an alarm is about."""

    MISSED = "missed", _("No check-in")
    SOS = "sos", _("SOS")


class Alarm(models.Model):
    """A crew may be in danger. Raised once a timer, or by one tap; open until somebody has taken it
    (`taken_by`) and says how it ended. `steps_done` are the emergency plan's steps, ticked."""

    kind = models.CharField(max_length=8, choices=AlarmKind.choices)
    crew = models.ForeignKey(CrewDay, null=True, on_delete=models.PROTECT, related_name="alarms")
    visit = models.ForeignKey(
        PlannedVisit, null=True, on_delete=models.PROTECT, related_name="alarms"
    )
    timer = models.OneToOneField(
        SafetyTimer, null=True, on_delete=models.PROTECT, related_name="alarm"
    )
    branch = models.ForeignKey(
        "workforce.Branch", null=True, on_delete=models.PROTECT, related_name="+"
    )
    raised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    raised_at = models.DateTimeField()
    key = models.CharField(max_length=64, unique=True)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    level = models.IntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    taken_at = models.DateTimeField(null=True)
    steps_done = models.JSONField(default=dict)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    ended_how = models.CharField(max_length=1000, default="", blank=True)
    follow_up_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(taken_at__isnull=False) & ~Q(ended_how=""),
                name="alarm_ended_by_somebody_who_took_it",
            )
        ]
        indexes = [
            models.Index(
                fields=["-raised_at"], condition=Q(ended_at__isnull=True), name="alarm_open"
            )
        ]


class AlarmStep(models.Model):
    """Somebody was alerted at a step of the escalation; `seen_at` when their screen showed it."""

    alarm = models.ForeignKey(Alarm, on_delete=models.CASCADE, related_name="alerted")
    level = models.IntegerField()
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["alarm", "staff"], name="alarm_step_once_a_person")
        ]


class Position(models.Model):
    """Where a crew last was, sent by its phone; taken within working hours only."""

    crew = models.OneToOneField(CrewDay, on_delete=models.CASCADE, related_name="position")
    latitude = models.FloatField()
    longitude = models.FloatField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
