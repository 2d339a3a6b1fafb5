"""Random days of three phones of one crew: off the network, killed, with wrong clocks. 0 visits
lost, 0 agreements applied twice, every conflict shown. A short run by default; the whole promise:
DOORSTEP_TEST_SCHEDULES=200 pytest tests/sites/field/test_schedules.py
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import numpy as np
import pytest

from doorstep.agreements.models import Agreement, Offer
from doorstep.agreements.strokes import strokes_png
from doorstep.kernel import clock
from doorstep.visits.door.request import b64
from doorstep.visits.models import (
    CrewDay,
    DoorConflict,
    DoorEvent,
    DoorHead,
    PlannedVisit,
    VisitRecord,
)
from doorstep.visits.selectors.door import conflicts_open, events_refused
from tests.agreements.offers import Desk, lower
from tests.agreements.signing import STROKES
from tests.factories import AT, make_case
from tests.sites.field.phones import event, phones_of
from tests.sites.field.schedules import LivePhone, deed, ids
from tests.visits.doors import bargain, cleared
from tests.visits.fieldwork import agents_of, make_crew, make_field_plan, make_visit
from tests.workforce.people import make_agent

pytestmark = pytest.mark.django_db
SCHEDULES = int(os.environ.get("DOORSTEP_TEST_SCHEDULES", "4"))
DEEDS = ("step", "step", "skip", "note", "agreement", "report", "sync", "sync", "killed", "part")
LENGTH = 28
PNG = b64(strokes_png(STROKES))


@dataclass
class Trial:
    """A crew of three with two doors, the first of a customer who can agree to a plan."""

    drawn: np.random.Generator
    now: datetime = AT
    desk: Desk = field(default_factory=Desk)
    crew: CrewDay = field(init=False)
    visits: list[PlannedVisit] = field(init=False)
    phones: list[LivePhone] = field(init=False)

    def __post_init__(self) -> None:
        self.desk.finished()
        members = [make_agent(branch=self.desk.branch) for _each in "abc"]
        plan = make_field_plan(branch=self.desk.branch)
        self.crew = make_crew(plan=plan, members=members)
        cases = (self.desk.case, make_case(branch=self.desk.branch))
        self.visits = [make_visit(crew=self.crew, case=case) for case in cases]
        cleared(self.visits[0])
        self.phones = [
            LivePhone(phone, timedelta(seconds=int(self.drawn.integers(-900, 900))))
            for phone in phones_of(self.crew)
        ]

    def step(self) -> None:
        """Something happens on one of the phones."""
        self.now += timedelta(seconds=int(self.drawn.integers(5, 240)))
        live = self.phones[self.drawn.integers(3)]
        visit = self.visits[self.drawn.integers(2)]
        what = DEEDS[self.drawn.integers(len(DEEDS))]
        if what in ("sync", "killed"):
            live.sync(self.now, answered=what == "sync")
        elif what == "part":
            live.sync(self.now, most=int(self.drawn.integers(1, 4)))
        elif what == "report":
            self.report(live, visit)
        elif what == "agreement":
            self.agree(live)
        else:
            deed(live, visit, what, int(self.drawn.integers(100)), self.now)

    def agree(self, live: LivePhone) -> None:
        """The customer signs a plan, unless this phone knows that they have."""
        visit = self.visits[0]
        if visit.pk in live.agreed:
            return
        signed = bargain(visit.case, terms=lower(months=int(self.drawn.integers(10, 14))),
                         loans=[self.desk.loan.pk], at=self.now)  # fmt: skip
        live.write(visit, event(visit, "agreement", body=signed.body), self.now)

    def report(self, live: LivePhone, visit: PlannedVisit) -> None:
        """The record, as this phone knows the visit, unless it knows of one."""
        if (visit.pk, "report") in live.heads:
            return
        self.report_write(live, visit)

    def report_write(self, live: LivePhone, visit: PlannedVisit) -> None:
        """The record, as this phone knows the visit."""
        body = {
            "outcome": "agreed" if visit.pk in live.agreed else "declined",
            "said": "客户说明了情况。", "reasons": [], "situation": "", "promise": None,
            "hardship": None, "contact_facts": [], "shown": [], "people": [], "mood": "",
            "uncleared_why": "没有网络",
            "signatures": [{"staff": each.pk, "png": PNG} for each in agents_of(self.crew)[:2]],
        }  # fmt: skip
        live.write(visit, event(visit, "report", body=body), self.now)

    def settled(self) -> None:
        """The evening: every phone is back, and people finish what could not be taken in."""
        for _round in range(3):
            for live in self.phones:
                self.now += timedelta(seconds=5)
                while live.outbox:
                    live.sync(self.now)
                live.hear(self.now)
        for visit in self.visits:
            if self.asked(visit) and not VisitRecord.objects.filter(visit=visit).exists():
                live = self.phones[0]
                self.report_write(live, visit)
                live.sync(self.now)

    def asked(self, visit: PlannedVisit) -> bool:
        """Whether any phone wrote a record of the visit."""
        made = [told for live in self.phones for told in live.made]
        return any(told["kind"] == "report" and told["visit"] == visit.pk for told in made)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[Trial], None]:
    """Lets the server's clock show the trial's time."""

    def show(trial: Trial) -> None:
        monkeypatch.setattr(clock, "now", lambda: trial.now)

    return show


@pytest.mark.parametrize("seed", range(SCHEDULES))
def test_nothing_is_lost_nothing_applied_twice_and_all_that_differs_is_shown(
    seed: int, at: Callable[[Trial], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)
    trial = Trial(np.random.default_rng(seed))
    at(trial)
    for _step in range(LENGTH):
        trial.step()
    trial.settled()
    made = [told for live in trial.phones for told in live.made]
    kept = {row.pk: row for row in DoorEvent.objects.all()}
    assert kept.keys() == ids(made)  # everything written down arrived, and nothing else
    assert all(kept[UUID(told["id"])].body == told["body"] for told in made)
    assert Counter(DoorHead.objects.values_list("case", "topic")).most_common(1)[0][1] == 1
    nothing_lost_of_visits(trial)
    nothing_agreed_twice(trial)
    all_conflicts_shown(trial, kept)


def nothing_lost_of_visits(trial: Trial) -> None:
    for visit in trial.visits:
        records = VisitRecord.objects.filter(visit=visit).count()
        assert records == (1 if trial.asked(visit) else 0)


def nothing_agreed_twice(trial: Trial) -> None:
    """A plan that somebody must still agree to has landed as an offer."""
    applied = DoorEvent.objects.filter(kind="agreement", state="applied").count()
    record = VisitRecord.objects.filter(visit=trial.visits[0]).first()
    assert applied <= 1
    assert Offer.objects.count() == (applied if record else 0)
    assert Agreement.objects.count() <= Offer.objects.count()
    if record is not None:
        assert ("plan" in record.landed) == bool(applied)


def all_conflicts_shown(trial: Trial, kept: dict[UUID, DoorEvent]) -> None:
    differing = {str(pk) for pk, row in kept.items() if row.state == "conflict"}
    shown = conflicts_open(by=trial.desk.leader)
    assert {str(each.other_id) for each in shown} == differing
    assert {str(row.pk) for row in events_refused(by=trial.desk.leader)} == {
        str(pk) for pk, row in kept.items() if row.state == "refused"
    }
    for live in trial.phones:
        live.hear(trial.now)
        assert differing <= live.conflicts
    assert not DoorConflict.objects.filter(settled_at__isnull=False).exists()
