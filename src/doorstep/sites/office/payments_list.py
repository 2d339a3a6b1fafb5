"""The list of payments: what nobody could match, what looks paid twice, what was matched."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from doorstep.agreements.models import PaymentFile, PaymentIn
from doorstep.agreements.selectors.ledger import payments_visible
from doorstep.cases.selectors import borrowers_visible_to
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
    "unmatched": (_("Not matched"), Q(state="unmatched")),
    "double": (_("Paid twice?"), Q(doubt="double", state="matched")),
    "matched": (_("Matched"), Q(state="matched")),
    "over": (_("Reversed or not ours"), Q(state__in=("reversed", "reversal", "returned"))),
}
WHY: dict[str, str | Promise] = {
    "nothing_fits": _("No number was given, and no open amount fits."),
    "several_fit": _("The amount fits several customers."),
    "points_to_several": _("The words name numbers of different customers."),
    "which_loan": _("The customer has several loans, and no open amount fits."),
    "other_currency": _("The loan is in another currency."),
    "other_name": _("The amount fits, but the account is in another name."),
}
HOW: dict[str, str | Promise] = {
    "reference": _("By its reference"),
    "amount_and_day": _("By amount and day"),
    "person": _("By a person"),
}
SORTS: dict[str, tuple[str, ...]] = {
    "-paid": ("-paid_on", "-pk"),
    "paid": ("paid_on", "pk"),
    "-amount": ("-amount", "-pk"),
    "amount": ("amount", "pk"),
}
HEADINGS: tuple[Heading, ...] = (
    (_("Number of the payment"), 24), (_("Came in"), 12), (_("Currency"), 9), (_("Amount"), 14),
    (_("State"), 14), (_("Customer number"), 16), (_("Customer"), 10), (_("Loan"), 18),
    (_("Payer"), 10), (_("What is known"), 40),
)  # fmt: skip


@needs(Permission.SEE_AGREEMENTS)
@require_GET
def payments(request: StaffRequest) -> HttpResponse:
    """The list; `?view=` keeps one kind. Whoever takes payments sees what is nobody's yet."""
    page = list_page(PAYMENTS, request)
    takes = request.user.may(Permission.TAKE_PAYMENTS)
    files = PaymentFile.objects.select_related("brought_by").order_by("-brought_at")
    context = {
        "page": page,
        "rows": [row_of(each) for each in page],
        "takes": takes,
        "files": files[:5] if takes else [],
        **list_context(PAYMENTS, staff=request.user, values=request.GET),
    }
    return render(request, "office/payments/list.html", context)


def payments_seen(staff: Staff) -> QuerySet[PaymentIn]:
    """The payments of customers within reach; what is nobody's only for who takes payments."""
    rows = payments_visible(borrowers=borrowers_visible_to(staff=staff))
    if staff.may(Permission.TAKE_PAYMENTS):
        return rows
    return rows.exclude(loan__isnull=True)


def row_of(found: PaymentIn) -> dict[str, Any]:
    """A payment in words."""
    loan = found.loan
    return {
        "payment": found,
        "who": mask_name(loan.borrower.name) if loan else "",
        "payer": mask_name(found.payer),
        "why": WHY.get(found.why, ""),
        "how": HOW.get(found.how, ""),
    }


def _pick(staff: Staff, values: QueryDict) -> Picked:
    view, bad_view = one_of(values, "view", VIEWS, default="unmatched")
    sort, bad_sort = one_of(values, "sort", SORTS, default="-paid")
    cases, bad_cases = of_cases(values, staff=staff, by="borrower")
    where = VIEWS[view][1]
    if cases is not None:
        text = values.get("q", "").strip()[:120]
        named = Q(loan__borrower__in=cases)
        where &= named | Q(reference=text) if text else named
    return Picked("payment", where, SORTS[sort], {**bad_view, **bad_sort, **bad_cases})


def _cells(found: PaymentIn) -> list[Cell]:
    shown, loan = row_of(found), found.loan
    return [
        found.reference, found.paid_on.isoformat(), found.currency,
        found.amount / 10 ** minor_digits(found.currency), str(found.get_state_display()),
        loan.borrower_id if loan else "", shown["who"], loan.pk if loan else "", shown["payer"],
        str(shown["why"] or shown["how"]),
    ]  # fmt: skip


PAYMENTS = OfficeList(
    name="payments",
    title=_("Payments"),
    address="office:payments",
    permission=Permission.SEE_AGREEMENTS,
    kept=("view", *OF_CASES, "sort"),
    default="view=unmatched",
    views=tuple((f"view={name}", label) for name, (label, _where) in VIEWS.items()),
    rows={
        "payment": Rows(
            lambda staff: payments_seen(staff).select_related(None),
            lambda rows: rows.select_related("loan__borrower"),
            HEADINGS,
            lambda: _cells,
        )
    },
    pick=_pick,
)
