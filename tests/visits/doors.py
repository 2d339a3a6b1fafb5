"""What phones tell of a visit, for tests: events and bodies as the contract has them."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from doorstep.agreements import document
from doorstep.agreements.services.offer_making import offer_worked_out
from doorstep.agreements.strokes import strokes_png
from doorstep.agreements.terms import Terms
from doorstep.cases.models import Case
from doorstep.delinquency.policy import DEFAULT
from doorstep.dispatch.models import Act, Clearance
from doorstep.evidence.files import file_seal
from doorstep.kernel import clock
from doorstep.visits.door.steps import door
from doorstep.visits.models import CrewDay, PlannedVisit, VisitRecord, VisitRecordDocument
from doorstep.visits.models.door import DoorEvent, DoorHead
from doorstep.visits.record import Heard, steps_told
from doorstep.visits.selectors.records import document_place
from doorstep.workforce.models import Staff
from doorstep.workforce.models.devices import Device
from tests.agreements.signing import STROKES
from tests.dispatch.outbox import make_act
from tests.factories import AT, ON, make_contact_point
from tests.visits.fieldwork import agents_of

PNG = base64.urlsafe_b64encode(strokes_png(STROKES)).decode().rstrip("=")


@dataclass
class Word:
    """An event of a phone."""

    kind: str
    body: Any
    at: datetime = AT
    id: str = field(default_factory=lambda: str(uuid4()))


def report(crew: CrewDay, *, at: datetime = AT, **fields: Any) -> Word:
    """The closing event, signed by both agents."""
    body = {
        "outcome": "declined", "said": "客户说明近期收入减少，愿意考虑方案。",
        "reasons": ["收入减少"],
        "situation": "", "promise": None, "hardship": None, "contact_facts": [],
        "shown": ["授权书", "工作证"], "people": [], "mood": "平和",
        "signatures": [{"staff": each.pk, "png": PNG} for each in agents_of(crew)],
    }  # fmt: skip
    return Word("report", body | fields, at)


def cleared(visit: PlannedVisit) -> PlannedVisit:
    """The visit, with the guard's yes to ring."""
    point = make_contact_point(borrower=visit.case.borrower, value="+8613800009999")
    act = make_act(case=visit.case, kind="visit", channel="visit", contact_point=point)
    clearance = Clearance.objects.create(
        id=f"C-{act.pk}",
        act=act,
        attempt=1,
        log_index=act.pk,
        mac="0" * 64,
        at=AT,
        not_before=AT,
        not_after=AT + timedelta(hours=1),
        packs=[],
        number="",
    )
    Act.objects.filter(pk=act.pk).update(state="cleared", worker="person-1", clearance=clearance)
    visit.act = act.reference
    visit.save()
    return visit


def heard(word: Word) -> Heard:
    """An event as the landing reads it."""
    return Heard(id=word.id, kind=word.kind, topic=word.kind, body=word.body, at=word.at)


def steps(*, at: datetime = AT, skipped: str = "", who: str = "borrower") -> list[Heard]:
    """Every step done, a minute apart, but for one left out."""
    found = []
    for minute, code in enumerate(door().codes()[:-1]):
        body: dict[str, Any] = {"step": code, "how": "done"}
        if code == skipped:
            body = {"step": code, "how": "skipped", "why": "客户要求先说还款"}
        if code == "arrive":
            body |= {"latitude": 30.0001, "longitude": 104.0001, "distance_m": 18}
        if code == "who_is_there":
            body["who"] = who
        if code.startswith("consent"):
            body["given"] = code == "consent_enter"
        word = Word("step", body, at - timedelta(minutes=len(door().codes()) - minute))
        found.append(Heard(word.id, "step", f"step:{code}", word.body, word.at))
    return found


def bargain(
    case: Case, *, terms: Terms, loans: list[str], on: date = ON, at: datetime = AT, **fields: Any
) -> Word:
    """A plan signed at the door, with the rows that the books give."""
    offer, plan = offer_worked_out(
        case=case, terms=terms, loans=loans, on=on, at=at, policy=DEFAULT
    )  # fmt: skip
    rows = [
        [row.due_on.isoformat(), row.parts.principal, row.parts.interest, row.parts.penalty,
         row.parts.fee]
        for row in plan.rows
    ]  # fmt: skip
    body = {
        "offer": None, "option": "lower", "terms": terms.as_json(), "loans": loans,
        "on": on.isoformat(), "rows": rows, "total": offer.total_minor, "language": "zh-Hans",
        "consents": list(document.words()["zh-Hans"]["consents"]), "place": "客户家中",
        "signatures": [
            {"party": party, "name": name, "png": PNG, "at": at.isoformat()}
            for party, name in (("borrower", case.borrower.name), ("agent", "高立诚"),
                                ("second_agent", "石若兰"))
        ],
    }  # fmt: skip
    return Word("agreement", body | fields, at - timedelta(minutes=3))


def told(visit: PlannedVisit, kind: str, body: dict[str, Any], *, topic: str) -> DoorEvent:
    """An event that a phone of the visit's crew has sent and that stands."""
    assert visit.crew is not None
    staff, now = agents_of(visit.crew)[0], clock.now()
    device = Device.objects.create(
        staff=staff, public_key=secrets.token_bytes(32), name="phone", bound_at=now,
        expires_at=now + timedelta(hours=16),
    )  # fmt: skip
    event = DoorEvent.objects.create(
        id=uuid4(), visit=visit, device=device, staff=staff, kind=kind, topic=topic, at=now,
        clock_at=now, number=1, body=body, sha256="0" * 64, state="applied", received_at=now,
        changed_at=now,
    )  # fmt: skip
    DoorHead.objects.create(case=visit.case, day=visit.crew.day, topic=topic, event=event)
    return event


def make_record(
    *, case: Case, by: Staff, offer: int | None = None, said: str = "谈过", address: str = "云川市"
) -> VisitRecord:
    """A record of a visit in no plan, with a document, as rows."""
    told_of = {
        "time": {"began": AT.isoformat(), "ended": AT.isoformat(), "zone": "Asia/Shanghai"},
        "place": {"address": address, "arrived": None, "left": None},
        "crew": [{"staff": by.pk, "name": str(by), "work_id": ""}], "vehicle": "",
        "met": {"who": "borrower", "people": [], "identity": True}, "shown": [],
        "consents": [], "recordings": [], "steps": steps_told([]), "said": said, "reasons": [],
        "situation": "", "mood": "", "outcome": "declined", "agreement": None, "amounts": [],
        "disputes": [], "hardship": None, "facts": [], "signatures": [],
        "incidents": {"incident": None, "cleared": True, "uncleared_why": "", "left_early": ""},
    }  # fmt: skip
    record = VisitRecord.objects.create(
        case=case, number=f"VR-20261120-{secrets.randbelow(10**9)}", code="AAAA-BBBB",
        outcome="declined", began_at=AT, ended_at=AT, visited_on=ON, written_at=AT, filed_at=AT,
        filed_by=by, language="zh-Hans", contents=told_of, landed={"plan": {"offer": offer}},
    )  # fmt: skip
    sealed = file_seal(
        subject=case.borrower_id, place=document_place(record.number), content=b"%PDF-1.7", at=AT
    )  # fmt: skip
    VisitRecordDocument.objects.create(
        record=record, sealed=sealed, sha256="0" * 64, made_at=AT
    )  # fmt: skip
    return record
