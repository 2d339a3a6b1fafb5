"""Proposing messages to many: choose whom, what and when; then the preview, and a second person."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect
from django_tasks import TaskResultStatus
from django_tasks.exceptions import TaskResultDoesNotExist

from doorstep.cases.models import STEP_LABELS
from doorstep.cases.selectors import cases_visible_to
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
from doorstep.sites.office.propose_chosen import (
    STEPS,
    chosen_cases,
    chosen_query,
    is_filter,
    text_suggested,
)
from doorstep.sites.office.propose_task import prepare_proposal
from doorstep.sites.office.ready import row_words
from doorstep.workforce.roles import Permission

SAMPLES = 5
ROWS = 50
AT_ONCE = 300  # more than this is prepared in the background


@needs(Permission.PROPOSE_MESSAGES)
@require_http_methods(["GET", "POST"])
def propose(request: StaffRequest) -> HttpResponse:
    """The form; sent, it makes the proposal and shows its preview. Nothing is sent by this."""
    given = request.POST.get("query", "")
    query = chosen_query(QueryDict(given) if given else request.GET)
    error: DoorstepError | None = None
    if request.method == "POST":
        try:
            return _proposed(request, query)
        except DoorstepError as failure:
            error = failure
    context = _form(request, query) | {"error": error}
    return render(request, "office/messages/propose.html", context, status=400 if error else 200)


@needs(Permission.PROPOSE_MESSAGES)
@require_POST
def propose_to(request: StaffRequest) -> HttpResponse:
    """From the selection of the worklist to the form: the ticked cases, or all that match."""
    everything = request.POST.get("all") == "1"
    ticked = request.POST if request.POST.getlist("case") else None
    if not everything and ticked is None:
        messages.error(request, _("No case is selected. Tick some rows first."))
        return redirect("office:worklist")
    query = chosen_query(QueryDict(request.POST.get("query", "")) if everything else request.POST)
    return redirect(f"{reverse('office:propose')}?{query}")


def _proposed(request: StaffRequest, query: str) -> HttpResponse:
    """Small proposals are made at once; for large ones a page waits."""
    cases = chosen_cases(query, staff=request.user)
    count = cases.count()
    planned_from, planned_until = (
        _moment(request, "planned_from"),
        _moment(request, "planned_until"),
    )
    template, note = request.POST.get("template", ""), request.POST.get("note", "")
    if count <= AT_ONCE:
        made = acts_propose(
            cases=cases, template=template, planned_from=planned_from, planned_until=planned_until,
            note=note, by=request.user, at=clock.now(),
        )  # fmt: skip
        return redirect("office:proposal", proposal_id=made.pk)
    asked = prepare_proposal.enqueue(
        staff_id=request.user.pk, query=query, template=template, note=note, expected=count,
        planned_from=planned_from.isoformat(), planned_until=planned_until.isoformat(),
        asked_at=clock.now().isoformat(), language=get_language() or settings.LANGUAGE_CODE,
    )  # fmt: skip
    if asked.is_finished:
        return _ended(request, asked)
    return redirect("office:propose_wait", task_id=asked.id)


@needs(Permission.PROPOSE_MESSAGES)
@never_cache
@require_GET
def propose_wait(request: StaffRequest, task_id: str) -> HttpResponse:
    """Waits for a large proposal of one's own, asked every second; then leads to it."""
    try:
        asked = prepare_proposal.get_result(str(UUID(task_id)))
    except (TaskResultDoesNotExist, ValueError):
        raise Http404 from None
    if asked.task.func is not prepare_proposal.func or asked.kwargs["staff_id"] != request.user.pk:
        raise Http404
    if asked.is_finished:
        return _ended(request, asked)
    begun = asked.started_at is not None
    context = {"task_id": task_id, "count": asked.kwargs["expected"], "begun": begun}
    part = "waiting" if request.headers.get("HX-Request") else "wait"
    return render(request, f"office/messages/propose_{part}.html", context)


def _ended(request: StaffRequest, asked: Any) -> HttpResponse:
    answer = asked.return_value if asked.status == TaskResultStatus.SUCCESSFUL else {}
    if number := answer.get("proposal"):
        address = reverse("office:proposal", args=[number])
    else:
        words = answer.get("error") or _(
            "The proposal could not be prepared. Propose it once more."
        )
        messages.error(request, words)
        address = f"{reverse('office:propose')}?{asked.kwargs['query']}"
    if request.headers.get("HX-Request"):
        away: HttpResponse = HttpResponseClientRedirect(address)
        return away
    return redirect(address)


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
    try:
        cases = chosen_cases(query, staff=request.user)
        steps = list(cases.order_by().values_list("step").annotate(n=Count("pk")))
    except InputError:
        steps = []
    common = max(steps, key=lambda each: each[1], default=("", 0))[0]
    suggested = request.GET.get("template") or text_suggested(common)
    return {
        "query": query,
        "count": sum(n for _step, n in steps),
        "listed": is_filter(query),
        "row": row_words(QueryDict(query).get("row", ""), lang),
        "steps": [(f"step={s}", STEP_LABELS[s], counts.get(s, 0)) for s in STEPS],
        "templates": templates,
        "template": request.POST.get("template") or suggested,
        "suggested": suggested,
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
    why = request.GET.get("why", "")
    held = acts.filter(verdict__isnull=False, **({"why": why} if why else {})).order_by("pk")
    page = Paginator(held, ROWS).get_page(request.GET.get("page"))
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
            "held": [row_of(act) for act in page],
            "page": page,
            "why": why,
            "why_words": why_of_code(why),
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
