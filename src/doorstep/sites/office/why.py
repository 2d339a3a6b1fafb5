"""Why is this borrower (not) in the list? An answer for anybody, within what they may see."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from doorstep.cases.models import Case
from doorstep.cases.selectors import borrowers_matching, cases_visible_to
from doorstep.cycle.explain import Explanation, explain_borrower
from doorstep.kernel import clock
from doorstep.kernel.masking import mask_name
from doorstep.portfolio.models import Borrower
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.worklist import latest_night
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission, Scope

MOST_FOUND = 10


@needs(Permission.SEE_CASES)
@never_cache
@require_GET
def why(request: StaffRequest) -> HttpResponse:
    """The checks for one borrower; a choice when the words fit several; nothing beyond the scope.

    Whoever may not see a borrower gets the same answer as for a number that does not exist.
    """
    asked = request.GET.get("borrower", "").strip()[:128]
    found = _found(request.user, asked) if asked else []
    one = found[0] if len(found) == 1 else None
    return render(
        request,
        "office/why.html",
        {
            "asked": asked,
            "one": one,
            "who": mask_name(one.name) if one else "",
            "several": [(b.pk, mask_name(b.name)) for b in found] if len(found) > 1 else [],
            "explanation": _explanation(one) if one else None,
            "case": _case(request.user, one) if one else None,
        },
    )


def _found(staff: Staff, asked: str) -> list[Borrower]:
    exact = list(_visible(staff).filter(pk=asked))
    matching = borrowers_matching(text=asked).values("pk")
    return exact or list(_visible(staff).filter(pk__in=matching).order_by("pk")[:MOST_FOUND])


def _visible(staff: Staff) -> QuerySet[Borrower]:
    """Borrowers with a case in scope; without one, those of the branch, or all for who sees all."""
    if staff.scope is Scope.ALL:
        return Borrower.objects.all()
    seen = Q(pk__in=cases_visible_to(staff=staff).values("borrower"))
    if staff.scope is Scope.BRANCH and staff.branch_id:
        seen |= Q(branch_code=staff.branch_id, cases__isnull=True)
    return Borrower.objects.filter(seen)


def _case(staff: Staff, borrower: Borrower) -> Case | None:
    cases = cases_visible_to(staff=staff).filter(borrower=borrower)
    return cases.order_by("-status", "-opened_on").first()


def _explanation(borrower: Borrower) -> Explanation:
    """As of the last night, so that the answer and the list speak of the same day."""
    return explain_borrower(borrower_id=borrower.pk, on=latest_night() or clock.today())
