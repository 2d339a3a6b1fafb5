"""The step of a case as an act, put to the guard by day: what the night's screening says set-wise.

The same is taken as given as at night (`planned`): the contents of approved templates, and what a
planned visit brings along. A moment's answer and advice, as the night's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from doorstep.cases.models import Case
from doorstep.cases.steps import Step
from doorstep.cycle.planned import (
    CAPPED,
    CHANNELS,
    KINDS,
    PLACE_WORDS,
    VISITED,
    Plan,
    given_facts,
    visit_facts,
)
from doorstep.cycle.plans import plan_at
from doorstep.dispatch.gathering import facts_gather
from doorstep.dispatch.models import Act
from doorstep.dispatch.points import USABLE, Point, points_choose
from doorstep.dispatch.rulebook import rulebook_current
from doorstep.guard.action import Action
from doorstep.guard.decide import decide
from doorstep.guard.facts import Facts
from doorstep.guard.verdict import Verdict
from doorstep.outreach.contents import CONTENTS
from doorstep.portfolio.models import Address
from doorstep.rules.caps import caps_of
from doorstep.rules.pack import Rulebook

SCREENED = ("screened", "screened_rules", "screened_from", "caps_left")
AGAINST = ("forbid", "ask", "not_before", "permit_if", "end_contact")
NOWHERE = Point("")
MESSAGES_BY = ("sms", "email", "messenger")


def steps_screen_again(*, cases: Sequence[Case], at: datetime) -> None:
    """Give the cases (unsaved) what the guard says of their steps at this moment."""
    rulebook = rulebook_current()
    asked = dict(_asked(cases, at, rulebook))
    for case in cases:
        case.screened, case.screened_rules, case.screened_from = "", [], None
        case.caps_left = {}
        if case.pk in asked:
            action, facts = asked[case.pk]
            verdict = decide(rulebook=rulebook, action=action, facts=facts, at=action.at)
            case.screened, case.screened_rules = str(verdict.outcome), rules_against(verdict)
            case.screened_from = verdict.not_before
            case.caps_left = _caps_left(facts, rulebook, plan_at(at=at, on=case.business_date))


def rules_against(verdict: Verdict) -> list[str]:
    """The rules that stand against an act, by id."""
    return sorted({reason.rule for reason in verdict.reasons if reason.outcome in AGAINST})


def steps_screened(
    *, cases: Sequence[Case], at: datetime, rulebook: Rulebook
) -> dict[int, Verdict]:
    """The guard's verdict on the step of each case, as if done at an instant; cases whose step
    touches nobody are left out. A fixed number of queries."""
    return {
        case: decide(rulebook=rulebook, action=action, facts=facts, at=action.at)
        for case, (action, facts) in _asked(cases, at, rulebook)
    }


def _asked(
    cases: Sequence[Case], at: datetime, rulebook: Rulebook
) -> Iterator[tuple[int, tuple[Action, Facts]]]:
    """The step of each case as the guard is asked about it, by the number of the case."""
    acts = _acts(cases, at)
    for act, each in zip(acts, facts_gather(acts=acts, at=at, rulebook=rulebook), strict=True):
        action, facts = each.action, each.facts
        if act.kind == "visit":
            brought = visit_facts(plan_at(at=at, on=act.case.business_date).day)
            action = replace(action, place=_place(act), details=brought)
            facts = facts | Facts.of("assumed", None, **brought)
        yield act.case_id, (action, facts)


def _caps_left(facts: Facts, rulebook: Rulebook, plan: Plan) -> dict[str, int | None]:
    """How many messages, calls and visits the caps leave, as the night says it."""
    edition = rulebook.edition(plan.day)
    left: dict[str, int | None] = {}
    for kind in CAPPED:
        caps = caps_of(edition, given_facts(kind, plan))
        counted = [(cap.most, facts[cap.counter].value) for cap in caps if cap.counter in facts]
        each = [most - count for most, count in counted if isinstance(count, int)]
        left[kind] = max(0, min(each)) if each else None
    return left


def _place(act: Act) -> str:
    return PLACE_WORDS[act.address.kind] if act.address else "other"


def _acts(cases: Sequence[Case], at: datetime) -> list[Act]:
    """An unsaved act for each case whose step touches somebody."""
    by_kind: dict[str, list[Case]] = {}
    for case in cases:
        kind = KINDS.get(Step(case.step))
        if kind is not None:
            by_kind.setdefault(kind, []).append(case)
    return [
        _act(case, kind, *where.get(case.borrower_id, (CHANNELS.get(kind, "sms"), NOWHERE)), at)
        for kind, some in by_kind.items()
        for where in [_where(kind, [case.borrower_id for case in some])]
        for case in some
    ]


def _where(kind: str, borrowers: list[str]) -> dict[str, tuple[str, Point]]:
    """The channel and the number or address for each borrower, those of `cycle.screening_facts`."""
    if kind == "visit":
        return {b: ("visit", point) for b, point in _visited(borrowers).items()}
    channels = MESSAGES_BY if kind == "message" else (CHANNELS[kind],)
    found: dict[str, tuple[str, Point]] = {}
    for channel in channels:
        left = [borrower for borrower in borrowers if borrower not in found]
        points = points_choose(borrower_ids=left, channel=channel) if left else {}
        found |= {borrower: (channel, point) for borrower, point in points.items()}
    return found


def _visited(borrowers: list[str]) -> dict[str, Point]:
    rows = Address.objects.filter(borrower__in=borrowers, state__in=USABLE, kind__in=VISITED)
    ranked = sorted(rows, key=lambda a: (USABLE.index(a.state), VISITED.index(a.kind), a.pk))
    return {row.borrower_id: Point("", address_id=row.pk) for row in reversed(ranked)}


def _act(case: Case, kind: str, channel: str, point: Point, at: datetime) -> Act:
    return Act(
        kind=kind, channel=channel, case=case, borrower_id=case.borrower_id,
        contact_point_id=point.contact_point_id, address_id=point.address_id, number=point.number,
        content={"kind": "reminder"} if kind == "message" else {}, contains=sorted(CONTENTS.items),
        planned_from=at, planned_until=at, made_at=at, state_at=at,
    )  # fmt: skip
