"""Reports of people who came, called or wrote in our name: told by anybody, taken and closed by the
risk department."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.evidence.entry import Entry
from doorstep.evidence.services import evidence_append
from doorstep.kernel.errors import InputError, Refused, Where
from doorstep.visits.appointments import code_make
from doorstep.visits.models import Finding, Happened, ImpostorReport, PlannedVisit
from doorstep.visits.selectors.in_force import visits_in_force
from doorstep.visits.services.visitor import EVERYBODY, Limit, asked, too_many
from doorstep.visits.visitor import code_normal
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission
from doorstep.workforce.services.may import must_may

LONGEST_AGO = timedelta(days=366)
SHORTEST_WORDS, LONGEST_WORDS = 2, 2000
OF_ONE = Limit(5, timedelta(hours=1))
"""Reports from one address."""
OF_ALL = Limit(500, timedelta(hours=1))
"""Reports through the page from everywhere together."""
FORGOTTEN = "–"


@dataclass(frozen=True)
class Told:
    """What somebody tells: how and when it was, and in their words what happened."""

    happened: str
    happened_on: date
    words: str
    work_id: str = ""
    place: str = ""
    contact: str = ""
    code: str = ""
    language: str = "zh-hans"


def impostor_report(
    *, told: Told, at: datetime, on: date, asker: str = "", by: Staff | None = None
) -> ImpostorReport:
    """Keep a report and give it a number. `asker`: `asker_key`, where nobody of ours took it.

    Raises InputError for what cannot be used; Refused TOO_MANY, or without permission to make calls
    for a colleague.
    """
    if by is not None:
        must_may(by=by, permission=Permission.MAKE_CALLS)
    elif not asked(what="report", key=asker, limit=OF_ONE, at=at) or not asked(
        what="report", key=EVERYBODY, limit=OF_ALL, at=at
    ):
        raise too_many()
    values = _checked(told, on)
    with transaction.atomic():
        report = ImpostorReport.objects.create(
            number=code_make(secrets.choice), visit=_visit(told.code), told_by=by, at=at, **values
        )
        evidence_append(entries=[_entry("reported", report, by)], at=at)
    return report


@transaction.atomic
def impostor_report_take(*, report: ImpostorReport, by: Staff, at: datetime) -> ImpostorReport:
    """See to a report. Raises Refused without permission, or when it is closed or taken."""
    report = _open(report, by)
    if report.taken_at is not None:
        raise Refused(_("Somebody sees to this report already."), code="WRONG_STATE")
    report.taken_by, report.taken_at = by, at
    report.save(update_fields=["taken_by", "taken_at"])
    evidence_append(entries=[_entry("taken", report, by)], at=at)
    return report


@transaction.atomic
def impostor_report_close(
    *, report: ImpostorReport, finding: str, how: str, by: Staff, at: datetime
) -> ImpostorReport:
    """Say what was found and what was done. Raises as `impostor_report_take`; Refused NOT_TAKEN
    while nobody sees to it; InputError without a finding or words."""
    report = _open(report, by)
    if report.taken_at is None:
        raise Refused(_("Take the report first."), code="NOT_TAKEN")
    if finding not in Finding.values:
        raise InputError(_("Say what was found."), where=Where(field="finding"))
    report.closed_how = _line(how, 1000)
    if not report.closed_how:
        raise InputError(_("Say what was done."), where=Where(field="how"))
    report.finding, report.closed_by, report.closed_at = finding, by, at
    report.save(update_fields=["finding", "closed_how", "closed_by", "closed_at"])
    evidence_append(entries=[_entry("closed", report, by)], at=at)
    return report


def _open(report: ImpostorReport, by: Staff) -> ImpostorReport:
    must_may(by=by, permission=Permission.HANDLE_IMPOSTORS)
    found = ImpostorReport.objects.select_for_update(of=("self",)).get(pk=report.pk)
    if found.closed_at is not None:
        raise Refused(_("This report is closed already."), code="WRONG_STATE")
    return found


def _checked(told: Told, on: date) -> dict[str, object]:
    words = _line(told.words, LONGEST_WORDS)
    if told.happened not in Happened.values:
        raise InputError(_("Say how it happened."), where=Where(field="happened"))
    if not on - LONGEST_AGO <= told.happened_on <= on + timedelta(days=1):
        raise InputError(
            _("Give a day of the past year, or today."), where=Where(field="happened_on")
        )
    if len(words) < SHORTEST_WORDS:
        raise InputError(_("Tell us in a few words what happened."), where=Where(field="words"))
    return {
        "happened": told.happened,
        "happened_on": told.happened_on,
        "words": words,
        "work_id": _line(told.work_id, 64),
        "place": _line(told.place, 200),
        "contact": _line(told.contact, 100),
        "language": told.language[:10],
    }


def reports_forget(*, borrower_id: str) -> int:
    """Take a borrower's own words, place and number out of the reports that name a visit to them;
    how many. That somebody posed as one of ours stays on record."""
    theirs = ImpostorReport.objects.filter(visit__case__borrower=borrower_id)
    return theirs.update(words=FORGOTTEN, place="", contact="")


def _visit(code: str) -> PlannedVisit | None:
    kept = code_normal(code)
    if not kept:
        return None
    rows = visits_in_force().filter(appointment__code=kept)
    return rows.order_by("-begins_at").first()


def _line(text: str, most: int) -> str:
    return text.strip().replace("\x00", "")[:most]


def _entry(what: str, report: ImpostorReport, by: Staff | None) -> Entry:
    return Entry(
        kind=f"impostor.{what}",
        subject="",
        agent=by.username if by else "",
        body={
            "report": report.number,
            "happened": report.happened,
            "on": report.happened_on.isoformat(),
            "finding": report.finding,
            "how": report.closed_how,
        },
    )
