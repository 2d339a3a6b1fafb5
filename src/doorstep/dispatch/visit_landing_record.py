"""The record of a visit, written from what was told at the door: signatures and document too."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from doorstep.agreements.services.agreements import code_new
from doorstep.cases.models import Case
from doorstep.dispatch.visit_landing_plan import Bound
from doorstep.dispatch.visit_report import Bargain, Pen, Report
from doorstep.evidence.entry import Entry
from doorstep.evidence.files import file_seal
from doorstep.evidence.services import evidence_append
from doorstep.kernel.errors import DoorstepError
from doorstep.kernel.numbers import number_new
from doorstep.outreach.selectors import lender_current
from doorstep.treatment.wording import language_code
from doorstep.visits.models import (
    CrewMember,
    PlannedVisit,
    SignedWhat,
    VisitRecord,
    VisitRecordDocument,
    VisitSignature,
)
from doorstep.visits.record import (
    Heard,
    consents_told,
    lateness,
    local_day_of,
    point_told,
    recordings_told,
    step_body,
    steps_told,
)
from doorstep.visits.record_document import Issuer, Paper, record_pdf, record_values
from doorstep.visits.selectors.records import document_place, signature_place
from doorstep.workforce.letter import qr_square
from doorstep.workforce.models import Particulars, Staff

PARTS = ("due_on", "principal", "interest", "penalty", "fee")


@dataclass(frozen=True)
class Told:
    """All that a record is written from."""

    visit: PlannedVisit
    report: Report
    events: Sequence[Heard]
    event_id: str
    bargain: Bargain | None
    bound: Bound | None
    cleared: bool
    landed: Mapping[str, Any]
    by: Staff
    written_at: datetime
    at: datetime


def record_keep(told: Told) -> VisitRecord:
    """Write the record with its signatures, and its document where that can be made now."""
    visit, zone = told.visit, told.visit.case.borrower.time_zone
    began, ended = _span(told)
    visited_on = local_day_of(began, zone)
    why = lateness(
        visited_on=visited_on, written_at=told.written_at, filed_at=told.at, zone=zone
    )  # fmt: skip
    record = VisitRecord.objects.create(
        visit=visit, case=visit.case, event=told.event_id,
        number=f"VR-{visited_on:%Y%m%d}-{visit.pk}", code=code_new(),
        outcome=told.report.outcome, began_at=began, ended_at=ended, visited_on=visited_on,
        written_at=told.written_at, filed_at=told.at, filed_by=told.by, late=bool(why),
        late_why=why, cleared=told.cleared, language=language_code(visit.case.borrower.language),
        contents=contents_of(told, began, ended), landed=dict(told.landed),
    )  # fmt: skip
    _signatures_keep(record, told)
    record_file(record=record, by=told.by, at=told.at)
    return record


def contents_of(told: Told, began: datetime, ended: datetime) -> dict[str, Any]:
    """Everything a record must hold, as plain values."""
    visit, report, events = told.visit, told.report, told.events
    arrive, who = step_body(events, "arrive"), step_body(events, "who_is_there")
    close, early = step_body(events, "close"), [e for e in events if e.kind == "leave_now"]
    return {
        "time": {"began": began.isoformat(), "ended": ended.isoformat(),
                 "zone": visit.case.borrower.time_zone},
        "place": {"address": visit.address.text if visit.address else _place(visit),
                  "arrived": point_told(arrive), "left": point_told(close)},
        "crew": crew_told(visit),
        "vehicle": str(visit.crew.vehicle or "") if visit.crew else "",
        "met": {"who": str(who.get("who", "")), "people": list(report.people),
                "identity": step_body(events, "identity").get("borrower_verified") is True},
        "shown": list(report.shown),
        "consents": consents_told(events),
        "recordings": recordings_told(events),
        "steps": steps_told(events),
        "said": report.said, "reasons": list(report.reasons), "situation": report.situation,
        "mood": report.mood,
        "outcome": report.outcome,
        "agreement": _agreement(told),
        "amounts": _amounts(told),
        "disputes": [str(e.body.get("text", ""))[:2000] for e in events if e.kind == "dispute"],
        "hardship": {"cause": report.hardship.cause, "note": report.hardship.note}
        if report.hardship else None,
        "facts": list(told.landed.get("facts", ())),
        "incidents": {"incident": told.landed.get("incident"), "cleared": told.cleared,
                      "uncleared_why": report.uncleared_why,
                      "left_early": str(early[-1].body.get("why", ""))[:300] if early else ""},
        "signatures": [
            {"party": pen.party, "name": name, "about": about, "staff": pen.staff,
             "sha256": hashlib.sha256(pen.picture).hexdigest()}
            for pen, about, name in _pens(told)
        ],
    }  # fmt: skip


def crew_told(visit: PlannedVisit) -> list[dict[str, Any]]:
    """Who went, the one who leads first."""
    members = CrewMember.objects.filter(crew=visit.crew_id).select_related("staff")
    people = [member.staff for member in members.order_by("-leads", "pk")]
    ids = dict(Particulars.objects.filter(staff__in=people).values_list("staff_id", "work_id"))
    return [{"staff": p.pk, "name": str(p), "work_id": ids.get(p.pk, "")} for p in people]


def digest_of(record: VisitRecord) -> str:
    """The digest of what a record holds: it is printed on the document."""
    whole = {"number": record.number, "contents": record.contents, "landed": record.landed}
    text = json.dumps(whole, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def paper_of(record: VisitRecord, *, masked: bool = False, language: str = "") -> Paper:
    """Which document a record's is, in its own language unless another is asked for."""
    borrower = record.case.borrower
    return Paper(
        number=record.number, code=record.code, language=language or record.language,
        digest=digest_of(record),
        outcome=record.outcome, filed_at=record.filed_at, late_why=record.late_why,
        customer=borrower.name, customer_number=borrower.pk, masked=masked,
    )  # fmt: skip


def issuer_of(language: str) -> Issuer:
    """The lender as a record names it."""
    lender = lender_current()
    return Issuer(lender.words["full_name"][language], lender.texts["hotline"],
                  lender.texts["complaint_line"], lender.texts["verify_at"])  # fmt: skip


def pdf_of(record: VisitRecord, *, masked: bool = False) -> bytes:
    """The PDF of a record, made now. Raises DoorstepError as `record_pdf`."""
    issuer = issuer_of(record.language)
    values = record_values(
        contents=record.contents, landed=record.landed, issuer=issuer,
        paper=paper_of(record, masked=masked),
    )  # fmt: skip
    values["square"] = qr_square(f"{issuer.verify_at} {record.number} {record.code}")
    return record_pdf(values=values, language=record.language, at=record.filed_at)


def record_file(*, record: VisitRecord, by: Staff, at: datetime) -> VisitRecordDocument | None:
    """Make the document, seal it, and put the record into the evidence with its digest. None where
    the document cannot be made now; the record stands all the same, and this can be tried again."""
    try:
        with transaction.atomic():
            pdf = pdf_of(record)
            sealed = file_seal(
                subject=record.case.borrower_id, place=document_place(record.number), content=pdf,
                at=at,
            )  # fmt: skip
            kept = VisitRecordDocument.objects.create(
                record=record, sealed=sealed, sha256=hashlib.sha256(pdf).hexdigest(), made_at=at
            )
    except DoorstepError as error:
        evidence_append(entries=[_entry(record, by, {"document": error.code})], at=at)
        return None
    evidence_append(entries=[_entry(record, by, {"sha256": kept.sha256})], at=at)
    return kept


def uncleared_number(day: date) -> str:
    """A number for the record of a visit that nobody had planned."""
    return number_new(
        prefix=f"VR-{day:%Y%m%d}-U",
        taken=lambda number: VisitRecord.objects.filter(number=number).exists(),
    )


def case_place(case: Case) -> str:
    """Where the customer of a case is at home, as the book says."""
    home = case.borrower.addresses.order_by("pk").first()
    return home.text if home else ""


def _span(told: Told) -> tuple[datetime, datetime]:
    steps = {str(each.body.get("step")): each.at for each in told.events if each.kind == "step"}
    ended = min(steps.get("close", told.written_at), told.at)
    began = steps.get("arrive") or steps.get("clearance") or steps.get("identity") or ended
    return min(began, ended), ended


def _place(visit: PlannedVisit) -> str:
    return visit.appointment.place if visit.appointment else ""


def _pens(told: Told) -> list[tuple[Pen, str, str]]:
    names = {each["staff"]: str(each["name"]) for each in crew_told(told.visit)}
    found = [(pen, str(SignedWhat.REPORT), names.get(pen.staff, "")) for pen in told.report.pens]
    if told.bargain is not None and told.bound is not None:
        found += [(pen, str(SignedWhat.AGREEMENT), pen.name) for pen in told.bargain.pens]
    return found


def _signatures_keep(record: VisitRecord, told: Told) -> None:
    agents = {pen.party: pen.staff for pen in told.report.pens}
    plan = [min(each.at, told.at) for each in told.events if each.kind == "agreement"]
    signed_at = {SignedWhat.REPORT: told.written_at, SignedWhat.AGREEMENT: (plan or [told.at])[-1]}
    rows = []
    for pen, about, name in _pens(told):
        sealed = file_seal(
            subject=record.case.borrower_id, content=pen.picture, at=told.at,
            place=signature_place(record.number, about, pen.party),
        )  # fmt: skip
        rows.append(
            VisitSignature(
                record=record, about=about, party=pen.party, staff_id=agents.get(pen.party),
                name=name, at=signed_at[SignedWhat(about)], sealed=sealed,
                sha256=hashlib.sha256(pen.picture).hexdigest(),
            )
        )  # fmt: skip
    VisitSignature.objects.bulk_create(rows)


def _agreement(told: Told) -> dict[str, Any] | None:
    bargain = told.bargain
    if bargain is None:
        return None
    state = "not_concluded"
    if told.bound is not None:
        state = "in_force" if told.bound.agreement else str(told.bound.offer.state)
    return {
        "state": state, "why": told.report.without_agreement, "language": bargain.language,
        "place": bargain.place, "consents": list(bargain.consents), "on": bargain.on.isoformat(),
        "loans": list(bargain.loans), "total": bargain.total, "kind": bargain.terms.kind,
        "currency": told.bound.offer.currency if told.bound else told.visit.case.currency,
        "rows": [[row[0].isoformat(), *row[1:]] for row in bargain.rows],
        "number": told.bound.agreement.number if told.bound and told.bound.agreement else "",
    }  # fmt: skip


def _amounts(told: Told) -> list[dict[str, Any]]:
    """What was spoken of, by currency, in minor units."""
    found = []
    promised = told.report.promise
    if promised is not None:
        until = promised.due_on.isoformat()
        found.append({"what": "promise", "currency": promised.currency, "minor": promised.amount,
                      "due_on": until, "loan": promised.loan or ""})  # fmt: skip
    agreement = _agreement(told)
    if agreement is not None and told.bound is not None:
        found.append({"what": "plan", "currency": agreement["currency"],
                      "minor": agreement["total"], "due_on": agreement["rows"][-1][0],
                      "loan": ""})  # fmt: skip
    return found


def _entry(record: VisitRecord, by: Staff, more: Mapping[str, Any]) -> Entry:
    return Entry(
        kind="visit.recorded", subject=record.case.borrower_id, case=str(record.case_id),
        agent=by.username,
        body={
            "number": record.number, "event": str(record.event or ""), "outcome": record.outcome,
            "visited_on": record.visited_on.isoformat(), "late_why": record.late_why,
            "cleared": record.cleared, "contents": record.contents, "landed": record.landed,
            "digest": digest_of(record), **more,
        },
    )  # fmt: skip
