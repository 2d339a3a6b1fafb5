"""The protections of a case: what holds, what held, and what we knew when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from doorstep.cases.models import Case
from doorstep.kernel import clock
from doorstep.protections.kinds import TABLES, safeguard_of
from doorstep.protections.models import Hold, LateNews, Protection, Standing
from doorstep.protections.safeguard import Safeguard
from doorstep.protections.selectors import all_versions, safeguards_of, tables_with
from doorstep.protections.terms import local_day
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.case_access import case_or_404
from doorstep.sites.office.case_words import hold_words, who
from doorstep.sites.office.protections_forms import FORMS, MomentField
from doorstep.sites.office.protections_words import (
    KIND_LABELS,
    TABLE_LABELS,
    detail_words,
    effect_words,
    kind_words,
    told_words,
)
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission


@dataclass(frozen=True)
class Shown:
    """A protection as a card or a list shows it."""

    table: str
    row: Protection
    kind: str
    detail: str
    told: str
    effect: str
    active: bool
    asks: bool
    overdue: bool


class AsKnownForm(forms.Form):
    """What did we know at an instant about another?"""

    at = MomentField(label=_("What held at"))
    known_at = MomentField(label=_("as known at"))


@needs(Permission.SEE_PROTECTIONS)
@require_GET
def protections(request: StaffRequest, case_id: int) -> HttpResponse:
    """Everything that protects the borrower of a case, now or before; `?at=&known_at=` asks what
    was known then."""
    case, staff, now = case_or_404(request.user, case_id), request.user, clock.now()
    rows = shown_of(case.borrower_id, zone=case.borrower.time_zone, at=now)
    asked = AsKnownForm(request.GET) if "at" in request.GET else None
    context: dict[str, Any] = {
        "case": case,
        "name": who(case),
        "active": [row for row in rows if row.active],
        "over": [row for row in rows if not row.active],
        "holds": Hold.objects.filter(borrower=case.borrower_id).order_by("-starts_on", "-pk"),
        "late": late_of(case.borrower_id),
        "tables": [(name, TABLE_LABELS[name]) for name in FORMS],
        "may_record": staff.may(Permission.RECORD_PROTECTIONS),
        "form": asked or AsKnownForm(initial={"at": now, "known_at": now}),
        "answer": None,
    }
    if asked is not None and asked.is_valid():
        given = asked.cleaned_data
        context["answer"] = known_then(case.borrower_id, at=given["at"], known_at=given["known_at"])
        context["asked"] = given
    return render(request, "office/protections/case.html", context)


def case_protections(case: Case, *, staff: Staff) -> list[Shown] | None:
    """What is in force, for the case file; None for those who may not see protections."""
    if not staff.may(Permission.SEE_PROTECTIONS):
        return None
    rows = shown_of(case.borrower_id, zone=case.borrower.time_zone, at=clock.now())
    return [row for row in rows if row.active]


def shown_of(borrower_id: str, *, zone: str, at: datetime) -> list[Shown]:
    """The protections of a borrower as known now, the latest first; a query for each
    kind there is."""
    rows = [
        _shown(table, row, zone=zone, at=at)
        for table in tables_with(borrower_id=borrower_id)
        for row in all_versions(TABLES[table], borrower_id=borrower_id).filter(
            known_until__isnull=True
        )
    ]
    return sorted(rows, key=lambda shown: shown.row.starts_at, reverse=True)


def _shown(table: str, row: Protection, *, zone: str, at: datetime) -> Shown:
    safeguard = safeguard_of(row)
    refuted = row.standing == Standing.REFUTED
    return Shown(
        table=table,
        row=row,
        kind=kind_words(row),
        detail=detail_words(row),
        told=told_words(row),
        effect=effect_words(safeguard),
        active=not refuted and (row.ends_at is None or row.ends_at > at),
        asks=safeguard.asks(at=at, zone=zone),
        overdue=row.overdue(on=local_day(at)),
    )


def late_of(borrower_id: str) -> list[tuple[LateNews, str, int]]:
    """Lists of acts that should not have happened: what was late, its kind, how many acts."""
    rows = LateNews.objects.filter(borrower=borrower_id).prefetch_related("acts")
    return [(row, kind_words(row), len(row.acts.all())) for row in rows.order_by("-listed_at")]


def known_then(
    borrower_id: str, *, at: datetime, known_at: datetime
) -> list[tuple[str, str, Safeguard]]:
    """What held at an instant as it was known at another: kind, effect, the safeguard."""
    found = safeguards_of(borrower_ids=[borrower_id], known_at=known_at).get(borrower_id, [])
    return [
        (str(KIND_LABELS.get(each.kind, hold_words(each.kind))), effect_words(each), each)
        for each in found
        if each.is_active(at=at)
    ]
