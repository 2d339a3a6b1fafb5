"""The case file: who, how much and since when, what comes next and why, and all that happened."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from doorstep.agreements.models import Promise
from doorstep.cases.models import Case
from doorstep.dispatch.services import CHANNELS as UNCLEARED
from doorstep.kernel import clock
from doorstep.portfolio.models import ExternalFlag, VerificationTask
from doorstep.protections.models import Hold, HoldKind
from doorstep.sites.office import case_words
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.allowed import allowed_of
from doorstep.sites.office.bill import case_bill, loan_words
from doorstep.sites.office.case_access import case_or_404
from doorstep.sites.office.case_follow import follow_of
from doorstep.sites.office.case_money import money_of
from doorstep.sites.office.case_visits import visits_of
from doorstep.sites.office.channel_words import CHANNELS, LOOKS, RESULTS
from doorstep.sites.office.personal import personal_of
from doorstep.sites.office.protections import case_protections
from doorstep.sites.office.timeline import KINDS, timeline
from doorstep.sites.office.verification_words import FINDINGS
from doorstep.sites.office.worklist import people_choices
from doorstep.workforce.roles import Permission

MOST_PAGES = 400


@needs(Permission.SEE_CASES)
@never_cache
@require_GET
def case_file(request: StaffRequest, case_id: int) -> HttpResponse:
    """The file of one case, personal data masked."""
    return case_page(request, case_or_404(request.user, case_id))


def case_page(
    request: StaffRequest, case: Case, *, shown: frozenset[str] = frozenset(), status: int = 200
) -> HttpResponse:
    """The page of a case. `shown` names what is shown in full, for this answer only."""
    kind = request.GET.get("kind", "")
    page = _page(request.GET.get("page", ""))
    entries, more = timeline(case=case, kind=kind, page=page)
    staff, today = request.user, clock.today(settings.TIME_ZONE)
    context = {
        "case": case,
        "person": personal_of(case, shown=shown),
        "shown": shown,
        "why": case_words.why(case),
        "next": case_words.next_step(case),
        "item": case.work_items.filter(status="open").first(),
        "entries": entries,
        "kinds": [(name, label, icon) for name, (label, icon) in KINDS.items()],
        "icons": {name: icon for name, (_label, icon) in KINDS.items()},
        "kind": kind if kind in KINDS else "",
        "earlier": page + 1 if more else None,
        "later": page - 1 if page > 1 else None,
        "looks": LOOKS.items(),
        "findings": FINDINGS,
        "uncleared": {
            "channels": [(name, CHANNELS[name]) for name in UNCLEARED],
            "results": RESULTS.items(),
        },
        "hold_kinds": HoldKind.choices,
        "today": today,
        "people": people_choices(staff),
        "may": {
            "write": staff.may(Permission.WRITE_NOTES),
            "assign": staff.may(Permission.ASSIGN_CASES) and case.status == "open",
            "hold": staff.may(Permission.PLACE_HOLDS),
            "unmask": staff.may(Permission.UNMASK),
            "verify": staff.may(Permission.VERIFY_CONTACTS),
            "protect": staff.may(Permission.RECORD_PROTECTIONS),
        },
        "allowed": allowed_of(case),
        "protections": case_protections(case, staff=staff),
        "visits": visits_of(case, staff=staff),
        "money": money_of(case, staff=staff),
        "follow": follow_of(case, staff=staff),
        **_facts(case, today),
    }
    response = render(request, "office/case.html", context, status=status)
    if shown:
        response["Cache-Control"] = "no-store"
    return response


def _facts(case: Case, today: date) -> dict[str, Any]:
    """What is known now: bill, holds, promises, flags, open tasks."""
    holds = list(
        Hold.objects.filter(borrower=case.borrower_id)
        .select_related("placed_by", "ended_by", "loan")
        .order_by("-starts_on", "-pk")
    )
    running = [h for h in holds if h.ended_at is None and (h.ends_on is None or h.ends_on >= today)]
    return {
        "bill": case_bill(case),
        "loans": loan_words(case),
        "holds": running,
        "past_holds": len(holds) - len(running),
        "promises": Promise.objects.filter(borrower=case.borrower_id)
        .select_related("loan")
        .order_by("-due_on")[:10],
        "flags": ExternalFlag.objects.filter(borrower=case.borrower_id).order_by("kind"),
        "tasks": VerificationTask.objects.filter(
            borrower=case.borrower_id, closed_at__isnull=True
        ).count(),
    }


def _page(text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1
    return min(max(number, 1), MOST_PAGES)
