"""Who may open which page. Every view of the office states its permission with `needs`."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from allauth.account.adapter import DefaultAccountAdapter, get_adapter
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from doorstep.kernel import clock
from doorstep.sites.office.language import language_follow
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class StaffRequest(HttpRequest):
    """A request whose user is known to be a signed-in member of staff."""

    user: Staff


def needs(permission: Permission) -> Callable[[View], View]:
    """The view is for signed-in staff with this permission; others sign in, or get a 403."""

    def wrap(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _to_sign_in(request)
            if not request.user.may(permission):
                raise PermissionDenied(_("Your role does not include this."))
            return view(request, *args, **kwargs)

        checked.needs = permission  # type: ignore[attr-defined]
        return cast(View, checked)

    return wrap


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """To the sign-in page, and from there back to the page that was asked for."""
    back = request.get_full_path() if request.method == "GET" else None
    if request.htmx:  # type: ignore[attr-defined]
        return cast(HttpResponse, HttpResponseClientRedirect(resolve_url(settings.LOGIN_URL)))
    return cast(HttpResponse, redirect_to_login(back) if back else redirect(settings.LOGIN_URL))


class GateMiddleware:
    """Refuses what no page can read, ends sessions that are too old, sends staff without a second
    factor to set one up, and keeps pages made for one person out of every cache."""

    OPEN_TO_ALL = ("/accounts/", "/static/", "/language/")
    PUBLIC = "/v/"

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "%00" in request.META.get("QUERY_STRING", "") or "\x00" in request.path_info:
            raise BadRequest("No name or number holds a NUL, and PostgreSQL refuses it.")
        if request.path.startswith(self.PUBLIC) or not request.user.is_authenticated:
            return self.get_response(request)
        if self._too_old(request):
            logout(request)
            return redirect(settings.LOGIN_URL)
        if self._lacks_second_factor(request):
            return redirect("mfa_index")
        response = self.get_response(request)
        if not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        return response

    def _too_old(self, request: HttpRequest) -> bool:
        present = int(clock.now().timestamp())
        began: int = request.session.setdefault("began", present)
        return present - began > int(settings.SESSION_LONGEST_SECONDS)

    def _lacks_second_factor(self, request: HttpRequest) -> bool:
        if not settings.SECOND_FACTOR_REQUIRED or request.path.startswith(self.OPEN_TO_ALL):
            return False
        return not cast(bool, is_mfa_enabled(request.user))


class StaffAccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by an administrator: nobody signs up by themselves."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def post_login(self, request: HttpRequest, user: Staff, **hooks: Any) -> HttpResponse:
        """As everywhere, and in the language of who signed in."""
        answer: HttpResponse = super().post_login(request, user, **hooks)
        language_follow(request, answer, staff=user)
        return answer


def client_address(request: HttpRequest) -> str | None:
    """The address the request came from, as the TLS proxy saw it where there is one."""
    try:
        return cast(str, get_adapter(request).get_client_ip(request))
    except PermissionDenied:
        return None
