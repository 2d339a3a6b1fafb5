"""Where customers fetch their copy: no sign-in, a code and what only they know, nothing else."""

from __future__ import annotations

from allauth.core import ratelimit
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from doorstep.agreements.selectors.agreements import sealed_of
from doorstep.agreements.services.copies import copy_take
from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError
from doorstep.sites.office.agreements_files import attachment
from doorstep.sites.office.agreements_words import refused_words


@never_cache
@require_http_methods(["GET", "POST"])
def copies(request: HttpRequest) -> HttpResponse:
    """The form, and the signed document to whoever fills it in rightly."""
    refused, status = "", 422
    if request.method == "POST" and not ratelimit.consume(request, action="copies"):
        refused, status = _("Too many tries. Wait some minutes, or call us."), 429
    elif request.method == "POST":
        code, last = request.POST.get("code", ""), request.POST.get("last", "")
        try:
            found = copy_take(code=code, last=last, at=clock.now())
            return attachment(sealed_of(found), "application/pdf", f"{found.number}.pdf")
        except DoorstepError as error:
            refused = refused_words(error)
    return render(
        request,
        "office/agreements/copies.html",
        {"refused": refused},
        status=status if refused else 200,
    )
