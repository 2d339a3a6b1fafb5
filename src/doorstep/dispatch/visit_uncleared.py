"""A visit that took place though the guard had not let it: recordable always, and an incident."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.agreements.services.agreements import code_new
from doorstep.cases.models import Case
from doorstep.dispatch.models import Incident
from doorstep.dispatch.services import uncleared_record
from doorstep.dispatch.visit_acts import visit_acts_withdraw
from doorstep.dispatch.visit_heard import uncleared_key
from doorstep.dispatch.visit_landing_door import RESULTS
from doorstep.dispatch.visit_landing_record import case_place, record_file, uncleared_number
from doorstep.kernel.errors import InputError, Where
from doorstep.treatment.wording import language_code
from doorstep.visits.models import PlannedVisit, VisitOutcome, VisitRecord
from doorstep.visits.record import consents_told, lateness, line_of, local_day_of, steps_told
from doorstep.visits.selectors.in_force import visits_alike
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission
from doorstep.workforce.services.may import must_may

WITHDRAWN_AS = "uncleared"
MOST_SAID = 2000


@transaction.atomic
def uncleared_visit_record(
    *, visit: PlannedVisit, why: str, when: datetime, by: Staff, at: datetime
) -> Incident:
    """Record that a crew rang at this visit's door without a clearance, `why` in its words; one
    incident a visit, however often it is told. What still waited at the door for it is taken back.
    Raises as `uncleared_record`."""
    visit_acts_withdraw(visits=visits_alike(visit), why=WITHDRAWN_AS, by=by, at=at)
    return uncleared_record(
        case=visit.case, channel="visit", when=min(when, at), result="", note=why, by=by, at=at,
        key=uncleared_key(visit),
    )  # fmt: skip


@transaction.atomic
def uncleared_visit_file(
    *, case: Case, outcome: str, said: str, people: str, when: datetime, by: Staff, at: datetime
) -> VisitRecord:
    """File the record of a visit that stands in no plan: who went (`people`), what happened and was
    said, how it ended. It opens an incident and counts as a contact. Raises as `uncleared_record`;
    InputError for an outcome that does not exist, or without an account."""
    must_may(by=by, permission=Permission.WRITE_NOTES)
    if outcome not in RESULTS or outcome in (VisitOutcome.AGREED, VisitOutcome.PROMISED):
        raise InputError(
            _("Say how the visit ended."), code="BAD_REPORT", where=Where(field="outcome"),
            hint=_("What was agreed is recorded on the case as a promise or an offer."),
        )  # fmt: skip
    said, people = line_of(said, MOST_SAID), line_of(people, 300)
    if not people:
        raise InputError(_("Say who went."), code="BAD_REPORT", where=Where(field="people"))
    incident = uncleared_record(
        case=case, channel="visit", when=when, result=RESULTS[VisitOutcome(outcome)], note=said,
        by=by, at=at,
    )  # fmt: skip
    zone = case.borrower.time_zone
    day = local_day_of(when, zone)
    why = lateness(visited_on=day, written_at=at, filed_at=at, zone=zone)
    record = VisitRecord.objects.create(
        visit=None, case=case, number=uncleared_number(day), code=code_new(), outcome=outcome,
        began_at=when, ended_at=when, visited_on=day, written_at=at, filed_at=at, filed_by=by,
        late=bool(why), late_why=why, cleared=False,
        language=language_code(case.borrower.language),
        contents=_contents(case, outcome, said, people, when, incident),
        landed={"incident": incident.pk},
    )  # fmt: skip
    record_file(record=record, by=by, at=at)
    return record


def _contents(
    case: Case, outcome: str, said: str, people: str, when: datetime, incident: Incident
) -> dict[str, object]:
    return {
        "time": {"began": when.isoformat(), "ended": when.isoformat(),
                 "zone": case.borrower.time_zone},
        "place": {"address": case_place(case), "arrived": None, "left": None},
        "crew": [{"staff": None, "name": people, "work_id": ""}], "vehicle": "",
        "met": {"who": "", "people": [], "identity": False},
        "shown": [], "consents": consents_told([]), "recordings": [], "steps": steps_told([]),
        "said": said, "reasons": [], "situation": "", "mood": "", "outcome": outcome,
        "agreement": None, "amounts": [], "disputes": [], "hardship": None, "facts": [],
        "incidents": {"incident": incident.pk, "cleared": False, "uncleared_why": said[:300],
                      "left_early": ""},
        "signatures": [],
    }  # fmt: skip
