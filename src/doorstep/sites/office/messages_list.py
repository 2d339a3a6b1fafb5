"""The outbox: proposals that wait, and every message with where it stands."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, F, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from doorstep.cases.selectors import cases_visible_to
from doorstep.dispatch.models import Act, ActState, Inbound, Proposal, ProposalState
from doorstep.dispatch.services import inbound_see
from doorstep.kernel import clock
from doorstep.kernel.masking import mask_name
from doorstep.outreach.selectors import templates_in_force
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.messages_words import (
    CHANNELS,
    done_words,
    proposal_state_words,
    recognised_words,
    state_words,
    template_title,
    why_words,
)
from doorstep.sites.office.ready import ready_of
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission

ROWS = 50
MOST_PROPOSALS = 10
ORDER = (
    ActState.IN_DOUBT, ActState.QUEUED, ActState.SENDING, ActState.SENT, ActState.DELIVERED,
    ActState.FAILED, ActState.BLOCKED, ActState.EXPIRED, ActState.WITHDRAWN, ActState.PROPOSED,
)  # fmt: skip


def acts_visible_to(staff: Staff) -> QuerySet[Act]:
    """Written acts on the cases this member of staff may see."""
    visible = cases_visible_to(staff=staff).values("pk")
    return Act.objects.filter(case__in=visible).exclude(kind="call")


@needs(Permission.SEE_MESSAGES)
def outbox(request: StaffRequest) -> HttpResponse:
    """Proposals that wait for a second person, and messages by state; `?state=` narrows them."""
    acts = acts_visible_to(request.user)
    counts = dict(acts.order_by().values_list("state").annotate(n=Count("pk")))
    chosen = request.GET.get("state", "")
    chosen = chosen if chosen in ActState.values else ""
    shown = acts.filter(state=chosen) if chosen else acts
    rows = shown.select_related("borrower").order_by("-state_at", "-pk")
    page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    waiting = Proposal.objects.select_related("proposed_by").order_by("-proposed_at")
    return render(
        request,
        "office/messages/outbox.html",
        {
            "page": page,
            "rows": [row_of(act) for act in page],
            "tallies": [(s, state_words(s)[0], counts[s]) for s in ORDER if counts.get(s)],
            "total": sum(counts.values()),
            "chosen": chosen,
            "proposals": [proposal_row(p) for p in _first(waiting)],
            "may_propose": request.user.may(Permission.PROPOSE_MESSAGES),
            "ready": ready_of(staff=request.user),
            "unseen": _inbound(request.user).filter(seen_at=None).count(),
        },
    )


def _first(proposals: QuerySet[Proposal]) -> list[Proposal]:
    """Those that wait first, then the latest."""
    waiting = list(proposals.filter(state=ProposalState.WAITING)[:MOST_PROPOSALS])
    rest = proposals.exclude(state=ProposalState.WAITING)[: MOST_PROPOSALS - len(waiting)]
    return [*waiting, *rest]


def row_of(act: Act) -> dict[str, Any]:
    """An act as a row of a list."""
    words, tone = state_words(act.state)
    return {
        "act": act,
        "who": mask_name(act.borrower.name),
        "channel": CHANNELS.get(act.channel, act.channel),
        "state": words,
        "tone": tone,
        "why": why_words(act),
    }


def proposal_row(proposal: Proposal) -> dict[str, Any]:
    """A proposal as a row of a list."""
    words, tone = proposal_state_words(proposal.state)
    template = templates_in_force().get(proposal.template)
    return {
        "proposal": proposal,
        "title": template_title(template, proposal.template, get_language() or ""),
        "state": words,
        "tone": tone,
        "allowed": proposal.preview.get("allowed", 0) + proposal.preview.get("later", 0),
        "blocked": proposal.preview.get("blocked", 0),
    }


def _inbound(staff: Staff) -> QuerySet[Inbound]:
    """What people wrote: about visible cases, or from numbers nobody knows."""
    visible = cases_visible_to(staff=staff).values("pk")
    return Inbound.objects.filter(Q(case__in=visible) | Q(case=None))


@needs(Permission.SEE_MESSAGES)
def inbound(request: StaffRequest) -> HttpResponse:
    """What people wrote to us, what was recognised and done; unseen ones first."""
    rows = _inbound(request.user).select_related("borrower", "seen_by")
    unseen_first = rows.order_by(F("seen_at").asc(nulls_first=True), "-at")
    page = Paginator(unseen_first, ROWS).get_page(request.GET.get("page"))
    return render(
        request,
        "office/messages/inbound.html",
        {
            "page": page,
            "rows": [
                {
                    "inbound": each,
                    "who": mask_name(each.borrower.name) if each.borrower else _("Nobody we know"),
                    "channel": CHANNELS.get(each.channel, each.channel),
                    "recognised": recognised_words(each.kinds),
                    "done": done_words(each.done),
                }
                for each in page
            ],
        },
    )


@needs(Permission.SEE_MESSAGES)
@require_POST
def inbound_seen(request: StaffRequest, inbound_id: int) -> HttpResponse:
    """A person has seen it."""
    found = _inbound(request.user).filter(pk=inbound_id).first()
    if found is not None:
        inbound_see(inbound=found, by=request.user, at=clock.now())
    return redirect("office:messages_inbound")
