"""Deciding one case again by day, when a protection changes: a complaint at ten stops the step of
half past ten. Same facts and same ladder as the night; amounts stay those of the last night.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.conf import settings
from django.dispatch import receiver

from doorstep.agreements.selectors.standing import promises_of
from doorstep.cases.bills import loans_for
from doorstep.cases.models import Case, WorkItem
from doorstep.cases.models import Contact as ContactRow
from doorstep.cases.screening import is_held_back
from doorstep.cases.steps import Step
from doorstep.cycle.plans import plan_at
from doorstep.cycle.policies import policy_of
from doorstep.cycle.step_acts import SCREENED, steps_screen_again
from doorstep.delinquency.dues import loan_dues
from doorstep.delinquency.policy import Policy
from doorstep.portfolio.models import Address as AddressRow
from doorstep.portfolio.models import ContactPoint
from doorstep.protections.night import begun_by_business_date
from doorstep.protections.selectors import night_holds
from doorstep.protections.signals import protection_changed
from doorstep.protections.terms import local_day, start_of
from doorstep.treatment.circumstances import Address, Contact, Point, Protection
from doorstep.treatment.facts import Facts, borrower_facts
from doorstep.treatment.ladder import Decision, decide
from doorstep.treatment.shelf import ladder_of

DECIDED = ("step", "reason", "priority", "hold_kind", "hold_until", "facts")
IDLE = (Step.NONE, Step.WAIT)


@receiver(protection_changed)
def cases_decide_again(
    *, borrower_ids: list[str], at: datetime, by_night: bool, **_signal: object
) -> None:
    """Decide the open cases of these borrowers again, in the transaction that changed something.
    The night decides everybody anyway."""
    if by_night:
        return
    for case in Case.objects.filter(borrower__in=borrower_ids, status="open"):
        case_decide_again(case=case, at=at)


def case_decide_again(*, case: Case, at: datetime) -> None:
    """Apply the ladder of the case to what is known now; a closed case stays as it is."""
    if case.status != "open":
        return
    on = local_day(at)
    facts = facts_now(borrower_id=case.borrower_id, business_date=case.business_date, on=on, at=at)
    if facts is None:
        return
    decision = decide(facts, ladder=ladder_of(case.ladder_version))
    case.step, case.reason = decision.step, decision.reason
    case.priority = decision.priority
    case.hold_kind, case.hold_until = facts.hold_kind or "", facts.hold_until
    case.facts = facts.as_json()
    steps_screen_again(cases=[case], at=at)
    case.save(update_fields=[*DECIDED, *SCREENED])
    _replace_item(case, decision, on=on, ends=plan_at(at=at, on=on).ends)


def facts_now(
    *,
    borrower_id: str,
    business_date: date,
    on: date,
    at: datetime | None = None,
    policy: Policy | None = None,
) -> Facts | None:
    """The facts of a borrower: money as of the business date, holds as of `on`; None when nothing
    was overdue. What is over by `at` (None: the end of `on`) holds no more. Without `policy`, the
    one that the night of the business date used."""
    at = at or start_of(on + timedelta(days=1))
    policy = policy or policy_of(business_date)
    return borrower_facts(
        loans=[
            loan_dues(loan, on=business_date, policy=policy)
            for loan in loans_for(borrower_id=borrower_id)
        ],
        points=[
            Point(kind=p.kind, state=p.state)
            for p in ContactPoint.objects.filter(borrower=borrower_id)
        ],
        addresses=[
            Address(kind=a.kind, state=a.state)
            for a in AddressRow.objects.filter(borrower=borrower_id)
        ],
        contacts=[
            Contact(at=c.at, channel=c.channel, result=c.result, direction=c.direction)
            for c in ContactRow.objects.filter(borrower=borrower_id)
        ],
        promises=promises_of(borrower_ids=[borrower_id], on=business_date).get(borrower_id, []),
        protections=_protections(borrower_id, business_date=business_date, on=on, at=at),
        on=business_date,
        policy=policy,
        time_zone=settings.TIME_ZONE,
    )


def _protections(
    borrower_id: str, *, business_date: date, on: date, at: datetime
) -> list[Protection]:
    """What holds on `on`, as if it already had on the business date."""
    known = night_holds(at=at, borrower_ids=[borrower_id])
    holds = [begun_by_business_date(h, business_date=business_date, today=on) for h in known]
    rows = [
        Protection(kind=h.kind, starts_on=h.starts_on, ends_on=h.ends_on, loan_id=h.loan_id)
        for h in holds
    ]
    return [row for row in rows if row.is_active(on=on)]


def _replace_item(case: Case, decision: Decision, *, on: date, ends: datetime) -> None:
    """The open work item follows the step: kept when it is the same, else withdrawn or replaced.
    A step held back beyond the planned day, which `ends` then, has none, as at night."""
    item = WorkItem.objects.filter(case=case, status="open").first()
    idle = decision.step in IDLE or is_held_back(case, until=ends)
    if item is not None and (idle or item.step != decision.step):
        item.status, item.closed_on = ("withdrawn" if idle else "superseded"), on
        item.save(update_fields=["status", "closed_on"])
        item = None
    if item is None and not idle:
        WorkItem.objects.create(
            case=case,
            step=decision.step,
            opened_on=on,
            due_on=on + timedelta(days=decision.due_in_days),
        )
