"""What somebody must do about protections: claims, answers, reviews, remedies, overdue first."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from doorstep.cases.selectors import borrowers_visible_to
from doorstep.kernel import clock
from doorstep.kernel.masking import mask_name
from doorstep.portfolio.models import Borrower
from doorstep.protections.duties import LATE, Duty, duties, duties_read
from doorstep.protections.kinds import TABLES
from doorstep.protections.models import Standing
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.protections_words import TABLE_LABELS
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission

ROWS = 50
DEEDS = {
    "complaint": gettext_lazy("Answer"),
    "dispute": gettext_lazy("Check and answer"),
    "hardship": gettext_lazy("Ask how things are"),
    "vulnerability": gettext_lazy("Look at it again"),
    LATE: gettext_lazy("Make good"),
}
SETTLE = gettext_lazy("Settle the claim")


@needs(Permission.SEE_PROTECTIONS)
@require_GET
def protections_due(request: StaffRequest) -> HttpResponse:
    """Everything with a deadline; `?kind=` keeps one kind, `?mine=1` what is mine."""
    staff, chosen = request.user, request.GET.get("kind", "")
    chosen = chosen if chosen in (*TABLES, LATE) else ""
    mine = request.GET.get("mine") == "1"
    rows = duties(
        borrowers=borrowers_visible_to(staff=staff),
        owner_id=staff.pk if mine else None,
        only=chosen,
    )
    page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": rows_shown(duties_read(page)),
        "kinds": [(name, label) for name, label in TABLE_LABELS.items()],
        "chosen": chosen,
        "mine": mine,
    }
    return render(request, "office/protections/due.html", context)


def rows_shown(found: list[Duty]) -> list[dict[str, Any]]:
    """The duties with names, words and addresses; two queries for any number."""
    people = dict(
        Borrower.objects.filter(pk__in={duty.borrower_id for duty in found}).values_list(
            "pk", "name"
        )
    )
    owners = Staff.objects.in_bulk({duty.owner_id for duty in found if duty.owner_id})
    today = clock.today(settings.TIME_ZONE)
    return [
        {
            "duty": duty,
            "name": mask_name(people[duty.borrower_id]),
            "owner": owners.get(duty.owner_id) if duty.owner_id else None,
            "kind": TABLE_LABELS[duty.table],
            "deed": SETTLE if duty.standing == Standing.CLAIMED else DEEDS.get(duty.table, SETTLE),
            "address": address_of(duty),
            "overdue": duty.due_on < today,
        }
        for duty in found
    ]


def address_of(duty: Duty) -> str:
    """The page on which it is done."""
    if duty.table == LATE:
        return reverse("office:late", args=[duty.pk])
    if duty.table in ("complaint", "dispute"):
        return reverse(f"office:{duty.table}", args=[duty.pk])
    return reverse("office:protection", args=[duty.table, duty.pk])


def duties_tally(staff: Staff) -> tuple[int, str, str] | None:
    """For the first page of the day: how many duties there are, their words, their address.

    Whoever answers complaints sees all within reach; others their own.
    """
    if not staff.may(Permission.RECORD_PROTECTIONS):
        return None
    answers = staff.may(Permission.ANSWER_COMPLAINTS)
    visible = borrowers_visible_to(staff=staff)
    count = duties(borrowers=visible, owner_id=None if answers else staff.pk).count()
    if not count:
        return None
    address = reverse("office:protections_due")
    return count, _("Deadlines of protections"), address if answers else f"{address}?mine=1"
