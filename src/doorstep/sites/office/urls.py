"""Addresses of the office."""

from __future__ import annotations

from django.urls import URLPattern, path

from doorstep.sites.office import language, runs, search, staff, today

app_name = "office"
urlpatterns: list[URLPattern] = [
    path("", today.today, name="today"),
    path("search/", search.search, name="search"),
    path("language/", language.language, name="language"),
    path("movements/", runs.movements, name="movements"),
    path("runs/", runs.runs, name="runs"),
    path("runs/<int:run_id>/", runs.run, name="run"),
    path("staff/", staff.staff, name="staff"),
    path("staff/new/", staff.staff_new, name="staff_new"),
    path("staff/<int:staff_id>/active/", staff.staff_active, name="staff_active"),
]
