"""What the map of a day draws, as plain figures; everything on it also stands in the list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from doorstep.sites.office.visits_rows import Crew, Row
from doorstep.visits.models import FieldPlan

MOST_LEFT_OUT = 400
"""Left-out visits drawn at most, those worth most first; the list has them all."""


def map_of(plan: FieldPlan, crews: Sequence[Crew], out: Sequence[Row] = ()) -> dict[str, Any]:
    """Branch, routes and visits of a day in degrees (WGS-84), with the words the drawing needs."""
    branch = plan.branch
    located = branch.latitude is not None and branch.longitude is not None
    return {
        "base": base_map(),
        "depot": [branch.longitude, branch.latitude] if located else None,
        "crews": [_crew(crew) for crew in crews],
        "out": [
            [row.visit.longitude, row.visit.latitude]
            for row in out[:MOST_LEFT_OUT]
            if row.visit.latitude is not None
        ],
        "words": _words(branch.name),
    }


def base_map() -> dict[str, str]:
    """What lies below the visits: a drawn grid of streets, a PMTiles file or a tile service."""
    if settings.MAP_FILE:
        return {"kind": "pmtiles", "address": reverse("office:map_tiles")}
    if settings.MAP_TILES:
        return {
            "kind": "tiles",
            "address": settings.MAP_TILES,
            "attribution": settings.MAP_ATTRIBUTION,
        }
    return {"kind": "grid"}


def _crew(crew: Crew) -> dict[str, Any]:
    return {
        "letter": crew.letter,
        "tone": crew.tone,
        "stops": [
            {
                "visit": row.visit.pk,
                "mark": row.mark,
                "words": _stop_words(row),
                "at": [row.visit.longitude, row.visit.latitude],
            }
            for row in crew.rows
        ],
    }


def _stop_words(row: Row) -> str:
    begins = row.visit.begins_at
    clock = f"{timezone.localtime(begins):%H:%M}" if begins else ""
    return f"{row.mark} · {clock} · {row.who}"


def _words(branch: str) -> dict[str, str]:
    return {
        "branch": branch,
        "grid": _("Drawn street grid, not a real map"),
        "zoom_in": _("Zoom in"),
        "zoom_out": _("Zoom out"),
        "map": _("Drawn map; the list beside it holds the same"),
        "failed": _("The map cannot be drawn here. The list beside it holds everything."),
    }
