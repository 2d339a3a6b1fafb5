"""Deeds after hard encounters."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.errors import InputError, Refused, Where
from doorstep.workforce.models import Encounter, EncounterAgent, Staff, Weight
from doorstep.workforce.roles import Permission
from doorstep.workforce.services.may import must_may
from doorstep.workforce.services.roster import roster_settle

REST_DAYS = {Weight.HARD: 0, Weight.VERY_HARD: 1, Weight.INCIDENT: 3}


@transaction.atomic
def encounter_record(
    *,
    agents: Sequence[Staff],
    borrower_id: str,
    weight: Weight,
    by: Staff,
    at: datetime,
    on: date,
    note: str = "",
) -> Encounter:
    """Record a hard encounter of some agents on day `on`; they rest afterwards as `REST_DAYS` says,
    and days they were rostered for in that time are taken back.

    Agents may record what they lived through themselves. Raises Refused for others without
    permission, InputError without an agent.
    """
    if not agents:
        raise InputError(_("Say who was there."), where=Where(field="agents"))
    if by.pk not in {each.pk for each in agents}:
        for each in agents:
            must_may(by=by, permission=Permission.SEE_LOAD, whom=each)
    elif not by.may(Permission.SIT_EXAMS):
        raise Refused(_("Your role does not include this."), code="NOT_PERMITTED")
    days = REST_DAYS[Weight(weight)]
    made = Encounter.objects.create(
        borrower_id=borrower_id.strip(), at=at, weight=weight, written_by=by,
        note=note.strip().replace("\x00", "")[:500],
    )  # fmt: skip
    rests = on + timedelta(days=days) if days else None
    EncounterAgent.objects.bulk_create(
        [EncounterAgent(encounter=made, staff=each, rests_until=rests) for each in agents]
    )
    if rests:
        roster_settle(staff=agents, at=at)
    return made
