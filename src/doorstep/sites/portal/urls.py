"""The public addresses, all under /v/; `tests/contracts/test_portal_access.py` lists them."""

from __future__ import annotations

from django.urls import path

from doorstep.sites.portal import check, report, who

app_name = "portal"

urlpatterns = [
    path("", check.enter, name="enter"),
    path("sw.js", check.worker, name="worker"),
    path("who/", who.who, name="who"),
    path("report/", report.report, name="report"),
    path("report/<str:number>/", report.received, name="received"),
    path("<str:code>/", check.visit, name="visit"),
    path("<str:code>/number/", check.number, name="number"),
]
