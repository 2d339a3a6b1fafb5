"""Why a visit cannot be moved there, or an appointment not be kept: every reason in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.dispatch.visit_moves import Against, MoveRefused
from doorstep.kernel.errors import DoorstepError
from doorstep.sites.office.messages_words import verdict_shown
from doorstep.sites.office.visits_rows import Crew, Row
from doorstep.sites.office.visits_words import Refusal, refusal_of_json, why_not

AGAINST: Mapping[str, str | Promise] = {
    "STARTED": gettext_lazy("The visit has begun or is over."),
    "PROMISED": gettext_lazy("The customer was promised this visit; change the appointment first."),
    "CREW_OFF": gettext_lazy("This crew fell out and makes no further visit."),
    "TOO_FULL": gettext_lazy("The crew has %(most)s visits already, the most a day may hold."),
    "OUTSIDE_HOURS": gettext_lazy("The visit may not begin then, or the crew is not on duty."),
    "CREW_OFF_DUTY": gettext_lazy("The crew is not on duty then."),
    "OTHER_TIME_AGREED": gettext_lazy("The customer agreed to another time."),
    "NO_TIME_LEFT": gettext_lazy("The crew has no time for it between its other visits."),
    "TOO_FAR": gettext_lazy("The crew cannot get there and be back in its shift."),
}


def refusal_of(
    error: DoorstepError, *, title: str, crews: Iterable[Crew], rows: Iterable[Row]
) -> Refusal:
    """What a refused deed says on the page."""
    if not isinstance(error, MoveRefused):
        return Refusal(title, (str(error),))
    crews = list(crews)
    names = {m.staff_id: str(m.staff) for crew in crews for m in crew.crew.members.all()}
    visits = {row.visit.pk: row for row in rows}
    reasons = [words for each in error.reasons for words in _words(each, crews, names, visits)]
    return Refusal(title, tuple(dict.fromkeys(reasons)))


def _words(
    each: Against, crews: list[Crew], names: Mapping[int, str], visits: Mapping[int, Row]
) -> list[str]:
    """One reason as one sentence or several."""
    if "crews" in each.more:
        return _pairs(each.more["crews"], crews, names)
    verdict, hours = verdict_shown(each.more.get("verdict")), _hours(each.more.get("open", ()))
    if verdict is not None:
        row = visits.get(each.more.get("visit", 0))
        about = f"{row.mark} {row.who}: " if row else ""
        told = [f"{about}{reason.words} ({reason.rule})" for reason in verdict.reasons]
        return [*(told or [f"{about}{why_not(each.code)}"]), *hours]
    known = AGAINST.get(each.code)
    words = str(known) % {"most": each.more.get("most", "")} if known else why_not(each.code)
    return [words, *hours]


def _pairs(
    against: Mapping[str, Any], crews: list[Crew], names: Mapping[int, str]
) -> list[str]:  # fmt: skip
    """What stands against each crew; the crew is named where nobody of it is."""
    people = {crew.crew.key: crew.people for crew in crews}
    found = []
    for key, reasons in against.items():
        for reason in reasons:
            words = refusal_of_json(reason, names)
            crew = {"name": people.get(key, key), "why": words}
            one = len(reason.get("agents", ())) == 1
            found.append(words if one else _("%(name)s: %(why)s") % crew)
    return found


def _hours(spans: Iterable[list[str]]) -> list[str]:
    """When it may begin instead."""
    shown = [f"{_clock(first)}–{_clock(last)}" for first, last in spans]
    return [_("It may begin: %(hours)s") % {"hours": ", ".join(shown)}] if shown else []


def _clock(text: str) -> str:
    local = timezone.localtime(datetime.fromisoformat(text))
    return f"{local:%m-%d %H:%M}"
