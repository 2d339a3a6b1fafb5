"""Complaints: whose turn it is, by when, and what was answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Count, F, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from doorstep.dispatch.models import Act
from doorstep.kernel import clock
from doorstep.kernel.errors import InputError, Where
from doorstep.kernel.masking import mask_name
from doorstep.protections import services
from doorstep.protections.models import Complaint, Outcome, Standing
from doorstep.protections.selectors import complaints_by_template
from doorstep.protections.services import answerers
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.protections_forms import one_of, text
from doorstep.sites.office.protections_record import Deed, WhyForm, deed_done, versions_context
from doorstep.sites.office.protections_scope import protection_or_404, rows_visible_to
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission, Scope

ROWS = 50
DAYS_BACK = 90
OPEN = Q(answered_at__isnull=True, ends_at__isnull=True) & ~Q(standing=Standing.REFUTED)
RESTING = Q(answered_at__isnull=False, ends_at__isnull=True)
VIEWS: dict[str, tuple[str | Promise, Q]] = {
    "open": (_("To answer"), OPEN),
    "decide": (_("Answered, contact rests"), RESTING),
    "up": (_("Escalated"), OPEN & Q(level__gt=0)),
    "over": (_("Closed"), ~OPEN & ~RESTING),
}


@needs(Permission.SEE_PROTECTIONS)
@require_GET
def complaints(request: StaffRequest) -> HttpResponse:
    """The list, overdue first; `?view=` open, decide, up or over, `?mine=1` what is mine."""
    rows = rows_visible_to(Complaint, staff=request.user)
    view = request.GET.get("view", "")
    view = view if view in VIEWS else "open"
    mine = request.GET.get("mine") == "1"
    if mine:
        rows = rows.filter(owner=request.user)
    found = rows.filter(VIEWS[view][1]).order_by(F("due_on").asc(nulls_last=True), "-received_at")
    page = Paginator(found, ROWS).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": raised_rows(page),
        "views": [
            (name, label, rows.filter(query).count()) for name, (label, query) in VIEWS.items()
        ],
        "chosen": view,
        "mine": mine,
        "texts": by_text() if request.user.scope is Scope.ALL else [],
        "days": DAYS_BACK,
    }
    return render(request, "office/complaints/list.html", context)


@dataclass(frozen=True)
class ByText:
    """Complaints about one of our texts, and how often it was sent in the same time."""

    template: str
    complaints: int
    sent: int

    @property
    def share(self) -> float | None:
        """Complaints a message; None where none of them went out in that time."""
        return self.complaints / self.sent if self.sent else None


def by_text() -> list[ByText]:
    """The texts people complained about lately, the most first; two queries."""
    since = clock.now() - timedelta(days=DAYS_BACK)
    counts = complaints_by_template(since=since)
    cleared = Act.objects.filter(template__in=counts, made_at__gte=since, clearance__isnull=False)
    sent = dict(cleared.order_by().values_list("template").annotate(count=Count("pk")))
    return [ByText(name, count, sent.get(name, 0)) for name, count in counts.items()]


def raised_rows(page: Any) -> list[dict[str, Any]]:
    """Complaints or disputes as a list shows them."""
    today = clock.today(settings.TIME_ZONE)
    return [
        {
            "row": row,
            "name": mask_name(row.borrower.name),
            "overdue": row.overdue(on=today),
        }
        for row in page
    ]


@needs(Permission.SEE_PROTECTIONS)
@require_http_methods(["GET", "POST"])
def complaint(request: StaffRequest, complaint_id: int) -> HttpResponse:
    """One complaint: what was said, who owns it, by when, and what can be done now."""
    row = protection_or_404(Complaint, complaint_id, staff=request.user)
    deeds = complaint_deeds(row, staff=request.user)
    if request.method == "POST":
        answer = deed_done(request, row, deeds)
        if answer is not None:
            return answer
    context = {
        **versions_context(row),
        "name": mask_name(row.borrower.name),
        "deeds": deeds.values(),
    }
    status = 400 if request.method == "POST" else 200
    return render(request, "office/complaints/one.html", context, status=status)


class AnswerForm(forms.Form):
    """An answer."""

    outcome = one_of(Outcome.choices, label=_("Outcome"))
    answer = text(
        _("The answer the customer gets"), most=4000, rows=5, needed=True,
        hint=_("Plain words: what we found, what we do, and where to turn if it is not enough."),
    )  # fmt: skip


class OwnerForm(forms.Form):
    """To whom."""

    to = forms.ChoiceField(label=_("To whom"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        people = [(str(person.pk), str(person)) for person in answerers()]
        self.fields["to"].choices = [("", _("Choose")), *people]  # type: ignore[attr-defined]


class EscalateForm(OwnerForm, WhyForm):
    """Up to whom, and why."""


def complaint_deeds(row: Complaint, *, staff: Staff) -> dict[str, Deed]:
    """What this member of staff can do with the complaint as it stands."""
    over = row.ends_at is not None or row.standing == Standing.REFUTED
    if over or not staff.may(Permission.ANSWER_COMPLAINTS):
        return {}
    if row.is_answered:
        resume = Deed("resume", _("Let contact go on"), WhyForm, _resume)
        return {resume.name: resume}
    found = [
        Deed("answer", _("Answer"), AnswerForm, _answer),
        Deed("extend", _("Take more time"), WhyForm, _extend),
        Deed("escalate", _("Take it up"), EscalateForm, _escalate),
        Deed("assign", _("Give it to somebody"), OwnerForm, assign),
    ]
    if row.standing == Standing.CLAIMED:
        found.append(Deed("refute", _("It was none"), WhyForm, _refute))
    return {deed.name: deed for deed in found}


def _answer(row: Any, given: Mapping[str, Any], by: Staff, at: datetime) -> Any:
    return services.complaint_answer(of=row, by=by, at=at, **given)


def _extend(row: Any, given: Mapping[str, Any], by: Staff, at: datetime) -> Any:
    return services.complaint_extend(of=row, why=given["why"], by=by, at=at)


def _escalate(row: Any, given: Mapping[str, Any], by: Staff, at: datetime) -> Any:
    return services.complaint_escalate(
        of=row, to=person(given["to"]), why=given["why"], by=by, at=at
    )


def assign(row: Any, given: Mapping[str, Any], by: Staff, at: datetime) -> Any:
    """Give a complaint or dispute to somebody."""
    return services.raised_assign(of=row, owner=person(given["to"]), by=by, at=at)


def _resume(row: Any, given: Mapping[str, Any], by: Staff, at: datetime) -> Any:
    return services.complaint_contact_resume(of=row, why=given["why"], by=by, at=at)


def _refute(row: Any, given: Mapping[str, Any], by: Staff, at: datetime) -> Any:
    return services.claim_settle(row, confirmed=False, why=given["why"], by=by, at=at)


def person(number: str) -> Staff:
    """Somebody of the list; InputError when they are gone."""
    found = Staff.objects.filter(pk=number, is_active=True).first()
    if found is None:
        raise InputError(str(_("Choose somebody of the list.")), where=Where(field="to"))
    return found
