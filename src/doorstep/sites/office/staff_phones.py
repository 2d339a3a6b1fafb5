"""Phones of a colleague: which there are on the file, and revoking one."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.staff_file import colleague_or_404
from doorstep.workforce.models import Device
from doorstep.workforce.roles import Permission
from doorstep.workforce.services.devices import device_revoke


@needs(Permission.KEEP_PARTICULARS)
@require_POST
def staff_phone_revoked(request: StaffRequest, device_id: UUID) -> HttpResponse:
    """From now on the phone opens nothing, and forgets everything when it next asks."""
    device = get_object_or_404(Device.objects.select_related("staff"), pk=device_id)
    colleague_or_404(request.user, device.staff_id)
    why = request.POST.get("why", "")
    try:
        device_revoke(device=device, why=why, by=request.user, at=clock.now())
    except DoorstepError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Revoked. The phone opens nothing from now on."))
    return redirect("office:staff_file", device.staff_id)
