"""Which visits of a branch could be made: what treatment proposes, and what was promised.

What the night's screening forbids is not looked at; whether and when each may really be made is
asked of the guard afterwards (`dispatch.visit_windows`). Nothing here is decided by a score.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from doorstep.cases.models import Case, WorkItem
from doorstep.cases.steps import Step
from doorstep.portfolio.models import Address
from doorstep.visits.models import Appointment, PlannedVisit
from doorstep.visits.models.appointments import AppointmentState
from doorstep.visits.models.days import PlanState, VisitState
from doorstep.visits.models.risk import RiskLevel
from doorstep.visits.selectors.risk import StandingRisk, risk_of_cases
from doorstep.visits.worth import Worth, parameters, regions_behind, worth_of
from doorstep.workforce.models import Branch, EncounterAgent
from doorstep.workforce.pairs import RULES, Asked
from doorstep.workforce.skills import SKILLS

MOST = 1_000
LATELY = timedelta(days=30)
APART = timedelta(days=7)
SCREENED = ("", "permit", "permit_if", "not_before")
USABLE = ("verified", "unverified", "stale")
PLACES = ("home", "registered", "other", "work")
SPEAKS = {
    "en": "english", "ug": "uyghur", "bo": "tibetan", "mn": "mongolian", "za": "zhuang",
    "ko": "korean", "yue": "cantonese", "wuu": "wu", "nan": "min_nan", "hak": "hakka",
}  # fmt: skip


@dataclass(frozen=True)
class Candidate:
    """A visit that could be made. `why` is the reason why it cannot be planned, where one is known:
    NO_ADDRESS, NO_COORDINATES, RISK_NOT_APPROVED, OTHER_PLAN, WAITS_FOR_ANSWER.
    `appointment` was agreed; `announced` is one of a visit that a published plan of the same day
    made known."""

    case: Case
    address: Address | None
    worth: Worth
    minutes: int
    asked: Asked
    risk: str = RiskLevel.LOW
    daylight_only: bool = False
    appointment: Appointment | None = None
    announced: Appointment | None = None
    why: str = ""
    why_more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def required(self) -> bool:
        """Whether the borrower was promised it."""
        return self.appointment is not None


@dataclass(frozen=True)
class Candidates:
    """The candidates of a branch, promised ones first, then by the night's priority. `beyond`: how
    many more there are than one plan takes."""

    all: tuple[Candidate, ...]
    beyond: int = 0


def candidates_of(
    *, branch: Branch, first: date, last: date, begin: datetime, end: datetime, most: int = MOST
) -> Candidates:
    """The visits that could be made from one day to another (`begin` and `end` are those days as
    instants); a fixed number of queries."""
    promised = {each.case_id: each for each in _promised(branch, begin, end)}
    proposed = (
        _open(branch).filter(step=Step.PROPOSE_VISIT, screened__in=SCREENED, hold_kind="")
        .exclude(pk__in=promised).order_by("-priority", "pk")
    )  # fmt: skip
    total = proposed.count()
    cases = [*_open(branch).filter(pk__in=promised).order_by("pk"), *proposed[:most]]
    known = _Known.read(cases, first, last)
    rows = [_candidate(case, promised.get(case.pk), known) for case in cases]
    return Candidates(tuple(rows), max(0, total - most))


def candidate_of(*, case: Case, appointment: Appointment | None, on: date) -> Candidate:
    """One visit, looked at by itself."""
    return _candidate(case, appointment, _Known.read([case], on, on))


def _open(branch: Branch) -> QuerySet[Case]:
    return Case.objects.filter(status="open", branch=branch).select_related("borrower")


def _promised(branch: Branch, begin: datetime, end: datetime) -> QuerySet[Appointment]:
    return Appointment.objects.filter(
        case__branch=branch, case__status="open", state=AppointmentState.AGREED,
        from_at__lt=end, until_at__gt=begin,
    ).select_related("address")  # fmt: skip


@dataclass(frozen=True)
class _Known:
    """What is read for all candidates together, by case or by borrower."""

    on: date
    addresses: Mapping[str, Address]
    waiting: Mapping[int, date]
    risks: Mapping[int, StandingRisk]
    incidents: Mapping[str, tuple[frozenset[int], ...]]
    planned: Mapping[int, tuple[date, int]]
    proposed: Mapping[int, Appointment]
    announced: frozenset[int]
    regions: Mapping[str, float]

    @classmethod
    def read(cls, cases: Sequence[Case], first: date, last: date) -> _Known:
        borrowers = [case.borrower_id for case in cases]
        ids = [case.pk for case in cases]
        addresses = addresses_best(borrower_ids=borrowers)
        return cls(
            on=first,
            addresses=addresses,
            waiting=dict(
                WorkItem.objects.filter(
                    case__in=ids, status="open", step=Step.PROPOSE_VISIT
                ).values_list("case_id", "opened_on")
            ),
            risks=risk_of_cases(case_ids=ids, on=first),
            incidents=_incidents(borrowers),
            planned=_planned_elsewhere(ids, first, last),
            proposed={
                each.case_id: each
                for each in Appointment.objects.filter(
                    case__in=ids, state=AppointmentState.PROPOSED
                )
            },
            announced=frozenset(
                PlannedVisit.objects.filter(
                    case__in=ids,
                    plan__state=PlanState.PUBLISHED,
                    plan__first_day=first,
                    crew__day=first,
                    appointment__isnull=False,
                ).values_list("appointment_id", flat=True)
            ),
            regions=_regions(addresses.values(), first),
        )


def addresses_best(*, borrower_ids: Collection[str]) -> dict[str, Address]:
    """Where each borrower is visited: confirmed before unconfirmed, home before others, and what
    can be found on the map before what cannot."""
    best: dict[str, tuple[tuple[int, int, int, int], Address]] = {}
    rows = Address.objects.filter(borrower__in=borrower_ids, state__in=USABLE, kind__in=PLACES)
    for row in rows:
        nowhere = int(row.latitude is None or row.longitude is None)
        rank = (nowhere, USABLE.index(row.state), PLACES.index(row.kind), row.pk)
        if row.borrower_id not in best or rank < best[row.borrower_id][0]:
            best[row.borrower_id] = (rank, row)
    return {borrower_id: row for borrower_id, (_rank, row) in best.items()}


def _incidents(borrower_ids: Sequence[str]) -> dict[str, tuple[frozenset[int], ...]]:
    there: dict[tuple[str, int], set[int]] = defaultdict(set)
    rows = EncounterAgent.objects.filter(
        encounter__borrower_id__in=borrower_ids, encounter__weight=4
    ).order_by("encounter_id")
    for borrower_id, encounter_id, staff_id in rows.values_list(
        "encounter__borrower_id", "encounter_id", "staff_id"
    ):
        there[borrower_id, encounter_id].add(staff_id)
    found: dict[str, tuple[frozenset[int], ...]] = {}
    for (borrower_id, _encounter), staff in there.items():
        found[borrower_id] = (*found.get(borrower_id, ()), frozenset(staff))
    return found


def _planned_elsewhere(
    case_ids: Sequence[int], first: date, last: date
) -> dict[int, tuple[date, int]]:
    """Visits that stand in a published plan of another day close by: nobody is visited twice."""
    rows = PlannedVisit.objects.filter(
        case__in=case_ids, plan__state=PlanState.PUBLISHED, state=VisitState.PLANNED,
        plan__first_day__range=(first - APART, last + APART),
    ).exclude(plan__first_day=first)  # fmt: skip
    return {
        case_id: (day, plan_id)
        for case_id, day, plan_id, fixed in rows.values_list(
            "case_id", "crew__day", "plan_id", "plan__first_day"
        )
        if day == fixed
    }


def _regions(addresses: Iterable[Address], on: date) -> dict[str, float]:
    waiting = Counter(address.division_code or "" for address in addresses)
    visited = PlannedVisit.objects.filter(
        state=VisitState.DONE, crew__day__range=(on - LATELY, on)
    ).values_list("address__division_code", flat=True)
    return regions_behind(waiting=waiting, visited=Counter(code or "" for code in visited))


def _candidate(case: Case, appointment: Appointment | None, known: _Known) -> Candidate:
    address = known.addresses.get(case.borrower_id)
    if appointment is not None:
        address = appointment.address or (None if appointment.place else address)
    rates = parameters()
    minutes = rates.minutes_appointment if appointment else rates.minutes
    facts, risk = case.facts, known.risks[case.pk]
    opened = known.waiting.get(case.pk, case.business_date)
    worth = worth_of(
        bucket=case.bucket, due_total=case.due_total, minutes=minutes,
        waited=(known.on - opened).days, visits=_count(facts, "visits"),
        visits_answered=_count(facts, "visits_answered"), inbound=_count(facts, "inbound"),
        region=known.regions.get((address.division_code or "") if address else "", 1.0),
    )  # fmt: skip
    why, more = _why_not(case, address, risk, appointment, known)
    return Candidate(
        case=case, address=address, worth=worth, minutes=minutes, risk=risk.level,
        daylight_only=risk.daylight_only, appointment=appointment,
        announced=known.proposed.get(case.pk), why=why, why_more=more,
        asked=_asked(case, address, appointment, known, risk),
    )  # fmt: skip


def _why_not(
    case: Case,
    address: Address | None,
    risk: StandingRisk,
    appointment: Appointment | None,
    known: _Known,
) -> tuple[str, Mapping[str, Any]]:
    if address is None:
        return "NO_ADDRESS", {"place": appointment.place} if appointment else {}
    if address.latitude is None or address.longitude is None:
        return "NO_COORDINATES", {}
    if not risk.may_be_planned:
        return "RISK_NOT_APPROVED", {"factors": [each.factor for each in risk.because]}
    if appointment is None and case.pk in known.planned:
        day, plan = known.planned[case.pk]
        return "OTHER_PLAN", {"day": day.isoformat(), "plan": plan}
    proposed = known.proposed.get(case.pk)
    if appointment is None and proposed is not None and proposed.pk not in known.announced:
        return "WAITS_FOR_ANSWER", {"appointment": proposed.pk}
    return "", {}


def _asked(
    case: Case,
    address: Address | None,
    appointment: Appointment | None,
    known: _Known,
    risk: StandingRisk,
) -> Asked:
    """What the visit asks of those who go: the borrower's language, what its dangers call for, and
    a woman where the borrower wished for one."""
    wishes = appointment.wishes if appointment else {}
    spoken = case.borrower.language
    wanted = {SPEAKS.get(spoken, spoken), *risk.required.needs}
    at = None
    if address is not None and address.latitude is not None and address.longitude is not None:
        at = (address.latitude, address.longitude)
    return Asked(
        borrower_id=case.borrower_id, place=at, needs=frozenset(wanted & set(SKILLS)),
        woman_asked=bool(wishes.get("woman")) or risk.required.woman,
        hard=risk.level == RiskLevel.HIGH,
        incidents=known.incidents.get(case.borrower_id, ()),
        fewest=RULES.fewest + 1 if "third_agent" in risk.required.measures else RULES.fewest,
    )  # fmt: skip


def _count(facts: Mapping[str, Any], name: str) -> int:
    value = facts.get(name)
    return value if isinstance(value, int) else 0
