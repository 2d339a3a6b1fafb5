"""Planned visits as acts at the one door: they wait there for those who go, and are taken back when
something comes up. Each is cleared at the door and nowhere else (`visit_clear`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from doorstep.dispatch.clearing import act_clear
from doorstep.dispatch.gathering import facts_gather
from doorstep.dispatch.keys import reference_make
from doorstep.dispatch.leases import PERSON
from doorstep.dispatch.models import Act, ActState
from doorstep.dispatch.rulebook import rulebook_current
from doorstep.dispatch.visit_slots import risk_must_be_approved
from doorstep.dispatch.visit_windows import visit_act
from doorstep.dispatch.withdrawing import acts_withdraw
from doorstep.guard.decide import decide
from doorstep.guard.verdict import Outcome, Verdict
from doorstep.kernel.errors import Refused
from doorstep.outreach.render import digest_of
from doorstep.visits.models import CrewMember, PlannedVisit
from doorstep.visits.visitor import EARLY, LATE
from doorstep.workforce.models import Staff

FINE = (Outcome.PERMIT, Outcome.PERMIT_IF)


@transaction.atomic
def visit_acts_make(*, visits: Sequence[PlannedVisit], by: Staff, at: datetime) -> None:
    """One act a visit, waiting for its crew; `visit.act` names it."""
    crews = {visit.crew_id for visit in visits}
    members = list(CrewMember.objects.filter(crew__in=crews).order_by("-leads", "pk"))
    acts = [_act(visit, by, at) for visit in visits]
    Act.objects.bulk_create(acts)
    through = Act.agents.through
    through.objects.bulk_create(
        through(act_id=act.pk, staff_id=member.staff_id)
        for act, visit in zip(acts, visits, strict=True)
        for member in members
        if member.crew_id == visit.crew_id
    )
    for visit, act in zip(visits, acts, strict=True):
        visit.act = act.reference
    PlannedVisit.objects.bulk_update(visits, ["act"])


def _act(visit: PlannedVisit, by: Staff, at: datetime) -> Act:
    assert visit.address is not None
    assert visit.begins_at is not None
    assert visit.ends_at is not None
    act = visit_act(case=visit.case, address=visit.address, at=at)
    text = {"text": "", "subject": "", "html": "", "body": ""}
    act.content = act.content | text | {"language": visit.case.borrower.language,
                                        "reading": "usual"}  # fmt: skip
    act.content_sha256 = digest_of("visit", act.content["language"], "", "", "")
    act.reference, act.proposed_by = reference_make(), by
    act.state, act.made_at, act.state_at = ActState.QUEUED, at, at
    act.planned_from = max(at, visit.begins_at - EARLY)
    act.planned_until = max(visit.ends_at + LATE, act.planned_from + EARLY)
    return act


def visit_acts_withdraw(
    *, visits: QuerySet[PlannedVisit], why: str, by: Staff | None, at: datetime
) -> int:
    """Take back what still waits at the door for these visits; how many."""
    references = [act for act in visits.values_list("act", flat=True) if act]
    return acts_withdraw(
        acts=Act.objects.filter(reference__in=references), why=why,
        by=by.username if by else "", at=at,
    )  # fmt: skip


@dataclass(frozen=True)
class AtTheDoor:
    """The door's answer: whether the crew may ring, the rule that stands in the way and the whole
    verdict. `conditions` are what the crew must do for it to hold."""

    may: bool
    why: str
    verdict: Mapping[str, Any] | None
    conditions: tuple[str, ...] = ()


def visit_clear(*, visit: PlannedVisit, by: Staff, clock: Callable[[], datetime]) -> AtTheDoor:
    """Ask the guard for this visit, now, by somebody of its crew: fresh facts, the papers of all
    who go. Raises Refused for somebody else, NOT_PLANNED_NOW when the visit does not wait at the
    door or its time is not now, and RISK_NOT_APPROVED when it has become dangerous since it was
    planned."""
    if not CrewMember.objects.filter(crew=visit.crew_id, staff=by).exists():
        raise Refused(_("This visit is another crew's."), code="NOT_PERMITTED")
    at = clock()
    act = Act.objects.filter(
        reference=visit.act, state=ActState.QUEUED, planned_from__lte=at, planned_until__gt=at
    ).first()
    if act is None:
        raise Refused(
            _("This visit is not planned for now."), code="NOT_PLANNED_NOW",
            hint=_("Look at the plan again, or ask your team leader."),
        )  # fmt: skip
    risk_must_be_approved(case=visit.case, at=at)
    found = act_clear(
        act=act, worker=f"{PERSON}{by.pk}", clock=clock, rulebook=rulebook_current(),
        to=ActState.CLEARED,
    )  # fmt: skip
    act.refresh_from_db()
    conditions = found.ready[0].conditions if found.ready else ()
    return AtTheDoor(act.state == ActState.CLEARED, act.why, act.verdict, conditions)


@transaction.atomic
def visit_clear_afterwards(*, visit: PlannedVisit, by: Staff, when: datetime) -> AtTheDoor:
    """The same for a crew that rang without a network at `when`. What became of the act since, too
    late for it or withdrawn, does not count: nobody could tell the crew. Raises as `visit_clear`,
    and the act then stays as it is."""
    since = Q(state=ActState.EXPIRED) | Q(state=ActState.WITHDRAWN, state_at__gt=when)
    Act.objects.filter(since, reference=visit.act).update(state=ActState.QUEUED, state_at=when)
    return visit_clear(visit=visit, by=by, clock=lambda: when)


def visit_ask_again(*, act: Act, at: datetime) -> AtTheDoor:
    """What the guard says now of a visit it has let the crew ring for: a stop, an hour or a paper
    may have changed since. Caps do not count: the visit is in them itself."""
    rulebook = rulebook_current()
    asked = facts_gather(acts=[act], at=at, rulebook=rulebook)[0]
    verdict = decide(rulebook=rulebook, action=asked.action, facts=asked.facts, at=at)
    why = but_caps(verdict, at.astimezone(ZoneInfo(asked.action.zone)).date())
    return AtTheDoor(not why, why, verdict.as_dict(), verdict.conditions)


def but_caps(verdict: Verdict, on: date) -> str:
    """The first rule that stands in the way and counts no contacts; nothing where none does."""
    if verdict.outcome in FINE:
        return ""
    book = rulebook_current()
    edition, counted = book.edition(on), frozenset(book.counters)
    caps = {each.rule.id for each in edition.restricting if each.needs & counted}
    for reason in verdict.reasons:
        if reason.outcome == str(verdict.outcome) and reason.rule not in caps:
            return reason.rule[:64]
    return ""
