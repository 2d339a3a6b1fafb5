"""Deeds on rosters, leave and vehicles."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doorstep.kernel.errors import InputError, Refused, Where
from doorstep.workforce.models import (
    AuthorityLetter,
    Branch,
    Leave,
    RosterDay,
    Shift,
    Staff,
    Vehicle,
)
from doorstep.workforce.papers import (
    Deed,
    Missing,
    Papers,
    letter_standing,
    papers_missing,
    papers_until,
)
from doorstep.workforce.roles import Permission, Role
from doorstep.workforce.selectors import papers_of, rests_until
from doorstep.workforce.services.may import must_may


class NotRostered(Refused):
    """Somebody cannot be rostered for a day; `missing` lists the papers, where it is for those."""

    def __init__(self, message: str, *, code: str, missing: tuple[Missing, ...] = ()) -> None:
        super().__init__(message, code=code)
        self.missing = missing


@transaction.atomic
def roster_day_write(
    *,
    staff: Staff,
    day: date,
    shift: Shift,
    by: Staff,
    at: datetime,
    on: date,
    vehicle: Vehicle | None = None,
) -> RosterDay:
    """Roster a field agent for a shift; `on` is today.

    Raises NotRostered: PAPERS_MISSING (with `missing`), ON_LEAVE, AT_REST, ROSTERED (once a day),
    DAY_OVER, NO_FIELD_AGENT; VEHICLE_OUT or VEHICLE_ELSEWHERE for a vehicle that is not to be had;
    Refused without permission.
    """
    must_may(by=by, permission=Permission.WRITE_ROSTERS, whom=staff)
    Staff.objects.select_for_update(no_key=True).get(pk=staff.pk)
    if staff.role != Role.FIELD_AGENT:
        raise NotRostered(_("Only field agents are rostered."), code="NO_FIELD_AGENT")
    if day < on:
        raise NotRostered(_("This day is over."), code="DAY_OVER")
    _must_be_there(staff, day)
    _must_be_free(vehicle, staff, day)
    held = papers_of(staff_ids=[staff.pk], at=at)[staff.pk]
    missing = papers_missing(held, deed=Deed.VISIT, on=day, at=at)
    until = papers_until(held, deed=Deed.VISIT, on=day, at=at)
    letter = letter_standing(held, on=day, at=at)
    if missing or until is None or letter is None:
        raise NotRostered(
            _("Papers are missing or have run out."), code="PAPERS_MISSING", missing=missing
        )
    made = RosterDay(
        staff=staff, day=day, shift=shift, vehicle=vehicle, papers_until=until, written_by=by,
        written_at=at, letter=AuthorityLetter.objects.get(number=letter.number),
    )  # fmt: skip
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError:
        raise NotRostered(_("Already rostered on this day."), code="ROSTERED") from None
    return made


def _must_be_there(staff: Staff, day: date) -> None:
    if Leave.objects.filter(staff=staff, first__lte=day, last__gte=day).exists():
        raise NotRostered(_("Away on this day."), code="ON_LEAVE")
    rests = rests_until(staff_ids=[staff.pk]).get(staff.pk)
    if rests is not None and rests >= day:
        raise NotRostered(_("At rest after an incident."), code="AT_REST")


def _must_be_free(vehicle: Vehicle | None, staff: Staff, day: date) -> None:
    """A vehicle carries as many of its branch as it has seats on a day."""
    if vehicle is None:
        return
    if vehicle.branch_id != staff.branch_id:
        raise NotRostered(_("The vehicle is another branch's."), code="VEHICLE_ELSEWHERE")
    away = vehicle.out_from and vehicle.out_until and vehicle.out_from <= day <= vehicle.out_until
    taken = RosterDay.objects.filter(vehicle=vehicle, day=day, withdrawn_at=None).count()
    if away or taken >= vehicle.seats:
        raise NotRostered(_("The vehicle is not to be had that day."), code="VEHICLE_OUT")


def roster_day_withdraw(*, row: RosterDay, why: str, by: Staff, at: datetime) -> None:
    """Take a rostered day back. Raises Refused without permission."""
    must_may(by=by, permission=Permission.WRITE_ROSTERS, whom=row.staff)
    RosterDay.objects.filter(pk=row.pk, withdrawn_at=None).update(
        withdrawn_at=at, withdrawn_why=why[:100]
    )


@transaction.atomic
def leave_write(
    *, staff: Staff, first: date, last: date, kind: str, by: Staff, at: datetime
) -> Leave:
    """Somebody is away; the days they were rostered for are taken back.

    Raises InputError for a period that ends before it begins, Refused without permission.
    """
    must_may(by=by, permission=Permission.WRITE_ROSTERS, whom=staff)
    if last < first:
        raise InputError(_("It ends before it begins."), where=Where(field="last"))
    made = Leave.objects.create(staff=staff, first=first, last=last, kind=kind, written_by=by)
    RosterDay.objects.filter(staff=staff, day__range=(first, last), withdrawn_at=None).update(
        withdrawn_at=at, withdrawn_why="leave"
    )
    return made


def leave_end(*, leave: Leave, by: Staff) -> None:
    """Take leave back. Raises Refused without permission."""
    must_may(by=by, permission=Permission.WRITE_ROSTERS, whom=leave.staff)
    leave.delete()


def roster_settle(*, staff: Collection[Staff], at: datetime) -> int:
    """Take back every day to come for which these people now lack something; how many those were.

    Days are compared as days: one that is under way where the lender is counts as to come.
    """
    ids = [each.pk for each in staff]
    rows = list(RosterDay.objects.filter(staff__in=ids, withdrawn_at=None, day__gte=at.date()))
    held = papers_of(staff_ids=ids, at=at) if rows else {}
    rests = rests_until(staff_ids=ids) if rows else {}
    lost = [row.pk for row in rows if _lost(row, held[row.staff_id], rests, at)]
    RosterDay.objects.filter(pk__in=lost).update(withdrawn_at=at, withdrawn_why="papers_or_rest")
    return len(lost)


def _lost(row: RosterDay, held: Papers, rests: dict[int, date], at: datetime) -> bool:
    until = rests.get(row.staff_id)
    at_rest = until is not None and until >= row.day
    return at_rest or bool(papers_missing(held, deed=Deed.VISIT, on=row.day, at=at))


def vehicle_keep(*, branch: Branch, plate: str, seats: int, range_km: int, by: Staff) -> Vehicle:
    """Keep a vehicle of a branch. Raises Refused without permission or when the plate belongs to
    another branch, InputError for numbers no vehicle has."""
    must_may(by=by, permission=Permission.WRITE_ROSTERS)
    if not 1 <= seats <= 60 or not 1 <= range_km <= 3000:
        raise InputError(_("A vehicle has 1 to 60 seats and goes 1 to 3,000 km."))
    if Vehicle.objects.filter(plate=plate.strip()).exclude(branch=branch).exists():
        raise Refused(_("The vehicle is another branch's."), code="VEHICLE_ELSEWHERE")
    values = {"branch": branch, "seats": seats, "range_km": range_km}
    kept, _new = Vehicle.objects.update_or_create(plate=plate.strip(), defaults=values)
    return kept


@transaction.atomic
def vehicle_out(*, vehicle: Vehicle, first: date | None, last: date | None, by: Staff) -> Vehicle:
    """The vehicle is not to be had from a day to a day (or is again); people rostered with it in
    that time stay rostered, without it."""
    must_may(by=by, permission=Permission.WRITE_ROSTERS)
    if (first is None) != (last is None) or (first and last and last < first):
        raise InputError(_("It ends before it begins."), where=Where(field="last"))
    vehicle.out_from, vehicle.out_until = first, last
    vehicle.save(update_fields=["out_from", "out_until"])
    if first and last:
        RosterDay.objects.filter(vehicle=vehicle, day__range=(first, last)).update(vehicle=None)
    return vehicle
