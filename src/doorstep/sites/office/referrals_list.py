"""The legal pipeline as a list: prepared, waiting for a second person, with the court, over."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from doorstep.agreements.models import CourtDate, LegalReferral
from doorstep.cases.selectors import cases_visible_to
from doorstep.kernel.masking import mask_name
from doorstep.kernel.money import minor_digits
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.export_sheet import Cell
from doorstep.sites.office.lists import (
    OF_CASES,
    Heading,
    OfficeList,
    Picked,
    Rows,
    list_context,
    list_page,
    of_cases,
    one_of,
)
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission

VIEWS: dict[str, tuple[str | Promise, Q]] = {
    "preparing": (_("Being prepared"), Q(state__in=("prepared", "refused"))),
    "waiting": (_("Wait for approval"), Q(state="submitted")),
    "court": (_("Approved and with the court"), Q(state__in=("approved", "filed"))),
    "over": (_("Decided or recalled"), Q(state__in=("decided", "recalled"))),
}
SORTS: dict[str, tuple[str, ...]] = {
    "-made": ("-made_at", "-pk"),
    "made": ("made_at", "pk"),
    "-amount": ("-amount", "-pk"),
    "amount": ("amount", "pk"),
}
HEADINGS: tuple[Heading, ...] = (
    (_("Customer number"), 16), (_("Customer"), 10), (_("Currency"), 9), (_("Claimed"), 14),
    (_("State"), 16), (_("Prepared by"), 16), (_("Court"), 24), (_("Last day of the court"), 24),
)  # fmt: skip


@needs(Permission.SEE_AGREEMENTS)
@require_GET
def referrals(request: StaffRequest) -> HttpResponse:
    """The pipeline; `?view=` keeps one part of the way."""
    page = list_page(REFERRALS, request)
    context = {
        "page": page,
        "rows": [row_of(each) for each in page],
        **list_context(REFERRALS, staff=request.user, values=request.GET),
    }
    return render(request, "office/legal/list.html", context)


def referrals_visible_to(staff: Staff) -> QuerySet[LegalReferral]:
    """Referrals of the cases this member of staff may see."""
    return LegalReferral.objects.filter(case__in=cases_visible_to(staff=staff))


def row_of(found: LegalReferral) -> dict[str, Any]:
    """A referral with its last day at the court."""
    return {
        "referral": found,
        "who": mask_name(found.case.borrower.name),
        "next": _last(found),
    }


def _last(referral: LegalReferral) -> CourtDate | None:
    return max(referral.dates.all(), key=lambda each: each.on, default=None)


def _pick(staff: Staff, values: QueryDict) -> Picked:
    view, bad_view = one_of(values, "view", VIEWS, default="preparing")
    sort, bad_sort = one_of(values, "sort", SORTS, default="-made")
    cases, bad_cases = of_cases(values, staff=staff)
    where = VIEWS[view][1]
    if cases is not None:
        where &= Q(case__in=cases)
    return Picked("referral", where, SORTS[sort], {**bad_view, **bad_sort, **bad_cases})


def _read(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.select_related("case__borrower", "maker").prefetch_related("dates")


def _cells(found: LegalReferral) -> list[Cell]:
    last = _last(found)
    return [
        found.borrower_id, mask_name(found.case.borrower.name), found.currency,
        found.amount / 10 ** minor_digits(found.currency), str(found.get_state_display()),
        str(found.maker), found.court,
        f"{last.get_kind_display()} {last.on.isoformat()}" if last else "",
    ]  # fmt: skip


REFERRALS = OfficeList(
    name="referrals",
    title=_("Legal pipeline"),
    address="office:referrals",
    permission=Permission.SEE_AGREEMENTS,
    kept=("view", *OF_CASES, "sort"),
    default="view=preparing",
    views=tuple((f"view={name}", label) for name, (label, _where) in VIEWS.items()),
    rows={"referral": Rows(referrals_visible_to, _read, HEADINGS, lambda: _cells)},
    pick=_pick,
)
