"""Who works when, with which vehicle, and who is away."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from doorstep.workforce.models.accounts import Branch, Staff
from doorstep.workforce.models.papers import AuthorityLetter


class Vehicle(models.Model):
    """A vehicle of a branch: seats, and how far it goes without filling or charging."""

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="vehicles")
    plate = models.CharField(max_length=16, unique=True)
    seats = models.IntegerField()
    range_km = models.IntegerField()
    out_from = models.DateField(null=True, blank=True)
    out_until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(seats__range=(1, 60)) & Q(range_km__range=(1, 3000)),
                name="vehicle_carries_somebody_somewhere",
            ),
            models.CheckConstraint(
                condition=Q(out_from__isnull=True, out_until__isnull=True)
                | Q(out_until__gte=F("out_from")),
                name="vehicle_out_for_a_period",
            ),
        ]

    def __str__(self) -> str:
        return self.plate


class Shift(models.TextChoices):
    """The part of a day somebody works; the hours are in `shifts.HOURS`."""

    DAY = "day", _("Day shift")
    EARLY = "early", _("Early shift")
    LATE = "late", _("Late shift")


class LeaveKind(models.TextChoices):
    """Why somebody is away."""

    HOLIDAY = "holiday", _("Holiday")
    SICK = "sick", _("Sick")
    COURSE = "course", _("Course")
    OTHER = "other", _("Other")


class RosterDay(models.Model):
    """Somebody works a shift on a day, under a letter and papers that last at least that day.

    `papers_until` is the last day on which nothing they need was expired when it was written; the
    database refuses a day after it. A day that was taken back keeps its row and its reason.
    """

    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="roster")
    day = models.DateField(db_index=True)
    shift = models.CharField(max_length=8, choices=Shift.choices)
    vehicle = models.ForeignKey(Vehicle, null=True, on_delete=models.PROTECT, related_name="roster")
    letter = models.ForeignKey(AuthorityLetter, on_delete=models.PROTECT, related_name="roster")
    papers_until = models.DateField()
    written_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_why = models.CharField(max_length=100, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["staff", "day"],
                condition=Q(withdrawn_at__isnull=True),
                name="roster_one_shift_a_day",
            ),
            models.CheckConstraint(
                condition=Q(papers_until__gte=F("day")), name="roster_papers_last_that_day"
            ),
            models.CheckConstraint(condition=Q(shift__in=Shift.values), name="roster_shift_known"),
        ]


class Leave(models.Model):
    """Somebody is away from a day to a day, both included."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="leaves")
    first = models.DateField()
    last = models.DateField()
    kind = models.CharField(max_length=8, choices=LeaveKind.choices)
    written_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(last__gte=F("first")), name="leave_has_a_period"),
            models.CheckConstraint(condition=Q(kind__in=LeaveKind.values), name="leave_kind_known"),
        ]
        indexes = [models.Index(fields=["staff", "last"], name="leave_by_agent")]
