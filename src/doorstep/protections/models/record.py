"""What every protection has in common: two time axes, how sure it is, who must act by when.

A protection is one or more rows under one `reference`, one row a version. `starts_at` and `ends_at`
say when it holds (the end is exclusive; none: until somebody ends it). `known_from` and
`known_until` say when we knew it so. Nothing is overwritten: a change closes the version that was
known and adds the next, so "what did we know at an instant about a day" is one condition.
"""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

REFERENCE = 100


class Standing(models.TextChoices):
    """How sure we are that it is so."""

    CLAIMED = "claimed", _("Claimed, not confirmed")
    CONFIRMED = "confirmed", _("Confirmed")
    REFUTED = "refuted", _("Was not so")


class ToldBy(models.TextChoices):
    """Who told us."""

    BORROWER = "borrower", _("The customer")
    REPRESENTATIVE = "representative", _("A representative")
    RELATIVE = "relative", _("A relative")
    THIRD_PARTY = "third_party", _("Somebody else")
    AUTHORITY = "authority", _("An authority")
    LENDER = "lender", _("Another department")
    STAFF = "staff", _("A member of staff")


class ToldHow(models.TextChoices):
    """How the news came."""

    PHONE = "phone", _("By telephone")
    MESSAGE = "message", _("By message")
    EMAIL = "email", _("By e-mail")
    LETTER = "letter", _("By letter")
    VISIT = "visit", _("At a visit")
    COUNTER = "counter", _("At the counter")
    PORTAL = "portal", _("On our pages")
    DOCUMENT = "document", _("By a document")


class Protection(models.Model):
    """One version of one protection.

    `reference` names the protection over all its versions and makes recording it twice harmless.
    `received_at` is when the news reached the lender, `known_from` when it was recorded here.
    `due_on` is the day by which `owner` must act: answer, look again, or settle a claim; a claim
    holds to the end of that day and then asks. It is `due_term` (a name of `parameters.toml`)
    counted from `due_after`; `due_sure` is false while the calendar of working days is not
    published for some day in between.
    """

    reference = models.CharField(max_length=REFERENCE)
    version = models.PositiveIntegerField(default=1)
    borrower = models.ForeignKey(
        "portfolio.Borrower", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    standing = models.CharField(max_length=10, choices=Standing.choices, default=Standing.CONFIRMED)
    told_by = models.CharField(max_length=16, choices=ToldBy.choices)
    told_how = models.CharField(max_length=16, choices=ToldHow.choices)
    received_at = models.DateTimeField()
    note = models.CharField(max_length=2000, default="")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    due_on = models.DateField(null=True)
    due_term = models.CharField(max_length=40, default="")
    due_after = models.DateField(null=True)
    due_sure = models.BooleanField(default=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    known_from = models.DateTimeField()
    known_until = models.DateTimeField(null=True)

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(fields=["reference", "version"], name="%(class)s_version_once"),
            models.UniqueConstraint(
                fields=["reference"],
                condition=Q(known_until__isnull=True),
                name="%(class)s_one_version_known",
            ),
            models.CheckConstraint(
                condition=Q(version__gte=1) & ~Q(reference=""), name="%(class)s_is_named"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="%(class)s_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(known_until__isnull=True) | Q(known_until__gte=F("known_from")),
                name="%(class)s_known_forward",
            ),
            models.CheckConstraint(
                condition=Q(received_at__lte=F("known_from")), name="%(class)s_heard_then_known"
            ),
            models.CheckConstraint(
                condition=Q(standing__in=Standing.values)
                & Q(told_by__in=ToldBy.values)
                & Q(told_how__in=ToldHow.values),
                name="%(class)s_words_known",
            ),
            models.CheckConstraint(
                condition=~Q(standing=Standing.CLAIMED, due_on__isnull=True),
                name="%(class)s_claim_has_its_day",
            ),
            models.CheckConstraint(
                condition=Q(due_on__isnull=True, due_after__isnull=True, due_term="", due_sure=True)
                | (Q(due_on__isnull=False, due_after__isnull=False) & ~Q(due_term="")),
                name="%(class)s_deadline_is_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["borrower", "known_from"], name="%(class)s_borrower"),
            models.Index(
                fields=["due_on"],
                condition=Q(known_until__isnull=True, due_on__isnull=False),
                name="%(class)s_due",
            ),
        ]

    @property
    def kind(self) -> str:
        """The word of this protection among all kinds (see `doorstep.protections.kinds`)."""
        return str(self._meta.model_name)

    @property
    def is_current(self) -> bool:
        """Whether this is the version known now."""
        return self.known_until is None

    def overdue(self, *, on: date) -> bool:
        """Whether somebody should have acted before the day."""
        return self.due_on is not None and self.due_on < on
