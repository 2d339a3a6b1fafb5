"""Home: what needs me today, the book by bucket, what moved, and the last night."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from doorstep.sites.office.access import StaffRequest, needs
from doorstep.workforce.roles import Permission


@needs(Permission.SEE_TODAY)
def today(request: StaffRequest) -> HttpResponse:
    """The first page of the day."""
    return render(request, "office/today.html")
