"""A case by its number, for those who may see it."""

from __future__ import annotations

from django.http import Http404

from doorstep.cases.models import Case
from doorstep.cases.selectors import cases_visible_to
from doorstep.workforce.models import Staff


def case_or_404(staff: Staff, case_id: int) -> Case:
    """The case with its borrower and people; Http404 alike when there is none and when it is
    outside the scope of `staff`, so that nobody learns which numbers exist."""
    case = (
        cases_visible_to(staff=staff)
        .select_related("borrower", "borrower__employer", "assignee", "branch", "team")
        .filter(pk=case_id)
        .first()
    )
    if case is None:
        raise Http404
    return case
