"""Protections by their number, for those who may see the borrower's case."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import Http404

from doorstep.cases.models import Case
from doorstep.cases.selectors import borrowers_visible_to
from doorstep.protections.models import LateNews, Protection
from doorstep.workforce.models import Staff

P = TypeVar("P", bound=Protection)


def rows_visible_to(model: type[P], *, staff: Staff) -> QuerySet[P]:
    """What is known now of one kind, within the cases this member of staff may see, and what they
    own; each with `case_id` of the borrower's latest case, or None."""
    visible = borrowers_visible_to(staff=staff)
    rows = model._default_manager.filter(known_until__isnull=True)
    if visible is not None:
        rows = rows.filter(Q(borrower__in=visible) | Q(owner=staff))
    case = Case.objects.filter(borrower=OuterRef("borrower")).order_by("-pk").values("pk")[:1]
    people = rows.select_related("borrower", "owner")
    return people.annotate(case_id=Subquery(case))  # type: ignore[return-value]


def protection_or_404(model: type[P], pk: int, *, staff: Staff) -> P:
    """The version known now of the protection that the version of this number belongs to."""
    version = model._default_manager.filter(pk=pk).values("reference")[:1]
    row = rows_visible_to(model, staff=staff).filter(reference=Subquery(version)).first()
    if row is None:
        raise Http404
    return row


def late_or_404(pk: int, *, staff: Staff) -> LateNews:
    """Acts that should not have happened, where the borrower's case may be seen."""
    visible = borrowers_visible_to(staff=staff)
    rows = LateNews.objects.filter(pk=pk).select_related("borrower", "settled_by")
    if visible is not None:
        rows = rows.filter(borrower__in=visible)
    late = rows.first()
    if late is None:
        raise Http404
    return late
