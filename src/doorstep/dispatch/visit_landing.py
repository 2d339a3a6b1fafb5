"""What happened at a door lands in the books: the record, and with it, in one transaction, whatever
was agreed, promised, disputed or told there. Half of it never lands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.agreements.services.affordability import affordability_finish, affordability_save
from doorstep.agreements.services.promises import promise_give
from doorstep.cases.models import Case
from doorstep.delinquency.policy import DEFAULT, Policy
from doorstep.dispatch.models import Incident
from doorstep.dispatch.visit_heard import heard_of
from doorstep.dispatch.visit_landing_door import (
    appointment_settle,
    door_settle,
    timer_settle,
    was_cleared,
)
from doorstep.dispatch.visit_landing_facts import facts_land
from doorstep.dispatch.visit_landing_plan import Bound, plan_land
from doorstep.dispatch.visit_landing_record import Told, record_keep
from doorstep.dispatch.visit_report import (
    Bargain,
    Report,
    bargain_read,
    dispute_read,
    form_read,
    report_read,
)
from doorstep.dispatch.visit_uncleared import uncleared_visit_record
from doorstep.kernel.errors import InputError, Refused, Where
from doorstep.portfolio.models import Loan
from doorstep.protections.models import Dispute, ToldHow
from doorstep.protections.services import News, dispute_open, hardship_record
from doorstep.visits.models import CrewMember, PlannedVisit, VisitOutcome, VisitRecord
from doorstep.visits.record import NOT_THE_BORROWER, Heard, local_day_of, step_body
from doorstep.visits.selectors.in_force import visits_alike
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission
from doorstep.workforce.services.may import must_may

__all__ = ["dispute_land", "report_land", "uncleared_visit_record"]


class DoorWord(Protocol):
    """An event of a phone, as it is handed in to land."""

    @property
    def id(self) -> UUID | str:
        """The id made on the phone."""

    @property
    def kind(self) -> str:
        """What it tells."""

    @property
    def body(self) -> Any:
        """What it tells of it."""

    @property
    def at(self) -> datetime:
        """When, by the corrected clock."""


@dataclass
class Landing:
    """What is about to land with a report: who, where, when, and what came of it so far."""

    visit: PlannedVisit
    report: Report
    events: Sequence[Heard]
    by: Staff
    written_at: datetime
    at: datetime
    landed: dict[str, Any] = field(default_factory=dict)

    @property
    def case(self) -> Case:
        """The case visited."""
        return self.visit.case

    def of(self, kind: str) -> list[Heard]:
        """The events of a kind, in their order."""
        return [each for each in self.events if each.kind == kind]

    @property
    def signed(self) -> Heard | None:
        """The plan that was signed; none where the customer declined it afterwards."""
        last = [each for each in self.events if each.kind in ("agreement", "declined")]
        latest = max(last, key=lambda each: each.at, default=None)
        return latest if latest is not None and latest.kind == "agreement" else None


@transaction.atomic
def report_land(
    *,
    visit: PlannedVisit,
    event: DoorWord,
    by: Staff,
    at: datetime,
    policy: Policy = DEFAULT,
    events: Sequence[Heard] | None = None,
) -> VisitRecord:
    """Land the closing report of a visit by one of its crew, with all that was told there: means,
    disputes, hardship, contact facts, the plan, the promise, and what became of the visit, its
    appointment and its timer. The same event lands once.

    `events` are the visit's other events; by default those that are kept. Raises Refused: for
    others than the crew, RECORDED where another report of this visit has landed, FIGURES_DIFFER and
    whatever the parts refuse; InputError for a report that cannot be. Then nothing has landed.
    """
    visit = _locked(visit)
    _must_be_crew(visit, by)
    known = VisitRecord.objects.filter(visit__in=visits_alike(visit)).first()
    if known is not None:
        if str(known.event) == str(event.id):
            return known
        raise Refused(
            _("This visit has been recorded already."), code="RECORDED",
            hint=_("Look at the record; what is missing is added as a note of the case."),
        )  # fmt: skip
    landing = Landing(
        visit=visit, report=report_read(event.body), by=by, written_at=min(event.at, at), at=at,
        events=heard_of(visit) if events is None else events,
    )  # fmt: skip
    _must_fit(landing)
    cleared = _ring_told(landing)
    _told_land(landing)
    bound, bargain = _plan(landing, policy)
    _promise(landing)
    told = Told(
        visit=visit, report=landing.report, events=landing.events, event_id=str(event.id),
        bargain=bargain, bound=bound, cleared=cleared, landed=landing.landed, by=by,
        written_at=landing.written_at, at=at,
    )  # fmt: skip
    record = record_keep(told)
    appointment_settle(visit=visit, report=landing.report, by=by, at=record.began_at)
    timer_settle(visit=visit, by=by, at=at)
    door_settle(visit=visit, outcome=landing.report.outcome, by=by, at=at)
    return record


@transaction.atomic
def dispute_land(*, visit: PlannedVisit, event: DoorWord, by: Staff, at: datetime) -> Dispute:
    """The customer challenges the bill at the door: a dispute is open from this moment, and nothing
    of it is collected until it is answered. The same event opens it once. Raises Refused for others
    than the crew, InputError for a loan that is not the customer's or without what is disputed."""
    visit = _locked(visit)
    _must_be_crew(visit, by)
    loan_id, text = dispute_read(event.body)
    news = _news(visit, f"door:{event.id}", text, min(event.at, at), by, at)
    return dispute_open(news=news, loan=_loan(visit, loan_id))


def _locked(visit: PlannedVisit) -> PlannedVisit:
    rows = PlannedVisit.objects.select_for_update(of=("self",)).select_related(
        "case__borrower", "crew__vehicle", "appointment", "address"
    )
    return rows.get(pk=visit.pk)


def _must_be_crew(visit: PlannedVisit, by: Staff) -> None:
    must_may(by=by, permission=Permission.CHECK_IN)
    if not CrewMember.objects.filter(crew=visit.crew_id, staff=by).exists():
        raise Refused(_("This visit is another crew's."), code="NOT_PERMITTED")


def _must_fit(landing: Landing) -> None:
    """Raises InputError for signatures of others than the crew, an outcome that does not fit what
    was told, or talk of the debt where the customer was not met."""
    report, crew = landing.report, landing.visit.crew_id
    signers = {pen.staff for pen in report.pens}
    if CrewMember.objects.filter(crew=crew, staff__in=signers).count() != len(signers):
        raise _bad("signatures", _("Two of this visit's crew sign the record."), "TWO_SIGN")
    agreed = report.outcome == VisitOutcome.AGREED
    has_plan = landing.signed is not None and not report.without_agreement
    met_other = report.outcome in NOT_THE_BORROWER or _met_somebody_else(landing.events)
    if met_other and (has_plan or report.promise is not None):
        raise _bad("outcome", _("Nothing is agreed or promised by anybody but the customer."),
                   "NOT_THE_CUSTOMER")  # fmt: skip
    if agreed != has_plan:
        raise _bad("outcome", _("The outcome and the plan that was signed do not go together."))
    if (report.outcome == VisitOutcome.PROMISED) and report.promise is None:
        raise _bad("promise", _("Say how much was promised, and for which day."))


def _met_somebody_else(events: Sequence[Heard]) -> bool:
    return step_body(events, "who_is_there").get("who") in ("third_party", "nobody")


def _ring_told(landing: Landing) -> bool:
    """Whether the guard had let the crew ring; a ring without it opens an incident."""
    if was_cleared(landing.visit):
        return True
    rang = landing.report.outcome != VisitOutcome.LEFT_EARLY or bool(
        step_body(landing.events, "identity")
    )
    if rang:
        why = landing.report.uncleared_why or landing.report.said
        incident: Incident = uncleared_visit_record(
            visit=landing.visit, why=why, when=landing.written_at, by=landing.by, at=landing.at
        )
        landing.landed["incident"] = incident.pk
    return not rang


def _told_land(landing: Landing) -> None:
    """What the customer told of means, disputes, hardship and ways to be reached."""
    visit, by, at = landing.visit, landing.by, landing.at
    for each in landing.of("affordability")[-1:]:
        draft = affordability_save(case=landing.case, form=form_read(each.body), by=by, at=at)
        stated = affordability_finish(draft=draft, by=by, at=at, on=_day(landing, min(each.at, at)))
        landing.landed["affordability"] = stated.pk
    disputes = [dispute_land(visit=visit, event=each, by=by, at=at) for each in
                landing.of("dispute")]  # fmt: skip
    if disputes:
        landing.landed["disputes"] = [each.pk for each in disputes]
    if (struck := landing.report.hardship) is not None:
        news = _news(visit, f"door-visit:{visit.pk}:hardship", struck.note, landing.written_at, by,
                     at)  # fmt: skip
        landing.landed["hardship"] = hardship_record(
            news=replace(news, claimed=True), cause=struck.cause
        ).pk
    if landing.report.facts:
        landing.landed["facts"] = facts_land(
            visit=visit, facts=landing.report.facts, by=by, at=landing.written_at
        )


def _plan(landing: Landing, policy: Policy) -> tuple[Bound | None, Bargain | None]:
    signed = landing.signed
    if signed is None:
        return None, None
    bargain = bargain_read(signed.body)
    if landing.report.without_agreement:
        return None, bargain
    bound = plan_land(
        case=landing.case, bargain=bargain, signed_at=min(signed.at, landing.at),
        by=landing.by, at=landing.at, policy=policy,
    )  # fmt: skip
    landing.landed["plan"] = bound.as_json()
    return bound, bargain


def _promise(landing: Landing) -> None:
    promised = landing.report.promise
    if promised is None:
        return
    loan = _loan(landing.visit, promised.loan)
    if promised.currency != (loan.currency if loan else landing.case.currency):
        raise _bad("promise", _("The promise is in another currency than the debt."))
    landing.landed["promise"] = promise_give(
        case=landing.case, loan=loan, amount=promised.amount, due_on=promised.due_on,
        note=_("Promised at the door."), by=landing.by, at=landing.written_at,
    ).pk  # fmt: skip


def _news(
    visit: PlannedVisit, reference: str, note: str, when: datetime, by: Staff, at: datetime
) -> News:
    return News(
        borrower=visit.case.borrower, reference=reference, at=at, by=by, note=note,
        told_how=ToldHow.VISIT, received_at=when,
    )  # fmt: skip


def _loan(visit: PlannedVisit, loan_id: str | None) -> Loan | None:
    if loan_id is None:
        return None
    found = Loan.objects.filter(pk=loan_id, borrower=visit.case.borrower_id).first()
    if found is None:
        raise _bad("loan", _("This loan is not the customer's."))
    return found


def _day(landing: Landing, at: datetime) -> date:
    return local_day_of(at, landing.case.borrower.time_zone)


def _bad(name: str, why: str, code: str = "BAD_REPORT") -> InputError:
    return InputError(why, code=code, where=Where(field=name))
