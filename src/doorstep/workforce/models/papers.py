"""Authority letters, and the exams that prove training."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from doorstep.workforce.models.accounts import Staff


class AuthorityLetter(models.Model):
    """One agent may act for one lender from a day to a day, both included; revocable at once.

    `number` and `code` stand on the paper, so that a borrower can ask whether it is real.
    `lender` is the lender's full name as printed.
    """

    number = models.CharField(max_length=24, unique=True)
    code = models.CharField(max_length=16)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="letters")
    lender = models.CharField(max_length=200)
    valid_from = models.DateField()
    valid_until = models.DateField()
    issued_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField()
    revoked_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(null=True)
    revoked_why = models.CharField(max_length=300, default="", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__gte=F("valid_from")), name="letter_has_a_period"
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True, revoked_why="")
                | Q(revoked_at__isnull=False, revoked_by__isnull=False) & ~Q(revoked_why=""),
                name="letter_revoked_by_somebody_for_a_reason",
            ),
            models.CheckConstraint(
                condition=~Q(issued_by=F("staff")), name="letter_not_issued_to_oneself"
            ),
        ]
        indexes = [models.Index(fields=["staff", "-valid_until"], name="letter_by_agent")]


class LetterDocument(models.Model):
    """The signed PDF of a letter; kept beside it so that lists never read it."""

    letter = models.OneToOneField(
        AuthorityLetter, primary_key=True, on_delete=models.CASCADE, related_name="document"
    )
    pdf = models.BinaryField()
    sha256 = models.CharField(max_length=64)


class Sitting(models.Model):
    """One attempt at the exam of a course: which questions were drawn, what was answered.

    `questions` holds ids and the order in which options were shown, so that the very exam can be
    seen again. `valid_until` is the last day a pass counts; absent for a failed attempt.
    """

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="sittings")
    course = models.CharField(max_length=24)
    version = models.CharField(max_length=16)
    questions = models.JSONField()
    answers = models.JSONField(default=dict)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    right = models.IntegerField(null=True)
    pass_mark = models.IntegerField()
    passed = models.BooleanField(default=False)
    valid_until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["staff", "course"],
                condition=Q(ended_at__isnull=True),
                name="sitting_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(passed=False, valid_until__isnull=True)
                | Q(passed=True, valid_until__isnull=False, right__gte=F("pass_mark")),
                name="sitting_passed_at_the_mark",
            ),
        ]
        indexes = [models.Index(fields=["staff", "course", "-began_at"], name="sitting_by_agent")]
