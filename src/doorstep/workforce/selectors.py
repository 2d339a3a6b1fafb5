"""What is known of people: their papers, days, load, and the facts the guard asks for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Sum

from doorstep.guard.facts import Facts
from doorstep.workforce.models import (
    AuthorityLetter,
    Device,
    Encounter,
    EncounterAgent,
    Gender,
    Leave,
    Particulars,
    Photograph,
    RosterDay,
    Sitting,
    Skill,
    Staff,
    Tie,
)
from doorstep.workforce.pairs import RULES, Agent
from doorstep.workforce.papers import (
    Deed,
    Letter,
    Missing,
    Papers,
    crew_facts,
    papers_ending,
    papers_missing,
)
from doorstep.workforce.roles import Permission, Role, Scope

ENDS_SOON_DAYS = 30
BRANCH_WIDE = {Role.TEAM_LEADER}


def staff_within(*, by: Staff) -> QuerySet[Staff]:
    """The colleagues whose papers and days somebody sees: all of them, or those of the branch."""
    everybody = Staff.objects.all()
    if by.scope in (Scope.TEAM, Scope.BRANCH, Scope.OWN):
        return everybody.filter(branch=by.branch_id) if by.branch_id else everybody.none()
    return everybody


def papers_of(*, staff_ids: Collection[int], at: datetime) -> dict[int, Papers]:
    """The papers of these people as known at that instant, in three queries."""
    photographs = Photograph.objects.filter(staff=OuterRef("pk"), taken_in_at__lte=at)
    rows = Staff.objects.filter(pk__in=staff_ids).values_list(
        "pk", "is_active", "particulars__work_id", Exists(photographs),
        "particulars__vetted_until", "particulars__confidential_on",
    )  # fmt: skip
    letters, passes = _letters(staff_ids), _passes(staff_ids, at)
    return {
        pk: Papers(
            staff_id=pk, active=active, work_id=work_id or "", photograph=photograph,
            vetted_until=vetted, confidential_on=confidential, passes=passes.get(pk, {}),
            letters=tuple(letters.get(pk, ())),
        )
        for pk, active, work_id, photograph, vetted, confidential in rows
    }  # fmt: skip


def _letters(staff_ids: Collection[int]) -> Mapping[int, list[Letter]]:
    found: dict[int, list[Letter]] = defaultdict(list)
    rows = AuthorityLetter.objects.filter(staff__in=staff_ids).order_by("valid_from", "pk")
    for row in rows:
        letter = Letter(row.number, row.valid_from, row.valid_until, row.revoked_at)
        found[row.staff_id].append(letter)
    return found


def _passes(staff_ids: Collection[int], at: datetime) -> Mapping[int, dict[str, date]]:
    found: dict[int, dict[str, date]] = defaultdict(dict)
    rows = Sitting.objects.filter(staff__in=staff_ids, passed=True, ended_at__lte=at)
    for staff_id, course, until in rows.values_list("staff_id", "course").annotate(
        until=Max("valid_until")
    ):
        found[staff_id][course] = until
    return found


def agent_facts(
    *, staff: Sequence[Staff], at: datetime, zone: str = "", deed: Deed = Deed.VISIT
) -> Facts:
    """The facts of the catalogue that workforce supplies, about those who would act together at
    `at`; the day is that of the borrower's `zone` (the lender's where it is not given)."""
    held = papers_of(staff_ids=[each.pk for each in staff], at=at)
    on = at.astimezone(ZoneInfo(zone or settings.TIME_ZONE)).date()
    return crew_facts(crew=[held[each.pk] for each in staff], deed=deed, on=on, at=at)


def rests_until(*, staff_ids: Collection[int]) -> dict[int, date]:
    """The last day of rest after an incident, of those who ever had one."""
    rows = EncounterAgent.objects.filter(staff__in=staff_ids, rests_until__isnull=False)
    return dict(rows.values_list("staff_id").annotate(until=Max("rests_until")))


def loads_of(*, staff_ids: Collection[int], on: date) -> dict[int, int]:
    """The weight of the hard encounters of each in the days before `on`, `on` included; those
    without any are left out."""
    zone = ZoneInfo(settings.TIME_ZONE)
    first = datetime.combine(on - timedelta(days=RULES.load_days - 1), time(), zone)
    end = datetime.combine(on + timedelta(days=1), time(), zone)
    rows = EncounterAgent.objects.filter(
        staff__in=staff_ids, encounter__at__gte=first, encounter__at__lt=end
    )
    return dict(rows.values_list("staff_id").annotate(load=Sum("encounter__weight")))


def incidents_with(*, borrower_id: str) -> tuple[frozenset[int], ...]:
    """For each incident with a borrower, who was there."""
    there: dict[int, set[int]] = defaultdict(set)
    rows = EncounterAgent.objects.filter(encounter__borrower_id=borrower_id, encounter__weight=4)
    for encounter_id, staff_id in rows.values_list("encounter_id", "staff_id"):
        there[encounter_id].add(staff_id)
    return tuple(frozenset(each) for _key, each in sorted(there.items()))


def agents_on(*, staff: Iterable[Staff], on: date, at: datetime) -> list[Agent]:
    """These field agents as pairs are made of them on a day; a fixed number of queries."""
    people = list(staff)
    ids = [each.pk for each in people]
    held = papers_of(staff_ids=ids, at=at)
    more = {row.pk: row for row in Particulars.objects.filter(pk__in=ids)}
    skills, ties = _sets(Skill, ids, "code"), _sets(Tie, ids, "borrower_id")
    roster = RosterDay.objects.filter(staff__in=ids, day=on, withdrawn_at=None)
    rostered = set(roster.values_list("staff_id", flat=True))
    away = Leave.objects.filter(staff__in=ids, first__lte=on, last__gte=on)
    rostered -= set(away.values_list("staff_id", flat=True))
    rests, loads = rests_until(staff_ids=ids), loads_of(staff_ids=ids, on=on)
    return [
        Agent(
            id=each.pk, name=str(each), branch=each.branch_id or "",
            skills=skills.get(each.pk, frozenset()), ties=ties.get(each.pk, frozenset()),
            missing=papers_missing(held[each.pk], deed=Deed.VISIT, on=on, at=at),
            rostered=each.pk in rostered, rests_until=rests.get(each.pk),
            load=loads.get(each.pk, 0),
            woman=each.pk in more and more[each.pk].gender == Gender.FEMALE,
            experienced=_experienced(more.get(each.pk), on), home=_home(more.get(each.pk)),
        )
        for each in people
    ]  # fmt: skip


def _home(row: Particulars | None) -> tuple[float, float] | None:
    if row is None or row.home_latitude is None or row.home_longitude is None:
        return None
    return row.home_latitude, row.home_longitude


def _experienced(row: Particulars | None, on: date) -> bool:
    return row is not None and row.experienced_from is not None and row.experienced_from <= on


def _sets(
    model: type[Skill] | type[Tie], ids: Collection[int], name: str
) -> dict[int, frozenset[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    for staff_id, value in model.objects.filter(staff__in=ids).values_list("staff_id", name):
        found[staff_id].add(value)
    return {staff_id: frozenset(values) for staff_id, values in found.items()}


@dataclass(frozen=True)
class Ending:
    """Somebody with papers that are missing, or end soon."""

    staff: Staff
    missing: tuple[Missing, ...]
    soon: tuple[Missing, ...]


def endings(*, by: Staff, on: date, at: datetime) -> list[Ending]:
    """Field agents within the sight of `by` whose papers are missing or end within 30 days, the
    most urgent first."""
    people = list(agents_within(by=by))
    held = papers_of(staff_ids=[each.pk for each in people], at=at)
    rows = [_ending(each, held[each.pk], on, at) for each in people]
    found = [row for row in rows if row.missing or row.soon]
    last = date.max
    return sorted(
        found, key=lambda r: (not r.missing, r.soon[0].ended_on or last if r.soon else last)
    )


def _ending(staff: Staff, held: Papers, on: date, at: datetime) -> Ending:
    return Ending(
        staff,
        papers_missing(held, deed=Deed.VISIT, on=on, at=at),
        papers_ending(held, deed=Deed.VISIT, on=on, at=at, within=ENDS_SOON_DAYS),
    )


def agents_within(*, by: Staff) -> QuerySet[Staff]:
    """Field agents whose accounts are open, within the sight of `by`, by branch and name."""
    found = staff_within(by=by).filter(role=Role.FIELD_AGENT, is_active=True)
    return found.select_related("branch", "team").order_by("branch__name", "display_name", "pk")


def agents_rostered(*, on: date) -> dict[str, int]:
    """How many field agents are on the roster of each branch on a day, by the branch's code."""
    rows = RosterDay.objects.filter(
        day=on, withdrawn_at=None, staff__role=Role.FIELD_AGENT, staff__is_active=True
    )
    counted = rows.values("staff__branch").annotate(count=Count("pk"))
    return {str(row["staff__branch"]): row["count"] for row in counted}


@dataclass(frozen=True)
class Checked:
    """What can be told to somebody who asks whether a letter is real."""

    letter: AuthorityLetter | None
    standing: str


def letter_check(*, number: str, code: str, on: date, at: datetime) -> Checked:
    """Whether a letter with this number and code is real: valid, not_yet, over, revoked, unknown.

    A right number with a wrong code is unknown: it tells nobody that the number exists.
    """
    wanted = Q(number=number.strip().upper(), code=code.strip().upper())
    letter = AuthorityLetter.objects.filter(wanted).select_related("staff").first()
    if letter is None:
        return Checked(None, "unknown")
    return Checked(letter, letter_state(letter, on=on, at=at))


def letter_state(letter: AuthorityLetter, *, on: date, at: datetime) -> str:
    """How a letter stands on a day: valid, not_yet, over or revoked."""
    if letter.revoked_at is not None and letter.revoked_at <= at:
        return "revoked"
    if on < letter.valid_from:
        return "not_yet"
    return "valid" if on <= letter.valid_until else "over"


def encounters_of(*, staff: Staff, limit: int = 20) -> QuerySet[Encounter]:
    """The last hard encounters of somebody."""
    return Encounter.objects.filter(agents__staff=staff).order_by("-at")[:limit]


def devices_of(*, staff: Staff, limit: int = 20) -> QuerySet[Device]:
    """The phones of somebody, the last bound first."""
    found = Device.objects.filter(staff=staff).select_related("revoked_by")
    return found.order_by("-bound_at", "pk")[:limit]


def device_standing(device: Device, *, at: datetime) -> str:
    """How a phone stands at an instant: valid, expired or revoked. One whose person may not check
    in at doors any more counts as revoked."""
    if device.revoked_at is not None or not device.staff.may(Permission.CHECK_IN):
        return "revoked"
    return "valid" if at < device.expires_at else "expired"
