"""The audit room: the evidence log by case, day or member of staff, each entry proved."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from doorstep.evidence.access import access_record
from doorstep.evidence.models import Leaf
from doorstep.evidence.opening import mark_of
from doorstep.evidence.retention import retention_table
from doorstep.evidence.second_place import checkpoint_path
from doorstep.evidence.selection import Selection
from doorstep.evidence.selectors import (
    Shown,
    checkpoint_newest,
    entries_shown,
    self_check_newest,
)
from doorstep.evidence.verify import leaf_hash
from doorstep.kernel import clock
from doorstep.kernel.errors import InputError
from doorstep.sites.office import audit_words
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.workforce.roles import Permission

ROWS_A_PAGE = 50
FIELDS = ("case", "borrower", "agent", "day")
LONGEST = 128


@needs(Permission.SEE_EVIDENCE)
@never_cache
@require_GET
def audit(request: StaffRequest) -> HttpResponse:
    """The entries that fit, the newest first; without a selection the newest of all."""
    asked = asked_for(request)
    chosen = selection_of(asked)
    page = _page(chosen, request.GET.get("page")) if chosen else None
    state = log_state()
    rows = entries_shown(list(page.object_list) if page else [], state["newest"])
    context = {
        "asked": asked,
        "unreadable": chosen is None,
        "chosen": bool(chosen and not chosen.is_whole),
        "query": urlencode({name: text for name, text in asked.items() if text}),
        "page": page,
        "rows": [_row(each) for each in rows],
        "may_export": request.user.may(Permission.EXPORT_EVIDENCE),
        **state,
    }
    return render(request, "office/audit/list.html", context)


@needs(Permission.SEE_EVIDENCE)
@never_cache
@require_GET
def audit_entry(request: StaffRequest, index: int) -> HttpResponse:
    """One entry: what, the verdict with its reasons, and the proof; not what it holds in full."""
    return render(request, "office/audit/entry.html", _entry(index))


@needs(Permission.SEE_EVIDENCE)
@needs(Permission.UNMASK)
@never_cache
@require_POST
def audit_open(request: StaffRequest, index: int) -> HttpResponse:
    """The whole document in this one answer, after the purpose is on the log."""
    context = _entry(index)
    document = context["shown"].document or {}
    try:
        access_record(
            subject=document.get("subject", ""),
            case=document.get("case", ""),
            what=f"evidence {index}",
            purpose=request.POST.get("purpose", ""),
            by=request.user.username,
            at=clock.now(),
        )
    except InputError as error:
        messages.error(request, error.message)
        return redirect("office:audit_entry", index=index)
    opened = json.dumps(document.get("body"), ensure_ascii=False, indent=2)
    return render(request, "office/audit/entry.html", context | {"opened": opened})


@needs(Permission.SEE_EVIDENCE)
@require_GET
def audit_retention(request: StaffRequest) -> HttpResponse:
    """How long records are kept, by kind, with the source of each period."""
    rows = [
        {
            "keep": keep,
            "what": audit_words.in_language(keep.what),
            "period": audit_words.period(keep),
            "confidence": audit_words.confidence(keep.confidence),
        }
        for keep in retention_table()
    ]
    return render(request, "office/audit/retention.html", {"rows": rows})


def asked_for(request: HttpRequest) -> dict[str, str]:
    """What the form asks for, as it was typed."""
    given = request.POST if request.method == "POST" else request.GET
    return {name: given.get(name, "").strip()[:LONGEST] for name in FIELDS}


def selection_of(asked: dict[str, str]) -> Selection | None:
    """The entries that are meant; None when the day is none."""
    try:
        day = date.fromisoformat(asked["day"]) if asked["day"] else None
        if day is not None:
            day + timedelta(days=1)  # the last day of the calendar has no next
    except (ValueError, OverflowError):
        return None
    return Selection(asked["borrower"], asked["case"], asked["agent"], day, settings.TIME_ZONE)


def log_state() -> dict[str, Any]:
    """How the log stands: its newest checkpoint with the name of its copy, its last own check."""
    newest, checked = checkpoint_newest(), self_check_newest()
    copy = ""
    if newest is not None and newest.copied_at is not None:
        place = settings.CHECKPOINT_PLACE
        copy = str(checkpoint_path(place, size=newest.size, at=newest.at).relative_to(place))
    return {"newest": newest, "copy": copy, "checked": checked}


def _page(chosen: Selection, number: str | None) -> Page[Leaf]:
    leaves = chosen.leaves().order_by("-index")
    if chosen.is_whole:  # counting all of them would take long: the newest will do
        newest = list(leaves[:ROWS_A_PAGE])
        return Paginator(newest, ROWS_A_PAGE).get_page(1)
    return Paginator(leaves, ROWS_A_PAGE).get_page(number)


def _row(shown: Shown) -> dict[str, Any]:
    document = shown.document or {}
    words, tone = audit_words.PROOFS[shown.proof]
    return {
        "index": shown.leaf.index,
        "at": shown.leaf.at,
        "what": audit_words.what_words(shown.leaf.kind, shown.document),
        "verdict": audit_words.verdict_badge(shown.document),
        "reasons": audit_words.reasons_of(shown.document),
        "case": document.get("case", ""),
        "borrower": document.get("subject", ""),
        "agent": document.get("agent", ""),
        "proof": (words, tone),
    }


def _entry(index: int) -> dict[str, Any]:
    leaf = Leaf.objects.select_related("subject", "sealed").filter(index=index).first()
    if leaf is None:
        raise Http404
    state = log_state()
    [shown] = entries_shown([leaf], state["newest"])
    return {
        "row": _row(shown),
        "shown": shown,
        "hash": leaf_hash(mark_of(leaf).leaf()).hex(),
        "commitment": bytes(leaf.commitment).hex(),
        "path": [step.hex() for step in shown.path],
        **state,
    }
