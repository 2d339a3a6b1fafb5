"""The lender's own versions of what we say."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from doorstep.outreach.template import Template, Text
from doorstep.outreach.words import Kind, Medium, Reading, Tone


class VersionState(models.TextChoices):
    """The life of a version: written, submitted, then approved by a second person."""

    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Waiting for approval")
    APPROVED = "approved", _("In force")
    SENT_BACK = "sent_back", _("Sent back")
    RETIRED = "retired", _("Replaced")


class TemplateVersion(models.Model):
    """A version of a template; `texts` is {language: {subject, body}}.

    A draft may be edited; from SUBMITTED on the words never change. One version of a key is open
    (draft or submitted) and one in force at a time. `based_on` names the version it began from.
    """

    key = models.CharField(max_length=64)
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=24, choices=[(word, word) for word in Kind])
    tone = models.CharField(max_length=16, choices=[(word, word) for word in Tone])
    medium = models.CharField(max_length=16, choices=[(word, word) for word in Medium])
    reading = models.CharField(max_length=8, choices=[(word, word) for word in Reading])
    titles = models.JSONField()
    texts = models.JSONField()
    based_on = models.CharField(max_length=80, default="", blank=True)
    state = models.CharField(
        max_length=12, choices=VersionState.choices, default=VersionState.DRAFT
    )
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    written_at = models.DateTimeField()
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    submitted_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=500, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "number"], name="template_version_once"),
            models.UniqueConstraint(
                fields=["key"],
                condition=Q(state__in=["draft", "submitted"]),
                name="one_open_version_a_template",
            ),
            models.UniqueConstraint(
                fields=["key"], condition=Q(state="approved"), name="one_template_in_force"
            ),
            models.CheckConstraint(
                condition=Q(state__in=VersionState.values), name="template_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "retired"])
                | (
                    Q(decided_by__isnull=False, decided_at__isnull=False)
                    & ~Q(decided_by=F("written_by"))
                    & ~Q(decided_by=F("submitted_by"))
                ),
                name="template_approved_by_a_second_person",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "sent_back"]) | Q(submitted_by__isnull=False),
                name="template_submitted_by_somebody",
            ),
        ]

    @property
    def ref(self) -> str:
        """How acts and pages refer to this version: "reminder_friendly_sms/L2"."""
        return f"{self.key}/L{self.number}"

    def template(self) -> Template:
        """The version as what renders."""
        return Template(
            key=self.key,
            version=f"L{self.number}",
            kind=Kind(self.kind),
            tone=Tone(self.tone),
            medium=Medium(self.medium),
            reading=Reading(self.reading),
            titles=self.titles,
            texts={language: Text(**text) for language, text in self.texts.items()},
        )
