"""Which field days somebody may see: all, the own branch's, or the own crew's published day."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404

from doorstep.sites.office.access import StaffRequest
from doorstep.visits.models import CrewDay, FieldPlan
from doorstep.visits.models.days import PlanState
from doorstep.workforce.models import Branch, Staff
from doorstep.workforce.roles import Permission, Scope

HEAVY = ("problem", "plan")


def branches_for(staff: Staff) -> QuerySet[Branch]:
    """The branches whose field days somebody may see."""
    found = Branch.objects.order_by("code")
    if staff.scope is Scope.ALL:
        return found
    return found.filter(pk=staff.branch_id) if staff.branch_id else found.none()


def plans_visible_to(*, staff: Staff) -> QuerySet[FieldPlan]:
    """Plans of those branches, without the files they were solved from."""
    found = FieldPlan.objects.select_related("branch", "made_by", "published_by", "follows")
    heavy = (*HEAVY, *(f"follows__{name}" for name in HEAVY))
    return found.filter(branch__in=branches_for(staff)).defer(*heavy)


def plan_or_404(staff: Staff, plan_id: int) -> FieldPlan:
    """A plan by its number; Http404 alike when there is none and when it may not be seen."""
    plan = plans_visible_to(staff=staff).filter(pk=plan_id).first()
    if plan is None:
        raise Http404
    return plan


def crews_visible_to(*, staff: Staff) -> QuerySet[CrewDay]:
    """Crew days: those of visible plans, and one's own once they are published."""
    found = CrewDay.objects.select_related("plan", "plan__branch", "vehicle").defer(
        *(f"plan__{name}" for name in HEAVY)
    )
    if staff.may(Permission.SEE_FIELD):
        return found.filter(plan__branch__in=branches_for(staff))
    return found.filter(plan__state=PlanState.PUBLISHED, members__staff=staff)


def crew_or_404(staff: Staff, crew_id: int) -> CrewDay:
    """A crew's day by its number, where it may be seen."""
    crew = crews_visible_to(staff=staff).filter(pk=crew_id).first()
    if crew is None:
        raise Http404
    return crew


def may_move(request: StaffRequest, plan: FieldPlan) -> bool:
    """Whether who looks may move visits of this plan: a draft, or the day that crews go by."""
    movable = plan.state in (PlanState.DRAFT, PlanState.PUBLISHED)
    return movable and request.user.may(Permission.PLAN_FIELD)
