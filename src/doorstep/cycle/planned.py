"""What tonight's steps mean as acts on people, and what is sure of them before anybody does them.

Screening asks the rules of the planned day. What an approved template guarantees (its contents, its
wording) and what a planned visit must bring (two agents, authority, daylight) is taken as given:
whoever writes or goes is asked again by the guard, which takes nothing as given (ADR 0019).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from doorstep.cases.steps import Step
from doorstep.guard.action import Action
from doorstep.kernel.working_days import holiday_until, year_published
from doorstep.outreach.contents import CONTENTS
from doorstep.rules.catalogue import Catalogue
from doorstep.rules.values import NOTHING, Value

KINDS = {
    Step.REMIND: "message",
    Step.REMIND_AGAIN: "message",
    Step.CALL: "call",
    Step.LETTER: "letter",
    Step.PROPOSE_VISIT: "visit",
}
CHANNELS = {"call": "phone", "letter": "letter", "visit": "visit"}
CAPPED = ("message", "call", "visit")
FORENOON = time(10)
EVENING = time(17)
OF_THE_BOOK = ("contract_basis", "overdue", "settled")
VISITED = ("home", "work", "registered", "mailing")
PLACE_WORDS = {"home": "home", "work": "workplace", "registered": "other", "mailing": "other"}
PER_BORROWER = ("channel", "number", "place", "debts")
CALL: Mapping[str, Value] = {"call_style": "interactive", "device": "platform"}


@dataclass(frozen=True)
class Plan:
    """When the work of a night would be done. `at` is the instant that is screened, `opens` the
    first of its day; contacts count up to `counted_to`. `on` is the day of the book, `zone` the
    lender's."""

    at: datetime
    opens: datetime
    counted_to: datetime
    on: date
    zone: str
    country: str

    @property
    def day(self) -> date:
        """The planned day on the lender's calendar."""
        return self.at.astimezone(ZoneInfo(self.zone)).date()

    @property
    def ends(self) -> datetime:
        """The end of the planned day."""
        return _wall(self.day + timedelta(days=1), time(), self.zone)

    def too_old(self, catalogue: Catalogue) -> frozenset[str]:
        """The facts of the book that are too old at the planned instant to be relied on."""
        age = self.at - datetime.combine(self.on, time(), tzinfo=UTC)
        ages = {name: catalogue[name].max_age for name in OF_THE_BOOK if name in catalogue}
        return frozenset(name for name, most in ages.items() if most and age > most)


def plan_make(*, at: datetime | None, on: date, zone: str, country: str) -> Plan:
    """The plan of a night worked at an instant: for its own day, or from the evening on for the
    next; without an instant, for the day after the book's. Screened is ten in the morning."""
    if at is None:
        day = on + timedelta(days=1)
    else:
        local = at.astimezone(ZoneInfo(zone))
        day = local.date() + timedelta(days=local.time() >= EVENING)
    forenoon = _wall(day, FORENOON, zone)
    counted_to = max(forenoon, at) if at else forenoon
    return Plan(forenoon, _wall(day, time(), zone), counted_to, on, zone, country)


def _wall(day: date, clock: time, zone: str) -> datetime:
    return datetime.combine(day, clock, tzinfo=ZoneInfo(zone))


def given_facts(kind: str, plan: Plan) -> dict[str, Value]:
    """What is known of every planned act of a kind; its clock is that of the lender's zone."""
    action = Action(kind=kind, at=plan.at, zone=plan.zone, channel=CHANNELS.get(kind, ""))
    known = {name: v for name, v in action.facts().items() if name not in PER_BORROWER}
    if kind != "message":
        known["channel"] = CHANNELS[kind]
    if kind != "visit":
        known["place"] = NOTHING
    known |= _content(kind)
    known |= CALL if kind == "call" else {}
    known |= visit_facts(plan.day) if kind == "visit" else {}
    known |= {"number_registered": True, "relation": "self", "point_use": "personal"}
    known |= {"lender_kind": "bank", "guarantee_contract": False}
    return known | _calendar(plan)


def _content(kind: str) -> dict[str, Value]:
    """What the approval of a template has made sure of (`outreach.checking`)."""
    return {
        "behaviours": (),
        "contains": tuple(sorted(CONTENTS.items)),
        "discloses_debt": True,
        "due_date_reminder": kind == "message",
        "public_view": False,
        "asks_for_payment": True,
        "anonymous": False,
        "false_name": False,
    }


def visit_facts(day: date) -> dict[str, Value]:
    """What a visit has to bring along to be planned at all; who shows an id and records is open."""
    return {
        "step": "approach",
        "agents": 2,
        "staff_qualified": True,
        "authorised_until": day,
        "visit_risk": "low",
        "dark": False,
        "asked_to_leave": False,
    }


def _calendar(plan: Plan) -> dict[str, Value]:
    """Not given while the year's days off are not published."""
    if not year_published(year=plan.day.year, country=plan.country):
        return {}
    last = holiday_until(day=plan.day, country=plan.country)
    return {"holiday_until": NOTHING if last is None else last}
