"""The lender's books: the list, one book from delivery to loaded tables, and who lets it in."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError, InputError, Where
from doorstep.portfolio.models import Book, BookState
from doorstep.portfolio.selectors import book_last_loaded, book_list
from doorstep.portfolio.services import book_reject as reject
from doorstep.portfolio.services import book_release as release
from doorstep.portfolio.tasks import load_book
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.book_findings import Findings, rejected_download, rejected_files
from doorstep.sites.office.book_page import book_context, book_folder, progress_context, under_way
from doorstep.sites.office.book_words import fault_kind, next_words, refusal_words
from doorstep.workforce.roles import Permission

ROWS = 50


@needs(Permission.SEE_BOOKS)
@require_safe
def books(request: StaffRequest) -> HttpResponse:
    """Every book, the latest business date first."""
    newest = book_last_loaded()
    page = Paginator(book_list(), ROWS).get_page(request.GET.get("page"))
    return render(
        request,
        "office/books/list.html",
        {
            "page": page,
            "rows": [(book, next_words(book, staff=request.user, newest=newest)) for book in page],
            "may_bring": request.user.may(Permission.BRING_BOOKS),
            "attention_words": _("needs a look"),
        },
    )


@needs(Permission.SEE_BOOKS)
@require_safe
def book(request: StaffRequest, book_id: int) -> HttpResponse:
    """One book: where it stands, who acts next, what was found, what it changes."""
    found = _book(book_id)
    return render(request, "office/books/book.html", book_context(found, staff=request.user))


@needs(Permission.SEE_BOOKS)
@require_safe
def book_progress(request: StaffRequest, book_id: int) -> HttpResponse:
    """The progress panel alone; tells the page to load anew when the work has ended."""
    found = _book(book_id)
    if under_way(found):
        return render(request, "office/books/progress.html", progress_context(found))
    return HttpResponse(headers={"HX-Refresh": "true"})


@needs(Permission.SEE_BOOKS)
@require_safe
def book_problem(request: StaffRequest, book_id: int) -> HttpResponse:
    """The rows of one kind of problem (`?code=`): file, line, column and how the value begins."""
    found = _book(book_id)
    code = request.GET.get("code", "")
    names = [file.name for file in found.files.order_by("pk")]
    findings = Findings(folder=book_folder(found), code=code, names=names)
    if not findings:
        raise Http404
    page = Paginator(findings, ROWS).get_page(request.GET.get("page"))
    context: dict[str, Any] = {"book": found, "kind": fault_kind(code), "page": page}
    return render(request, "office/books/problem.html", context)


@needs(Permission.SEE_BOOKS)
@require_safe
def book_rejected(request: StaffRequest, book_id: int) -> FileResponse:
    """The rows that were not accepted, in the format they came in, to correct and bring again."""
    found = _book(book_id)
    files = rejected_files(folder=book_folder(found))
    if not files:
        raise Http404
    suffix, stream = rejected_download(files)
    name = f"not-accepted-{found.business_date}-{found.pk}{suffix}"
    return FileResponse(
        stream, as_attachment=True, filename=name, content_type="application/octet-stream"
    )


@needs(Permission.RELEASE_BOOKS)
@require_POST
def book_release(request: StaffRequest, book_id: int) -> HttpResponse:
    """Let the book in: a second person's deed. The load runs in the background."""
    found = _book(book_id)
    if found.attention and request.POST.get("seen") != "yes":
        messages.error(request, _("Confirm that you have looked at what needs a person."))
        return redirect("office:book", found.pk)
    try:
        release(book=found, by=request.user, at=clock.now())
    except DoorstepError as error:
        return _refused(request, found, error)
    load_book.enqueue(found.pk)
    messages.success(request, _("Released. The rows are being loaded."))
    return redirect("office:book", found.pk)


@needs(Permission.RELEASE_BOOKS)
@require_POST
def book_reject(request: StaffRequest, book_id: int) -> HttpResponse:
    """Send the book back with a reason."""
    found = _book(book_id)
    reason = " ".join(request.POST.get("reason", "").replace("\x00", "").split())
    try:
        if not reason:
            raise InputError("No reason was given.", code="NO_REASON", where=Where(field="reason"))
        reject(book=found, reason=reason, by=request.user, at=clock.now())
    except DoorstepError as error:
        return _refused(request, found, error)
    messages.success(request, _("Sent back."))
    return redirect("office:book", found.pk)


@needs(Permission.RELEASE_BOOKS)
@require_POST
def book_load(request: StaffRequest, book_id: int) -> HttpResponse:
    """Try again to load a released book whose load stopped."""
    found = _book(book_id)
    if found.state == BookState.FAILED:
        load_book.enqueue(found.pk)
    return redirect("office:book", found.pk)


def _book(book_id: int) -> Book:
    return get_object_or_404(book_list(), pk=book_id)


def _refused(request: StaffRequest, found: Book, error: DoorstepError) -> HttpResponse:
    """The book's page again, with the reason on top."""
    refusal = refusal_words(error)
    messages.error(request, f"{refusal.words} {refusal.advice}".strip())
    context = book_context(_book(found.pk), staff=request.user)
    return render(request, "office/books/book.html", context, status=409)
