"""The day of a crew, whole, for its phones: everything a visit needs without a network. Built in a
fixed number of queries, however many stops there are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from doorstep.agreements.phone_tables import phone_tables
from doorstep.agreements.selectors.affordability import means_of_borrowers
from doorstep.agreements.selectors.loans import loans_of_borrowers
from doorstep.cycle.policies import policy_of_last_night
from doorstep.kernel import clock
from doorstep.kernel.masking import mask_name
from doorstep.outreach.selectors import lender_current
from doorstep.protections.terms import parameters_now
from doorstep.sites.field.auth import DeviceRequest, by_device
from doorstep.sites.field.day_parts import (
    contracts_of,
    loans_plain,
    means_plain,
    offers_ready,
    pass_of,
    revision_of,
    timer_plain,
    tolerance_m,
    windows_of,
)
from doorstep.sites.field.times import iso, iso_or_none
from doorstep.sites.office.appointments_words import wishes_words
from doorstep.sites.office.case_words import language
from doorstep.sites.office.sos import sos_token
from doorstep.sites.office.trip_pack import Pack, Stop, pack_of
from doorstep.treatment.wording import language_code
from doorstep.visits.door.request import b64
from doorstep.visits.door.steps import door
from doorstep.visits.models import CrewDay, CrewMember, PlannedVisit
from doorstep.visits.safety import emergency
from doorstep.visits.selectors.risk import risk_of_cases
from doorstep.visits.selectors.safety import crew_of_day
from doorstep.visits.selectors.visitor import visitors_standing
from doorstep.visits.services.recordings import recording_nonce
from doorstep.visits.services.safety import SHORT_TIMER
from doorstep.workforce.equipment import equipment_for
from doorstep.workforce.models import DoorPin, Particulars, PersonalDataAccess, Staff


@by_device
@require_GET
def day(request: DeviceRequest) -> HttpResponse:
    """Today of the person's crew; without one, what stays the same every day."""
    return JsonResponse(day_of(staff=request.staff, at=clock.now()))


@dataclass(frozen=True)
class _Gathered:
    """What stops are made from, by case or borrower."""

    on: date
    at: datetime
    going: tuple[Staff, ...]
    revision: str
    digest: str
    loans: dict[str, Any]
    contracts: dict[str, str]
    means: dict[str, Any]
    offers: dict[int, list[dict[str, Any]]]
    older: dict[int, list[int]]
    short: dict[int, bool]


def day_of(*, staff: Staff, at: datetime) -> dict[str, Any]:
    """The day of somebody's crew as plain values, in the active language; opening it is on record
    once a day for each customer."""
    on = clock.today(settings.TIME_ZONE)
    crew = crew_of_day(staff=staff, day=on)
    lender, speech = lender_current(), language_code(language())
    tables = phone_tables(on=on, country=parameters_now().calendar)
    known: dict[str, Any] = {
        "day": on.isoformat(), "revision": "", "now": iso(at), "crew": None,
        "lender": {
            "name": lender.words["name"][speech], "hotline": lender.texts["hotline"],
            "complaint_line": lender.texts["complaint_line"],
            "verify_at": lender.texts["verify_at"],
            "pay_channels": lender.words["pay_channels"][speech],
            "reports_credit": lender.reports_credit,
        },
        "steps": [
            {
                "code": step.code, "title": step.title[speech], "words": step.words[speech],
                "needs": list(step.needs), "may_skip": step.may_skip,
                "borrower_only": step.borrower_only, "rules": list(step.rules),
            }
            for step in door().steps
        ],
        "conduct": {
            moment: [line[speech] for line in lines] for moment, lines in door().conduct.items()
        },
        "timer": _timer_rules(), "tables": tables,
        "plan": [step.words[speech] for step in emergency().steps],
        "sos": {"address": reverse("office:sos"), "token": sos_token(staff=staff)},
        "script": [], "numbers": [], "documents": [], "equipment": [], "stops": [],
    }  # fmt: skip
    if crew is None:
        return known
    return known | _crew_day(crew, staff, on, at, str(tables["digest"]))


def _timer_rules() -> dict[str, float]:
    plan = emergency()
    spans = {name: getattr(plan, name) for name in ("slack", "short", "grace", "well")}
    rules: dict[str, float] = {name: span.total_seconds() / 60 for name, span in spans.items()}
    return rules | {"most_well": plan.most_well}


def _crew_day(crew: CrewDay, staff: Staff, on: date, at: datetime, digest: str) -> dict[str, Any]:
    pack = pack_of(crew=crew, staff=staff, on=on)
    members = list(
        CrewMember.objects.filter(crew=crew).select_related("staff").order_by("-leads", "pk")
    )
    visits = [stop.visit for stop in pack.stops]
    for visit in visits:
        visit.crew, visit.plan = crew, crew.plan
    revision = revision_of(crew=crew, visits=visits)
    gathered = _gather(crew, visits, on, at, revision, digest)
    _opened(pack, staff, on, at)
    return {
        "revision": revision,
        "crew": {
            "id": crew.pk, "begins_at": iso(crew.begins_at), "ends_at": iso(crew.ends_at),
            "vehicle": str(crew.vehicle or ""), "off": crew.off_at is not None,
            "members": _members(members),
        },
        "script": [[title, lines] for title, lines in pack.script],
        "numbers": [list(pair) for pair in pack.numbers],
        "documents": [{"words": each.words, "address": each.address} for each in pack.documents],
        "equipment": [[title, items] for title, items in pack.equipment],
        "stops": _stops(pack, crew, gathered),
    }  # fmt: skip


def _gather(
    crew: CrewDay, visits: list[PlannedVisit], on: date, at: datetime, revision: str, digest: str
) -> _Gathered:  # fmt: skip
    borrowers = [visit.case.borrower_id for visit in visits]
    cases = [visit.case_id for visit in visits]
    policy = policy_of_last_night()
    older: dict[int, list[int]] = {}
    alike = PlannedVisit.objects.filter(case__in=cases, crew__day=crew.day)
    for pk, case_id in alike.exclude(pk__in=[v.pk for v in visits]).values_list("pk", "case_id"):
        older.setdefault(case_id, []).append(pk)
    risks = risk_of_cases(case_ids=cases, on=on)
    timed = next((visit for visit in visits if visit.begins_at is not None), None)
    return _Gathered(
        on=on, at=at, going=visitors_standing(visit=timed, at=at), revision=revision, digest=digest,
        contracts=contracts_of(borrowers),
        loans=loans_of_borrowers(borrower_ids=borrowers, on=on, at=at, policy=policy),
        means=means_of_borrowers(borrower_ids=borrowers, on=on, at=at),
        offers=offers_ready(case_ids=cases, on=on), older=older,
        short={case: SHORT_TIMER in risk.required.measures for case, risk in risks.items()},
    )  # fmt: skip


def _members(members: list[CrewMember]) -> list[dict[str, Any]]:
    ids = [member.staff_id for member in members]
    papers = {row.staff_id: row for row in Particulars.objects.filter(staff__in=ids)}
    pins = {row.staff_id: row for row in DoorPin.objects.filter(staff__in=ids)}
    return [
        {
            "id": member.staff_id, "name": str(member.staff), "leads": member.leads,
            "work_id": papers[member.staff_id].work_id if member.staff_id in papers else "",
            "phone": papers[member.staff_id].phone if member.staff_id in papers else "",
            "pin": _pin(pins.get(member.staff_id)),
        }
        for member in members
    ]  # fmt: skip


def _pin(pin: DoorPin | None) -> dict[str, Any] | None:
    if pin is None:
        return None
    return {
        "salt": b64(bytes(pin.salt)),
        "iterations": pin.iterations,
        "hash": b64(bytes(pin.hash)),
    }


def _opened(pack: Pack, staff: Staff, on: date, at: datetime) -> None:
    """Whose data the phone got is kept, once for each customer and pack."""
    purpose = _("Trip pack %(number)s, on the phone") % {"number": pack.number}
    borrowers = {stop.visit.case.borrower_id for stop in pack.stops}
    rows = PersonalDataAccess.objects.filter(
        staff=staff, borrower_id__in=borrowers, what="trip_pack_phone", at__date=on
    )
    known = set(rows.values_list("borrower_id", flat=True))
    PersonalDataAccess.objects.bulk_create(
        PersonalDataAccess(
            staff=staff, borrower_id=each, what="trip_pack_phone", purpose=purpose, at=at
        )
        for each in sorted(borrowers - known)
    )


def _stops(pack: Pack, crew: CrewDay, gathered: _Gathered) -> list[dict[str, Any]]:
    before, made = crew.leaves_at, []
    for place, stop in enumerate(pack.stops, 1):
        arrives = stop.visit.arrives_at
        way = round((arrives - before).total_seconds() / 60) if arrives and before else None
        made.append(_stop(stop, place, way, gathered))
        before = stop.visit.ends_at
    return made


def _stop(stop: Stop, place: int, way: int | None, gathered: _Gathered) -> dict[str, Any]:
    visit, borrower = stop.visit, stop.visit.case.borrower
    accounts = stop.owed.accounts
    return {
        "visit": visit.pk, "was": gathered.older.get(visit.case_id, []), "case": visit.case_id,
        "order": place, "state": visit.state, "who": stop.who, "masked": mask_name(borrower.name),
        "language": borrower.language,
        "place": {
            "text": stop.place, "latitude": visit.latitude, "longitude": visit.longitude,
            "tolerance_m": tolerance_m(),
        },
        "planned": {
            "arrives_at": iso_or_none(visit.arrives_at), "begins_at": iso_or_none(visit.begins_at),
            "ends_at": iso_or_none(visit.ends_at), "minutes": visit.minutes,
        },
        "windows": [[iso(begins), iso(ends)] for begins, ends in windows_of(visit)],
        "travel_minutes": way if way is None or way >= 0 else None,
        "appointment": _appointment(visit),
        "risk": {
            "level": stop.risk.level, "words": stop.risk.words,
            "factors": [each.words for each in stop.risk.because],
            "measures": stop.risk.measures, "short_timer": gathered.short[visit.case_id],
        },
        "briefing": [list(pair) for pair in (*stop.agreed, *stop.facts)],
        "points": [list(pair) for pair in stop.points],
        "bill": {
            "on": stop.owed.on.isoformat(),
            "currency": accounts[0].currency if accounts else visit.case.currency,
            "total": accounts[0].overdue.total if accounts else 0,
            "accounts": stop.bill,
        },
        "loans": loans_plain(gathered.loans[borrower.pk], gathered.contracts),
        "means": means_plain(gathered.means[borrower.pk]),
        "options": {"on": gathered.on.isoformat(), "policy_digest": gathered.digest},
        "offers": gathered.offers.get(visit.case_id, []),
        "documents": _documents(visit),
        "pass": pass_of(
            visit=visit, going=gathered.going, at=gathered.at, revision=gathered.revision
        ),
        "recording": {"nonce": b64(recording_nonce(visit_id=visit.pk))},
        "equipment": _equipment(stop),
        "police": stop.police,
        "timer": timer_plain(getattr(visit, "timer", None)),
    }  # fmt: skip


def _appointment(visit: PlannedVisit) -> dict[str, Any] | None:
    agreed = visit.appointment
    if agreed is None:
        return None
    return {
        "from_at": iso_or_none(agreed.from_at), "until_at": iso_or_none(agreed.until_at),
        "code": agreed.code, "wishes": wishes_words(agreed.wishes),
    }  # fmt: skip


def _documents(visit: PlannedVisit) -> list[dict[str, str]]:
    named = (
        (_("Bill"), "office:trip_pack_bill"),
        (_("Blank repayment agreement"), "office:trip_pack_agreement"),
    )
    return [
        {"words": words, "address": reverse(name, args=[visit.crew_id, visit.pk])}
        for words, name in named
    ]


def _equipment(stop: Stop) -> list[list[Any]]:
    speech = language_code(language())
    return [
        [each.title[speech], [item[speech] for item in each.items]]
        for each in equipment_for(stop.kinds)
    ]
