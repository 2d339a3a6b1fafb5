"""Language, appearance and text size: kept in cookies, the language also with the account.

Whoever signs in gets the language they once chose, whatever machine they sit at and whoever sat
there before; one that was chosen on the way in becomes the account's.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from doorstep.sites.office.shell import TEXT_COOKIE, TEXT_SIZES, THEME_COOKIE, THEMES
from doorstep.workforce.models import Staff

YEAR = 365 * 24 * 3600
CHOSEN_COOKIE = "doorstep_language_chosen"


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
        else:
            _keep(answer, CHOSEN_COOKIE, choice, seconds=None)
    if (theme := request.POST.get("theme", "")) in THEMES:
        _keep(answer, THEME_COOKIE, theme)
    if (text := request.POST.get("text", "")) in TEXT_SIZES:
        _keep(answer, TEXT_COOKIE, text)
    return answer


def language_follow(request: HttpRequest, answer: HttpResponse, *, staff: Staff) -> None:
    """Let the language go with who has just signed in."""
    choice = request.COOKIES.get(CHOSEN_COOKIE, "")
    if choice in dict(settings.LANGUAGES) and choice != staff.language:
        staff.language = choice
        staff.save(update_fields=["language"])
    if staff.language:
        _keep(answer, settings.LANGUAGE_COOKIE_NAME, staff.language)
    answer.delete_cookie(CHOSEN_COOKIE)


def _way_back(request: HttpRequest) -> str:
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if safe else "/"


def _keep(answer: HttpResponse, name: str, value: str, *, seconds: int | None = YEAR) -> None:
    """Set a cookie; without `seconds` it goes when the browser is closed."""
    answer.set_cookie(
        name,
        value,
        max_age=seconds,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
