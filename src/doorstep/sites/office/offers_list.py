"""The list of offers: what waits for approval, what is prepared, to be signed, decided."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from doorstep.agreements.models import Agreement, Offer, OfferKind, OfferState, ProposedBy
from doorstep.agreements.selectors.offers import offers_visible_to
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
from doorstep.sites.office.options_words import LEVELS, TONES, words
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission

OVER = (OfferState.REFUSED, OfferState.WITHDRAWN, OfferState.LAPSED)
VIEWS = {
    "waiting": _("Waiting"),
    "proposals": _("Customers' proposals"),
    "late": _("Answer overdue"),
    "preparing": _("Being prepared"),
    "approved": _("To be signed"),
    "signed": _("Signed"),
    "decided": _("Decided"),
}
SORTS: dict[str, tuple[Any, ...]] = {
    "answer": (F("answer_by").asc(nulls_last=True), "submitted_at", "pk"),
    "-answer": (F("answer_by").desc(nulls_last=True), "-submitted_at", "-pk"),
    "monthly": ("instalment_minor", "pk"),
    "-monthly": ("-instalment_minor", "-pk"),
    "owed": ("owed_minor", "pk"),
    "-owed": ("-owed_minor", "-pk"),
    "waived": ("waived_minor", "pk"),
    "-waived": ("-waived_minor", "-pk"),
    "made": ("made_at", "pk"),
    "-made": ("-made_at", "-pk"),
}
FIRST_SORT = {"approved": ("valid_until", "pk")}
HEADINGS: tuple[Heading, ...] = (
    (_("Customer number"), 16), (_("Customer"), 10), (_("Kind of plan"), 18), (_("State"), 14),
    (_("Currency"), 9), (_("A month"), 12), (_("Owed"), 14), (_("Given up"), 12), (_("In all"), 14),
    (_("First payment"), 12), (_("Made by"), 16), (_("Answer by"), 12),
)  # fmt: skip


@needs(Permission.SEE_AGREEMENTS)
@require_GET
def offers(request: StaffRequest) -> HttpResponse:
    """The queue: what waits, the earliest answer day first; `?view=` the others."""
    page = list_page(OFFERS, request)
    context = {
        "page": page,
        "rows": [row_of(offer) for offer in page],
        "view": one_of(request.GET, "view", VIEWS, default="waiting")[0],
        "today": clock.today(settings.TIME_ZONE),
        "kinds": OfferKind.choices,
        **list_context(OFFERS, staff=request.user, values=request.GET),
    }
    return render(request, "office/offers/list.html", context)


def row_of(found: Offer) -> dict[str, Any]:
    """An offer in words."""
    return {
        "offer": found,
        "who": mask_name(found.borrower.name),
        "tone": TONES[found.state],
        "level": words(LEVELS, found.level) if found.level else "",
        "share": None if found.share_ppm is None else found.share_ppm / 1_000_000,
        "extra": found.total_minor - found.contract_minor,
    }


def _pick(staff: Staff, values: QueryDict) -> Picked:
    view, bad_view = one_of(values, "view", VIEWS, default="waiting")
    kind, bad_kind = one_of(values, "kind", dict(OfferKind.choices))
    sort, bad_sort = one_of(values, "sort", SORTS)
    cases, bad_cases = of_cases(values, staff=staff)
    where = _viewed(view)
    if kind:
        where &= Q(kind=kind)
    if cases is not None:
        where &= Q(case__in=cases)
    order = SORTS[sort] if sort else FIRST_SORT.get(view) or SORTS["answer"]
    return Picked("offer", where, order, {**bad_view, **bad_kind, **bad_sort, **bad_cases})


def _viewed(view: str) -> Q:
    waiting = Q(state=OfferState.SUBMITTED)
    match view:
        case "proposals":
            return waiting & Q(proposed_by=ProposedBy.BORROWER)
        case "late":
            return waiting & Q(answer_by__lt=clock.today(settings.TIME_ZONE))
        case "preparing":
            return Q(state=OfferState.PROPOSED)
        case "approved":
            return Q(state=OfferState.APPROVED) & ~_signed()
        case "signed":
            return Q(state=OfferState.APPROVED) & _signed()
        case "decided":
            return Q(state__in=OVER)
    return waiting


def _signed() -> Q:
    """Offers with an agreement that everybody has signed."""
    agreements = Agreement.objects.filter(offer=OuterRef("pk"), in_force_at__isnull=False)
    return Q(Exists(agreements))


def _read(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.select_related("case", "case__branch", "borrower", "maker", "refused_by")


def _cells(found: Offer) -> list[Cell]:
    unit = 10 ** minor_digits(found.currency)
    return [
        found.borrower_id,
        mask_name(found.borrower.name),
        str(found.get_kind_display()),
        str(found.get_state_display()),
        found.currency,
        found.instalment_minor / unit,
        found.owed_minor / unit,
        found.waived_minor / unit,
        found.total_minor / unit,
        found.first_on.isoformat(),
        str(found.maker),
        found.answer_by.isoformat() if found.answer_by else "",
    ]


OFFERS = OfficeList(
    name="offers",
    title=_("Offers and approvals"),
    address="office:offers",
    permission=Permission.SEE_AGREEMENTS,
    kept=("view", "kind", *OF_CASES, "sort"),
    default="view=waiting",
    views=tuple((f"view={name}", label) for name, label in VIEWS.items()),
    rows={
        "offer": Rows(
            lambda staff: offers_visible_to(staff=staff).select_related(None),
            _read,
            HEADINGS,
            lambda: _cells,
        )
    },
    pick=_pick,
)
