"""What every page of the office shows around its content: places, theme, and what needs notice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from doorstep.cycle.selectors import Notice, bucket_edges, notices
from doorstep.kernel import clock
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission

THEMES = ("auto", "light", "dark")
TEXT_SIZES = ("normal", "large")
THEME_COOKIE = "doorstep_theme"
TEXT_COOKIE = "doorstep_text"


@dataclass(frozen=True)
class Page:
    """A page of the rail: its address by name, what it is called, who may see it, and in which
    mode alone it exists."""

    name: str
    label: str | Promise
    permission: Permission
    only_in: str = ""


@dataclass(frozen=True)
class Place:
    """One place of the rail with its pages."""

    label: str | Promise
    icon: str
    pages: tuple[Page, ...]


PLACES = (
    Place(_("Today"), "home", (Page("office:today", _("Today"), Permission.SEE_TODAY),)),
    Place(
        _("Cases"),
        "folder",
        (
            Page("office:worklist", _("Worklist"), Permission.SEE_CASES),
            Page("office:verification", _("To verify"), Permission.VERIFY_CONTACTS),
            Page("office:why", _("Why is somebody not here?"), Permission.SEE_CASES),
        ),
    ),
    Place(
        _("Visits"),
        "map-pin",
        (
            Page("office:field_plans", _("Field days"), Permission.SEE_FIELD),
            Page("office:visits_live", _("Live board"), Permission.SEE_FIELD),
            Page("office:records", _("Visit records"), Permission.SEE_RECORDS),
            Page(
                "office:door_conflicts", _("Reports from doors to settle"), Permission.SETTLE_DOOR
            ),
            Page("office:my_day", _("My day"), Permission.CHECK_IN),
            Page("office:alarms", _("Alarms"), Permission.SEE_ALARMS),
            Page("office:recordings", _("Recordings"), Permission.HEAR_RECORDINGS),
            Page("office:field_days_mine", _("My field days"), Permission.CHECK_IN),
            Page("office:appointments", _("Appointments"), Permission.SEE_APPOINTMENTS),
            Page("office:risks", _("High risks"), Permission.SEE_APPOINTMENTS),
            Page("office:roster", _("Roster"), Permission.SEE_ROSTERS),
            Page("office:staff_endings", _("Papers that end soon"), Permission.SEE_STAFF),
            Page("office:training", _("My papers and training"), Permission.SIT_EXAMS),
            Page("office:letter_check", _("Is this letter real?"), Permission.SEE_CASES),
        ),
    ),
    Place(
        _("Agreements"),
        "heart-handshake",
        (
            Page("office:agreements", _("Agreements and plans"), Permission.SEE_AGREEMENTS),
            Page("office:offers", _("Offers and approvals"), Permission.SEE_AGREEMENTS),
            Page("office:promises_due", _("Promises and instalments"), Permission.SEE_AGREEMENTS),
            Page("office:payments", _("Payments"), Permission.SEE_AGREEMENTS),
            Page("office:referrals", _("Legal pipeline"), Permission.SEE_AGREEMENTS),
        ),
    ),
    Place(
        _("Outreach"),
        "message",
        (
            Page("office:messages", _("Messages"), Permission.SEE_MESSAGES),
            Page("office:calls", _("Call desk"), Permission.MAKE_CALLS),
            Page("office:visitors", _("Is this visitor real?"), Permission.MAKE_CALLS),
            Page("office:outreach_texts", _("Texts we send"), Permission.SEE_MESSAGES),
            Page("office:sandbox", _("Sandbox"), Permission.SEE_MESSAGES, only_in="demo"),
        ),
    ),
    Place(
        _("Compliance"),
        "shield-check",
        (
            Page("office:complaints", _("Complaints"), Permission.SEE_PROTECTIONS),
            Page("office:disputes", _("Disputes"), Permission.SEE_PROTECTIONS),
            Page("office:incidents", _("Incidents"), Permission.SEE_PROTECTIONS),
            Page("office:impostors", _("Reports of impostors"), Permission.SEE_IMPOSTORS),
            Page("office:protections_due", _("Deadlines"), Permission.SEE_PROTECTIONS),
            Page("office:rules", _("Rules"), Permission.SEE_RULES),
            Page("office:audit", _("Audit room"), Permission.SEE_EVIDENCE),
        ),
    ),
    Place(
        _("Settings"),
        "settings",
        (
            Page("office:books", _("Lender's books"), Permission.SEE_BOOKS),
            Page("office:runs", _("Nights"), Permission.SEE_RUNS),
            Page("office:staff", _("Staff"), Permission.SEE_STAFF),
        ),
    ),
)


def rail(*, staff: Staff, path: str) -> list[dict[str, Any]]:
    """The places this member of staff may go to, each page with whether it is the present one."""
    shown = []
    for place in PLACES:
        pages = [
            {"label": page.label, "address": address, "here": _is_here(address, path)}
            for page in place.pages
            if staff.may(page.permission)
            and page.only_in in ("", settings.MODE)
            and (address := reverse(page.name))
        ]
        if pages:
            here = any(page["here"] for page in pages)
            shown.append({"label": place.label, "icon": place.icon, "pages": pages, "here": here})
    return shown


def _is_here(address: str, path: str) -> bool:
    return path == address if address == "/" else path.startswith(address)


def chosen(request: HttpRequest, *, cookie: str, among: tuple[str, ...]) -> str:
    """What the cookie says if it is one of the known words, else the first of them."""
    value = request.COOKIES.get(cookie, "")
    return value if value in among else among[0]


def shell(request: HttpRequest) -> dict[str, Any]:
    """Template context of the shell."""
    context: dict[str, Any] = {
        "theme": chosen(request, cookie=THEME_COOKIE, among=THEMES),
        "text_size": chosen(request, cookie=TEXT_COOKIE, among=TEXT_SIZES),
        "languages": settings.LANGUAGES,
    }
    staff = getattr(request, "user", None)
    if staff is None or not staff.is_authenticated:
        return context
    return context | {
        "perms_see_books": staff.may(Permission.SEE_BOOKS),
        "sees_alarms": staff.may(Permission.SEE_ALARMS),
        "rail": rail(staff=staff, path=request.path),
        "notices": SimpleLazyObject(lambda: _notices(staff)),
        "bucket_edges": SimpleLazyObject(bucket_edges),
    }


def _notices(staff: Staff) -> list[Notice]:
    if not staff.may(Permission.SEE_RUNS):
        return []
    return notices(on=clock.today(settings.TIME_ZONE))
