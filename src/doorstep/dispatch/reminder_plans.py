"""Reminders before each instalment of a plan: a service of the plan itself, on the way the borrower
prefers, cleared by the guard like anything else.

One instalment is reminded of once. While a promise is young nobody is reminded: it was just made,
and a reminder so early does harm. What is paid meanwhile is not reminded of any more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from doorstep.agreements.models import PlanInstalment, Promise
from doorstep.agreements.watch import PARAMETERS, is_young
from doorstep.cases.models import Case
from doorstep.dispatch.clearing import why_of
from doorstep.dispatch.deciding import acts_screen
from doorstep.dispatch.models import Act, ActState, PlanReminder
from doorstep.dispatch.points import Point, points_choose
from doorstep.dispatch.proposals import act_of, may_go
from doorstep.dispatch.rulebook import rulebook_current
from doorstep.dispatch.withdrawing import acts_withdraw
from doorstep.evidence.entry import Entry
from doorstep.evidence.services import evidence_append
from doorstep.kernel.errors import DoorstepError, Refused
from doorstep.outreach.gathering import MOST_TAILS, Beside, Known, facts_gather
from doorstep.outreach.lender import Lender
from doorstep.outreach.render import Value, message_render
from doorstep.outreach.selectors import lender_current, template_choose, templates_in_force
from doorstep.outreach.template import Template
from doorstep.outreach.words import Kind, Medium, Tone
from doorstep.protections.models import Preference
from doorstep.protections.selectors import known_rows
from doorstep.protections.terms import local_day

AT_ONCE = 500
REMIND_DAYS = int(PARAMETERS["plan"]["remind_days"])
YOUNG_DAYS = int(PARAMETERS["promise"]["young_days"])
USUAL = (Medium.SMS, Medium.EMAIL)
WRITTEN = {str(medium): medium for medium in (Medium.SMS, Medium.EMAIL, Medium.MESSENGER)}
YOUNG, NO_POINT = "promise_young", "no_point"


@dataclass
class Reminded:
    """How many reminders were queued, and why others were not."""

    queued: int = 0
    left_out: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class _Due:
    """An instalment that falls due in the next days, with what the text names of it."""

    instalment: PlanInstalment
    case: Case
    facts: Mapping[str, Value]


def reminders_queue(*, at: datetime) -> Reminded:
    """Queue a reminder for every instalment that falls due within the next days and has none.

    Set-based, some hundreds a transaction. Where nobody has said who the lender is, nothing can be
    said: all are left out as LENDER_UNKNOWN.
    """
    today = local_day(at)
    due = list(
        PlanInstalment.objects.filter(
            settled_on__isnull=True,
            agreement__state="in_force",
            due_on__range=(today, today + timedelta(days=REMIND_DAYS)),
            reminder__isnull=True,
        )
        .select_related("agreement__case__borrower", "agreement__offer")
        .prefetch_related("agreement__offer__loans")
        .order_by("pk")
    )
    reminded = Reminded()
    if due:
        try:
            lender = lender_current()
        except Refused as error:
            return Reminded(left_out=Counter({error.code: len(due)}))
        for start in range(0, len(due), AT_ONCE):
            _queue(due[start : start + AT_ONCE], lender, reminded, at)
    return reminded


@transaction.atomic
def _queue(due: Sequence[PlanInstalment], lender: Lender, reminded: Reminded, at: datetime) -> None:
    young = _young([each.agreement.case.borrower_id for each in due], at)
    wanted = []
    for row in due:
        if row.agreement.case.borrower_id in young:
            reminded.left_out[YOUNG] += 1
        elif row.outstanding:
            wanted.append(_Due(row, row.agreement.case, _facts(row)))
    acts = _acts(wanted, lender, reminded, at)
    verdicts = acts_screen(acts=[act for _due, act in acts], at=at, rulebook=rulebook_current())
    kept = []
    for (each, act), verdict in zip(acts, verdicts, strict=True):
        if may_go(act, verdict):
            kept.append((each, act))
        else:
            reminded.left_out[why_of(verdict)] += 1
    Act.objects.bulk_create([act for _due, act in kept])
    PlanReminder.objects.bulk_create(
        [PlanReminder(instalment=each.instalment, act=act) for each, act in kept]
    )
    evidence_append(entries=[_entry(each, act) for each, act in kept], at=at)
    reminded.queued += len(kept)


def _young(borrower_ids: Iterable[str], at: datetime) -> set[str]:
    """Of these borrowers those who promised something only lately."""
    rows = Promise.objects.filter(borrower__any_of=list(borrower_ids), state="running")
    return {
        borrower
        for borrower, made_on in rows.values_list("borrower_id", "made_on")
        if is_young(made_on=made_on, on=local_day(at), young_days=YOUNG_DAYS)
    }


def _facts(each: PlanInstalment) -> dict[str, Value]:
    tails = [(loan.contract_ref or loan.pk)[-4:] for loan in each.agreement.offer.loans.all()]
    return {
        "next_due_on": each.due_on,
        "next_amount": each.outstanding,
        "account_tail": "、".join(tails[:MOST_TAILS]),
        "currency": each.agreement.offer.currency,
    }


def _acts(
    wanted: Sequence[_Due], lender: Lender, reminded: Reminded, at: datetime
) -> list[tuple[_Due, Act]]:
    """One unsaved act each, by the first way that reaches its borrower."""
    if not wanted:
        return []
    ids = [each.case.borrower_id for each in wanted]
    known = facts_gather(
        cases=[each.case for each in wanted], lender=lender, on=local_day(at),
        beside=Beside(facts={each.case.pk: each.facts for each in wanted}),
    )  # fmt: skip
    templates, prefers = templates_in_force(), _preferred(ids)
    points = {
        medium: points_choose(borrower_ids=ids, channel=str(medium)) for medium in WRITTEN.values()
    }
    acts = []
    for each in wanted:
        ways = (*prefers.get(each.case.borrower_id, ()), *USUAL)
        act = _act(each, ways, points, known[each.case.pk], templates, at)
        if act is None:
            reminded.left_out[NO_POINT] += 1
        else:
            acts.append((each, act))
    return acts


def _preferred(borrower_ids: Iterable[str]) -> dict[str, tuple[Medium, ...]]:
    """The way each borrower said they would rather be written to."""
    rows = known_rows(Preference).filter(
        borrower__any_of=list(borrower_ids), stance="prefers", subject="channel",
        channel__in=list(WRITTEN),
    )  # fmt: skip
    return {
        borrower: (WRITTEN[channel],)
        for borrower, channel in rows.order_by("pk").values_list("borrower_id", "channel")
    }


def _act(
    each: _Due,
    ways: Sequence[Medium],
    points: Mapping[Medium, Mapping[str, Point]],
    known: Known,
    templates: dict[str, Template],
    at: datetime,
) -> Act | None:
    for medium in ways:
        point = points[medium].get(each.case.borrower_id)
        if point is None:
            continue
        try:
            template = template_choose(
                templates=templates, kind=Kind.PRE_DUE, tone=Tone.FRIENDLY, medium=medium,
                reading=known.reading,
            )  # fmt: skip
            text = message_render(template=template, facts=known.facts, language=known.language)
        except DoorstepError:
            continue
        act = act_of(each.case, template, text, point, at, _until(each), None, at)
        act.state = ActState.QUEUED
        return act
    return None


def _until(each: _Due) -> datetime:
    """The end of the due day where the borrower is: afterwards it would be a demand."""
    zone = ZoneInfo(each.case.borrower.time_zone)
    after: date = each.instalment.due_on + timedelta(days=1)
    return datetime.combine(after, time(), tzinfo=zone)


def _entry(each: _Due, act: Act) -> Entry:
    return Entry(
        kind="plan.reminded",
        subject=act.borrower_id,
        case=str(act.case_id),
        body={
            "agreement": each.instalment.agreement.number,
            "instalment": each.instalment.number,
            "reference": act.reference,
            "channel": act.channel,
            "content_sha256": act.content_sha256,
        },
    )


def instalments_heard(
    sender: Any, *, instalment_ids: Iterable[int], at: datetime, **_: Any
) -> None:
    """What `agreements.signals.instalments_settled` brings: what is paid is not reminded of."""
    waiting = Act.objects.filter(plan_reminder__instalment__any_of=list(instalment_ids))
    acts_withdraw(acts=waiting, why="paid", by="", at=at)
