"""Changing a rule in the office: the form, the trial on last month, and the second person."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from doorstep.cases.models import Case
from doorstep.dispatch.rule_changes import change_decide, change_propose
from doorstep.dispatch.tasks import try_change
from doorstep.kernel import clock
from doorstep.kernel.errors import InputError, Refused, Where
from doorstep.rules.changes import value_text
from doorstep.rules.models import ChangeState, RuleChange
from doorstep.rules.selectors import rulebook_at
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.rule_words import worded
from doorstep.sites.office.rulebook import rule_named
from doorstep.workforce.models import Branch
from doorstep.workforce.roles import Permission

TEXTS = ("source", "article", "link", "note")


@needs(Permission.CHANGE_RULES)
def rule_change_new(request: StaffRequest, rule_id: str) -> HttpResponse:
    """The form of a change; sent, it is tried on last month's contacts at once."""
    now = clock.now()
    found = rule_named(rulebook_at(now), rule_id)
    row = found.row_on(None)
    if row is None or not row.values:
        raise Http404
    values = {name: value_text(value) for name, value in row.values.items()}
    given = {name: request.POST.get(name, "") for name in (*TEXTS, "effective_at")}
    asked = {name: request.POST.get(f"value-{name}", value) for name, value in values.items()}
    error: InputError | Refused | None = None
    if request.method == "POST":
        try:
            change = change_propose(
                rule=rule_id, values=asked, **{name: given[name] for name in TEXTS},
                effective_at=_instant(given["effective_at"]), by=request.user, at=now,
            )  # fmt: skip
        except (InputError, Refused) as refused:
            error = refused
        else:
            try_change.enqueue(change_id=change.pk)
            return redirect("office:rule_change", change.pk)
    context: dict[str, Any] = {
        "rule": found,
        "title": worded(found.title),
        "values": [(name, values[name], asked[name]) for name in values],
        "given": given,
        "error": error,
        "field": error.where.field if isinstance(error, InputError) else None,
    }
    return render(request, "office/rules/change_form.html", context, status=400 if error else 200)


@needs(Permission.SEE_RULES)
def rule_change(request: StaffRequest, change_id: int) -> HttpResponse:
    """One change: before and after, the trial (polled while it runs), and who decides."""
    change = get_object_or_404(
        RuleChange.objects.select_related("proposed_by", "decided_by"), pk=change_id
    )
    context = {**_trial(change), "change": change}
    if request.headers.get("HX-Request"):
        answer = render(request, "office/rules/trial.html", context)
        if change.simulation:
            answer.headers["HX-Refresh"] = "true"
        return answer
    found = rule_named(rulebook_at(clock.now()), change.rule)
    waits = change.state == ChangeState.PROPOSED
    own = change.proposed_by_id == request.user.pk
    context |= {
        "rule": found,
        "title": worded(found.title),
        "values": [
            (name, change.values_before.get(name, ""), value)
            for name, value in change.values.items()
        ],
        "own": own,
        "waits": waits,
        "may_decide": waits and not own and request.user.may(Permission.APPROVE_RULES),
    }
    return render(request, "office/rules/change.html", context)


@require_POST
@needs(Permission.APPROVE_RULES)
def rule_change_decide(request: StaffRequest, change_id: int) -> HttpResponse:
    """Approve a change or send it back."""
    change = get_object_or_404(RuleChange, pk=change_id)
    approve = request.POST.get("decision") == "approve"
    try:
        change_decide(
            change=change, approve=approve, why=request.POST.get("why", ""), by=request.user,
            at=clock.now(),
        )  # fmt: skip
    except (InputError, Refused) as refused:
        messages.error(request, str(refused.message))
    else:
        words = _("Approved. It binds from its hour on.") if approve else _("Sent back.")
        messages.success(request, words)
    return redirect("office:rule_change", change.pk)


def _trial(change: RuleChange) -> dict[str, Any]:
    found = change.simulation
    if "tried" not in found:
        return {"trial": None, "failed": found.get("failed", "")}
    names = dict(Branch.objects.values_list("code", "name"))
    cases = dict(
        Case.objects.filter(
            borrower__in=[*found["examples"]["stops"], *found["examples"]["frees"]], status="open"
        ).values_list("borrower_id", "pk")
    )
    return {
        "trial": found,
        "branches": [
            (kind, [(names.get(code, code), count) for code, count in found["branches"][kind]])
            for kind in ("stops", "frees")
            if found["branches"][kind]
        ],
        "cases": [
            (kind, [(one, cases[one]) for one in found["examples"][kind] if one in cases])
            for kind in ("stops", "frees")
        ],
    }


def _instant(text: str) -> datetime:
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None or not 1990 <= found.year <= 2100:
        raise InputError(
            _("Write the day and hour from which it binds."),
            code="BAD_CHANGE", where=Where(field="effective_at"),
        )  # fmt: skip
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(settings.TIME_ZONE))
