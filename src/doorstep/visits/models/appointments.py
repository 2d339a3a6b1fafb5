"""Visits that a borrower and the lender agree upon: when, where, and how it came about."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class AppointmentState(models.TextChoices):
    """Where an appointment stands."""

    PROPOSED = "proposed", _("Proposed, not answered")
    AGREED = "agreed", _("Agreed")
    DECLINED = "declined", _("Declined")
    CANCELLED = "cancelled", _("Cancelled")
    KEPT = "kept", _("Kept")
    MISSED = "missed", _("Missed")


OPEN_APPOINTMENT = (AppointmentState.PROPOSED, AppointmentState.AGREED)


class Appointment(models.Model):
    """One visit proposed to a borrower, and what they chose.

    `offered` holds the times put forward, `[[from, until], ...]` as ISO instants. The agreed time
    is `from_at` to `until_at`: the visit begins within it. Where the borrower chose neither of
    their addresses in the book, `place` says where in their own words. `code` is what the borrower
    can check the visitors by. `confirmed_at`: they said again, shortly before, that it stands.
    """

    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="appointments")
    address = models.ForeignKey(
        "portfolio.Address", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    place = models.CharField(max_length=300, default="", blank=True)
    offered = models.JSONField(default=list)
    proposed_through = models.CharField(max_length=16)
    from_at = models.DateTimeField(null=True)
    until_at = models.DateTimeField(null=True)
    wishes = models.JSONField(default=dict)
    code = models.CharField(max_length=16)
    state = models.CharField(
        max_length=12, choices=AppointmentState.choices, default=AppointmentState.PROPOSED
    )
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    proposed_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(state__in=OPEN_APPOINTMENT),
                name="appointment_open_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=AppointmentState.values), name="appointment_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("agreed", "kept", "missed"))
                | Q(from_at__isnull=False, until_at__gt=F("from_at")),
                name="appointment_agreed_has_its_time",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("agreed", "kept", "missed"))
                | Q(address__isnull=False)
                | ~Q(place=""),
                name="appointment_agreed_has_its_place",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "from_at"], name="appointment_by_time"),
            models.Index(fields=["code"], name="appointment_by_code"),
        ]


class AppointmentStep(models.Model):
    """What happened to an appointment, in order; never changed. `act` is the reference of the
    message, letter or call that told the borrower."""

    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="steps")
    what = models.CharField(max_length=24)
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    why = models.CharField(max_length=300, default="", blank=True)
    act = models.CharField(max_length=32, default="", blank=True)
    more = models.JSONField(default=dict)
