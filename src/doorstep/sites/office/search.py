"""Ctrl-K: customers by number, name or phone, and the pages of the office."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from doorstep.cases.models import Case
from doorstep.cases.selectors import borrowers_matching, cases_visible_to
from doorstep.kernel.masking import mask_name
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.shell import rail
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission

MOST = 12
LONGEST = 100


@needs(Permission.SEE_TODAY)
def search(request: StaffRequest) -> HttpResponse:
    """What the words lead to, within what this member of staff may see: a list for the box of the
    top bar, or a page of its own without JavaScript."""
    words = " ".join(request.GET.get("q", "").replace("\x00", "").split())[:LONGEST]
    cases = _cases(words, staff=request.user)
    context = {
        "words": words,
        "cases": [(case, mask_name(case.borrower.name)) for case in cases[:MOST]],
        "more": len(cases) > MOST,
        "pages": _pages(words, staff=request.user),
        "worklist": reverse("office:worklist"),
    }
    if request.headers.get("HX-Request"):
        return render(request, "office/parts/search_results.html", context)
    return render(request, "office/search.html", context)


def _cases(words: str, *, staff: Staff) -> list[Case]:
    if not words or not staff.may(Permission.SEE_CASES):
        return []
    found = cases_visible_to(staff=staff).filter(
        borrower__in=borrowers_matching(text=words).values("pk")
    )
    return list(found.select_related("borrower").order_by("-status", "-priority", "pk")[: MOST + 1])


def _pages(words: str, *, staff: Staff) -> list[dict[str, str]]:
    wanted = words.casefold()
    pages = [page for place in rail(staff=staff, path="") for page in place["pages"]]
    return [page for page in pages if wanted in str(page["label"]).casefold()]
