"""Ctrl-K: customers by number, name or phone, and the pages of the office."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from doorstep.sites.office.access import StaffRequest, needs
from doorstep.workforce.roles import Permission


@needs(Permission.SEE_TODAY)
def search(request: StaffRequest) -> HttpResponse:
    """What the words lead to, within what this member of staff may see."""
    return render(request, "office/search.html", {"words": request.GET.get("q", "").strip()})
