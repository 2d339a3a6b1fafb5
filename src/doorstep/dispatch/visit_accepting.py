"""A proposed change of a day comes into force, unless the day went on meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.dispatch.visit_replacing import (
    REFUSED_AT_THE_DOOR,
    Visits,
    plan_entry,
    plan_replace,
    visits_by_case,
)
from doorstep.dispatch.visit_texts import Sent
from doorstep.evidence.services import evidence_append
from doorstep.kernel.errors import Refused
from doorstep.visits.models import FieldPlan
from doorstep.visits.models.days import PlanState, VisitState
from doorstep.visits.services.plans import branch_must
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission

OVER = (VisitState.UNDER_WAY, VisitState.DONE, VisitState.CANCELLED)


@dataclass(frozen=True)
class Accepted:
    """The plan in force, what borrowers were told of new hours, and how many appointments were
    withdrawn because nobody can keep them."""

    plan: FieldPlan
    sent: Sent
    withdrawn: int


@transaction.atomic
def plan_change_accept(*, plan: FieldPlan, by: Staff, at: datetime) -> Accepted:
    """Put a draft that follows a published plan in force.

    Raises Refused NOT_PERMITTED, WRONG_STATE, and STALE when the day went on since it was proposed:
    then it is to be planned again.
    """
    branch_must(by=by, branch=plan.branch, permission=Permission.PUBLISH_FIELD)
    new = FieldPlan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
    old = FieldPlan.objects.select_for_update(of=("self",)).filter(changes=new).first()
    if new.state != PlanState.DRAFT or old is None:
        raise Refused(_("Only a draft that follows a plan can be accepted."), code="WRONG_STATE")
    known = _still_true(visits_by_case(old), visits_by_case(new))
    if old.state != PlanState.PUBLISHED or not known:
        raise Refused(
            _("The day went on since this was worked out."), code="STALE",
            hint=_("Plan the change again."),
        )  # fmt: skip
    done = plan_replace(old=old, new=new, by=by, at=at)
    evidence_append(entries=[plan_entry("plan.changed", new, by)], at=at)
    return Accepted(new, done.sent, done.withdrawn)


def _still_true(before: Visits, after: Visits) -> bool:
    """Whether nothing happened to a visit since that the draft does not know."""
    for case_id, was in before.items():
        now = after[case_id]
        ended = now.outcome == REFUSED_AT_THE_DOOR or now.state == VisitState.CANCELLED
        if was.state in OVER and now.state != was.state and not ended:
            return False
    return True
