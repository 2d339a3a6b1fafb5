"""How dangerous a visit to each borrower would be, by what was assessed and what is on record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Exists, OuterRef, QuerySet

from doorstep.cases.models import Case
from doorstep.cases.selectors import cases_visible_to
from doorstep.portfolio.models import Address
from doorstep.protections.models import Vulnerability, VulnerabilityCause
from doorstep.protections.selectors import known_rows
from doorstep.visits.models import Alarm, RiskAssessment
from doorstep.visits.models.risk import RiskLevel
from doorstep.visits.models.safety import AlarmKind
from doorstep.visits.risk import HIGH, TABLE, Assessed, Because, level_most, risk_of
from doorstep.workforce.models import Encounter, Staff, Weight
from doorstep.workforce.pairs import metres_between

ASSESSED, ENCOUNTER, SOS, PROTECTION, DISTANCE = (
    "assessed", "encounter", "sos", "protection", "distance",
)  # fmt: skip
USABLE = ("verified", "unverified", "stale")
Row = tuple[str, float | None, float | None]  # a borrower, and where the branch is


@dataclass(frozen=True)
class StandingRisk:
    """The risk of visiting a borrower as it stands on a day.

    What a person once stated does not go away when the assessment runs out, and what is on record
    counts without one. `assessment` is the newest that is still valid. A high risk is `approved`
    when a second person approved that assessment and nothing has come up since.
    """

    level: str
    required: Assessed
    because: tuple[Because, ...]
    assessment: RiskAssessment | None
    approved: bool

    @property
    def may_be_planned(self) -> bool:
        """Whether a visit may be planned at all."""
        return self.level != HIGH or self.approved

    @property
    def daylight_only(self) -> bool:
        """Whether the visit must be over before dark."""
        return self.level == HIGH or "daylight" in self.required.measures


def risk_of_cases(*, case_ids: Collection[int], on: date) -> dict[int, StandingRisk]:
    """The risk of each case on a day; one that nobody assessed has the risk of its record. Six
    queries however many there are."""
    cases: dict[int, Row] = {
        row[0]: row[1:]
        for row in Case.objects.filter(pk__any_of=case_ids).values_list(
            "pk", "borrower_id", "branch__latitude", "branch__longitude"
        )
    }
    newest = _newest(cases)
    record = _record({row[0] for row in cases.values()}, on)
    far = _distances(cases)
    found = {}
    for case_id, (borrower_id, *_point) in cases.items():
        on_record = [*record.get(borrower_id, ()), *far.get(case_id, ())]
        found[case_id] = _standing(newest.get(case_id), on_record, on)
    return found


def _standing(newest: RiskAssessment | None, record: Sequence[Because], on: date) -> StandingRisk:
    stated = _stated(newest)
    required = risk_of({each.factor for each in (*stated, *record)})
    valid = newest if newest is not None and newest.valid_until >= on else None
    level = level_most([required.level, *([valid.level] if valid else [])])
    return StandingRisk(
        level=level,
        required=required,
        because=tuple(_once([*record, *stated])),
        assessment=valid,
        approved=valid is not None
        and valid.approved_at is not None
        and _nothing_new(valid, record),
    )


def _stated(newest: RiskAssessment | None) -> list[Because]:
    """What somebody said when it was last looked at, as far as the table still knows it."""
    if newest is None:
        return []
    known = (code for code in newest.factors if code in TABLE.factors)
    return [Because(code, ASSESSED, newest.assessed_at) for code in known]


def _once(because: Iterable[Because]) -> list[Because]:
    """One reason a factor: what is on record speaks before what somebody stated."""
    first: dict[str, Because] = {}
    for each in because:
        first.setdefault(each.factor, each)
    return list(first.values())


def _nothing_new(assessment: RiskAssessment, record: Sequence[Because]) -> bool:
    """Whether whoever approved knew everything that is on record now."""
    return all(
        each.factor in assessment.factors and (each.at is None or each.at <= assessment.assessed_at)
        for each in record
    )


def _newest(case_ids: Iterable[int]) -> dict[int, RiskAssessment]:
    rows = RiskAssessment.objects.filter(case__any_of=list(case_ids)).select_related(
        "assessed_by", "approved_by"
    )
    return {row.case_id: row for row in rows.order_by("assessed_at", "pk")}


def _record(borrower_ids: set[str], on: date) -> Mapping[str, list[Because]]:
    """Incidents, hard encounters, alarms and protections of these borrowers."""
    found: dict[str, list[Because]] = defaultdict(list)
    ids, midnight = sorted(borrower_ids), datetime.combine(on, time(), tzinfo=UTC)
    long_ago = midnight - timedelta(days=TABLE.incident_days)
    encounters = Encounter.objects.filter(borrower_id__any_of=ids, at__gte=long_ago)
    for borrower_id, at, weight in encounters.order_by("-at").values_list(
        "borrower_id", "at", "weight"
    ):
        if weight == Weight.INCIDENT:
            found[borrower_id].append(Because("threats", ENCOUNTER, at))
        elif at >= midnight - timedelta(days=TABLE.hard_days):
            found[borrower_id].append(Because("hard_before", ENCOUNTER, at))
    alarms = Alarm.objects.filter(
        kind=AlarmKind.SOS, raised_at__gte=long_ago, visit__case__borrower__any_of=ids
    )
    for borrower_id, at in alarms.values_list("visit__case__borrower_id", "raised_at"):
        found[borrower_id].append(Because("threats", SOS, at))
    homes = known_rows(Vulnerability).filter(
        borrower__any_of=ids, cause=VulnerabilityCause.VIOLENCE, ends_at__isnull=True
    )
    for borrower_id, at in homes.prefetch_related(None).values_list("borrower_id", "known_from"):
        found[borrower_id].append(Because("violence_at_home", PROTECTION, at))
    return found


def _distances(cases: Mapping[int, Row]) -> dict[int, list[Because]]:
    """How far the nearest home of each borrower is from the branch, where that is far."""
    homes: dict[str, list[tuple[float, float]]] = defaultdict(list)
    rows = Address.objects.filter(
        borrower__any_of=sorted({borrower_id for borrower_id, *_point in cases.values()}),
        kind="home", state__in=USABLE,
    )  # fmt: skip
    for borrower_id, latitude, longitude in rows.values_list(
        "borrower_id", "latitude", "longitude"
    ):
        if latitude is not None and longitude is not None:
            homes[borrower_id].append((latitude, longitude))
    found: dict[int, list[Because]] = {}
    for case_id, (borrower_id, north, east) in cases.items():
        points = homes.get(borrower_id, ())
        if not points or north is None or east is None:
            continue
        km = min(metres_between((north, east), point) for point in points) / 1000
        if km >= TABLE.remote_km:
            found[case_id] = [Because("remote", DISTANCE, None, f"{km:.0f}")]
    return found


def risks_waiting(*, staff: Staff, on: date) -> QuerySet[RiskAssessment]:
    """High risks within the sight of `staff` that wait for a second person, the oldest first: the
    newest assessment of its case, still valid, neither approved nor sent back."""
    seen = cases_visible_to(staff=staff).filter(status="open", pk=OuterRef("case"))
    waiting = RiskAssessment.objects.filter(
        Exists(seen),  # few assessments, many open cases: asked of each assessment
        level=RiskLevel.HIGH, approved_at=None, rejected_why="", valid_until__gte=on,
    )  # fmt: skip
    newer = RiskAssessment.objects.filter(case=OuterRef("case"), pk__gt=OuterRef("pk"))
    return (
        waiting.exclude(Exists(newer))
        .select_related("case__borrower", "case__branch", "assessed_by", "address")
        .order_by("assessed_at", "pk")
    )
