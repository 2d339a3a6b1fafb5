"""Every fact of the catalogue about the platform's own acts, set by set.

The number of queries does not depend on the number of acts. What nobody in the house knows yet is
left out: unknown, so that the guard forbids or asks where a rule needs it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet

from doorstep.agreements.selectors.standing import promises_of
from doorstep.cases.models import Case, Contact
from doorstep.dispatch.counting import COLUMNS, Counters, contact_plain
from doorstep.dispatch.linting import behaviours_of
from doorstep.dispatch.models import Act
from doorstep.guard.action import Action
from doorstep.guard.facts import Facts, Known
from doorstep.kernel.working_days import holiday_until, year_published
from doorstep.portfolio.models import Address, Borrower, ContactPoint, Loan
from doorstep.protections.facts import act_facts
from doorstep.protections.selectors import protection_facts
from doorstep.rules.counters import Contact as PastContact
from doorstep.rules.pack import Rulebook
from doorstep.rules.values import NOTHING, Value
from doorstep.treatment.circumstances import Promise as PlainPromise
from doorstep.treatment.holds import holdings
from doorstep.visits.daylight import is_dark
from doorstep.visits.selectors.risk import StandingRisk, risk_of_cases
from doorstep.workforce.papers import Deed, Papers, crew_facts
from doorstep.workforce.selectors import papers_of

DAYS_BACK = 400
DISCLOSES_NOTHING = "neutral"
R = TypeVar("R", bound=NamedTuple)


@dataclass(frozen=True)
class Gathered:
    """An act as the guard is asked about it, and where it would go: `to` as the channel needs it,
    `to_kind` what that is; both empty where the number or address is gone."""

    action: Action
    facts: Facts
    to: str
    to_kind: str


class _Person(NamedTuple):
    name: str
    time_zone: str


class _Number(NamedTuple):
    state: str
    kind: str
    value: str


class _Home(NamedTuple):
    state: str
    text: str
    kind: str
    latitude: float | None
    longitude: float | None


class _Standing(NamedTuple):
    status: str
    due_total: int
    business_date: date


class _Debt(NamedTuple):
    pk: str
    balance: int
    product: str
    contract_ref: str


@dataclass(frozen=True)
class _Shelf:
    """What was read for all acts together, by borrower or by row."""

    borrowers: Mapping[str, _Person]
    points: Mapping[int, _Number]
    addresses: Mapping[int, _Home]
    cases: Mapping[int, _Standing]
    loans: Mapping[str, Sequence[_Debt]]
    longitudes: Mapping[str, float]
    protections: Mapping[str, Mapping[str, Known]]
    promises: Mapping[str, Sequence[PlainPromise]]
    contacts: Mapping[str, Sequence[PastContact]]
    crews: Mapping[int, Sequence[Papers]]
    risks: Mapping[int, StandingRisk]


def facts_gather(
    *,
    acts: Sequence[Act],
    at: datetime,
    rulebook: Rulebook,
    planned: bool = False,
) -> list[Gathered]:
    """The acts, in their order, as the guard is asked about them: as if done at `at`, or with
    `planned` at the time each is planned for. Nothing is locked here: `clearing` does that first.
    """
    shelf = _read(acts, at)
    counters = Counters(rulebook)
    return [
        _gathered(act, shelf, max(act.planned_from, at) if planned else at, counters)
        for act in acts
    ]


@dataclass(frozen=True)
class Standing:
    """An act with all that is known of it now, which can be looked at as if done at other moments
    without reading anything again: only what the clock and the calendar change is worked out."""

    now: Gathered
    act: Act
    shelf: _Shelf
    counters: Counters
    counted: dict[date, Mapping[str, Known]]

    def at(self, moment: datetime) -> Gathered:
        """The act as if done at that moment, with what is known now."""
        borrower = self.shelf.borrowers[self.act.borrower_id]
        day = moment.astimezone(ZoneInfo(borrower.time_zone)).date()
        known = {name: fact for name, fact in self.now.facts.items() if name != "holiday_until"}
        known |= _solar(self.act, self.shelf, moment)
        known |= _at_the_door(self.act, self.shelf, moment, borrower)
        known |= self._of_day(day, moment, borrower)
        if self._rolling(day):
            known |= self._counted(moment, borrower)
        return replace(self.now, action=replace(self.now.action, at=moment), facts=Facts(known))

    def _of_day(self, day: date, moment: datetime, borrower: _Person) -> Mapping[str, Known]:
        if day not in self.counted:
            self.counted[day] = {
                **_agreement(self.act, self.shelf, moment, borrower),
                **_calendar(moment, borrower),
                **_staffed(self.act, self.shelf, moment, borrower),
                **self._counted(moment, borrower),
            }
        return self.counted[day]

    def _rolling(self, day: date) -> bool:
        return any(c.minutes for c in self.counters.needed(kind=self.act.kind, on=day))

    def _counted(self, moment: datetime, borrower: _Person) -> dict[str, Known]:
        contacts = self.shelf.contacts.get(self.act.borrower_id, ())
        return self.counters.facts(
            contacts=contacts, kind=self.act.kind,
            at=max([moment, *(contact.at for contact in contacts)]), zone=borrower.time_zone,
            number=self.act.number, debts=self.now.action.debts,
        )  # fmt: skip


def facts_standing(*, acts: Sequence[Act], at: datetime, rulebook: Rulebook) -> list[Standing]:
    """The acts as if done at `at`, each able to tell of other moments too; the number of queries is
    that of `facts_gather`."""
    shelf, counters = _read(acts, at), Counters(rulebook)
    return [Standing(_gathered(act, shelf, at, counters), act, shelf, counters, {}) for act in acts]


def _gathered(act: Act, shelf: _Shelf, moment: datetime, counters: Counters) -> Gathered:
    borrower = shelf.borrowers[act.borrower_id]
    to, to_kind = _destination(act, shelf, borrower)
    loans = shelf.loans.get(act.borrower_id, ())
    debts = tuple(sorted(loan.pk for loan in loans if loan.balance > 0))
    action = Action(
        kind=act.kind,
        at=moment,
        zone=borrower.time_zone,
        channel=act.channel,
        actor=act.actor,
        recipient=act.recipient,
        recipient_ref=act.borrower_id,
        contact_point=act.number,
        place=_place(act, shelf),
        content_sha256=act.content_sha256,
        purpose=act.purpose,
        debts=debts,
        details=_details(act, shelf),
    )
    known: dict[str, Known] = {}
    known |= _content(act)
    known |= _point(act, shelf, to)
    known |= _debts(act, shelf, loans)
    known |= _solar(act, shelf, moment)
    known |= _at_the_door(act, shelf, moment, borrower)
    known["agreed_more_attempts"] = Known(False, None, "protections")
    known |= act_facts(
        known=shelf.protections.get(act.borrower_id, {}),
        channel=act.channel,
        number=to,
        debts=debts,
        recipient=act.recipient,
    )
    known |= _agreement(act, shelf, moment, borrower)
    known |= _calendar(moment, borrower)
    known |= _staffed(act, shelf, moment, borrower)
    contacts = shelf.contacts.get(act.borrower_id, ())
    known |= counters.facts(
        contacts=contacts,
        kind=act.kind,
        # Another machine's clock may be ahead: what is in the record has happened.
        at=max([moment, *(contact.at for contact in contacts)]),
        zone=borrower.time_zone,
        number=act.number,
        debts=debts,
    )
    return Gathered(action, Facts(known), to, to_kind)


def _details(act: Act, shelf: _Shelf) -> dict[str, Value]:
    if act.kind == "visit":
        return {"agents": len(shelf.crews.get(act.pk, ())), "step": "approach"}
    if act.kind == "legal_referral":
        return {"human_reviewed": act.proposed_by_id is not None}
    if act.kind != "call":
        return {}
    return {"call_style": "interactive", "device": "platform"}


def _place(act: Act, shelf: _Shelf) -> str:
    """Where a visit goes: the borrower's home, or where they work."""
    home = shelf.addresses.get(act.address_id or 0)
    if act.kind != "visit" or home is None:
        return ""
    return "workplace" if home.kind == "work" else "home"


def _at_the_door(
    act: Act, shelf: _Shelf, moment: datetime, borrower: _Person
) -> Mapping[str, Known]:
    """The danger of a saved visit, and whether it is dark there. A place that nobody can find on
    the map gives no answer."""
    if act.kind != "visit":
        return {}
    known: dict[str, Known] = {}
    if (risk := shelf.risks.get(act.case_id)) is not None:
        assessed = risk.assessment.assessed_at if risk.assessment else None
        known["visit_risk"] = Known(risk.level, assessed, "visits")
    home = shelf.addresses.get(act.address_id or 0)
    if home is not None and home.latitude is not None and home.longitude is not None:
        on = moment.astimezone(ZoneInfo(borrower.time_zone)).date()
        dark = is_dark(at=moment, on=on, latitude=home.latitude, longitude=home.longitude)
        known["dark"] = Known(dark, None, "visits")
    return known


def _staffed(act: Act, shelf: _Shelf, moment: datetime, borrower: _Person) -> Mapping[str, Known]:
    """Whether those who would do it have their papers on that day where the borrower is."""
    crew = shelf.crews.get(act.pk, ())
    on = moment.astimezone(ZoneInfo(borrower.time_zone)).date()
    if act.kind == "visit":
        return crew_facts(crew=crew, deed=Deed.VISIT, on=on, at=moment)
    if act.kind != "call" or not crew:
        return {}
    facts = crew_facts(crew=crew, deed=Deed.CALL, on=on, at=moment)
    return {"staff_qualified": facts["staff_qualified"]}


def _destination(act: Act, shelf: _Shelf, borrower: _Person) -> tuple[str, str]:
    if act.address_id is not None and act.address_id in shelf.addresses:
        return f"{borrower.name}\n{shelf.addresses[act.address_id].text}", "address"
    if act.contact_point_id is not None and act.contact_point_id in shelf.points:
        point = shelf.points[act.contact_point_id]
        return point.value, point.kind
    return "", ""


def _content(act: Act) -> Mapping[str, Known]:
    return _of_content(
        behaviours=behaviours_of(act),
        contains=tuple(sorted(act.contains)),
        neutral=act.content.get("tone") == DISCLOSES_NOTHING,
        reminds=act.content.get("kind") in ("reminder", "pre_due"),
        collects=act.purpose == "collect",
    )


@lru_cache(maxsize=1024)
def _of_content(
    *, behaviours: tuple[str, ...], contains: tuple[str, ...], neutral: bool, reminds: bool,
    collects: bool,
) -> Mapping[str, Known]:  # fmt: skip
    return Facts.of(
        "content",
        None,
        behaviours=behaviours,
        contains=contains,
        discloses_debt=not neutral,
        due_date_reminder=reminds,
        public_view=False,
        asks_for_payment=collects,
        anonymous=False,
        false_name=False,
    )


def _point(act: Act, shelf: _Shelf, to: str) -> Mapping[str, Known]:
    """An address is a contact point too. A number that is gone from the book is called wrong."""
    row: _Number | _Home | None = None
    if act.address_id is not None:
        row = shelf.addresses.get(act.address_id)
    elif act.contact_point_id is not None:
        row = shelf.points.get(act.contact_point_id)
    return _of_point(state=row.state if row is not None and to else "wrong", known=row is not None)


@lru_cache
def _of_point(*, state: str, known: bool) -> Mapping[str, Known]:
    return Facts.of(
        "contact_point",
        None,
        contact_point_state=state,
        number_registered=known,
        relation="self",
        point_use="personal",
    )


def _debts(act: Act, shelf: _Shelf, loans: Sequence[_Debt]) -> Mapping[str, Known]:
    """Amounts are those of the last night over the book; facts of the book are as old as it is."""
    case = shelf.cases[act.case_id]
    owed = [loan for loan in loans if loan.balance > 0]
    products = sorted({loan.product for loan in owed})
    return _of_debts(
        business_date=case.business_date,
        contract_basis=bool(owed) and all(loan.contract_ref for loan in owed),
        overdue=case.status == "open" and case.due_total > 0,
        settled=bool(loans) and not owed,
        product="credit_card" if "credit_card" in products else (products or ["other"])[0],
    )


@lru_cache(maxsize=1024)
def _of_debts(
    *, business_date: date, contract_basis: bool, overdue: bool, settled: bool, product: str
) -> Mapping[str, Known]:
    return Facts.of(
        "portfolio",
        _start(business_date),
        contract_basis=contract_basis,
        overdue=overdue,
        settled=settled,
        product=product,
        lender_kind="bank",
        guarantee_contract=False,
    )


def _solar(act: Act, shelf: _Shelf, moment: datetime) -> dict[str, Known]:
    longitude = shelf.longitudes.get(act.borrower_id)
    value: Value = NOTHING if longitude is None else solar_time(moment, longitude)
    return {"solar_time": Known(value, None, "portfolio")}


def solar_time(moment: datetime, longitude: float) -> time:
    """Mean solar time at a longitude: four minutes a degree east of Greenwich."""
    return (moment.astimezone(UTC) + timedelta(minutes=4 * longitude)).time().replace(microsecond=0)


def _agreement(act: Act, shelf: _Shelf, moment: datetime, borrower: _Person) -> Mapping[str, Known]:
    promises = shelf.promises.get(act.borrower_id, ())
    if not promises:
        return _of_agreement(frozenset(), None)
    on = moment.astimezone(ZoneInfo(borrower.time_zone)).date()
    held = holdings(protections=(), promises=promises, on=on)
    ends = [each.until for each in held if each.kind == "promise" and each.until]
    return _of_agreement(frozenset(each.kind for each in held), max(ends, default=None))


@lru_cache
def _of_agreement(held: frozenset[str], promised: date | None) -> Mapping[str, Known]:
    return Facts.of(
        "agreements",
        None,
        promise_running="promise" in held,
        promise_until=NOTHING if promised is None else promised,
        agreement_performing="agreement" in held,
    )


COUNTRIES = {"cn": "CN", "us": "US", "uk": "GB", "in": "IN", "tw": "TW", "hk": "HK"}


def _calendar(moment: datetime, borrower: _Person) -> Mapping[str, Known]:
    """Not given while the year's days off are not published."""
    on = moment.astimezone(ZoneInfo(borrower.time_zone)).date()
    return _of_day(on, COUNTRIES[settings.JURISDICTION])


@lru_cache(maxsize=1024)
def _of_day(on: date, country: str) -> Mapping[str, Known]:
    if not year_published(year=on.year, country=country):
        return Facts()
    last = holiday_until(day=on, country=country)
    return Facts.of("calendar", None, holiday_until=NOTHING if last is None else last)


def _read(acts: Sequence[Act], at: datetime) -> _Shelf:
    ids = sorted({act.borrower_id for act in acts})
    points = {act.contact_point_id for act in acts if act.contact_point_id}
    addresses = {act.address_id for act in acts if act.address_id}
    cases = {act.case_id for act in acts}
    return _Shelf(
        borrowers=_by_key(_Person, Borrower.objects.filter(pk__any_of=ids)),
        points=_by_key(_Number, ContactPoint.objects.filter(pk__any_of=points)) if points else {},
        addresses=_by_key(_Home, Address.objects.filter(pk__any_of=addresses)) if addresses else {},
        cases=_by_key(_Standing, Case.objects.filter(pk__any_of=cases)),
        loans=_loans(ids),
        longitudes={
            borrower_id: longitude
            for borrower_id, longitude in Address.objects.filter(borrower_id__any_of=ids)
            .order_by("-pk")
            .values_list("borrower_id", "longitude")
            if longitude is not None
        },
        protections=protection_facts(borrower_ids=ids, at=at),
        promises=promises_of(borrower_ids=ids, on=(at - timedelta(days=1)).date()),
        contacts=_contacts(ids, at),
        crews=_crews(acts, at),
        risks=_risks(acts, at),
    )


def _by_key(kind: type[R], rows: QuerySet[Any]) -> dict[Any, R]:
    """The rows by their keys, with just the columns that are asked for: no models are made."""
    return {key: kind(*row) for key, *row in rows.values_list("pk", *kind._fields)}


def _loans(ids: Sequence[str]) -> dict[str, list[_Debt]]:
    found: dict[str, list[_Debt]] = defaultdict(list)
    rows = Loan.objects.filter(borrower_id__any_of=ids)
    for borrower_id, *row in rows.values_list("borrower_id", *_Debt._fields):
        found[borrower_id].append(_Debt(*row))
    return found


def _contacts(ids: Sequence[str], at: datetime) -> dict[str, list[PastContact]]:
    found: dict[str, list[PastContact]] = defaultdict(list)
    rows = Contact.objects.filter(borrower_id__any_of=ids, at__gt=at - timedelta(days=DAYS_BACK))
    for borrower_id, *row in rows.values_list("borrower_id", *COLUMNS):
        found[borrower_id].append(contact_plain(*row))
    return found


def _crews(acts: Sequence[Act], at: datetime) -> dict[int, list[Papers]]:
    """Those who would do each saved act themselves: the agents of a visit, the caller of a call."""
    staff: dict[int, list[int]] = defaultdict(list)
    visits = [act.pk for act in acts if act.kind == "visit" and act.pk]
    if visits:
        rows = Act.agents.through.objects.filter(act_id__in=visits).order_by("pk")
        for act_id, staff_id in rows.values_list("act_id", "staff_id"):
            staff[act_id].append(staff_id)
    for act in acts:
        if act.kind == "call" and act.pk and act.proposed_by_id:
            staff[act.pk].append(act.proposed_by_id)
    if not staff:
        return {}
    held = papers_of(staff_ids={each for crew in staff.values() for each in crew}, at=at)
    return {act_id: [held[each] for each in crew] for act_id, crew in staff.items()}


def _risks(acts: Sequence[Act], at: datetime) -> dict[int, StandingRisk]:
    """The risk of saved visits; whoever only asks what could be says what they assume."""
    visits = {act.case_id for act in acts if act.kind == "visit" and act.pk}
    on = at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    return risk_of_cases(case_ids=visits, on=on) if visits else {}


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
