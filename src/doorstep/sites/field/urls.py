"""The addresses of the phone's interface, all under /field/api/."""

from __future__ import annotations

from django.urls import path

from doorstep.sites.field import devices

app_name = "field_api"

urlpatterns = [
    path("devices/", devices.devices, name="devices"),
    path("devices/self/", devices.device_self, name="device_self"),
    path("me/", devices.me, name="me"),
    path("pin/", devices.pin, name="pin"),
    # Recordings: sites/field/recordings.py
    # Visitor checks: sites/field/visitor.py
]
