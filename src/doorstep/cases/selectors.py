"""Reads over cases. Every list and every page of a case begins with `cases_visible_to`."""

from __future__ import annotations

from django.db.models import QuerySet

from doorstep.cases.models import Case
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Scope


def cases_visible_to(*, staff: Staff) -> QuerySet[Case]:
    """The cases this member of staff may see: all, of the branch, of the team, own, or none.

    A branch or team that is not set matches nothing: whoever is bound to a team and has none
    sees only what is assigned to them.
    """
    match staff.scope:
        case Scope.ALL:
            return Case.objects.all()
        case Scope.BRANCH if staff.branch_id:
            return Case.objects.filter(branch=staff.branch_id)
        case Scope.TEAM if staff.team_id:
            return Case.objects.filter(team=staff.team_id)
        case Scope.BRANCH | Scope.TEAM | Scope.OWN:
            return Case.objects.filter(assignee=staff)
        case Scope.NONE:
            return Case.objects.none()
