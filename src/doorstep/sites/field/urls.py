"""The addresses of the phone's interface, all under /field/api/."""

from __future__ import annotations

from django.urls import path

from doorstep.sites.field import devices, visitor

app_name = "field_api"

urlpatterns = [
    path("session/", devices.session, name="session"),
    path("devices/", devices.devices, name="devices"),
    path("devices/self/", devices.device_self, name="device_self"),
    path("me/", devices.me, name="me"),
    path("pin/", devices.pin, name="pin"),
    # Recordings: sites/field/recordings.py
    path("visits/<int:visit_id>/challenge/", visitor.challenge, name="challenge"),
    path("visits/<int:visit_id>/number/", visitor.number, name="number"),
]
