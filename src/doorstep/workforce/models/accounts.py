"""Branches, teams, staff accounts, and who looked at whose personal data."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from doorstep.workforce.roles import Permission, Role, Scope, role_may, scope_of

ROLE_LABELS = {
    Role.COLLECTIONS_MANAGER: _("Collections manager"),
    Role.DESK_AGENT: _("Desk agent"),
    Role.FIELD_AGENT: _("Field agent"),
    Role.TEAM_LEADER: _("Team leader"),
    Role.COMPLIANCE_OFFICER: _("Compliance officer"),
    Role.ANALYST: _("Analyst"),
    Role.APPROVER: _("Approver"),
    Role.AUDITOR: _("Auditor"),
    Role.ADMINISTRATOR: _("Administrator"),
}


class Branch(models.Model):
    """A place of the lender that serves borrowers; the lender's code is its key. Crews start and
    end their day there (WGS-84)."""

    code = models.CharField(max_length=64, primary_key=True)
    name = models.CharField(max_length=200)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="branch_on_earth",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Team(models.Model):
    """People of one branch who share cases."""

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="teams")
    name = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["branch", "name"], name="team_once")]

    def __str__(self) -> str:
        return self.name


class Staff(AbstractUser):
    """An account of a member of staff. One role; branch and team bound what is seen."""

    role = models.CharField(
        max_length=32, choices=[(role.value, label) for role, label in ROLE_LABELS.items()]
    )
    display_name = models.CharField(max_length=100)
    branch = models.ForeignKey(Branch, null=True, blank=True, on_delete=models.PROTECT)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT)
    language = models.CharField(max_length=10, default="", blank=True)
    """What they chose to read; empty until they choose, and then the browser's language counts."""

    class Meta:
        verbose_name = _("staff member")
        verbose_name_plural = _("staff")

    def __str__(self) -> str:
        return self.display_name or self.username

    def may(self, permission: Permission) -> bool:
        """Whether this member of staff may do the deed (an inactive account may nothing)."""
        return self.is_active and role_may(self.role, permission)

    @property
    def scope(self) -> Scope:
        """How far this member of staff sees into the cases."""
        return scope_of(self.role) if self.is_active else Scope.NONE


class PersonalDataAccess(models.Model):
    """Somebody saw a borrower's personal data in full: who, what, when and for what purpose."""

    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="accesses")
    borrower_id = models.CharField(max_length=128, db_index=True)
    what = models.CharField(max_length=64)
    purpose = models.CharField(max_length=300)
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(purpose=""), name="access_states_its_purpose"
            )
        ]
