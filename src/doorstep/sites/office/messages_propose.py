"""Proposing messages to many: choose whom, what and when; then the preview, and a second person."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from doorstep.cases.models import STEP_LABELS
from doorstep.cases.selectors import cases_visible_to
from doorstep.cases.steps import Step
from doorstep.cases.worklist import worklist as cases_of
from doorstep.dispatch.models import ENDED, Act, ActState, Proposal, ProposalState
from doorstep.dispatch.proposals import (
    acts_approve,
    acts_propose,
    proposal_reject,
    proposal_withdraw,
)
from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError, InputError, Where
from doorstep.outreach.selectors import templates_in_force
from doorstep.outreach.words import Medium
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.messages_list import acts_visible_to, proposal_row, row_of
from doorstep.sites.office.messages_words import (
    CHANNELS,
    masked_text,
    state_words,
    template_title,
    verdict_shown,
    why_of_code,
)
from doorstep.sites.office.worklist import latest_night
from doorstep.sites.office.worklist_views import canonical, read_query
from doorstep.workforce.roles import Permission

STEPS = (Step.REMIND, Step.REMIND_AGAIN, Step.LETTER)
SAMPLES = 5
MOST_BLOCKED = 50


@needs(Permission.PROPOSE_MESSAGES)
@require_http_methods(["GET", "POST"])
def propose(request: StaffRequest) -> HttpResponse:
    """The form; sent, it makes the proposal and shows its preview. Nothing is sent by this."""
    query = canonical_query(request)
    error: DoorstepError | None = None
    if request.method == "POST":
        try:
            proposal = acts_propose(
                cases=_cases(request, query),
                template=request.POST.get("template", ""),
                planned_from=_moment(request, "planned_from"),
                planned_until=_moment(request, "planned_until"),
                note=request.POST.get("note", ""),
                by=request.user,
                at=clock.now(),
            )
            return redirect("office:proposal", proposal_id=proposal.pk)
        except DoorstepError as failure:
            error = failure
    context = _form(request, query) | {"error": error}
    return render(request, "office/messages/propose.html", context, status=400 if error else 200)


def canonical_query(request: StaffRequest) -> str:
    """The worklist filter that names the cases: by default, whoever is to be reminded."""
    given = request.POST.get("query", "") or request.GET.urlencode()
    return canonical(QueryDict(given)) or f"step={Step.REMIND}"


def _cases(request: StaffRequest, query: str) -> Any:
    chosen = read_query(query)
    if chosen.problems:
        raise InputError(_("The filter cannot be read, so nothing is selected."))
    return cases_of(chosen, staff=request.user, night=latest_night())


def _form(request: StaffRequest, query: str) -> dict[str, Any]:
    local = clock.now().astimezone(ZoneInfo(settings.TIME_ZONE))
    start = local.replace(second=0, microsecond=0) + timedelta(minutes=5)
    lang = get_language() or ""
    counts = dict(
        cases_visible_to(staff=request.user)
        .filter(status="open", step__in=STEPS)
        .order_by()
        .values_list("step")
        .annotate(n=Count("pk"))
    )
    templates = [
        (template.key, template_title(template, template.key, lang), CHANNELS[template.medium])
        for template in sorted(templates_in_force().values(), key=lambda each: each.key)
        if template.medium is not Medium.PHONE
    ]
    return {
        "query": query,
        "count": _cases(request, query).count() if not read_query(query).problems else 0,
        "steps": [(f"step={s}", STEP_LABELS[s], counts.get(s, 0)) for s in STEPS],
        "templates": templates,
        "given": request.POST,
        "planned_from": request.POST.get("planned_from") or f"{start:%Y-%m-%dT%H:%M}",
        "planned_until": request.POST.get("planned_until")
        or f"{start + timedelta(hours=2):%Y-%m-%dT%H:%M}",
    }


def _moment(request: StaffRequest, name: str) -> datetime:
    text = request.POST.get(name, "").strip()
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(settings.TIME_ZONE))
    except ValueError:
        raise InputError(
            _("Say from when until when the messages may go out."), where=Where(field=name)
        ) from None


@needs(Permission.SEE_MESSAGES)
@require_GET
def proposal(request: StaffRequest, proposal_id: int) -> HttpResponse:
    """What would go out, what is held back, why and when; then where each message stands."""
    found = _proposal(proposal_id)
    acts = acts_visible_to(request.user).filter(proposal=found).select_related("borrower")
    staff = request.user
    deciding = found.state == ProposalState.WAITING
    return render(
        request,
        "office/messages/proposal.html",
        proposal_row(found)
        | _progress(found)
        | {
            "channel": CHANNELS.get(found.channel, found.channel),
            "groups": [_group(group) for group in found.preview.get("groups", [])],
            "left_out": [
                (why_of_code(code), n) for code, n in found.preview.get("left_out", {}).items()
            ],
            "samples": [_sample(act) for act in acts.filter(verdict__isnull=True)[:SAMPLES]],
            "held": [row_of(act) for act in acts.filter(verdict__isnull=False)[:MOST_BLOCKED]],
            "deciding": deciding,
            "own": found.proposed_by_id == staff.pk,
            "may_decide": deciding and staff.may(Permission.APPROVE_MESSAGES),
            "may_withdraw": staff.may(Permission.PROPOSE_MESSAGES)
            and found.acts.filter(state__in=(ActState.PROPOSED, ActState.QUEUED)).exists(),
        },
    )


@needs(Permission.SEE_MESSAGES)
@require_GET
def proposal_progress(request: StaffRequest, proposal_id: int) -> HttpResponse:
    """How far the messages of a proposal are, asked for every second while some are on the way."""
    found = _proposal(proposal_id)
    return render(request, "office/messages/progress.html", {"proposal": found} | _progress(found))


@needs(Permission.APPROVE_MESSAGES)
@require_POST
def proposal_decide(request: StaffRequest, proposal_id: int) -> HttpResponse:
    """Approve, or send back with a reason."""
    found = _proposal(proposal_id)
    try:
        if request.POST.get("decision") == "approve":
            acts_approve(proposal=found, by=request.user, at=clock.now())
            messages.success(request, _("Approved: the messages go out in their time."))
        else:
            proposal_reject(
                proposal=found, why=request.POST.get("why", ""), by=request.user, at=clock.now()
            )
            messages.success(request, _("Sent back; nothing goes out."))
    except DoorstepError as error:
        messages.error(request, f"{error.message} {error.hint}".strip())
    return redirect("office:proposal", proposal_id=found.pk)


@needs(Permission.PROPOSE_MESSAGES)
@require_POST
def proposal_take_back(request: StaffRequest, proposal_id: int) -> HttpResponse:
    """Take back what has not gone out."""
    found = _proposal(proposal_id)
    count = proposal_withdraw(proposal=found, by=request.user, at=clock.now())
    messages.success(request, _("%(count)s messages were withdrawn.") % {"count": count})
    return redirect("office:proposal", proposal_id=found.pk)


def _proposal(proposal_id: int) -> Proposal:
    return get_object_or_404(
        Proposal.objects.select_related("proposed_by", "decided_by"), pk=proposal_id
    )


def _progress(found: Proposal) -> dict[str, Any]:
    counts = dict(found.acts.order_by().values_list("state").annotate(n=Count("pk")))
    total = sum(counts.values())
    ended = sum(count for state, count in counts.items() if state in (*ENDED, ActState.SENT))
    return {
        "states": [(*state_words(state), counts[state]) for state in ActState if state in counts],
        "total": total,
        "ended": ended,
        "moving": found.state == ProposalState.APPROVED and ended < total,
    }


def _group(group: dict[str, Any]) -> dict[str, Any]:
    return {**group, "verdict": verdict_shown(group["verdict"]), "words": why_of_code(group["why"])}


def _sample(act: Act) -> dict[str, Any]:
    name = act.borrower.name
    return row_of(act) | {
        "subject": masked_text(act.content.get("subject", ""), name),
        "paragraphs": masked_text(act.content.get("text", ""), name).splitlines(),
    }
