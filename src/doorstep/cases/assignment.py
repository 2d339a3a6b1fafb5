"""Giving cases to people: who can take which case, and the deed itself, set-based.

A check comes first and is repeated inside the deed, so that nothing is given on an old answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from doorstep.cases.models import Assignment, Case
from doorstep.cases.selectors import scope_condition
from doorstep.kernel.errors import Refused
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission, Role, Scope

WORKING_ROLES = (Role.DESK_AGENT, Role.FIELD_AGENT, Role.TEAM_LEADER)
OUTSIDE, CLOSED, OTHER_BRANCH, ALREADY = "outside_scope", "closed", "other_branch", "already"


@dataclass(frozen=True)
class AssignmentCheck:
    """How many of some cases can be given, and how many cannot, by the first reason that holds."""

    can: int
    cannot: dict[str, int]

    @property
    def refused(self) -> int:
        """How many cannot."""
        return sum(self.cannot.values())


def people_for(*, by: Staff) -> QuerySet[Staff]:
    """Whom `by` may give cases to: active people who work cases, within the scope of `by`."""
    people = Staff.objects.filter(is_active=True, role__in=[role.value for role in WORKING_ROLES])
    match by.scope:
        case Scope.ALL:
            return people
        case Scope.BRANCH if by.branch_id:
            return people.filter(branch=by.branch_id)
        case Scope.TEAM if by.team_id:
            return people.filter(team=by.team_id)
        case _:
            return people.filter(pk=by.pk)


def assignment_check(*, cases: QuerySet[Case], to: Staff | None, by: Staff) -> AssignmentCheck:
    """What would happen if `by` gave these cases to `to` (None: to nobody). One query.

    Raises Refused when `by` may not assign at all, or `to` cannot take any case from `by`.
    """
    if not by.may(Permission.ASSIGN_CASES):
        raise Refused(_("Your role does not include assigning cases."), code="NOT_YOURS_TO_ASSIGN")
    if to is not None and not people_for(by=by).filter(pk=to.pk).exists():
        raise Refused(_not_for(to), code="CANNOT_TAKE_CASES")
    reasons = _reasons(to=to, by=by)
    counts: dict[str, int] = cases.order_by().aggregate(
        can=Count("pk", filter=_allowed(to=to, by=by)),
        **{name: Count("pk", filter=reason) for name, reason in reasons.items()},
    )
    can = counts.pop("can")
    return AssignmentCheck(can=can, cannot={name: n for name, n in counts.items() if n})


@transaction.atomic
def cases_assign(
    *, cases: QuerySet[Case], to: Staff | None, by: Staff, at: datetime
) -> AssignmentCheck:
    """Give every case that can be given to `to` (None: take it back), and keep a record of each.

    The team follows the person. Returns what was done; raises Refused as `assignment_check` does.
    """
    check = assignment_check(cases=cases, to=to, by=by)
    if not check.can:
        return check
    chosen = cases.filter(_allowed(to=to, by=by)).order_by()
    _record(chosen, to=to, by=by, at=at)
    changes = {"team": to.team_id} if to is not None and to.team_id else {}
    Case.objects.filter(pk__in=chosen.values("pk")).update(
        assignee=to.pk if to else None, **changes
    )
    return check


def _record(chosen: QuerySet[Case], *, to: Staff | None, by: Staff, at: datetime) -> None:
    """One INSERT .. SELECT, however many cases there are."""
    select, values = chosen.values("pk").query.sql_with_params()
    moment = connection.ops.adapt_datetimefield_value(at)
    table = connection.ops.quote_name(Assignment._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (case_id, assignee_id, by_id, at) "
            f"SELECT picked.*, %s, %s, %s FROM ({select}) AS picked",
            [to.pk if to else None, by.pk, moment, *values],
        )


def _reasons(*, to: Staff | None, by: Staff) -> dict[str, Q]:
    """Why a case cannot be given; each excludes those before it, so that they add up."""
    inside = scope_condition(staff=by)
    reasons = {
        OUTSIDE: ~inside if inside else Q(pk__in=[]),
        CLOSED: ~Q(status="open"),
        OTHER_BRANCH: Q(pk__in=[]),
        ALREADY: Q(assignee=to.pk) if to else Q(assignee__isnull=True),
    }
    if to is not None and to.branch_id:
        reasons[OTHER_BRANCH] = Q(branch__isnull=False) & ~Q(branch=to.branch_id)
    before = Q()
    apart = {}
    for name, reason in reasons.items():
        apart[name] = reason & before
        before &= ~reason
    return apart


def _allowed(*, to: Staff | None, by: Staff) -> Q:
    allowed = scope_condition(staff=by) & Q(status="open")
    if to is None:
        return allowed & Q(assignee__isnull=False)
    allowed &= Q(assignee__isnull=True) | ~Q(assignee=to.pk)
    if to.branch_id:
        allowed &= Q(branch__isnull=True) | Q(branch=to.branch_id)
    return allowed


def _not_for(to: Staff) -> str:
    if not to.is_active:
        return _("%(name)s's account is switched off.") % {"name": to.display_name}
    return _("%(name)s cannot take cases from you: wrong role, branch or team.") % {
        "name": to.display_name
    }
