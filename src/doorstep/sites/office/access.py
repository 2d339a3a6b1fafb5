"""Who may open which page. Every view of the office states its permission with `needs`."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.translation import gettext as _

from doorstep.kernel import clock
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission

View = TypeVar("View", bound=Callable[..., HttpResponse])


class StaffRequest(HttpRequest):
    """A request whose user is known to be a signed-in member of staff."""

    user: Staff


def needs(permission: Permission) -> Callable[[View], View]:
    """The view is for signed-in staff with this permission; others sign in, or get a 403."""

    def wrap(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                target = resolve_url(settings.LOGIN_URL)
                return redirect(f"{target}?next={request.path}")
            if not request.user.may(permission):
                raise PermissionDenied(_("Your role does not include this."))
            return view(request, *args, **kwargs)

        checked.needs = permission  # type: ignore[attr-defined]
        return cast(View, checked)

    return wrap


class GateMiddleware:
    """Ends sessions that are too old and sends staff without a second factor to set one up."""

    OPEN_TO_ALL = ("/accounts/", "/static/", "/language/")

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            began = request.session.setdefault("began", int(clock.now().timestamp()))
            if clock.now().timestamp() - began > settings.SESSION_LONGEST_SECONDS:
                logout(request)
                return redirect(settings.LOGIN_URL)
            if (
                settings.SECOND_FACTOR_REQUIRED
                and not request.path.startswith(self.OPEN_TO_ALL)
                and not is_mfa_enabled(request.user)
            ):
                return redirect("mfa_index")
        return self.get_response(request)


class StaffAccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by an administrator: nobody signs up by themselves."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False
