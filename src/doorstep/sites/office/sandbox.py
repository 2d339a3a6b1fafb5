"""The sandbox in the browser: what would have been sent, as a phone would show it. Demo only."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from doorstep.dispatch.models import Act
from doorstep.dispatch.sandbox import kept_messages, reply_pretend
from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError
from doorstep.kernel.masking import mask_name
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.messages_list import acts_visible_to
from doorstep.sites.office.messages_words import CHANNELS, masked_text
from doorstep.workforce.roles import Permission

ROWS = 20
LONGEST_REPLY = 500


@needs(Permission.SEE_MESSAGES)
def sandbox(request: StaffRequest) -> HttpResponse:
    """The messages that the sandbox took, the latest first."""
    _only_in_demo()
    sent = acts_visible_to(request.user).filter(state__in=("sent", "delivered"))
    acts = sent.select_related("borrower").order_by("-state_at", "-pk")
    page = Paginator(acts, ROWS).get_page(request.GET.get("page"))
    kept = kept_messages(acts=list(page))
    return render(
        request,
        "office/messages/sandbox.html",
        {"page": page, "rows": [_row(act, kept.get(act.pk)) for act in page]},
    )


@needs(Permission.SEE_MESSAGES)
@require_POST
def sandbox_reply(request: StaffRequest, act_id: int) -> HttpResponse:
    """Answer as the borrower would."""
    _only_in_demo()
    act = get_object_or_404(acts_visible_to(request.user), pk=act_id)
    text = request.POST.get("text", "").strip()[:LONGEST_REPLY]
    if not text:
        return redirect("office:sandbox")
    try:
        reply_pretend(act=act, text=text, at=clock.now())
    except DoorstepError as error:
        messages.error(request, error.message)
        return redirect("office:sandbox")
    return redirect("office:messages_inbound")


def _row(act: Act, kept: dict[str, Any] | None) -> dict[str, Any]:
    name = act.borrower.name
    return {
        "act": act,
        "who": mask_name(name),
        "channel": CHANNELS.get(act.channel, act.channel),
        "kept": kept,
        "subject": masked_text((kept or {}).get("subject", ""), name),
        "paragraphs": masked_text((kept or {}).get("text", ""), name).splitlines(),
    }


def _only_in_demo() -> None:
    if settings.MODE != "demo":
        raise Http404
