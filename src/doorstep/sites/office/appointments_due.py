"""What waits for somebody about visits, for the first page of the day."""

from __future__ import annotations

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import ngettext

from doorstep.kernel import clock
from doorstep.visits.selectors.appointments import (
    appointments_visible_to,
    waits_for_answer,
    waits_for_confirmation,
    waits_for_outcome,
)
from doorstep.visits.selectors.risk import risks_waiting
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission


def visits_tally(staff: Staff) -> list[tuple[int, str, str]]:
    """Appointments to be seen to, and high risks to decide: how many, their words, their address;
    nothing that is 0."""
    found = []
    if staff.may(Permission.PROPOSE_VISITS):
        at = clock.now()
        waits: Q = waits_for_answer(at=at) | waits_for_confirmation(at=at)
        waits |= waits_for_outcome(at=at)
        if count := appointments_visible_to(staff=staff).filter(waits).count():
            words = ngettext("appointment to see to", "appointments to see to", count)
            found.append((count, words, reverse("office:appointments")))
    if staff.may(Permission.APPROVE_RISK):
        waiting = risks_waiting(staff=staff, on=clock.today(settings.TIME_ZONE))
        if count := waiting.exclude(assessed_by=staff).count():
            words = ngettext("high risk to decide", "high risks to decide", count)
            found.append((count, words, reverse("office:risks")))
    return found
