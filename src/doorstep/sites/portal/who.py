"""Did you really call me? Did you really write to me? One question a page, then yes or no."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from doorstep.dispatch.caller_checks import REFERENCE, Contacted, contact_was_ours
from doorstep.kernel import clock
from doorstep.sites.portal.pages import asker, page, public, sent

WAYS = {"phone": "work_id", "message": "reference"}


@public
def who(request: HttpRequest) -> HttpResponse:
    """How -> whose work id, or which reference -> when -> which number of yours -> yes or no. What
    was answered so far stands in the address, so that going back works; the number does not."""
    how = sent(request, "how", most=16)
    today = clock.today(settings.TIME_ZONE)
    context: dict[str, Any] = {
        "how": how, "named": sent(request, "named", most=64), "day": sent(request, "day", most=10),
        "time": sent(request, "time", most=5), "today": today.isoformat(),
        "skipped": sent(request, "skipped", most=1), "step": _step(request, how),
        "back": reverse("portal:who"),
    }  # fmt: skip
    if context["step"] == "answer":
        contacted = Contacted(
            how, work_id=context["named"] if how == "phone" else "",
            reference=context["named"] if how == "message" else "",
            number=sent(request, "number", most=100), about=_about(request),
        )  # fmt: skip
        ours = contact_was_ours(contacted=contacted, asker=asker(request), at=clock.now())
        context["ours"] = ours
    return page(request, "portal/who.html", context)


def _step(request: HttpRequest, how: str) -> str:
    """The first question that is not answered."""
    if how not in WAYS:
        return "how"
    named = sent(request, "named", most=64)
    if not named and not (how == "message" and sent(request, "skipped", most=1)):
        return WAYS[how]
    by_reference = how == "message" and REFERENCE.fullmatch(named.lower()) is not None
    if by_reference:
        return "answer" if request.method == "POST" else "confirm"
    if _about(request) is None:
        return "when"
    asked = request.method == "POST" and bool(sent(request, "number", most=100))
    return "answer" if asked else "number"


def _about(request: HttpRequest) -> datetime | None:
    """When it was, on the lender's clock."""
    text = f"{sent(request, 'day', most=10)}T{sent(request, 'time', most=5)}"
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    known = 2000 < found.year < 2200 and found.tzinfo is None
    return found.replace(tzinfo=ZoneInfo(settings.TIME_ZONE)) if known else None
