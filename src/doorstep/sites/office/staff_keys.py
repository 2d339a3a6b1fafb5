"""Keys of other systems: which there are, a new one shown once, and revoking one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.workforce.models import MachineKey
from doorstep.workforce.roles import Permission
from doorstep.workforce.services.keys import key_make, key_revoke


@needs(Permission.MANAGE_STAFF)
@require_http_methods(["GET", "POST"])
def staff_keys(request: StaffRequest) -> HttpResponse:
    """The keys; a POST makes one for telling of payments and shows it this once."""
    context: dict[str, object] = {}
    if request.method == "POST":
        try:
            made, secret = key_make(
                name=request.POST.get("name", ""), permission=Permission.TAKE_PAYMENTS,
                by=request.user, at=clock.now(),
            )  # fmt: skip
            context = {"made": made, "secret": secret}
        except DoorstepError as error:
            messages.error(request, f"{error.message} {error.hint}".strip())
    keys = MachineKey.objects.select_related("made_by", "revoked_by")
    context["keys"] = keys.order_by("revoked_at", "name")[:200]
    return render(request, "office/staff_keys.html", context)


@needs(Permission.MANAGE_STAFF)
@require_POST
def staff_key_revoked(request: StaffRequest, key_id: int) -> HttpResponse:
    """From now on the key opens nothing."""
    key = get_object_or_404(MachineKey, pk=key_id)
    key_revoke(key=key, by=request.user, at=clock.now())
    messages.success(request, _("The key of %(name)s opens nothing any more.") % {"name": key.name})
    return redirect("office:staff_keys")
