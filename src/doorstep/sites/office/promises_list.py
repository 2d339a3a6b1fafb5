"""The list of promises and of instalments of plans: due today, soon, late."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from doorstep.agreements.models import PlanInstalment, Promise
from doorstep.agreements.watch import TERMS, Part, part_standing
from doorstep.cases.selectors import borrowers_visible_to, cases_visible_to
from doorstep.kernel import clock
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

SOON_DAYS = 7
WHAT = {"promises": _("Promises to pay"), "instalments": _("Instalments of plans")}
WHEN = {"today": _("Due today"), "soon": _("In the next 7 days"), "late": _("Late")}
VIEWS = (
    ("what=promises&when=today", _("Promises due today")),
    ("what=promises&when=soon", _("Promises in the next 7 days")),
    ("what=promises&when=late", _("Late promises")),
    ("what=instalments&when=today", _("Instalments due today")),
    ("what=instalments&when=soon", _("Instalments in the next 7 days")),
    ("what=instalments&when=late", _("Late instalments")),
)
STANDINGS = {
    "waiting": _("Not due yet"), "part_paid": _("Paid in part"), "due": _("Due"),
    "early": _("Paid early"), "paid": _("Paid"), "late": _("Paid late"), "missed": _("Missed"),
}  # fmt: skip
SORTS: dict[str, tuple[str, ...]] = {"due": ("due_on", "pk"), "-due": ("-due_on", "-pk")}
HEADINGS: tuple[Heading, ...] = (
    (_("Customer number"), 16), (_("Customer"), 10), (_("Which"), 22), (_("Due"), 12),
    (_("Currency"), 9), (_("Amount"), 14), (_("Still open"), 14), (_("State"), 16),
)  # fmt: skip


@needs(Permission.SEE_AGREEMENTS)
@require_GET
def promises_due(request: StaffRequest) -> HttpResponse:
    """The list; `?what=` promises or instalments, `?when=` today, soon or late."""
    page = list_page(PROMISES, request)
    context = {
        "page": page,
        "rows": [row_of(each) for each in page],
        **list_context(PROMISES, staff=request.user, values=request.GET),
    }
    return render(request, "office/payments/due.html", context)


def row_of(row: Promise | PlanInstalment) -> dict[str, Any]:
    """A promise or an instalment in words."""
    if isinstance(row, Promise):
        part = Part(1, row.due_on, row.amount, paid=row.paid_amount)
        person, grace, of = row.borrower, row.grace_days, row.pk
        currency = row.loan.currency if row.loan else "CNY"
        more: dict[str, Any] = {"promise": row, "case": _open_case(row)}
    else:
        agreement = row.agreement
        part = Part(row.number, row.due_on, row.due, paid=row.due - row.outstanding)
        person, grace = agreement.case.borrower, TERMS.grace_days
        of, currency = f"{agreement.number} · {row.number}", agreement.offer.currency
        more = {"agreement": agreement, "case": agreement.case_id}
    standing = part_standing(part, on=clock.today(settings.TIME_ZONE), grace_days=grace)
    return {
        "who": mask_name(person.name), "borrower": person.pk, "of": of, "due_on": part.due_on,
        "due": part.due, "outstanding": part.outstanding, "currency": currency,
        "standing": STANDINGS[standing], "missed": standing == "missed", **more,
    }  # fmt: skip


def _open_case(row: Promise) -> int | None:
    return next((case.pk for case in row.borrower.cases.all() if case.status == "open"), None)


def _pick(staff: Staff, values: QueryDict) -> Picked:
    what, bad_what = one_of(values, "what", WHAT, default="promises")
    when, bad_when = one_of(values, "when", WHEN, default="today")
    sort, bad_sort = one_of(values, "sort", SORTS, default="due")
    where = _when(when)
    by_case = what == "instalments"
    cases, bad_cases = of_cases(values, staff=staff, by="pk" if by_case else "borrower")
    if cases is not None:
        where &= Q(agreement__case__in=cases) if by_case else Q(borrower__in=cases)
    return Picked(what, where, SORTS[sort], {**bad_what, **bad_when, **bad_sort, **bad_cases})


def _when(when: str) -> Q:
    today = clock.today(settings.TIME_ZONE)
    if when == "today":
        return Q(due_on=today)
    if when == "late":
        return Q(due_on__lt=today)
    return Q(due_on__gt=today, due_on__lte=today + timedelta(days=SOON_DAYS))


def _instalments(staff: Staff) -> QuerySet[Any]:
    return PlanInstalment.objects.filter(
        agreement__case__in=cases_visible_to(staff=staff),
        agreement__state="in_force",
        settled_on__isnull=True,
    )


def promises_seen(staff: Staff) -> QuerySet[Promise]:
    """The promises of the customers within reach."""
    visible = borrowers_visible_to(staff=staff)
    rows = Promise.objects.all()
    return rows if visible is None else rows.filter(borrower__in=visible)


def _promises(staff: Staff) -> QuerySet[Any]:
    rows = promises_seen(staff).filter(state="running", kind="promise")
    return rows.filter(amount__gt=F("paid_amount"))


def _read_promises(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.select_related("borrower", "loan").prefetch_related("borrower__cases")


def _read_instalments(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.select_related("agreement__case__borrower", "agreement__offer")


def _cells(row: Promise | PlanInstalment) -> list[Cell]:
    shown = row_of(row)
    unit = 10 ** minor_digits(shown["currency"])
    return [
        shown["borrower"], shown["who"], str(shown["of"]), shown["due_on"].isoformat(),
        shown["currency"], shown["due"] / unit, shown["outstanding"] / unit,
        str(shown["standing"]),
    ]  # fmt: skip


PROMISES = OfficeList(
    name="promises",
    title=_("Promises and instalments"),
    address="office:promises_due",
    permission=Permission.SEE_AGREEMENTS,
    kept=("what", "when", *OF_CASES, "sort"),
    default="what=promises&when=today",
    views=VIEWS,
    rows={
        "promises": Rows(_promises, _read_promises, HEADINGS, lambda: _cells),
        "instalments": Rows(_instalments, _read_instalments, HEADINGS, lambda: _cells),
    },
    pick=_pick,
)
