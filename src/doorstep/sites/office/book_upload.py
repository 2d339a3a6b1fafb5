"""Bringing a book: send files, see the first rows as they would be read, then have them checked."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError, NotFound
from doorstep.portfolio.intake.mapping import Mapping, mapping_named, mapping_read, shipped_mappings
from doorstep.portfolio.services import book_bring as bring
from doorstep.portfolio.tasks import check_book
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.book_form import MAPPING_WORDS, OWN, BringForm
from doorstep.sites.office.book_preview import delivery_preview
from doorstep.sites.office.book_words import refusal_words
from doorstep.sites.office.deliveries import (
    Delivery,
    delivery_drop,
    delivery_keep,
    delivery_open,
)
from doorstep.workforce.roles import Permission


@needs(Permission.BRING_BOOKS)
@require_http_methods(["GET", "POST"])
def book_bring(request: StaffRequest) -> HttpResponse:
    """The form for one day's files; good ones are put aside and shown next."""
    form = BringForm(
        request.POST or None,
        request.FILES or None,
        mappings=_mappings(),
        today=clock.today(settings.TIME_ZONE),
        label_suffix="",
    )
    if getattr(request, "upload_too_large", False):
        form.add_error(None, _too_large())
    elif form.is_valid():
        own = form.cleaned_data["mapping"] == OWN
        kept = delivery_keep(
            staff_id=request.user.pk,
            files=form.cleaned_data["delivered"],
            mapping=form.cleaned_data["mapping"],
            own_mapping=form.cleaned_data["own_mapping"] if own else None,
            business_date=form.cleaned_data["business_date"],
            at=clock.now(),
        )
        return redirect("office:book_preview", token=kept.token)
    context = {"form": form, "most_bytes": settings.UPLOAD_MOST_BYTES}
    return render(request, "office/books/bring.html", context, status=400 if form.is_bound else 200)


@needs(Permission.BRING_BOOKS)
@require_http_methods(["GET", "POST"])
def book_preview(request: StaffRequest, token: str) -> HttpResponse:
    """The first rows as they would be read; agreeing makes a book of them and starts its check."""
    try:
        delivery = delivery_open(staff_id=request.user.pk, token=token)
    except NotFound:
        messages.warning(request, _("These files are no longer here. Choose them again."))
        return redirect("office:book_bring")
    if request.POST.get("deed") == "drop":
        delivery_drop(delivery)
        return redirect("office:book_bring")
    try:
        mapping = _mapping_of(delivery)
        if request.POST.get("deed") == "bring":
            return _bring(request, delivery)
        tables = delivery_preview(paths=delivery.paths, mapping=mapping, on=delivery.business_date)
    except DoorstepError as error:
        return _preview_page(request, delivery, refusal=refusal_words(error), status=400)
    return _preview_page(request, delivery, tables=tables)


def _bring(request: StaffRequest, delivery: Delivery) -> HttpResponse:
    """Make a book of the delivery and have it checked in the background."""
    at = clock.now()
    book = bring(
        files=delivery.paths,
        mapping=str(delivery.own_mapping or delivery.mapping),
        business_date=delivery.business_date,
        by=request.user,
        at=at,
    )
    delivery_drop(delivery)
    if book.brought_at == at:
        check_book.enqueue(book.pk)
    else:
        messages.info(request, _("These files were brought before. Nothing was changed."))
    return redirect("office:book", book.pk)


def _preview_page(
    request: StaffRequest, delivery: Delivery, *, status: int = 200, **context: object
) -> HttpResponse:
    words = MAPPING_WORDS.get(delivery.mapping, delivery.mapping or _("A mapping sent along"))
    return render(
        request,
        "office/books/preview.html",
        {"delivery": delivery, "mapping_words": words, **context},
        status=status,
    )


def _mapping_of(delivery: Delivery) -> Mapping:
    if delivery.own_mapping is not None:
        return mapping_read(delivery.own_mapping)
    return mapping_named(delivery.mapping)


def _mappings() -> list[str]:
    """The shipped mappings, our own layout first."""
    return sorted(shipped_mappings(), key=lambda name: (name != "canonical", name))


def _too_large() -> str:
    return _(
        "The files are together larger than %(most)s. Send them in parts, or ask the administrator "
        "to raise the limit."
    ) % {"most": filesizeformat(settings.UPLOAD_MOST_BYTES)}
