"""Recordings of visits: what phones sent, who listened, samples that were scored, transcripts."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class RecordingState(models.TextChoices):
    """Where a recording stands."""

    OPEN = "open", _("Not ended")
    SEALED = "sealed", _("Verified")
    BROKEN = "broken", _("Not verified")
    REFUSED = "refused", _("Destroyed: no consent")


class Recording(models.Model):
    """A recording of a visit, made on a phone. Its segments lie in files; no plain sound or picture
    is ever kept.

    `wrapped`: the content key as the phone wrapped it, sealed once more under the key of the
    borrower's evidence; empty once the recording was destroyed. `consent`: the event in which the
    borrower was asked. `device_key`: the key that must sign `head`. `gaps`: `[[from, until, why]]`
    in milliseconds since 1970, as the phone said them. `started_at` is the phone's corrected clock,
    `begun_at` and `ended_at` the server's.
    """

    id = models.UUIDField(primary_key=True)
    visit = models.ForeignKey(
        "visits.PlannedVisit", on_delete=models.PROTECT, related_name="recordings"
    )
    nonce = models.BinaryField()
    wrapped = models.BinaryField()
    media_type = models.CharField(max_length=100)
    started_at = models.DateTimeField()
    consent = models.UUIDField()
    device = models.UUIDField()
    device_key = models.BinaryField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    begun_at = models.DateTimeField()
    state = models.CharField(
        max_length=8, choices=RecordingState.choices, default=RecordingState.OPEN
    )
    size = models.BigIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    count = models.IntegerField(null=True)
    head = models.BinaryField(default=b"")
    signature = models.BinaryField(default=b"")
    gaps = models.JSONField(default=list)
    why = models.CharField(max_length=300, default="", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=RecordingState.values), name="recording_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("sealed", "broken"))
                | Q(ended_at__isnull=False, count__gte=0),
                name="recording_ended_has_its_count",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("broken", "refused")) | ~Q(why=""),
                name="recording_not_verified_says_why",
            ),
        ]
        indexes = [
            models.Index(fields=["visit", "started_at"], name="recording_by_visit"),
            models.Index(fields=["-started_at"], name="recording_by_time"),
        ]


class RecordingSegment(models.Model):
    """A segment that was kept: `sha` of its sealed bytes in hex, `size` of them in the file."""

    recording = models.ForeignKey(Recording, on_delete=models.CASCADE, related_name="segments")
    seq = models.IntegerField()
    sha = models.CharField(max_length=64)
    started_ms = models.BigIntegerField()
    length_ms = models.IntegerField()
    size = models.IntegerField()
    kept_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["recording", "seq"], name="segment_once"),
            models.CheckConstraint(
                condition=Q(seq__gte=0, started_ms__gte=0, length_ms__gte=0, size__gt=0),
                name="segment_measures_fit",
            ),
        ]


class Playback(models.Model):
    """That somebody listened to a recording or took a copy, and what for; never changed."""

    recording = models.ForeignKey(Recording, on_delete=models.CASCADE, related_name="playbacks")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    purpose = models.CharField(max_length=300)
    copy = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["recording", "-at"], name="playback_by_recording")]


class SampleDraw(models.Model):
    """A draw of recordings to score: of those that ended on these days, the share (per mille) that
    comes first by SHA-256 of the seed and the recording's id; `found` were there to draw from."""

    first_day = models.DateField()
    last_day = models.DateField()
    share = models.IntegerField()
    seed = models.CharField(max_length=64)
    found = models.IntegerField()
    drawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    drawn_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(share__range=(1, 1000), last_day__gte=F("first_day")),
                name="draw_of_a_share_and_a_time",
            )
        ]


class SampleReview(models.Model):
    """A drawn recording, to be scored once. `scores`: points by question of the sheet (`sheet` is
    its version), None where the question did not arise; `score` in percent. A low one is talked
    over with the crew: `talked_*` say when, by whom and what came of it."""

    draw = models.ForeignKey(SampleDraw, on_delete=models.CASCADE, related_name="reviews")
    recording = models.OneToOneField(Recording, on_delete=models.CASCADE, related_name="review")
    sheet = models.IntegerField(null=True)
    scores = models.JSONField(default=dict)
    score = models.IntegerField(null=True)
    low = models.BooleanField(default=False)
    note = models.CharField(max_length=1000, default="", blank=True)
    scored_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    scored_at = models.DateTimeField(null=True)
    talked_due_on = models.DateField(null=True)
    talked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    talked_at = models.DateTimeField(null=True)
    talked_how = models.CharField(max_length=1000, default="", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(score__isnull=True)
                | Q(score__range=(0, 100), scored_by__isnull=False, scored_at__isnull=False),
                name="review_scored_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(low=False) | Q(score__isnull=False, talked_due_on__isnull=False),
                name="review_low_is_talked_over",
            ),
            models.CheckConstraint(
                condition=Q(talked_at__isnull=True)
                | Q(talked_by__isnull=False) & ~Q(talked_how="") & ~Q(talked_by=F("scored_by")),
                name="review_talked_over_by_another",
            ),
        ]


class Transcript(models.Model):
    """What was said, in writing, as somebody attached it; the newest counts, none is changed.
    `findings`: what the wording lint of `edition` saw, as `{line, words, behaviour}`."""

    recording = models.ForeignKey(Recording, on_delete=models.CASCADE, related_name="transcripts")
    text = models.TextField()
    findings = models.JSONField(default=list)
    edition = models.CharField(max_length=16)
    attached_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    attached_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["recording", "-attached_at"], name="transcript_newest")]
