"""Open verification tasks, narrowed by the same scope as the cases."""

from __future__ import annotations

from django.db.models import OuterRef, QuerySet, Subquery

from doorstep.cases.models import Case
from doorstep.cases.selectors import cases_visible_to
from doorstep.portfolio.models import VerificationTask
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Scope


def verification_tasks_visible_to(*, staff: Staff) -> QuerySet[VerificationTask]:
    """Open tasks, oldest first, about borrowers whose open case this member of staff may see.

    A borrower without an open case is left to those who see every case. Each task carries
    `case_id` of the open case, or None.
    """
    case = Case.objects.filter(borrower=OuterRef("borrower"), status="open").values("pk")[:1]
    tasks = (
        VerificationTask.objects.filter(closed_at__isnull=True)
        .select_related("borrower", "contact_point", "address")
        .annotate(case_id=Subquery(case))
        .order_by("pk")
    )
    if staff.scope is Scope.ALL:
        return tasks
    mine = cases_visible_to(staff=staff).filter(status="open")
    return tasks.filter(borrower__in=mine.values("borrower"))
