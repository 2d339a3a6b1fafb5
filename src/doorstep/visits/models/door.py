"""What phones tell from doors: every event as it was written there, which of a topic stands, and
where two phones say different things until a person settles it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from doorstep.visits.models.days import PlannedVisit


class EventState(models.TextChoices):
    """What became of an event."""

    APPLIED = "applied", _("Applied")
    CONFLICT = "conflict", _("Differs from another phone")
    ASIDE = "aside", _("Set aside by a person")
    REFUSED = "refused", _("Could not be taken in")


class DoorEvent(models.Model):
    """Something that happened at a door, as a phone wrote it down; what it says never changes.

    `id` was made on the phone, `after` is the event of the topic it had seen last, `at` the
    corrected time and `clock_at` what the phone's own clock showed, `number` counts the phone's
    events. `sha256` is of the whole event as it was sent. `same_as`: it says what an earlier one
    says, from another phone. `outcome` is what following it met: a code, and words for people.
    """

    id = models.UUIDField(primary_key=True)
    visit = models.ForeignKey(PlannedVisit, on_delete=models.PROTECT, related_name="door_events")
    device = models.ForeignKey(
        "workforce.Device", on_delete=models.PROTECT, related_name="door_events"
    )
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="door_events"
    )
    kind = models.CharField(max_length=24)
    topic = models.CharField(max_length=80)
    after = models.UUIDField(null=True)
    at = models.DateTimeField()
    clock_at = models.DateTimeField()
    number = models.BigIntegerField()
    body = models.JSONField(default=dict)
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=12, choices=EventState.choices)
    same_as = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    outcome = models.JSONField(default=dict)
    received_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=EventState.values), name="door_event_state_known"
            ),
            models.CheckConstraint(
                condition=Q(number__gte=0) & ~Q(kind="") & ~Q(topic=""),
                name="door_event_is_about_something",
            ),
            models.UniqueConstraint(
                fields=["visit"],
                condition=Q(kind="report", state="applied", same_as__isnull=True),
                name="door_report_applied_once_a_visit",
            ),
        ]
        indexes = [
            models.Index(fields=["visit", "topic"], name="door_event_by_topic"),
            models.Index(fields=["changed_at"], name="door_event_by_change"),
        ]


class DoorHead(models.Model):
    """The event of a topic that stands. A visit is known by its case and day, so that a plan made
    anew on the way changes nothing."""

    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="door_heads")
    day = models.DateField()
    topic = models.CharField(max_length=80)
    event = models.OneToOneField(DoorEvent, on_delete=models.PROTECT, related_name="head_of")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "day", "topic"], name="door_head_once_a_topic")
        ]


class DoorConflict(models.Model):
    """Two phones say different things on one topic: `stood` stands, or stood when this was settled;
    `other` came without knowing it. Nothing is overwritten: somebody keeps one of them (`kept`) and
    says why."""

    visit = models.ForeignKey(PlannedVisit, on_delete=models.PROTECT, related_name="conflicts")
    topic = models.CharField(max_length=80)
    stood = models.ForeignKey(DoorEvent, on_delete=models.PROTECT, related_name="+")
    other = models.OneToOneField(DoorEvent, on_delete=models.PROTECT, related_name="conflict")
    found_at = models.DateTimeField()
    kept = models.ForeignKey(DoorEvent, null=True, on_delete=models.PROTECT, related_name="+")
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    settled_at = models.DateTimeField(null=True)
    settled_why = models.CharField(max_length=300, default="", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(stood=F("other")), name="door_conflict_of_two"),
            models.CheckConstraint(
                condition=Q(
                    kept__isnull=True,
                    settled_by__isnull=True,
                    settled_at__isnull=True,
                    settled_why="",
                )
                | Q(kept__isnull=False, settled_by__isnull=False, settled_at__isnull=False)
                & ~Q(settled_why=""),
                name="door_conflict_settled_by_somebody_for_a_reason",
            ),
        ]
        indexes = [
            models.Index(
                fields=["visit"], condition=Q(settled_at__isnull=True), name="door_conflict_open"
            )
        ]
