"""Is the visitor real? The code of an appointment, who comes, and the number both sides see."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import segno
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from doorstep.kernel import clock
from doorstep.sites.portal.pages import asker, clock_words, lender_shown, page, public, sent
from doorstep.sites.portal.pages import window_words as window
from doorstep.visits.door.request import b64
from doorstep.visits.selectors.visitor import CheckedVisit
from doorstep.visits.services.visitor import code_look_up, number_compare
from doorstep.visits.visitor import code_normal

WORKER = Path(__file__).parent / "static" / "portal" / "sw.js"
NO_CODE = "-"


@public
def enter(request: HttpRequest) -> HttpResponse:
    """One question: which code? What is scanned at the door is checked here too, without a network
    by what the phone has kept (`door.js`)."""
    if request.method == "POST":
        return redirect("portal:visit", code=code_normal(sent(request, "code")) or NO_CODE)
    return page(request, "portal/enter.html")


@public
def visit(request: HttpRequest, code: str) -> HttpResponse:
    """Who comes, when, and the number; or the page that is the same for every other code."""
    found = code_look_up(code=code, asker=asker(request), at=clock.now())
    if found is None:
        return page(request, "portal/not_known.html", status=404)
    return page(request, "portal/visit.html", shown(found) | {"link": _link(request, found)})


@public
def number(request: HttpRequest, code: str) -> HttpResponse:
    """One question: which number does the visitor show? The answer is yes only for the number that
    a phone of the crew was just shown at the door."""
    context: dict[str, Any] = {"code": code_normal(code) or NO_CODE, "asked": False}
    if request.method == "POST":
        said = sent(request, "number", most=8)
        agrees = number_compare(code=code, said=said, asker=asker(request), at=clock.now())
        context |= {"asked": True, "agrees": agrees, "said": said}
    return page(request, "portal/number.html", context)


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The script that lets the page open without a network; asked for anew each time."""
    answer = HttpResponse(WORKER.read_bytes(), content_type="text/javascript; charset=utf-8")
    patch_cache_control(answer, no_cache=True)
    return answer


worker.public = True  # type: ignore[attr-defined]


def shown(found: CheckedVisit) -> dict[str, Any]:
    """A visit as page and hotline show it: nothing of the debt, the person or the address."""
    return {
        "code": found.code,
        "when": window(found.span, found.zone),
        "purpose": _("a talk we arranged with you"),
        "visitors": [
            {
                "name": each.name, "work_id": each.work_id, "staff": each.staff_id,
                "photo": "data:image/jpeg;base64," + base64.b64encode(each.jpeg).decode(),
            }
            for each in found.visitors
        ],
        "number": found.number,
        "number_aloud": " ".join(found.number),
        "number_before": found.number_before,
        "number_until": clock_words(found.number_until, found.zone) if found.number_until else "",
        "proved": clock_words(found.proved_at, found.zone) if found.proved_at else "",
        "kept": _kept(found),
    }  # fmt: skip


def _kept(found: CheckedVisit) -> dict[str, Any]:
    """What the borrower's phone keeps to check a visitor without a network."""
    return {
        "visit": found.visit_id,
        "code": found.code,
        "until": int(found.until.timestamp()),
        "number_until": int(found.number_until.timestamp()) if found.number_until else 0,
        "devices": {
            device: {"staff": staff_id, "key": b64(key)} for device, staff_id, key in found.devices
        },
    }


def _link(request: HttpRequest, found: CheckedVisit) -> dict[str, str]:
    """The address of this page on the lender's own domain, and its QR code."""
    own = lender_shown()["verify_at"].rstrip("/") or request.build_absolute_uri("/").rstrip("/")
    address = own + reverse("portal:visit", args=[found.code])
    return {"address": address, "qr": segno.make(address, error="m").svg_data_uri(scale=4)}
