"""Recording a protection, and what can be done with one: confirm, end, date back, look again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from doorstep.cases.models import Case
from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError, InputError
from doorstep.protections import services
from doorstep.protections.kinds import TABLES, safeguard_of
from doorstep.protections.models import (
    HandlingCode,
    Hardship,
    LateNews,
    LegalStop,
    Protection,
    Standing,
    Vulnerability,
)
from doorstep.protections.selectors import all_versions
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.case_access import case_or_404
from doorstep.sites.office.case_words import who
from doorstep.sites.office.protections_forms import (
    FORMS,
    DayField,
    MomentField,
    some_of,
    text,
)
from doorstep.sites.office.protections_scope import protection_or_404
from doorstep.sites.office.protections_words import (
    TABLE_LABELS,
    detail_words,
    effect_words,
    kind_words,
    told_words,
)
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission

OWN_PAGES = {"complaint": "office:complaint", "dispute": "office:dispute"}


@needs(Permission.RECORD_PROTECTIONS)
@require_http_methods(["GET", "POST"])
def protection_new(request: StaffRequest, case_id: int, table: str) -> HttpResponse:
    """The form of one kind; afterwards the protections of the case, or what came too late."""
    case = case_or_404(request.user, case_id)
    if table not in FORMS:
        raise Http404
    form = FORMS[table](request.POST or None, borrower=case.borrower)
    if request.method == "POST" and form.is_valid():
        try:
            row = form.record(by=request.user, at=clock.now())
        except DoorstepError as error:
            error_at_its_field(form, error)
        else:
            return after_recording(request, case, row)
    context = {"case": case, "name": who(case), "form": form, "title": TABLE_LABELS[table]}
    status = 400 if form.errors else 200
    return render(request, "office/protections/new.html", context, status=status)


def after_recording(request: StaffRequest, case: Case, row: Protection) -> HttpResponse:
    """Back to the case's protections; where something was done too late, to its list."""
    late = LateNews.objects.filter(reference=row.reference, kind=safeguard_of(row).kind).first()
    if late is not None:
        messages.warning(
            request, _("Recorded. Some contacts since then should not have happened: see below.")
        )
        return redirect("office:late", late_id=late.pk)
    messages.success(request, _("Recorded. It holds from now on, everywhere."))
    return redirect("office:protections", case_id=case.pk)


def error_at_its_field(form: forms.Form, error: DoorstepError) -> None:
    """Show a refusal at the field it names, else on top."""
    field = error.where.field if isinstance(error, InputError) else None
    words = f"{error.message} {error.hint}".strip()
    form.add_error(field if field in form.fields else None, words)


@needs(Permission.SEE_PROTECTIONS)
@require_http_methods(["GET", "POST"])
def protection(request: StaffRequest, table: str, protection_id: int) -> HttpResponse:
    """One protection with all its versions, and what can be done with it now."""
    if table not in TABLES:
        raise Http404
    row = protection_or_404(TABLES[table], protection_id, staff=request.user)
    if table in OWN_PAGES:
        return redirect(OWN_PAGES[table], row.pk)
    deeds = deeds_on(row, staff=request.user)
    if request.method == "POST":
        answer = deed_done(request, row, deeds)
        if answer is not None:
            return answer
    context = {
        **versions_context(row),
        "deeds": deeds.values(),
        "back": row.case_id,  # type: ignore[attr-defined]
    }
    status = 400 if request.method == "POST" else 200
    return render(request, "office/protections/one.html", context, status=status)


def versions_context(row: Protection) -> dict[str, Any]:
    """One protection in words, with every version of it, the latest first."""
    versions = all_versions(type(row), borrower_id=row.borrower_id)
    versions = versions.filter(reference=row.reference).order_by("-version")
    return {
        "row": row,
        "kind": kind_words(row),
        "detail": detail_words(row),
        "told": told_words(row),
        "effect": effect_words(safeguard_of(row)),
        "versions": [(each, detail_words(each)) for each in versions],
        "overdue": row.overdue(on=clock.today(settings.TIME_ZONE)),
    }


class Deed:
    """Something that can be done with a protection: its form and what it does."""

    def __init__(
        self,
        name: str,
        label: Any,
        form: type[forms.Form],
        work: Callable[[Protection, dict[str, Any], Staff, datetime], Any],
    ) -> None:
        self.name, self.label, self.work = name, label, work
        self.form_class = form
        self.form = form(prefix=name)


def deed_done(
    request: StaffRequest, row: Protection, deeds: dict[str, Deed]
) -> HttpResponse | None:
    """Do the deed the form names and go back to the page; None where it must be shown again."""
    deed = deeds.get(request.POST.get("deed", ""))
    if deed is None:
        messages.error(request, _("This cannot be done any more. Look at it again."))
        return redirect(request.path)
    deed.form = deed.form_class(request.POST, prefix=deed.name)
    if not deed.form.is_valid():
        return None
    try:
        fresh = deed.work(row, deed.form.cleaned_data, request.user, clock.now())
    except DoorstepError as error:
        error_at_its_field(deed.form, error)
        return None
    messages.success(request, _("Done."))
    name = OWN_PAGES.get(fresh.kind)
    if name:
        return redirect(name, fresh.pk)
    return redirect("office:protection", table=fresh._meta.model_name, protection_id=fresh.pk)


class WhyForm(forms.Form):
    """Why."""

    why = text(gettext_lazy("Why"), most=2000, rows=2, needed=True)


class EndForm(WhyForm):
    """When it ends and why."""

    ends_at = MomentField(
        label=gettext_lazy("Since when it no longer holds"),
        required=False,
        help_text=gettext_lazy("Empty: from now on."),
    )


class BackdateForm(WhyForm):
    """Since when it held in truth."""

    starts_at = MomentField(label=gettext_lazy("Since when it holds"))


class DocumentForm(forms.Form):
    """What shows that it is so."""

    document = text(gettext_lazy("Document that shows it"), most=200, needed=True)
    authority = text(gettext_lazy("Issued by"), most=200)
    document_on = DayField(label=gettext_lazy("Issued on"), required=False)


class HandlingForm(WhyForm):
    """What is done differently."""

    handling = some_of(HandlingCode.choices, label=gettext_lazy("What is done differently"))


def deeds_on(row: Protection, *, staff: Staff) -> dict[str, Deed]:
    """What this member of staff can do with the protection as it stands."""
    if row.standing == Standing.REFUTED or row.ends_at is not None:
        return {}
    found: list[Deed] = []
    records, lifts = (
        staff.may(Permission.RECORD_PROTECTIONS),
        staff.may(Permission.ANSWER_COMPLAINTS),
    )
    if row.standing == Standing.CLAIMED:
        if records:
            found.append(_confirm(row))
        if lifts:
            found.append(Deed("refute", gettext_lazy("It was not so"), WhyForm, _refute))
    else:
        if records and isinstance(row, Hardship | Vulnerability):
            found.append(Deed("keep", gettext_lazy("It goes on"), WhyForm, _keep))
        if records and isinstance(row, Vulnerability):
            found.append(Deed("handle", gettext_lazy("Handle it otherwise"), HandlingForm, _handle))
        if staff.may(services.who_may_end(row)):
            found.append(Deed("end", gettext_lazy("End it"), EndForm, _end))
    if records:
        found.append(Deed("backdate", gettext_lazy("It began earlier"), BackdateForm, _backdate))
    return {deed.name: deed for deed in found}


def _confirm(row: Protection) -> Deed:
    if isinstance(row, LegalStop):
        return Deed("confirm", gettext_lazy("It is confirmed"), DocumentForm, _confirm_by_document)
    return Deed("confirm", gettext_lazy("It is confirmed"), WhyForm, _confirm_by_word)


def _confirm_by_document(row: Any, given: dict[str, Any], by: Staff, at: datetime) -> Any:
    return services.legal_stop_confirm(of=row, by=by, at=at, **given)


def _confirm_by_word(row: Any, given: dict[str, Any], by: Staff, at: datetime) -> Any:
    return services.claim_confirm(of=row, by=by, at=at, why=given["why"])


def _refute(row: Any, given: dict[str, Any], by: Staff, at: datetime) -> Any:
    return services.claim_settle(row, confirmed=False, why=given["why"], by=by, at=at)


def _keep(row: Any, given: dict[str, Any], by: Staff, at: datetime) -> Any:
    return services.review_keep(of=row, why=given["why"], by=by, at=at)


def _handle(row: Any, given: dict[str, Any], by: Staff, at: datetime) -> Any:
    return services.vulnerability_handle(
        of=row, handling=given["handling"], why=given["why"], by=by, at=at
    )


def _end(row: Any, given: dict[str, Any], by: Staff, at: datetime) -> Any:
    return services.protection_end(
        row, ends_at=given["ends_at"] or at, why=given["why"], by=by, at=at
    )


def _backdate(row: Any, given: dict[str, Any], by: Staff, at: datetime) -> Any:
    return services.protection_backdate(
        row, starts_at=given["starts_at"], why=given["why"], by=by, at=at
    )
