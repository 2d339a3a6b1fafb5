"""Plans and promises as the ladder and the guard read them: parts with a day, an amount, a state.

A plan in force is one part a loan, the next that is open, and runs until the day on which the plan
would be broken: while a first payment is late people are reminded of the plan, not of the debt. A
plan that was broken stays one broken part, which the ladder counts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q

from doorstep.agreements.models import Agreement, Promise
from doorstep.treatment.circumstances import Promise as PlainPromise

BROKEN_DAYS = 400
FOR_EVER = 3650


class Row(NamedTuple):
    """A row of the book's table of promises."""

    promise_id: str
    borrower_id: str
    loan_id: str | None
    kind: str
    made_on: date
    due_on: date
    amount: int
    paid_amount: int
    grace_days: int
    state: str


def plan_rows(*, on: date, borrower_ids: Collection[str] | None = None) -> Iterator[Row]:
    """The parts of all plans that hold or were broken lately, of everybody unless named; one query.
    What began after `on` counts as begun on it: a night still works on yesterday's book."""
    since = on - timedelta(days=BROKEN_DAYS)
    found = Agreement.objects.filter(
        Q(state="in_force") | Q(state="broken", ended_at__date__gte=since)
    )
    if borrower_ids is not None:
        found = found.filter(case__borrower__any_of=list(borrower_ids))
    columns = (
        "number", "state", "case__borrower_id", "offer__loans", "in_force_at",
        "watch__next_due_on", "watch__breaks_on", "watch__behind", "watch__cause",
    )  # fmt: skip
    for row in found.order_by("number", "offer__loans").values_list(*columns).iterator(10_000):
        if row[5] is not None:
            yield _row(*row, on=on)


def _row(
    number: str, state: str, borrower_id: str, loan_id: str | None, began: Any, next_due: date,
    breaks_on: date, behind: int, cause: str, *, on: date,
) -> Row:  # fmt: skip
    made_on = min(began.astimezone(ZoneInfo(settings.TIME_ZONE)).date(), on)
    grace = FOR_EVER if cause else (breaks_on - next_due).days - 1
    return Row(
        promise_id=f"{number}/{loan_id or ''}", borrower_id=borrower_id, loan_id=loan_id,
        kind="agreement", made_on=made_on, due_on=next_due, amount=max(behind, 1), paid_amount=0,
        grace_days=max(grace, 0), state="running" if state == "in_force" else "broken",
    )  # fmt: skip


def own_rows(*, on: date) -> Iterator[Row]:
    """What the lender's book does not know, for the night: plans, promises given here, and promises
    of the lender's towards which money came in."""
    yield from plan_rows(on=on)
    own = Promise.objects.filter(Q(origin="here") | Q(shares__isnull=False)).distinct()
    for values in own.order_by("pk").values_list(*Row._fields, "origin"):
        row = Row(*values[:-1])
        yield row._replace(made_on=min(row.made_on, on)) if values[-1] == "here" else row


def promises_of(*, borrower_ids: Collection[str], on: date) -> dict[str, list[PlainPromise]]:
    """Promises and plans of these borrowers as the day reads them; two queries. What was given here
    or signed after `on` counts as of it."""
    found: dict[str, list[PlainPromise]] = {}
    ids = list(borrower_ids)
    rows = Promise.objects.filter(borrower__any_of=ids)
    given = (
        (Row(*values), origin == "here")
        for *values, origin in rows.values_list(*Row._fields, "origin")
    )
    plans = ((row, True) for row in plan_rows(on=on, borrower_ids=ids))
    for row, own in (*given, *plans):
        made_on = min(row.made_on, on) if own else row.made_on
        found.setdefault(row.borrower_id, []).append(_plain(row._replace(made_on=made_on)))
    return found


def _plain(row: Row) -> PlainPromise:
    return PlainPromise(
        kind=row.kind, made_on=row.made_on, due_on=row.due_on, amount=row.amount,
        paid_amount=row.paid_amount, grace_days=row.grace_days, state=row.state,
        loan_id=row.loan_id,
    )  # fmt: skip
