"""Tell us of somebody who may have come, called or written in our name. One question a page, and a
receipt at the end."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language

from doorstep.kernel import clock
from doorstep.kernel.errors import InputError
from doorstep.sites.portal.pages import asker, page, public, sent
from doorstep.visits.models import Happened
from doorstep.visits.services.impostors import LONGEST_WORDS, Told, impostor_report
from doorstep.visits.visitor import code_normal


@public
def report(request: HttpRequest) -> HttpResponse:
    """How -> on which day -> what happened -> what else you know, if you like -> the receipt."""
    today = clock.today(settings.TIME_ZONE)
    context: dict[str, Any] = {
        "happened": sent(request, "happened", most=8),
        "day": sent(request, "day", most=10),
        "words": sent(request, "words", most=LONGEST_WORDS),
        "code": sent(request, "code", most=20),
        "ways": Happened.choices,
        "today": today.isoformat(),
        "yesterday": (today - timedelta(days=1)).isoformat(),
        "most": LONGEST_WORDS,
    }
    step = _step(request, context)
    if step == "done":
        try:
            return _kept(request, context)
        except InputError as error:
            context["refused"], step = error.message, error.where.field or "words"
            step = {"happened_on": "day"}.get(step, step)
            return page(request, "portal/report.html", context | {"step": step}, status=422)
    return page(request, "portal/report.html", context | {"step": step})


@public
def received(request: HttpRequest, number: str) -> HttpResponse:
    """The receipt: the number under which we keep what was told."""
    if code_normal(number) != number:
        raise Http404
    return page(request, "portal/received.html", {"number": number})


def _step(request: HttpRequest, context: dict[str, Any]) -> str:
    """The first question that is not answered."""
    if context["happened"] not in Happened.values:
        return "happened"
    if _day(context["day"]) is None:
        return "day"
    if request.method != "POST" or not context["words"]:
        return "words"
    return "done" if sent(request, "send", most=4) else "more"


def _kept(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    told = Told(
        happened=context["happened"], happened_on=_day(context["day"]) or date.min,
        words=context["words"], work_id=sent(request, "work_id"), place=sent(request, "place"),
        contact=sent(request, "contact"), code=context["code"], language=get_language() or "",
    )  # fmt: skip
    kept = impostor_report(
        told=told, at=clock.now(), on=clock.today(settings.TIME_ZONE), asker=asker(request)
    )
    return redirect("portal:received", number=kept.number)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
