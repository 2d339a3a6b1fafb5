"""Plans in force: watched from the day they begin, by every payment and every night."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from doorstep.agreements.models import (
    Agreement,
    AgreementState,
    PlanEvent,
    PlanInstalment,
    PlanWatch,
)
from doorstep.agreements.services.care import care_offer, cares_offer
from doorstep.agreements.watch import TERMS, Health, Part, Plan, plan_standing
from doorstep.evidence.entry import Entry
from doorstep.evidence.services import evidence_append
from doorstep.kernel.memory import cycles_uncollected
from doorstep.portfolio.bulk import upsert_rows
from doorstep.portfolio.lookups import Many
from doorstep.protections.selectors import night_holds
from doorstep.protections.signals import protection_changed
from doorstep.protections.terms import local_day

MISSED = "missed"
PAID = "paid"
WATCH_COLUMNS = (
    "agreement_id", "health", "next_due_on", "breaks_on", "behind", "missed", "cause", "looked_on",
)  # fmt: skip
EVENTS = {
    ("on_track", "at_risk"): "at_risk",
    ("at_risk", "on_track"): "recovered",
}


@dataclass(frozen=True)
class _Watched:
    """An agreement that is watched, and how it stood when it was last looked at."""

    agreement_id: int
    number: str
    case_id: int
    borrower_id: str
    state: str
    health: str
    cause: str


@dataclass
class Looked:
    """What a look at plans found, by agreement: those that are now broken, kept, at risk, back on
    track, spared for a cause, or open again."""

    watched: int = 0
    events: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def counts(self) -> dict[str, int]:
        """How many of each."""
        return {"watched": self.watched} | {k: len(v) for k, v in sorted(self.events.items())}


@transaction.atomic
def plan_begin(*, agreement: Agreement, at: datetime) -> PlanWatch:
    """Begin to watch an agreement that has just come into force; its instalments are there. From
    this moment contact about the debt stops: what waits to be sent is asked about again."""
    on = local_day(at)
    plan_events_note(kind="begun", agreement_ids=[agreement.pk], on=on, at=at)
    _look(Agreement.objects.filter(pk=agreement.pk), on=on, at=at, may_break=False)
    care_offer(case=agreement.case, moment="plan_signed", on=on)
    _tell([agreement.case.borrower_id], at)
    return PlanWatch.objects.get(pk=agreement.pk)


@transaction.atomic
def plans_watch(*, on: date, at: datetime) -> Looked:
    """Look at every plan in force as of a business date: the night's part. What is missed without a
    cause breaks its plan; a borrower for whom something holds (a hardship, a complaint, an illness)
    is spared, and a person decides. Set-based; the same night again changes nothing."""
    with cycles_uncollected():
        return _look(Agreement.objects.filter(state="in_force"), on=on, at=at, may_break=True)


@transaction.atomic
def plans_look(*, agreement_ids: Collection[int], on: date, at: datetime) -> Looked:
    """Look at some plans after money moved. Never breaks one; one that money was taken back from is
    open again."""
    chosen = Agreement.objects.filter(
        pk__any_of=Many(agreement_ids), state__in=("in_force", "kept")
    )
    looked = _look(chosen, on=on, at=at, may_break=False)
    changed = {pk for ids in looked.events.values() for pk in ids}
    borrowers = Agreement.objects.filter(pk__any_of=sorted(changed))
    _tell(sorted(set(borrowers.values_list("case__borrower_id", flat=True))), at)
    return looked


@transaction.atomic
def plan_break(*, agreement: Agreement, why: str, by: str, at: datetime) -> None:
    """End a plan as broken by the decision of a person, who says why."""
    on = local_day(at)
    _broken({agreement.pk: _watched(Agreement.objects.filter(pk=agreement.pk))[0]}, why, by, on, at)
    _tell([agreement.case.borrower_id], at)


def _look(agreements: QuerySet[Agreement], *, on: date, at: datetime, may_break: bool) -> Looked:
    rows = _watched(agreements)
    plans = _plans([row.agreement_id for row in rows], on=on)
    late = [row for row in rows if plans[row.agreement_id].health is Health.BROKEN]
    causes = _causes({row.borrower_id for row in late}, at) if late else {}
    looked = Looked(watched=len(rows))
    values = []
    broken: dict[int, _Watched] = {}
    for row in rows:
        plan = plans[row.agreement_id]
        health, cause = str(plan.health), ""
        if plan.health is Health.BROKEN:
            cause = causes.get(row.borrower_id, "") if may_break else row.cause
            if cause or not may_break:
                health = "at_risk"
        event = _event(row, health, cause)
        if event:
            looked.events[event].append(row.agreement_id)
        if health == "broken":
            broken[row.agreement_id] = row
        values.append(_values(row.agreement_id, health, plan, cause, on))
    upsert_rows(
        model=PlanWatch, columns=WATCH_COLUMNS, rows=values, key=["agreement_id"],
        update=WATCH_COLUMNS[1:],
    )  # fmt: skip
    _settle(looked, {row.agreement_id: row for row in rows}, broken, on, at)
    return looked


def _settle(
    looked: Looked, rows: Mapping[int, _Watched], broken: Mapping[int, _Watched], on: date,
    at: datetime,
) -> None:  # fmt: skip
    for kind, ids in looked.events.items():
        if kind != "broken":
            plan_events_note(kind=kind, agreement_ids=ids, on=on, at=at)
    if broken:
        _broken(broken, MISSED, "", on, at)
    if kept := looked.events.get("kept", []):
        _ended(kept, AgreementState.KEPT, PAID, at)
        _evidence("plan.kept", [rows[pk] for pk in kept], PAID, "", at)
        cares_offer(cases=_cases(rows, kept), moment="paid_up", on=on)
    if risky := looked.events.get("at_risk", []):
        cares_offer(cases=_cases(rows, risky), moment="plan_at_risk", on=on)
    if opened := looked.events.get("reopened", []):
        Agreement.objects.filter(pk__any_of=opened).update(
            state=AgreementState.IN_FORCE, ended_at=None, ended_why=""
        )


def _cases(rows: Mapping[int, _Watched], ids: Iterable[int]) -> list[tuple[int, str]]:
    return [(rows[pk].case_id, rows[pk].borrower_id) for pk in ids]


def _event(row: _Watched, health: str, cause: str) -> str:
    """What to write down of the change, if anything."""
    if cause and row.cause != cause:
        return "spared"
    if row.state == "kept":
        return "" if health == "kept" else "reopened"
    if health in ("broken", "kept"):
        return health
    return EVENTS.get((row.health, health), "")


def _values(pk: int, health: str, plan: Plan, cause: str, on: date) -> tuple[Any, ...]:
    return (
        pk, health, plan.next_due_on, plan.breaks_on, plan.behind, len(plan.missed), cause, on,
    )  # fmt: skip


def _watched(agreements: QuerySet[Agreement]) -> list[_Watched]:
    columns = (
        "pk", "number", "case_id", "case__borrower_id", "state", "watch__health", "watch__cause",
    )  # fmt: skip
    return [
        _Watched(pk, number, case_id, borrower_id, state, health or "on_track", cause or "")
        for pk, number, case_id, borrower_id, state, health, cause in agreements.order_by(
            "pk"
        ).values_list(*columns)
    ]


def _plans(ids: list[int], *, on: date) -> dict[int, Plan]:
    """How the plans stand; one query. Of open instalments only those are read that say so: what is
    past its day, and the next few, up to as many as missed would break a plan."""
    still: dict[int, list[Part]] = {pk: [] for pk in ids}
    outstanding = (
        F("principal_outstanding") + F("interest_outstanding") + F("fee_outstanding")
        + F("penalty_outstanding")
    )  # fmt: skip
    place = Window(RowNumber(), partition_by=F("agreement_id"), order_by=("due_on", "number"))
    rows = PlanInstalment.objects.filter(settled_on__isnull=True, agreement__any_of=Many(ids))
    rows = rows.annotate(still=outstanding).filter(still__gt=0).annotate(place=place)
    rows = rows.filter(Q(place__lte=TERMS.missed_to_break) | Q(due_on__lt=on)).order_by()
    for pk, number, due_on, amount in rows.values_list(
        "agreement_id", "number", "due_on", "still"
    ).iterator(10_000):
        still[pk].append(Part(number=number, due_on=due_on, due=amount))
    return {pk: plan_standing(parts, on=on, terms=TERMS) for pk, parts in still.items()}


def _causes(borrower_ids: Iterable[str], at: datetime) -> dict[str, str]:
    """Something that holds for a borrower now, by which a missed payment has a cause."""
    holds = night_holds(at=at, borrower_ids=sorted(borrower_ids))
    return {hold.borrower_id: hold.kind for hold in reversed(holds)}


def _broken(rows: Mapping[int, _Watched], why: str, by: str, on: date, at: datetime) -> None:
    ids = list(rows)
    _ended(ids, AgreementState.BROKEN, why, at)
    PlanWatch.objects.filter(pk__any_of=ids).update(health="broken")
    plan_events_note(kind="broken", agreement_ids=ids, on=on, at=at, note=why)
    _evidence("plan.broken", list(rows.values()), why, by, at)


def _ended(ids: Collection[int], state: AgreementState, why: str, at: datetime) -> None:
    Agreement.objects.filter(pk__any_of=list(ids)).update(
        state=state, ended_at=at, ended_why=why[:300]
    )


def plan_events_note(
    *, kind: str, agreement_ids: Iterable[int], on: date, at: datetime, note: str = ""
) -> None:
    """Write something down in the history of plans; the same again on a day is once."""
    PlanEvent.objects.bulk_create(
        [
            PlanEvent(agreement_id=pk, kind=kind, on=on, at=at, note=note[:500])
            for pk in agreement_ids
        ],
        ignore_conflicts=True, batch_size=2000,
    )  # fmt: skip


def _evidence(kind: str, rows: Iterable[_Watched], why: str, by: str, at: datetime) -> None:
    entries = [
        Entry(
            kind, row.borrower_id, {"agreement": row.number, "why": why}, case=str(row.case_id),
            agent=by,
        )
        for row in rows
    ]  # fmt: skip
    evidence_append(entries=entries, at=at)


def _tell(borrower_ids: list[str], at: datetime) -> None:
    """The desk decides these cases again, the one door asks again about what waits."""
    if borrower_ids:
        protection_changed.send(sender=PlanWatch, borrower_ids=borrower_ids, at=at, by_night=False)
