"""Agreements: what waits to be drawn up or signed, and how the plans in force are doing."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Prefetch, Q, QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from doorstep.agreements.models import Agreement, Offer, Signature
from doorstep.agreements.models.agreements import OPEN_AGREEMENT, UNSIGNED
from doorstep.agreements.selectors.agreements import (
    agreements_visible_to,
    offers_to_draw_up,
    parties_missing,
)
from doorstep.kernel.masking import mask_name
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.agreements_export import (
    AGREEMENT_HEADINGS,
    OFFER_HEADINGS,
    agreement_cells,
    offer_cells,
)
from doorstep.sites.office.agreements_health import HEALTHS, health_chart
from doorstep.sites.office.agreements_words import HEALTH_TONES, LANGUAGES, TONES, waits_words
from doorstep.sites.office.charts import chart_workbook
from doorstep.sites.office.lists import (
    OF_CASES,
    OfficeList,
    Picked,
    Rows,
    list_context,
    list_page,
    of_cases,
    one_of,
)
from doorstep.sites.office.worklist import people_choices
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission

TO_DRAW_UP = "to_draw_up"
VIEWS = {
    TO_DRAW_UP: (_("To be drawn up"), Q()),
    "to_sign": (_("To be signed"), Q(state__in=UNSIGNED)),
    "in_force": (_("Agreed and in force"), Q(state="in_force")),
    **{name: (label, where) for name, (label, where) in HEALTHS.items()},
    "over": (_("Over"), ~Q(state__in=(*OPEN_AGREEMENT, "broken"))),
}
SORTS: dict[str, tuple[Any, ...]] = {
    "urgent": (F("watch__breaks_on").asc(nulls_last=True), "-drafted_at", "-pk"),
    "next": (F("watch__next_due_on").asc(nulls_last=True), "pk"),
    "-next": (F("watch__next_due_on").desc(nulls_last=True), "-pk"),
    "behind": (F("watch__behind").asc(nulls_first=True), "pk"),
    "-behind": (F("watch__behind").desc(nulls_last=True), "-pk"),
    "drafted": ("drafted_at", "pk"),
    "-drafted": ("-drafted_at", "-pk"),
}


@needs(Permission.SEE_AGREEMENTS)
@require_GET
def agreements(request: StaffRequest) -> HttpResponse:
    """The list, `?view=` one of `VIEWS`; above it how the plans in force are doing."""
    staff, view = request.user, one_of(request.GET, "view", VIEWS, default="to_sign")[0]
    chart = health_chart(agreements_visible_to(staff=staff))
    if chart and request.GET.get("export") == chart.key:
        return chart_workbook(chart)
    page = list_page(AGREEMENTS, request)
    made = [_offer_row(each) for each in page] if view == TO_DRAW_UP else None
    context = {
        "page": page,
        "offers": made,
        "rows": [_row(each) for each in page] if made is None else [],
        "chosen": view,
        "chart": chart,
        "languages": LANGUAGES,
        "people": people_choices(staff) if staff.may(Permission.ASSIGN_CASES) else (),
        "may_draw_up": staff.may(Permission.SIGN_AGREEMENTS),
        **list_context(AGREEMENTS, staff=staff, values=request.GET),
    }
    return render(request, "office/agreements/list.html", context)


def _pick(staff: Staff, values: QueryDict) -> Picked:
    view, bad_view = one_of(values, "view", VIEWS, default="to_sign")
    sort, bad_sort = one_of(values, "sort", SORTS, default="urgent")
    cases, bad_cases = of_cases(values, staff=staff)
    where = VIEWS[view][1]
    if cases is not None:
        where &= Q(case__in=cases)
    problems = {**bad_view, **bad_sort, **bad_cases}
    if view == TO_DRAW_UP:
        return Picked("offer", where, ("valid_until", "pk"), problems)
    return Picked("agreement", where, SORTS[sort], problems)


def _read(rows: QuerySet[Any]) -> QuerySet[Any]:
    signed = Prefetch("signatures", Signature.objects.defer("picture"))
    return rows.select_related(
        "case__borrower", "case__branch", "case__assignee", "offer", "watch"
    ).prefetch_related(signed)


def _read_offers(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.select_related("case__borrower", "case__branch", "borrower")


def _row(agreement: Agreement) -> dict[str, Any]:
    watch = getattr(agreement, "watch", None)
    is_open = agreement.state in UNSIGNED
    return {
        "agreement": agreement,
        "who": mask_name(agreement.case.borrower.name),
        "tone": TONES[agreement.state],
        "watch": watch,
        "health_tone": HEALTH_TONES[watch.health] if watch else "",
        "waits": waits_words(agreement, parties_missing(agreement)) if is_open else "",
    }


def _offer_row(offer: Offer) -> dict[str, Any]:
    return {"offer": offer, "who": mask_name(offer.borrower.name)}


def visible_agreement(staff: Staff, agreement_id: int) -> QuerySet[Agreement]:
    """The agreement by its key, with what its pages show, for who may see its case."""
    return (
        agreements_visible_to(staff=staff)
        .filter(pk=agreement_id)
        .select_related("case__borrower", "case__branch", "offer__affordability", "drafted_by")
    )


AGREEMENTS = OfficeList(
    name="agreements",
    title=_("Agreements and plans"),
    address="office:agreements",
    permission=Permission.SEE_AGREEMENTS,
    kept=("view", *OF_CASES, "sort"),
    default="view=to_sign",
    views=tuple((f"view={name}", label) for name, (label, _where) in VIEWS.items()),
    rows={
        "agreement": Rows(
            lambda staff: agreements_visible_to(staff=staff),
            _read,
            AGREEMENT_HEADINGS,
            lambda: agreement_cells,
        ),
        "offer": Rows(
            lambda staff: offers_to_draw_up(staff=staff).select_related(None),
            _read_offers,
            OFFER_HEADINGS,
            lambda: offer_cells,
        ),
    },
    pick=_pick,
)
