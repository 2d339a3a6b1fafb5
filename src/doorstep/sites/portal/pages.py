"""What all public pages share: who the lender is, when somebody asks too often, who asks."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar, cast
from zoneinfo import ZoneInfo

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from doorstep.kernel.errors import DoorstepError, Refused
from doorstep.outreach.selectors import lender_current
from doorstep.treatment.wording import language_code
from doorstep.visits.appointments import Span
from doorstep.visits.services.visitor import asker_key

View = TypeVar("View", bound=Callable[..., HttpResponse])


def public(view: View) -> View:
    """A page for anybody, by GET or POST; never kept by a cache on the way. Whoever asks too often
    is told so, and nothing else."""

    @wraps(view)
    def open_to_all(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            answer = view(request, *args, **kwargs)
        except Refused as refused:
            if refused.code != "TOO_MANY":
                raise
            answer = page(request, "portal/too_many.html", status=429)
        add_never_cache_headers(answer)
        answer["X-Robots-Tag"] = "noindex"
        return answer

    wrapped = require_http_methods(["GET", "HEAD", "POST"])(open_to_all)
    wrapped.public = True  # type: ignore[attr-defined]
    return cast(View, wrapped)


def page(
    request: HttpRequest, template: str, context: Mapping[str, Any] | None = None, *,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    """A public page, with the lender's name and hotline."""
    shown = {**lender_shown(), **(context or {})}
    return render(request, template, shown, status=status)


def lender_shown() -> dict[str, str]:
    """The lender's name and hotline in the reader's language; empty where nobody has said who the
    lender is, so that the pages open all the same."""
    try:
        lender = lender_current()
    except DoorstepError:
        return {"lender": "", "hotline": "", "hotline_call": "", "verify_at": ""}
    hotline = lender.texts["hotline"]
    return {
        "lender": lender.words["name"][language_code(get_language() or settings.LANGUAGE_CODE)],
        "hotline": hotline,
        "hotline_call": re.sub(r"[^0-9+]", "", hotline),
        "verify_at": lender.texts["verify_at"],
    }


def asker(request: HttpRequest) -> str:
    """Who asks, for counting only: the address as the TLS proxy saw it where there is one."""
    try:
        address = cast(str, get_adapter(request).get_client_ip(request))
    except PermissionDenied:
        address = ""
    return asker_key(address)


def window_words(span: Span, zone: str) -> str:
    """A day and hours on the clock of the place."""
    begins, ends = (moment.astimezone(ZoneInfo(zone)) for moment in span)
    return _("%(day)s, from %(from)s to %(to)s") % {
        "day": date_format(begins, "DATE_FORMAT"),
        "from": f"{begins:%H:%M}",
        "to": f"{ends:%H:%M}",
    }


def clock_words(at: datetime, zone: str) -> str:
    """An hour and minute on the clock of the place."""
    return f"{at.astimezone(ZoneInfo(zone)):%H:%M}"


def sent(request: HttpRequest, name: str, *, most: int = 200) -> str:
    """A field of the form or of the address as somebody filled it in; a NUL is no character."""
    value = request.POST.get(name, request.GET.get(name, ""))
    return value.replace("\x00", "").strip()[:most]
