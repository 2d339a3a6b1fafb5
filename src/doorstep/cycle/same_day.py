"""Deciding one case again by day, when a hold is placed or ended: a complaint at ten stops the step
of half past ten. Same facts and same ladder as the night; amounts stay those of the last night.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction

from doorstep.agreements.models import Promise as PromiseRow
from doorstep.cases.bills import loans_for
from doorstep.cases.models import Case, WorkItem
from doorstep.cases.models import Contact as ContactRow
from doorstep.cases.steps import Step
from doorstep.cycle.policies import policy_of
from doorstep.delinquency.dues import loan_dues
from doorstep.delinquency.policy import Policy
from doorstep.portfolio.models import Address as AddressRow
from doorstep.portfolio.models import ContactPoint
from doorstep.protections.models import Hold
from doorstep.protections.services import hold_end, hold_place
from doorstep.treatment.circumstances import Address, Contact, Point, Promise, Protection
from doorstep.treatment.facts import Facts, borrower_facts
from doorstep.treatment.ladder import Decision, decide
from doorstep.treatment.shelf import ladder_of
from doorstep.workforce.models import Staff

IDLE = (Step.NONE, Step.WAIT)


@transaction.atomic
def hold_place_and_decide(
    *,
    case: Case,
    kind: str,
    starts_on: date,
    ends_on: date | None,
    note: str,
    by: Staff,
    at: datetime,
    on: date,
) -> Hold:
    """Place a hold on the case's borrower and decide the case again. Raises as `hold_place`."""
    hold = hold_place(
        borrower=case.borrower,
        kind=kind,
        starts_on=starts_on,
        ends_on=ends_on,
        note=note,
        by=by,
        at=at,
        on=on,
    )
    case_decide_again(case=case, on=on)
    return hold


@transaction.atomic
def hold_end_and_decide(*, case: Case, hold: Hold, by: Staff, at: datetime, on: date) -> Hold:
    """End a hold and decide the case again. Raises as `hold_end`."""
    ended = hold_end(hold=hold, by=by, at=at)
    case_decide_again(case=case, on=on)
    return ended


def case_decide_again(*, case: Case, on: date) -> None:
    """Apply the ladder of the case to what is known now; a closed case stays as it is."""
    if case.status != "open":
        return
    facts = facts_now(borrower_id=case.borrower_id, business_date=case.business_date, on=on)
    if facts is None:
        return
    decision = decide(facts, ladder=ladder_of(case.ladder_version))
    case.step, case.reason = decision.step, decision.reason
    case.priority = decision.priority
    case.hold_kind, case.hold_until = facts.hold_kind or "", facts.hold_until
    case.facts = facts.as_json()
    case.save(update_fields=["step", "reason", "priority", "hold_kind", "hold_until", "facts"])
    _replace_item(case, decision, on=on)


def facts_now(
    *, borrower_id: str, business_date: date, on: date, policy: Policy | None = None
) -> Facts | None:
    """The facts of a borrower: money as of the business date, holds as of `on`; None when nothing
    was overdue. Without `policy`, the one that the night of the business date used."""
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
        promises=[
            Promise(
                kind=p.kind,
                made_on=p.made_on,
                due_on=p.due_on,
                amount=p.amount,
                paid_amount=p.paid_amount,
                grace_days=p.grace_days,
                state=p.state,
                loan_id=p.loan_id,
            )
            for p in PromiseRow.objects.filter(borrower=borrower_id)
        ],
        protections=_protections(borrower_id, business_date=business_date, on=on),
        on=business_date,
        policy=policy,
        time_zone=settings.TIME_ZONE,
    )


def _protections(borrower_id: str, *, business_date: date, on: date) -> list[Protection]:
    """Holds that are active on `on`, as if they already were on the business date."""
    rows = [
        Protection(kind=h.kind, starts_on=h.starts_on, ends_on=h.ends_on, loan_id=h.loan_id)
        for h in Hold.objects.filter(borrower=borrower_id, ended_at__isnull=True)
    ]
    return [
        replace(row, starts_on=min(row.starts_on, business_date))
        for row in rows
        if row.is_active(on=on)
    ]


def _replace_item(case: Case, decision: Decision, *, on: date) -> None:
    """The open work item follows the step: kept when it is the same, else withdrawn or replaced."""
    item = WorkItem.objects.filter(case=case, status="open").first()
    idle = decision.step in IDLE
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
