"""Deeds on what is known of an agent."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doorstep.evidence.entry import Entry
from doorstep.evidence.services import evidence_append
from doorstep.kernel.errors import InputError, Refused, Where
from doorstep.workforce.models import Particulars, Photograph, Skill, Staff, Tie
from doorstep.workforce.photo import photo_clean
from doorstep.workforce.roles import Permission
from doorstep.workforce.services.may import must_may
from doorstep.workforce.services.roster import roster_settle
from doorstep.workforce.skills import SKILLS


@transaction.atomic
def particulars_keep(
    *,
    staff: Staff,
    work_id: str,
    by: Staff,
    at: datetime,
    phone: str = "",
    gender: str = "",
    vetted_until: date | None = None,
    confidential_on: date | None = None,
    experienced_from: date | None = None,
    home: tuple[float, float] | None = None,
) -> Particulars:
    """Keep what is known of somebody; days they are rostered for without what they need end.

    Raises Refused without permission, for oneself, or when the work id is somebody else's.
    """
    must_may(by=by, permission=Permission.KEEP_PARTICULARS, whom=staff)
    _not_oneself(staff, by)
    latitude, longitude = home or (None, None)
    values = {
        "work_id": work_id.strip(), "phone": phone.strip(), "gender": gender,
        "vetted_until": vetted_until, "confidential_on": confidential_on,
        "experienced_from": experienced_from, "home_latitude": latitude,
        "home_longitude": longitude,
    }  # fmt: skip
    try:
        with transaction.atomic():
            kept, _new = Particulars.objects.update_or_create(staff=staff, defaults=values)
    except IntegrityError:
        raise Refused(_("Another colleague has this work id."), code="WORK_ID_TAKEN") from None
    roster_settle(staff=[staff], at=at)
    dates = {
        name: value.isoformat() if value else None
        for name, value in values.items()
        if name in ("vetted_until", "confidential_on", "experienced_from")
        and (value is None or isinstance(value, date))
    }
    body = {"of": staff.username, "work_id": kept.work_id, **dates}
    evidence_append(
        entries=[Entry(kind="particulars", subject="", agent=by.username, body=body)], at=at
    )
    return kept


def photograph_keep(*, staff: Staff, raw: bytes, by: Staff, at: datetime) -> Photograph:
    """Keep a photograph, cleaned (`photo.photo_clean`), instead of the one before.

    Raises Refused without permission, InputError for a file that is no fit photograph.
    """
    must_may(by=by, permission=Permission.KEEP_PARTICULARS, whom=staff)
    values = {"jpeg": photo_clean(raw), "taken_in_at": at, "taken_in_by": by}
    kept, _new = Photograph.objects.update_or_create(staff=staff, defaults=values)
    return kept


@transaction.atomic
def skills_keep(*, staff: Staff, codes: Collection[str], by: Staff) -> None:
    """Keep exactly these skills. Raises Refused without permission, InputError for an unknown
    one."""
    must_may(by=by, permission=Permission.KEEP_PARTICULARS, whom=staff)
    if unknown := set(codes) - set(SKILLS):
        raise InputError(
            _("There is no such skill: %(name)s.") % {"name": min(unknown)},
            where=Where(field="skills"),
        )
    Skill.objects.filter(staff=staff).exclude(code__in=codes).delete()
    rows = [Skill(staff=staff, code=code) for code in sorted(codes)]
    Skill.objects.bulk_create(rows, ignore_conflicts=True)


def tie_state(*, staff: Staff, borrower_id: str, kind: str, by: Staff, at: datetime) -> Tie:
    """Say that an agent knows a borrower privately. An agent may say so of themselves.

    Raises Refused without permission for somebody else.
    """
    if by.pk != staff.pk:
        must_may(by=by, permission=Permission.KEEP_PARTICULARS, whom=staff)
    values = {"kind": kind, "stated_by": by, "stated_at": at}
    kept, _new = Tie.objects.update_or_create(
        staff=staff, borrower_id=borrower_id.strip(), defaults=values
    )
    return kept


def tie_end(*, tie: Tie, by: Staff) -> None:
    """Take back that they know each other. Nobody takes back their own."""
    must_may(by=by, permission=Permission.KEEP_PARTICULARS, whom=tie.staff)
    _not_oneself(tie.staff, by)
    tie.delete()


def _not_oneself(staff: Staff, by: Staff) -> None:
    if staff.pk == by.pk:
        raise Refused(_("Somebody else must do this for you."), code="OWN_PAPERS")
