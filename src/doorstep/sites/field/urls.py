"""The addresses of the phone's interface, all under /field/api/."""

from __future__ import annotations

from django.urls import path

from doorstep.sites.field import (
    changes,
    clear,
    day,
    devices,
    events,
    recordings,
    safety,
    visitor,
)

app_name = "field_api"

urlpatterns = [
    path("session/", devices.session, name="session"),
    path("devices/", devices.devices, name="devices"),
    path("devices/self/", devices.device_self, name="device_self"),
    path("me/", devices.me, name="me"),
    path("pin/", devices.pin, name="pin"),
    path("day/", day.day, name="day"),
    path("changes/", changes.changes, name="changes"),
    path("events/", events.events, name="events"),
    path("visits/<int:visit_id>/clear/", clear.clear, name="clear"),
    path("sos/", safety.sos, name="sos"),
    path("position/", safety.position, name="position"),
    path(
        "visits/<int:visit_id>/recordings/<uuid:recording>/", recordings.recording, name="recording"
    ),
    path(
        "visits/<int:visit_id>/recordings/<uuid:recording>/segments/<int:seq>/<str:sha>/",
        recordings.segment,
        name="recording_segment",
    ),
    path(
        "visits/<int:visit_id>/recordings/<uuid:recording>/end/",
        recordings.end,
        name="recording_end",
    ),
    path("visits/<int:visit_id>/challenge/", visitor.challenge, name="challenge"),
    path("visits/<int:visit_id>/number/", visitor.number, name="number"),
]
