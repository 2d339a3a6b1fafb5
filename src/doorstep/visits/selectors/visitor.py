"""Who really comes to a visit: what a borrower may be told by its code, as things stand now."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q, QuerySet

from doorstep.visits.appointments import Span, told_window
from doorstep.visits.models import CrewMember, ImpostorReport, PlannedVisit, VisitorChallenge
from doorstep.visits.models.appointments import OPEN_APPOINTMENT
from doorstep.visits.models.days import VisitState
from doorstep.visits.selectors.in_force import is_in_force, visits_in_force
from doorstep.visits.visitor import EARLY, LATE, code_normal, number_of, slot_ends, slot_of
from doorstep.workforce.models import AuthorityLetter, Device, Photograph, Staff
from doorstep.workforce.papers import Letter
from doorstep.workforce.roles import Permission

COMING = (VisitState.PLANNED, VisitState.UNDER_WAY)
LEAST_VISITORS = 2
NOBODY = (-1, -2)
NO_CODE = "-"


@lru_cache(maxsize=4)
def _derived(key: str) -> bytes:
    return hmac.digest(key.encode(), b"doorstep visitors", hashlib.sha256)


def visitor_secret() -> bytes:
    """What numbers and counted askers are worked out with; the same in every process."""
    return _derived(settings.SECRET_KEY)


@dataclass(frozen=True)
class Visitor:
    """One of those who come, as the borrower may see them."""

    staff_id: int
    name: str
    work_id: str
    jpeg: bytes


@dataclass(frozen=True)
class CheckedVisit:
    """A visit that stands. `number` holds until `number_until` and is there only while the visit
    is in its time; `number_before` is that of the five minutes before. `proved_at`: when a phone of
    the crew last proved itself at the place. `devices`: each phone's id, whose it is, its key."""

    visit_id: int
    code: str
    span: Span
    until: datetime
    zone: str
    visitors: tuple[Visitor, ...]
    devices: tuple[tuple[str, int, bytes], ...]
    number: str = ""
    number_before: str = ""
    number_until: datetime | None = None
    proved_at: datetime | None = None


def visit_by_code(*, code: str, at: datetime) -> CheckedVisit | None:
    """The visit that a code belongs to, if it stands at this instant: planned or under way, not
    over, of an open appointment, by at least two whose accounts and letters hold that day.

    Unknown, cancelled, revoked and past are all None, after the same queries.
    """
    kept = code_normal(code) or NO_CODE
    rows = visits_in_force().filter(appointment__code=kept)
    visit = rows.select_related("appointment", "crew", "case__borrower").order_by("-begins_at")
    found = visit.first()
    members = visitors_standing(visit=found, at=at)
    stands = found is not None and bool(members) and _coming(found, at)
    ids = [member.pk for member in members] if stands else list(NOBODY)
    photographs = dict(Photograph.objects.filter(staff__in=ids).values_list("staff_id", "jpeg"))
    devices = Device.objects.filter(staff__in=ids, revoked_at=None, expires_at__gt=at)
    keys = list(devices.order_by("bound_at").values_list("uuid", "staff_id", "public_key"))
    proved = _proved_at(found.pk if stands and found else NOBODY[0])
    if found is None or not stands or not set(ids) <= set(photographs):
        return None
    visitors = tuple(
        Visitor(each.pk, str(each), each.particulars.work_id, bytes(photographs[each.pk]))
        for each in members
    )
    known = tuple((str(uuid), staff_id, bytes(key)) for uuid, staff_id, key in keys)
    return _checked(found, kept, visitors, known, proved, at)


def _checked(
    visit: PlannedVisit, code: str, visitors: tuple[Visitor, ...],
    devices: tuple[tuple[str, int, bytes], ...], proved: datetime | None, at: datetime,
) -> CheckedVisit:  # fmt: skip
    assert visit.begins_at is not None
    assert visit.ends_at is not None
    appointment = visit.appointment
    span = told_window(visit.begins_at)
    if appointment is not None and appointment.from_at and appointment.until_at:
        span = (appointment.from_at, appointment.until_at)
    now = visit_in_time(visit, at=at)
    here, before = (
        number_of(secret=visitor_secret(), visit=visit.pk, slot=slot_of(at) - back)
        for back in (0, 1)
    )
    return CheckedVisit(
        visit_id=visit.pk, code=code, span=span, until=visit.ends_at + LATE,
        zone=visit.case.borrower.time_zone, visitors=visitors, devices=devices,
        number=here if now else "", number_before=before if now else "",
        number_until=slot_ends(at) if now else None,
        proved_at=proved if now and proved and proved >= visit.begins_at - EARLY else None,
    )  # fmt: skip


def visitors_standing(*, visit: PlannedVisit | None, at: datetime) -> tuple[Staff, ...]:
    """The crew of a visit if everybody of it may go: accounts open, in their
    role, with a work id and a letter of authority that holds on the visit's day and is not revoked.
    Nobody otherwise. Two queries, whatever is found."""
    crew_id = visit.crew_id if visit is not None and visit.crew_id is not None else NOBODY[0]
    members = list(
        Staff.objects.filter(pk__in=CrewMember.objects.filter(crew=crew_id).values("staff"))
        .select_related("particulars")
        .order_by("pk")
    )
    ids = [each.pk for each in members] or list(NOBODY)
    letters: dict[int, list[Letter]] = {}
    for row in AuthorityLetter.objects.filter(staff__in=ids):
        letter = Letter(row.number, row.valid_from, row.valid_until, row.revoked_at)
        letters.setdefault(row.staff_id, []).append(letter)
    if visit is None or visit.begins_at is None or len(members) < LEAST_VISITORS:
        return ()
    on = visit.begins_at.astimezone(ZoneInfo(visit.case.borrower.time_zone)).date()
    every = all(
        each.may(Permission.CHECK_IN)
        and hasattr(each, "particulars")
        and any(letter.stands(on=on, at=at) for letter in letters.get(each.pk, ()))
        for each in members
    )
    return tuple(members) if every else ()


def _coming(visit: PlannedVisit, at: datetime) -> bool:
    appointment, crew, ends_at = visit.appointment, visit.crew, visit.ends_at
    return (
        visit.state in COMING
        and appointment is not None
        and appointment.state in OPEN_APPOINTMENT
        and crew is not None
        and crew.off_at is None
        and ends_at is not None
        and at < ends_at + LATE
    )


def visit_in_time(visit: PlannedVisit, *, at: datetime) -> bool:
    """Whether a crew may be at the door of a visit at this instant."""
    if visit.begins_at is None or visit.ends_at is None:
        return False
    return visit.begins_at - EARLY <= at < visit.ends_at + LATE


def visit_is_on(visit: PlannedVisit) -> bool:
    """Whether a visit is planned or under way by the plan in force, with a crew that is out, and
    its appointment was not called off."""
    appointment, crew = visit.appointment, visit.crew
    return (
        is_in_force(visit)
        and visit.state in COMING
        and crew is not None
        and crew.off_at is None
        and (appointment is None or appointment.state in OPEN_APPOINTMENT)
    )


def _proved_at(visit_id: int) -> datetime | None:
    shown = VisitorChallenge.objects.filter(visit=visit_id, shown_at__isnull=False)
    return shown.order_by("-shown_at").values_list("shown_at", flat=True).first()


@dataclass(frozen=True)
class WorkIdChecked:
    """Somebody of ours with a work id, and whether they may make visits on the day."""

    staff: Staff
    authorised: bool
    jpeg: bytes


def work_id_checked(*, work_id: str, on: date, at: datetime) -> WorkIdChecked | None:
    """Who has a work id, for whoever answers the hotline; None for nobody, or an account that is
    closed."""
    kept = work_id.strip().replace("\x00", "")[:32]
    rows = Staff.objects.filter(particulars__work_id__iexact=kept, is_active=True)
    staff = rows.select_related("particulars").first()
    if staff is None:
        return None
    letters = AuthorityLetter.objects.filter(staff=staff)
    stands = any(
        Letter(row.number, row.valid_from, row.valid_until, row.revoked_at).stands(on=on, at=at)
        for row in letters
    )
    photograph = Photograph.objects.filter(staff=staff).values_list("jpeg", flat=True).first()
    return WorkIdChecked(staff, stands and staff.may(Permission.CHECK_IN), bytes(photograph or b""))


def impostor_reports_open() -> QuerySet[ImpostorReport]:
    """Reports of impostors that nobody has closed, those nobody has taken first, then by age."""
    rows = ImpostorReport.objects.filter(closed_at=None)
    return rows.select_related("taken_by").order_by("taken_at", "at", "pk")


def impostor_reports(*, view: str) -> QuerySet[ImpostorReport]:
    """Reports of impostors: `open`, the oldest first, or `over`, the latest first."""
    if view == "open":
        return impostor_reports_open()
    return (
        ImpostorReport.objects.filter(~Q(closed_at=None))
        .select_related("taken_by", "closed_by")
        .order_by("-closed_at", "-pk")
    )
