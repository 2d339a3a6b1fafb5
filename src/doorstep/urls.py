"""Every address of the site."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path, re_path

from doorstep.sites.field.shell import not_built


def closed(request: HttpRequest) -> HttpResponse:
    """Accounts are made and reset by an administrator: no sign-up, no mail, no codes by mail."""
    raise Http404


urlpatterns = [
    re_path(
        r"^accounts/(?:signup|email|confirm-email|password/set|password/reset|login/code)/", closed
    ),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("field/api/", include("doorstep.sites.field.urls")),
    path("field/", not_built, name="phone"),
    path("v/", include("doorstep.sites.portal.urls")),
    path("", include("doorstep.sites.office.urls")),
]
