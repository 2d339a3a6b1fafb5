"""One message: what it says, why it stands where it does and when it may be, and its way."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from doorstep.dispatch.models import WAITING, Act, ActState
from doorstep.dispatch.services import act_settle, act_withdraw
from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError
from doorstep.kernel.masking import mask_name
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.allowed import allowed_of
from doorstep.sites.office.messages_list import acts_visible_to
from doorstep.sites.office.messages_words import (
    CHANNELS,
    masked_text,
    state_words,
    verdict_shown,
    why_of_code,
)
from doorstep.workforce.roles import Permission

ASKS_WHEN = (*WAITING, ActState.BLOCKED, ActState.EXPIRED, ActState.WITHDRAWN, ActState.FAILED)


@needs(Permission.SEE_MESSAGES)
@never_cache
def act_page(request: StaffRequest, act_id: int) -> HttpResponse:
    """The message as the borrower reads it (name masked), the guard's answer, and its receipts."""
    act = _act(request, act_id)
    words, tone = state_words(act.state)
    staff, name = request.user, act.borrower.name
    return render(
        request,
        "office/messages/act.html",
        {
            "act": act,
            "who": mask_name(name),
            "channel": CHANNELS.get(act.channel, act.channel),
            "state": words,
            "tone": tone,
            "subject": masked_text(act.content.get("subject", ""), name),
            "paragraphs": masked_text(act.content.get("text", ""), name).splitlines(),
            "verdict": verdict_shown(act.verdict),
            "why": why_of_code(act.why) if not act.verdict else "",
            "allowed": allowed_of(act.case, act.channel) if act.state in ASKS_WHEN else None,
            "clearances": act.clearances.order_by("attempt"),
            "receipts": act.receipts.order_by("received_at"),
            "may_withdraw": act.state in WAITING and _may_withdraw(request),
            "may_settle": act.state == ActState.IN_DOUBT and staff.may(Permission.APPROVE_MESSAGES),
        },
    )


@needs(Permission.PROPOSE_MESSAGES)
@require_POST
def act_take_back(request: StaffRequest, act_id: int) -> HttpResponse:
    """Take one message back that has not gone out."""
    act = _act(request, act_id)
    try:
        act_withdraw(act=act, by=request.user, at=clock.now())
        messages.success(request, _("The message is withdrawn; it will not be sent."))
    except DoorstepError as error:
        messages.error(request, f"{error.message} {error.hint}".strip())
    return redirect("office:message", act_id=act.pk)


@needs(Permission.APPROVE_MESSAGES)
@require_POST
def act_settled(request: StaffRequest, act_id: int) -> HttpResponse:
    """A person settles a doubt."""
    act = _act(request, act_id)
    try:
        act_settle(
            act=act,
            outcome=request.POST.get("outcome", ""),
            note=request.POST.get("note", ""),
            by=request.user,
            at=clock.now(),
        )
        messages.success(request, _("The doubt is settled, and how is on record."))
    except DoorstepError as error:
        messages.error(request, f"{error.message} {error.hint}".strip())
    return redirect("office:message", act_id=act.pk)


def _may_withdraw(request: StaffRequest) -> bool:
    return request.user.may(Permission.PROPOSE_MESSAGES)


def _act(request: StaffRequest, act_id: int) -> Act:
    found = acts_visible_to(request.user).select_related("borrower", "case__borrower", "proposal")
    return get_object_or_404(found, pk=act_id)
