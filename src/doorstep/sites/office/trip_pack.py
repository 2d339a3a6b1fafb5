"""A crew's trip pack as texts: gathered once in a fixed number of queries, for paper and phone."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from doorstep.cases.bills import bills_for
from doorstep.cases.models import Case
from doorstep.cycle.policies import policy_of
from doorstep.delinquency.bill import Bill
from doorstep.kernel.errors import DoorstepError
from doorstep.kernel.masking import mask_address, mask_email, mask_name, mask_number
from doorstep.outreach.lender import Lender
from doorstep.outreach.selectors import lender_current
from doorstep.portfolio.models import ContactPoint, Loan
from doorstep.sites.office import bill_document
from doorstep.sites.office.appointments_words import wishes_words
from doorstep.sites.office.bill_words import amount
from doorstep.sites.office.case_words import language
from doorstep.sites.office.channel_words import PRODUCTS
from doorstep.sites.office.risk_words import RiskShown, risk_shown
from doorstep.sites.office.sos import emergency_numbers
from doorstep.sites.office.verification_words import kind_words
from doorstep.treatment.wording import language_code
from doorstep.visits.models import CrewDay, PlannedVisit
from doorstep.visits.police import Station, station_nearest, stations_read
from doorstep.visits.risk import HIGH
from doorstep.visits.safety import emergency
from doorstep.visits.selectors.risk import StandingRisk, risk_of_cases
from doorstep.visits.selectors.safety import stops_to_make
from doorstep.visits.trip_pack import pack_number, said
from doorstep.workforce.equipment import equipment_for
from doorstep.workforce.models import AuthorityLetter, Particulars, Staff
from doorstep.workforce.roles import Role

Pair = tuple[str, str]
SEE_IN_FULL = (Role.FIELD_AGENT, Role.TEAM_LEADER)
OLD_FROM_YEARS = 65


@dataclass(frozen=True)
class Stop:
    """A visit of the pack in texts; `bill` holds the accounts of `bill_document`, `owed` the bill
    they are made from."""

    visit: PlannedVisit
    time: str
    who: str
    place: str
    agreed: list[Pair]
    facts: list[Pair]
    points: list[Pair]
    risk: RiskShown
    bill: list[dict[str, Any]]
    owed: Bill
    police: str
    kinds: frozenset[str]


@dataclass(frozen=True)
class Paper:
    """Something to take along; `address` where it opens as a file."""

    words: str
    address: str = ""


@dataclass(frozen=True)
class Pack:
    """The whole pack in texts of the page's language."""

    number: str
    code: str
    crew: CrewDay
    full: bool
    summary: list[Pair]
    stops: list[Stop]
    script: list[tuple[str, list[str]]]
    options_intro: str
    options: list[str]
    documents: list[Paper]
    equipment: list[tuple[str, list[str]]]
    numbers: list[Pair]
    plan: list[str]
    verify_at: str
    warning: str


def pack_code(number: str) -> str:
    """The verification code of a pack: nobody makes one up without the lender's key."""
    digest = salted_hmac("doorstep.trip_pack", number, algorithm="sha256").hexdigest().upper()
    return f"{digest[:4]}-{digest[4:8]}"


def sees_in_full(staff: Staff) -> bool:
    """Whether names, addresses and numbers are shown in full: to those who go there, and to the
    team leader who sends them. Everybody else reads them masked."""
    return staff.role in SEE_IN_FULL


def pack_of(*, crew: CrewDay, staff: Staff, on: date) -> Pack:
    """The pack of a crew as `staff` may read it."""
    visits = stops_to_make(crew=crew)
    full, number = sees_in_full(staff), pack_number(crew_id=crew.pk, day=crew.day)
    members = [m.staff for m in crew.members.select_related("staff").order_by("-leads", "pk")]
    lender = lender_current()
    stations, warning = _stations()
    stops = _stops(visits, full=full, on=on, stations=stations)
    speech = language_code(language())
    return Pack(
        number=number, code=pack_code(number), crew=crew, full=full,
        summary=_summary(crew, members, stops), stops=stops,
        script=[(s.title[speech], [line[speech] for line in s.lines]) for s in said().script],
        options_intro=said().options_intro[speech],
        options=[line[speech] for line in said().options],
        documents=_documents(crew, members, stops),
        equipment=[
            (each.title[speech], [item[speech] for item in each.items])
            for each in equipment_for(frozenset().union(*(stop.kinds for stop in stops)))
        ],
        numbers=_numbers(crew, lender),
        plan=[step.words[speech] for step in emergency().steps],
        verify_at=lender.texts["verify_at"], warning=warning,
    )  # fmt: skip


def _stations() -> tuple[tuple[Station, ...], str]:
    """The operator's police stations. A list that cannot be read never keeps a crew from its pack;
    what is wrong with it is told."""
    try:
        return stations_read(Path(settings.POLICE_STATIONS)) if settings.POLICE_STATIONS else (), ""
    except DoorstepError as error:
        return (), str(error)


def _summary(crew: CrewDay, members: Sequence[Staff], stops: Sequence[Stop]) -> list[Pair]:
    ids = dict(Particulars.objects.filter(staff__in=members).values_list("staff_id", "work_id"))
    return [
        (_("Day"), date_format(crew.day, "DATE_FORMAT")),
        (_("Crew"), _(" and ").join(f"{each} ({ids.get(each.pk, '–')})" for each in members)),
        (_("Branch"), str(crew.plan.branch)),
        (_("Hours"), f"{_clock(crew.begins_at)}–{_clock(crew.ends_at)}"),
        (_("Vehicle"), str(crew.vehicle or "–")),
        (_("Stops"), str(len(stops))),
    ]


def _clock(at: datetime | None) -> str:
    return f"{timezone.localtime(at):%H:%M}" if at else "–"


def _stops(
    visits: Sequence[PlannedVisit], *, full: bool, on: date, stations: Sequence[Station]
) -> list[Stop]:
    cases = {visit.case_id: visit.case for visit in visits}
    risks = risk_of_cases(case_ids=list(cases), on=on)
    bills, loans = _bills(cases.values()), _loan_words(cases.values())
    points = _points(cases.values(), full=full)
    return [
        Stop(
            visit=visit,
            time=f"{_clock(visit.begins_at)}–{_clock(visit.ends_at)}",
            who=visit.case.borrower.name if full else mask_name(visit.case.borrower.name),
            place=_place(visit, full=full),
            agreed=_agreed(visit),
            facts=_facts(visit.case, bills[visit.case_id]),
            points=points.get(visit.case.borrower_id, []),
            risk=risk_shown(risks[visit.case_id]),
            bill=bill_document.values_of(
                bill=bills[visit.case_id], case=visit.case, loans=loans
            )["accounts"],
            owed=bills[visit.case_id],
            police=_police(visit, stations),
            kinds=_kinds(visit, risks[visit.case_id], on),
        )
        for visit in visits
    ]  # fmt: skip


def _place(visit: PlannedVisit, *, full: bool) -> str:
    if visit.address is not None:
        text = visit.address.text
    else:
        text = visit.appointment.place if visit.appointment else ""
    return text if full or not text else mask_address(text)


def _agreed(visit: PlannedVisit) -> list[Pair]:
    appointment = visit.appointment
    if appointment is None:
        return [(_("Appointment"), _("None; the visit was announced."))]
    rows = []
    if appointment.from_at and appointment.until_at:
        span = f"{_clock(appointment.from_at)}–{_clock(appointment.until_at)}"
        rows.append((_("Agreed time"), span))
    rows.append((_("Visit code"), appointment.code))
    if wishes := wishes_words(appointment.wishes):
        rows.append((_("Wishes"), _("; ").join(wishes)))
    confirmed = _("Yes") if appointment.confirmed_at else _("Not yet; ask before leaving")
    return [*rows, (_("Confirmed again"), confirmed)]


def _facts(case: Case, bill: Bill) -> list[Pair]:
    rows = [(_("Customer no."), case.borrower_id)]
    rows += [
        (_("Overdue"), amount(account.overdue.total, account.currency)) for account in bill.accounts
    ]
    if bill.oldest_due_on:
        since = ngettext("%(day)s, %(count)s day ago", "%(day)s, %(count)s days ago", bill.dpd)
        when = {"day": bill_document.day(bill.oldest_due_on), "count": bill.dpd}
        rows.append((_("Overdue since"), since % when))
    rows.append((_("As of"), bill_document.day(bill.on)))
    return rows


def _bills(cases: Collection[Case]) -> dict[int, Bill]:
    """The bill of each case, counted as the night of its business date counted."""
    by_day: dict[date, list[Case]] = {}
    for case in cases:
        by_day.setdefault(case.business_date, []).append(case)
    found: dict[int, Bill] = {}
    for day, alike in by_day.items():
        borrowers = [case.borrower_id for case in alike]
        bills = bills_for(borrower_ids=borrowers, on=day, policy=policy_of(day))
        found |= {case.pk: bills[case.borrower_id] for case in alike}
    return found


def _loan_words(cases: Collection[Case]) -> dict[str, dict[str, str]]:
    loans = Loan.objects.filter(borrower__in=[case.borrower_id for case in cases])
    return {
        loan.pk: {
            "product": str(PRODUCTS.get(loan.product, loan.product)),
            "contract": loan.contract_ref or "",
            "clause": loan.clause_penalty or "",
        }
        for loan in loans
    }


def _points(cases: Collection[Case], *, full: bool) -> dict[str, list[Pair]]:
    """Numbers and addresses verified as the borrower's own; no other is ever given out."""
    rows = ContactPoint.objects.filter(
        borrower__in=[case.borrower_id for case in cases], state="verified"
    )
    found: dict[str, list[Pair]] = {}
    for row in rows.order_by("kind", "pk"):
        masked = mask_email(row.value) if "@" in row.value else mask_number(row.value)
        shown = (kind_words(row.kind), row.value if full else masked)
        found.setdefault(row.borrower_id, []).append(shown)
    return found


def _police(visit: PlannedVisit, stations: Sequence[Station]) -> str:
    if visit.latitude is None or visit.longitude is None:
        return ""
    nearest = station_nearest(stations, latitude=visit.latitude, longitude=visit.longitude)
    if nearest is None:
        return ""
    station, metres = nearest
    parts = (station.name, station.phone, station.address, f"{metres / 1000:.1f} km")
    return " · ".join(part for part in parts if part)


def _documents(crew: CrewDay, members: Sequence[Staff], stops: Sequence[Stop]) -> list[Paper]:
    letters = AuthorityLetter.objects.filter(
        staff__in=members, valid_from__lte=crew.day, valid_until__gte=crew.day, revoked_at=None
    ).select_related("staff").order_by("staff__pk", "-valid_until")  # fmt: skip
    held: Mapping[int, AuthorityLetter] = {letter.staff_id: letter for letter in letters}
    return [
        *(_letter_paper(crew, each, held.get(each.pk)) for each in members),
        Paper(_("The bill of each customer, in a sealed envelope: %(count)s")
              % {"count": len(stops)}),
        *(
            Paper(
                _("Bill: %(who)s") % {"who": stop.who},
                reverse("office:trip_pack_bill", args=[crew.pk, stop.visit.pk]),
            )
            for stop in stops
        ),
        Paper(_("Blank repayment agreements, two for each stop: %(count)s")
              % {"count": 2 * len(stops)}),
        *(
            Paper(
                _("Blank repayment agreement: %(who)s") % {"who": stop.who},
                reverse("office:trip_pack_agreement", args=[crew.pk, stop.visit.pk]),
            )
            for stop in stops
        ),
        Paper(_("Leaflet on rights and fraud for each customer")),
    ]  # fmt: skip


def _letter_paper(crew: CrewDay, staff: Staff, letter: AuthorityLetter | None) -> Paper:
    if letter is None:
        words = _("%(name)s has no letter of authority that is valid on this day: do not go.")
        return Paper(words % {"name": staff})
    words = _("Letter of authority %(number)s of %(name)s, valid until %(day)s")
    until = date_format(letter.valid_until, "DATE_FORMAT")
    return Paper(
        words % {"number": letter.number, "name": staff, "day": until},
        reverse("office:trip_pack_letter", args=[crew.pk, letter.pk]),
    )


def _kinds(visit: PlannedVisit, risk: StandingRisk, on: date) -> frozenset[str]:
    """Which lists of equipment a visit asks for beside what every trip takes."""
    kinds = set()
    if HIGH in (risk.level, visit.risk):
        kinds.add("high_risk")
    if any(each.factor == "remote" for each in risk.because):
        kinds.add("remote")
    born = visit.case.borrower.birth_date
    if born is not None and (on - born).days >= OLD_FROM_YEARS * 365.25:
        kinds.add("care")
    return frozenset(kinds)


def _numbers(crew: CrewDay, lender: Lender) -> list[Pair]:
    numbers = emergency_numbers()
    rows = [
        (_("Police"), numbers["police"]), (_("Ambulance"), numbers["ambulance"]),
        (_("Fire brigade"), numbers["fire"]),
    ]  # fmt: skip
    leaders = Particulars.objects.filter(
        staff__role=Role.TEAM_LEADER, staff__branch=crew.plan.branch_id, staff__is_active=True
    ).exclude(phone="")
    rows += [
        (_("Team leader %(name)s") % {"name": each.staff}, each.phone)
        for each in leaders.select_related("staff").order_by("staff__pk")
    ]
    rows.append((_("The bank's hotline, for customers to check on you"), lender.texts["hotline"]))
    rows.append((_("Counselling line, for you, in confidence:"), settings.COUNSELLING_LINE))
    return [(label, number) for label, number in rows if number]
