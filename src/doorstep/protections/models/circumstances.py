"""What the borrower's life brings: hardship, vulnerability, and stops by law."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from doorstep.protections.models.record import Protection


class HardshipCause(models.TextChoices):
    """Why the borrower cannot pay as agreed."""

    JOB_LOSS = "job_loss", _("Lost the job")
    LESS_INCOME = "less_income", _("Less income")
    ILLNESS = "illness", _("Illness or accident")
    FAMILY = "family", _("Birth, divorce or a death in the family")
    DISASTER = "disaster", _("Natural disaster")
    BUSINESS = "business", _("The business fails")
    OTHER = "other", _("Something else")


class Hardship(Protection):
    """The borrower cannot pay as agreed for a time. The pressure of the ladder rests until the day
    it is looked at again (`due_on`); offers of help may be made."""

    cause = models.CharField(max_length=16, choices=HardshipCause.choices)

    class Meta(Protection.Meta):
        constraints = [
            *Protection.Meta.constraints,
            models.CheckConstraint(
                condition=Q(cause__in=HardshipCause.values), name="hardship_cause_known"
            ),
        ]


class VulnerabilityCause(models.TextChoices):
    """What makes ordinary treatment harmful to this person."""

    HEALTH = "health", _("Illness")
    MENTAL_HEALTH = "mental_health", _("Mental health")
    DISABILITY = "disability", _("Disability")
    AGE = "age", _("Old age")
    BEREAVEMENT = "bereavement", _("A death in the family")
    PREGNANCY = "pregnancy", _("Pregnancy or a small child")
    VIOLENCE = "violence", _("Violence at home")
    UNDERSTANDING = "understanding", _("Difficulty reading or understanding")
    OTHER = "other", _("Something else")


class HandlingCode(models.TextChoices):
    """What is done differently for a vulnerable person."""

    PAUSE = "pause", _("Give time: no contact until looked at again")
    ASK_FIRST = "ask_first", _("Ask a person before every contact")
    SPECIALIST = "specialist", _("Only specially trained staff")
    NO_VISITS = "no_visits", _("No visits")
    NO_CALLS = "no_calls", _("No calls")
    WRITTEN_ONLY = "written_only", _("In writing only")
    NO_AUTOMATION = "no_automation", _("No automatic voice or chat")
    DAYTIME_ONLY = "daytime_only", _("Only from 10:00 to 17:00")
    LARGE_PRINT = "large_print", _("Large print and plain words")
    WITH_HELPER = "with_helper", _("Only with a person they trust present")
    INTERPRETER = "interpreter", _("With an interpreter")


class Vulnerability(Protection):
    """The borrower needs special handling; which, is said one by one (`Handling`)."""

    cause = models.CharField(max_length=16, choices=VulnerabilityCause.choices)

    class Meta(Protection.Meta):
        constraints = [
            *Protection.Meta.constraints,
            models.CheckConstraint(
                condition=Q(cause__in=VulnerabilityCause.values), name="vulnerability_cause_known"
            ),
        ]


class Handling(models.Model):
    """One thing that is done differently under one version of a vulnerability."""

    vulnerability = models.ForeignKey(
        Vulnerability, on_delete=models.CASCADE, related_name="handlings", db_index=False
    )
    code = models.CharField(max_length=16, choices=HandlingCode.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["vulnerability", "code"], name="handling_once"),
            models.CheckConstraint(
                condition=Q(code__in=HandlingCode.values), name="handling_code_known"
            ),
        ]


class LegalStopKind(models.TextChoices):
    """What ends or bars contact by law."""

    DECEASED = "deceased", _("Deceased")
    BANKRUPTCY = "bankruptcy", _("Bankruptcy")
    POLICE_NO_CONTACT = "police_no_contact", _("Police no-contact order")
    MINOR = "minor", _("Minor")


class LegalStop(Protection):
    """The law bars contact: death, bankruptcy, an order of the police, or minority.

    `authority` issued `document` on `document_on`; they may still be unknown while it is a claim.
    """

    bar = models.CharField(max_length=20, choices=LegalStopKind.choices)
    authority = models.CharField(max_length=200, default="")
    document = models.CharField(max_length=200, default="")
    document_on = models.DateField(null=True)

    class Meta(Protection.Meta):
        constraints = [
            *Protection.Meta.constraints,
            models.CheckConstraint(
                condition=Q(bar__in=LegalStopKind.values), name="legalstop_bar_known"
            ),
            models.CheckConstraint(
                condition=~Q(standing="confirmed", document=""),
                name="legalstop_confirmed_by_a_document",
            ),
        ]

    @property
    def kind(self) -> str:
        """The law's word: deceased, bankruptcy, police_no_contact or minor."""
        return self.bar
