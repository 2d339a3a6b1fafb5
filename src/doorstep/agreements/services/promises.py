"""Promises given to us: recorded, taken back, watched to the day and the minor unit."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from doorstep.agreements.models import Promise, PromiseState
from doorstep.agreements.watch import Outcome, promise_outcome
from doorstep.cases.models import Case
from doorstep.evidence.entry import Entry
from doorstep.evidence.services import evidence_append
from doorstep.kernel.errors import InputError, Refused, Where
from doorstep.portfolio.models import Loan
from doorstep.protections.signals import protection_changed
from doorstep.protections.terms import local_day
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission
from doorstep.workforce.services.may import must_may

LONGEST = timedelta(days=60)
GRACE_DAYS = 2


@transaction.atomic
def promise_give(
    *,
    case: Case,
    loan: Loan | None,
    amount: int,
    due_on: date,
    note: str,
    by: Staff,
    at: datetime,
) -> Promise:
    """Record that the borrower promised an amount (minor units) for a day. From now on nobody asks
    for it until that day and its grace are over.

    Raises Refused without permission or for a closed case; InputError for an amount of nothing, a
    day that is over or further away than LONGEST, or somebody else's loan.
    """
    must_may(by=by, permission=Permission.WRITE_NOTES)
    today = local_day(at)
    if case.status != "open":
        raise Refused(_("This case is closed."), code="CLOSED")
    if amount <= 0:
        raise InputError(_("Say how much was promised."), where=Where(field="amount"))
    if not today <= due_on <= today + LONGEST:
        raise InputError(
            _("A promise is for a day within the next %(days)s days.") % {"days": LONGEST.days},
            hint=_("For anything longer work out a plan."),
            where=Where(field="due_on"),
        )
    if loan is not None and loan.borrower_id != case.borrower_id:
        raise InputError(_("This loan is somebody else's."), where=Where(field="loan"))
    promise = Promise.objects.create(
        promise_id=_number(case), borrower_id=case.borrower_id, loan=loan, kind="promise",
        made_on=today, due_on=due_on, amount=amount, grace_days=GRACE_DAYS,
        state=PromiseState.RUNNING, origin="here", by=by, note=note.strip()[:300],
    )  # fmt: skip
    body = {"promise": promise.pk, "amount": amount, "due_on": due_on.isoformat()}
    _told("promise.given", promise, case, body, by, at)
    return promise


@transaction.atomic
def promise_cancel(*, promise: Promise, why: str, by: Staff, at: datetime) -> Promise:
    """Take back a promise that was recorded by mistake, or that the borrower took back.

    Raises Refused without permission, for one of the lender's book, or one that is over;
    InputError without a reason."""
    must_may(by=by, permission=Permission.WRITE_NOTES)
    if not why.strip():
        raise InputError(_("Say why."), code="NO_REASON", where=Where(field="why"))
    promise = Promise.objects.select_for_update(of=("self",)).get(pk=promise.pk)
    if promise.origin != "here" or promise.state != PromiseState.RUNNING:
        raise Refused(_("This promise is over, or the lender's own."), code="WRONG_STATE")
    promise.state = PromiseState.CANCELLED
    promise.note = f"{promise.note} · {why.strip()}".strip(" ·")[:300]
    promise.save(update_fields=["state", "note"])
    case = Case.objects.filter(borrower=promise.borrower_id).order_by("-pk").first()
    _told("promise.cancelled", promise, case, {"promise": promise.pk, "why": why.strip()}, by, at)
    return promise


@transaction.atomic
def promises_watch(*, on: date) -> int:
    """Decide the promises given here as of a business date: kept with their amount, broken after
    their grace. Returns how many were decided; the same night again decides none."""
    running = Promise.objects.filter(origin="here", state=PromiseState.RUNNING)
    due = running.filter(due_on__lt=on)
    broken = [
        promise.pk
        for promise in due
        if promise_outcome(
            amount=promise.amount, paid=promise.paid_amount, due_on=promise.due_on,
            grace_days=promise.grace_days, on=on,
        )
        is Outcome.BROKEN
    ]  # fmt: skip
    kept = running.filter(paid_amount__gte=F("amount")).update(state=PromiseState.KEPT)
    gone = Promise.objects.filter(pk__any_of=broken).update(state=PromiseState.BROKEN)
    return kept + gone


def _number(case: Case) -> str:
    """The next number of a promise of this case: unlike any of the lender's."""
    last = Promise.objects.filter(promise_id__startswith=f"D{case.pk}-").aggregate(
        last=Max("promise_id")
    )["last"]
    following = int(str(last).rpartition("-")[2]) + 1 if last else 1
    return f"D{case.pk}-{following:04}"


def _told(
    kind: str, promise: Promise, case: Case | None, body: dict[str, object], by: Staff, at: datetime
) -> None:
    entry = Entry(
        kind, promise.borrower_id, body, case=str(case.pk) if case else "", agent=by.username
    )
    evidence_append(entries=[entry], at=at)
    protection_changed.send(
        sender=Promise, borrower_ids=[promise.borrower_id], at=at, by_night=False
    )
