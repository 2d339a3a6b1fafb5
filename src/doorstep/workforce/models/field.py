"""A field agent's particulars: work id, photograph, skills, and whom they may not visit."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from doorstep.workforce.models.accounts import Staff
from doorstep.workforce.skills import SKILLS


class Gender(models.TextChoices):
    """What an agent wishes to state; nobody has to."""

    UNSAID = "", _("Not stated")
    FEMALE = "female", _("Woman")
    MALE = "male", _("Man")
    OTHER = "other", _("Other")


class TieKind(models.TextChoices):
    """Why an agent does not visit a certain borrower."""

    RELATIVE = "relative", _("Relative")
    NEIGHBOUR = "neighbour", _("Neighbour")
    ACQUAINTANCE = "acquaintance", _("Acquaintance")
    DISPUTE = "dispute", _("Private dispute")


class Particulars(models.Model):
    """What is known of somebody who works with borrowers, beside their account.

    `vetted_until`: last day of the background check (no violent crime, no grave credit record).
    `confidential_on`: the day they signed to keep secrets. `experienced_from`: the day from which
    they may lead a pair. `home_*` (WGS-84) is optional and serves only to keep neighbours apart.
    """

    staff = models.OneToOneField(
        Staff, primary_key=True, on_delete=models.CASCADE, related_name="particulars"
    )
    work_id = models.CharField(max_length=32, unique=True)
    phone = models.CharField(max_length=32, default="", blank=True)
    gender = models.CharField(
        max_length=8, choices=Gender.choices, default=Gender.UNSAID, blank=True
    )
    vetted_until = models.DateField(null=True, blank=True)
    confidential_on = models.DateField(null=True, blank=True)
    experienced_from = models.DateField(null=True, blank=True)
    home_latitude = models.FloatField(null=True, blank=True)
    home_longitude = models.FloatField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(work_id=""), name="particulars_have_a_work_id"),
            models.CheckConstraint(
                condition=Q(gender__in=Gender.values), name="particulars_gender_known"
            ),
            models.CheckConstraint(
                condition=Q(home_latitude__isnull=True, home_longitude__isnull=True)
                | Q(home_latitude__range=(-90, 90), home_longitude__range=(-180, 180)),
                name="particulars_home_on_earth",
            ),
        ]


class Photograph(models.Model):
    """An agent's picture as it stands on letters and notices: our own JPEG, nothing of the file
    that was sent is left in it."""

    staff = models.OneToOneField(
        Staff, primary_key=True, on_delete=models.CASCADE, related_name="photograph"
    )
    jpeg = models.BinaryField()
    taken_in_at = models.DateTimeField()
    taken_in_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")


class Skill(models.Model):
    """Something an agent can do that some visits need (`skills.SKILLS`)."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="skills")
    code = models.CharField(max_length=24)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["staff", "code"], name="skill_once"),
            models.CheckConstraint(condition=Q(code__in=list(SKILLS)), name="skill_known"),
        ]


class Tie(models.Model):
    """An agent knows a borrower privately, and so never visits them."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="ties")
    borrower_id = models.CharField(max_length=128, db_index=True)
    kind = models.CharField(max_length=16, choices=TieKind.choices)
    stated_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    stated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["staff", "borrower_id"], name="tie_once"),
            models.CheckConstraint(condition=Q(kind__in=TieKind.values), name="tie_kind_known"),
        ]
