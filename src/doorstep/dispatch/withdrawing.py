"""Taking back what has not gone out yet: by a person, or because something came up.

When a protection is recorded, every waiting act on that borrower is put to the guard again at
once; what it would not permit any more is withdrawn and not left for later.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from doorstep.dispatch.clearing import why_of
from doorstep.dispatch.deciding import acts_screen
from doorstep.dispatch.models import WAITING, Act, ActState
from doorstep.dispatch.rulebook import rulebook_current
from doorstep.evidence.entry import Entry
from doorstep.evidence.services import evidence_append
from doorstep.guard.verdict import Outcome

AT_ONCE = 500


@transaction.atomic
def acts_withdraw(*, acts: QuerySet[Act], why: str, by: str, at: datetime) -> int:
    """Withdraw those of the acts that still wait; returns how many. `by` is a sign-in name, empty
    for the machine."""
    waiting = list(
        acts.filter(state__in=WAITING).select_for_update(of=("self",)).only(
            "pk", "reference", "borrower_id", "case_id"
        )
    )  # fmt: skip
    Act.objects.filter(pk__in=[act.pk for act in waiting]).update(
        state=ActState.WITHDRAWN, state_at=at, why=why[:64]
    )
    evidence_append(entries=[_entry(act, why, by) for act in waiting], at=at)
    return len(waiting)


@transaction.atomic
def acts_look_again(*, borrower_ids: Iterable[str], at: datetime) -> int:
    """Put the waiting acts on these borrowers to the guard again, and withdraw what it forbids;
    returns how many were withdrawn."""
    ids = sorted(set(borrower_ids))
    withdrawn = 0
    for start in range(0, len(ids), AT_ONCE):
        waiting = Act.objects.filter(borrower__in=ids[start : start + AT_ONCE], state__in=WAITING)
        withdrawn += _look_again(list(waiting.select_for_update(of=("self",))), at)
    return withdrawn


def _look_again(waiting: Sequence[Act], at: datetime) -> int:
    if not waiting:
        return 0
    screened = acts_screen(acts=waiting, at=at, rulebook=rulebook_current())
    stopped = []
    for act, verdict in zip(waiting, screened, strict=True):
        if verdict.outcome in (Outcome.FORBID, Outcome.ASK):
            act.state, act.state_at = ActState.WITHDRAWN, at
            act.verdict, act.why = verdict.as_dict(), why_of(verdict)
            stopped.append(act)
    Act.objects.bulk_update(stopped, ["state", "state_at", "verdict", "why"], batch_size=200)
    evidence_append(entries=[_entry(act, act.why, "") for act in stopped], at=at)
    return len(stopped)


def _entry(act: Act, why: str, by: str) -> Entry:
    return Entry(
        kind="withdrawn",
        subject=act.borrower_id,
        case=str(act.case_id),
        agent=by,
        body={"reference": act.reference, "why": why},
    )


def protection_heard(
    sender: Any, *, borrower_ids: Iterable[str], at: datetime, **more: Any
) -> None:
    """What `protections.signals.protection_changed` brings."""
    acts_look_again(borrower_ids=borrower_ids, at=at)
