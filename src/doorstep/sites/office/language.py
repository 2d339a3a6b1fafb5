"""Language, appearance and text size: kept in cookies, the language also with the account."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from doorstep.sites.office.shell import TEXT_COOKIE, TEXT_SIZES, THEME_COOKIE, THEMES

YEAR = 365 * 24 * 3600


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Keep what was chosen and go back; a word nobody knows changes nothing. Open to everybody."""
    answer = HttpResponseRedirect(_way_back(request))
    choice = request.POST.get("language", "")
    if choice in dict(settings.LANGUAGES):
        _keep(answer, settings.LANGUAGE_COOKIE_NAME, choice)
        if request.user.is_authenticated:
            request.user.language = choice
            request.user.save(update_fields=["language"])
    if (theme := request.POST.get("theme", "")) in THEMES:
        _keep(answer, THEME_COOKIE, theme)
    if (text := request.POST.get("text", "")) in TEXT_SIZES:
        _keep(answer, TEXT_COOKIE, text)
    return answer


def _way_back(request: HttpRequest) -> str:
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if safe else "/"


def _keep(answer: HttpResponse, name: str, value: str) -> None:
    answer.set_cookie(
        name,
        value,
        max_age=YEAR,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
