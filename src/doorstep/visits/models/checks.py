"""How borrowers find out whether visitors are real: what phones must sign, how often strangers have
asked, and reports of people who were not ours."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from doorstep.visits.models.days import PlannedVisit


class VisitorChallenge(models.Model):
    """Something new for one phone to sign for one visit; used once, whatever comes of it.

    `device` is the phone's id, `staff` whose it was. `shown_at`: the signature, the place and all
    else held, and the phone was shown the number of that moment.
    """

    visit = models.ForeignKey(PlannedVisit, on_delete=models.CASCADE, related_name="challenges")
    device = models.CharField(max_length=36)
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    nonce = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    until = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    shown_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(until__gt=F("made_at")), name="challenge_lives_for_a_time"
            ),
            models.CheckConstraint(
                condition=Q(shown_at__isnull=True) | Q(used_at__isnull=False),
                name="challenge_shown_was_used",
            ),
        ]
        indexes = [
            models.Index(
                fields=["visit", "-shown_at"],
                condition=Q(shown_at__isnull=False),
                name="challenge_shown_by_visit",
            )
        ]


class AskedCount(models.Model):
    """How often something was asked within a stretch of time, by whom: a digest of an address, a
    visit, or everybody together. Kept here so that all processes count together."""

    what = models.CharField(max_length=16)
    key = models.CharField(max_length=32)
    since = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["what", "key", "since"], name="asked_counted_once")
        ]
        indexes = [models.Index(fields=["since"], name="asked_by_time")]


class Happened(models.TextChoices):
    """How somebody came forward in our name."""

    DOOR = "door", _("At the door")
    PHONE = "phone", _("On the phone")
    MESSAGE = "message", _("In a message or letter")
    OTHER = "other", _("In another way")


class Finding(models.TextChoices):
    """What looking into a report found."""

    IMPOSTOR = "impostor", _("Somebody pretended to be from us")
    OURS = "ours", _("It was one of our people")
    UNCLEAR = "unclear", _("It could not be found out")


class ImpostorReport(models.Model):
    """Somebody told us of a person who may not be from us. `number` is their receipt.

    `words`, `work_id`, `place` and `contact` are theirs as they wrote them, `happened_on` the day
    it was. `visit` where the code of one was given. `told_by` is the colleague who took it on the
    phone, nobody where it came through the page. `proposals`: warnings that were put forward.
    """

    number = models.CharField(max_length=16, unique=True)
    happened = models.CharField(max_length=8, choices=Happened.choices)
    happened_on = models.DateField()
    words = models.TextField(max_length=2000)
    work_id = models.CharField(max_length=64, default="", blank=True)
    place = models.CharField(max_length=200, default="", blank=True)
    contact = models.CharField(max_length=100, default="", blank=True)
    visit = models.ForeignKey(
        PlannedVisit, null=True, on_delete=models.SET_NULL, related_name="impostor_reports"
    )
    language = models.CharField(max_length=10)
    told_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    taken_at = models.DateTimeField(null=True)
    finding = models.CharField(max_length=8, choices=Finding.choices, default="", blank=True)
    closed_how = models.CharField(max_length=1000, default="", blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    closed_at = models.DateTimeField(null=True)
    proposals = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(happened__in=Happened.values), name="impostor_came_somehow"
            ),
            models.CheckConstraint(condition=~Q(words=""), name="impostor_report_says_something"),
            models.CheckConstraint(
                condition=Q(taken_by__isnull=True, taken_at__isnull=True)
                | Q(taken_by__isnull=False, taken_at__isnull=False),
                name="impostor_report_taken_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by__isnull=True, finding="")
                | Q(closed_at__isnull=False, closed_by__isnull=False, taken_at__isnull=False)
                & Q(finding__in=Finding.values)
                & ~Q(closed_how=""),
                name="impostor_report_closed_with_a_finding",
            ),
        ]
        indexes = [
            models.Index(
                fields=["-at"], condition=Q(closed_at__isnull=True), name="impostor_report_open"
            )
        ]
