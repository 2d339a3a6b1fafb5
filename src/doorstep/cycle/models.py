"""The record of nights: runs, their stages, and the book by bucket for the drawings."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class RunState(models.TextChoices):
    """Where a night stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Run(models.Model):
    """One night's work for one business date. A second run of the date continues or repeats it."""

    business_date = models.DateField(unique=True)
    book = models.ForeignKey("portfolio.Book", on_delete=models.PROTECT, related_name="runs")
    state = models.CharField(max_length=8, choices=RunState.choices, default=RunState.RUNNING)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    folder = models.CharField(max_length=500)
    ladder_version = models.CharField(max_length=64, default="")
    policy = models.JSONField(default=dict)
    decisions_digest = models.CharField(max_length=64, default="")
    counts = models.JSONField(default=dict)
    error = models.TextField(default="")


class RunStage(models.Model):
    """One stage of a run: rows written, seconds, peak memory of the process so far."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="stages")
    order = models.IntegerField()
    name = models.CharField(max_length=32)
    rows = models.BigIntegerField(null=True)
    seconds = models.FloatField(null=True)
    peak_bytes = models.BigIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "name"], name="stage_once_a_run")]
        ordering = ["order"]


class BucketCount(models.Model):
    """How many borrowers and how much money stood in a bucket of a branch after a night."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="buckets")
    branch_code = models.CharField(max_length=64, default="")
    currency = models.CharField(max_length=3)
    bucket = models.IntegerField()
    borrowers = models.BigIntegerField()
    overdue = models.BigIntegerField()
    balance = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "branch_code", "currency", "bucket"], name="bucket_once_a_run"
            )
        ]


class TransitionCount(models.Model):
    """Loans that moved between buckets since the run before (迁徙), with their balance."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="transitions")
    currency = models.CharField(max_length=3)
    before = models.IntegerField()
    after = models.IntegerField()
    loans = models.BigIntegerField()
    balance = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "currency", "before", "after"], name="transition_once_a_run"
            )
        ]
