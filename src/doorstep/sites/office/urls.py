"""Addresses of the office."""

from __future__ import annotations

from django.urls import URLPattern, path

from doorstep.sites.office import language, search, today

app_name = "office"
urlpatterns: list[URLPattern] = [
    path("", today.today, name="today"),
    path("search/", search.search, name="search"),
    path("language/", language.language, name="language"),
]
