"""What must be confirmed before tonight's steps: the number or address that a step would use, while
nobody has confirmed it.

Only for open cases whose step needs it, the most urgent first, and never more at once than people
can work through; the next nights fill up what was done. What staff looked at lately is left alone:
a number that somebody found out of date does not come back the next morning.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery, Value, When

from doorstep.cases.models import Case
from doorstep.cases.steps import Step
from doorstep.dispatch.points import KINDS, PLACES, USABLE
from doorstep.portfolio.models import Address, ContactPoint, Verification, VerificationTask

MOST_OPEN = 2_000
AGAIN_AFTER = timedelta(days=30)
DOUBTFUL = tuple(state for state in USABLE if state != "verified")


@dataclass(frozen=True)
class Need:
    """Steps that use one kind of subject, and which sorts of it, the preferred first."""

    steps: tuple[Step, ...]
    relation: str
    model: type[ContactPoint] | type[Address]
    kinds: tuple[str, ...]


NEEDS = (
    Need((Step.PROPOSE_VISIT, Step.LETTER), "address", Address, (*PLACES, "mailing")),
    Need((Step.CALL,), "contact_point", ContactPoint, KINDS["phone"]),
    Need((Step.REMIND, Step.REMIND_AGAIN), "contact_point", ContactPoint, KINDS["sms"]),
)


def verification_tasks_follow(*, at: datetime, most: int = MOST_OPEN) -> int:
    """Close the tasks that no step needs any more and open those that one does, up to `most` open
    ones; returns how many were opened."""
    _close_idle(at)
    room = most - _open_tasks().count()
    opened = 0
    for need in NEEDS:
        tasks = list(_missing(need, at=at, room=room - opened)) if room > opened else []
        VerificationTask.objects.bulk_create(tasks, batch_size=500)
        opened += len(tasks)
    return opened


def _open_tasks() -> models.QuerySet[VerificationTask]:
    return VerificationTask.objects.filter(closed_at=None, reason__in=DOUBTFUL)


def _close_idle(at: datetime) -> None:
    """Close what was confirmed by the lender, and what the borrower's step does not use."""
    needed = Q()
    for need in NEEDS:
        waiting = Case.objects.filter(status="open", step__in=need.steps)
        needed |= Q(
            **{
                f"{need.relation}__state__in": DOUBTFUL,
                f"{need.relation}__kind__in": need.kinds,
                "borrower__in": waiting.values("borrower"),
            }
        )
    idle = _open_tasks().exclude(pk__in=_open_tasks().filter(needed).values("pk"))
    idle.update(closed_at=at)


def _missing(need: Need, *, at: datetime, room: int) -> Iterator[VerificationTask]:
    """A task for each case whose step would use something doubtful that has none yet."""
    best = need.model.objects.filter(
        borrower=OuterRef("borrower"), state__in=USABLE, kind__in=need.kinds
    ).order_by(_place("state", USABLE), _place("kind", need.kinds), "pk")
    task = _open_tasks().filter(**{need.relation: OuterRef("subject")})
    lately = Verification.objects.filter(
        **{need.relation: OuterRef("subject")}, at__gt=at - AGAIN_AFTER
    )
    cases = (
        Case.objects.filter(status="open", step__in=need.steps)
        .annotate(subject=Subquery(best.values("pk")[:1]), state=Subquery(best.values("state")[:1]))
        .filter(~Exists(task), ~Exists(lately), state__in=DOUBTFUL)
        .order_by("-priority", "pk")
    )
    for borrower, subject, state in cases.values_list("borrower", "subject", "state")[:room]:
        yield VerificationTask(
            borrower_id=borrower,
            reason=state,
            opened_at=at,
            **{f"{need.relation}_id": subject},
        )


def _place(name: str, values: tuple[str, ...]) -> Any:
    """The place of a column's value in the order of preference."""
    places = [When(**{name: value}, then=Value(place)) for place, value in enumerate(values)]
    return models.Case(*places, default=Value(len(values)))
