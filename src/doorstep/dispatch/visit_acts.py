"""Planned visits as acts at the one door: they wait there for those who go, and are taken back when
something comes up. Each is cleared at the door and nowhere else (`visit_clear`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from doorstep.dispatch.clearing import act_clear
from doorstep.dispatch.keys import reference_make
from doorstep.dispatch.leases import PERSON
from doorstep.dispatch.models import Act, ActState
from doorstep.dispatch.rulebook import rulebook_current
from doorstep.dispatch.visit_slots import risk_must_be_approved
from doorstep.dispatch.visit_windows import visit_act
from doorstep.dispatch.withdrawing import acts_withdraw
from doorstep.kernel.errors import Refused
from doorstep.outreach.render import digest_of
from doorstep.visits.models import CrewMember, PlannedVisit
from doorstep.visits.visitor import EARLY, LATE
from doorstep.workforce.models import Staff


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
    """The door's answer: the act, cleared or held back with its verdict. `conditions` are what the
    crew must do for it to hold."""

    act: Act
    conditions: tuple[str, ...] = ()

    @property
    def may(self) -> bool:
        """Whether the crew may ring."""
        return self.act.state == ActState.CLEARED


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
    return AtTheDoor(act, found.ready[0].conditions if found.ready else ())
