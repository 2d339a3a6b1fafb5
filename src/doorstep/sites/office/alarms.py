"""Alarms of crews: the strip on every page, the list, and one alarm with its plan to the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import DatabaseError
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError
from doorstep.kernel.masking import mask_address, mask_name
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.quiet_session import quiet
from doorstep.sites.office.risk_words import FACTORS
from doorstep.sites.office.sos import emergency_numbers
from doorstep.treatment.wording import language_code
from doorstep.visits.models import Alarm, CrewDay
from doorstep.visits.risk import TABLE
from doorstep.visits.safety import emergency
from doorstep.visits.selectors.safety import alarms_open, alarms_within, timers_overdue
from doorstep.visits.services.alarms import alarm_end, alarm_step_tick, alarm_take, alarms_seen
from doorstep.workforce.models import Particulars, PersonalDataAccess, Staff, Weight
from doorstep.workforce.roles import Permission

ROWS = 50
OVER = Q(ended_at__isnull=False)
VIEWS: dict[str, tuple[str | Promise, Q]] = {
    "open": (gettext_lazy("Not over"), ~OVER),
    "over": (gettext_lazy("Over"), OVER),
}
LEVELS = {
    "team_leader": gettext_lazy("Team leader"),
    "branch": gettext_lazy("Head of the branch"),
    "manager": gettext_lazy("Collections manager"),
}
WEIGHTS = (
    (0, gettext_lazy("A false alarm")),
    (Weight.HARD, gettext_lazy("Hard, nobody was in danger")),
    (Weight.VERY_HARD, gettext_lazy("Very hard, nobody was in danger")),
    (Weight.INCIDENT, gettext_lazy("Somebody was in danger")),
)
SEEN_LONGEST = 20


@needs(Permission.SEE_ALARMS)
@require_GET
def alarm_strip(request: StaffRequest) -> HttpResponse:
    """What hangs over every page while a crew may be in danger; asked for every ten seconds."""
    now = clock.now()
    shown = list(alarms_open(by=request.user)[:SEEN_LONGEST])
    try:
        alarms_seen(alarms=shown, by=request.user, at=now)
    except DatabaseError:  # showing it matters more than knowing that it was shown
        pass
    context = {
        "alarms": [(alarm, people_of(alarm.crew) or str(alarm.raised_by or "")) for alarm in shown],
        "overdue": [
            (timer, people_of(timer.crew)) for timer in timers_overdue(by=request.user, at=now)
        ],
        "untaken": sum(alarm.taken_at is None for alarm in shown),
    }
    return quiet(render(request, "office/safety/strip.html", context))


def people_of(crew: CrewDay | None) -> str:
    """The names of a crew."""
    members = crew.members.all() if crew else ()
    return _(" and ").join(str(member.staff) for member in members)


@needs(Permission.SEE_ALARMS)
@require_GET
def alarms(request: StaffRequest) -> HttpResponse:
    """The list, the latest first; `?view=` open or over."""
    rows = alarms_within(by=request.user)
    view = request.GET.get("view", "")
    view = view if view in VIEWS else "open"
    found = rows.filter(VIEWS[view][1]).select_related("branch", "taken_by", "raised_by", "crew")
    found = found.prefetch_related("crew__members__staff")
    page = Paginator(found, ROWS).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [(alarm, people_of(alarm.crew) or str(alarm.raised_by or "")) for alarm in page],
        "views": [(n, label, rows.filter(query).count()) for n, (label, query) in VIEWS.items()],
        "chosen": view,
        "counselling": settings.COUNSELLING_LINE,
    }
    return render(request, "office/safety/alarms.html", context)


@dataclass(frozen=True)
class StepLine:
    """A step of the plan, and who ticked it when."""

    code: str
    words: str
    by: str
    at: datetime | None


@needs(Permission.SEE_ALARMS)
@require_GET
def alarm(request: StaffRequest, alarm_id: int) -> HttpResponse:
    """One alarm: where, who, whom to call; who was alerted; the plan's steps; how it ended."""
    found = _alarm_or_404(request.user, alarm_id)
    acts = request.user.may(Permission.TAKE_ALARMS)
    context: dict[str, Any] = {
        "alarm": found,
        "crew": people_of(found.crew) or str(found.raised_by or ""),
        "phones": _phones(found),
        "address": _address(request, found, full=acts),
        "who": mask_name(found.visit.case.borrower.name) if found.visit else "",
        "alerted": [
            (step, LEVELS[emergency().levels[step.level].code])
            for step in found.alerted.select_related("staff").order_by("level", "at", "pk")
        ],
        "next_level": _next_level(found),
        "steps": _steps(found),
        "numbers": emergency_numbers(),
        "counselling": settings.COUNSELLING_LINE,
        "weights": WEIGHTS,
        "factors": [(code, FACTORS[code]) for code in TABLE.factors] if found.visit else [],
        "may_act": acts and found.ended_at is None,
        "may_end": acts and found.taken_at is not None and request.user.may(Permission.SEE_LOAD),
    }
    return render(request, "office/safety/alarm.html", context)


def _alarm_or_404(staff: Staff, alarm_id: int) -> Alarm:
    found = (
        alarms_within(by=staff)
        .select_related(
            "crew__vehicle", "crew__position", "branch", "taken_by", "raised_by", "ended_by",
            "timer", "visit__address", "visit__case__borrower",
        )
        .prefetch_related("crew__members__staff")
        .filter(pk=alarm_id)
        .first()
    )  # fmt: skip
    if found is None:
        raise Http404
    return found


def _phones(alarm: Alarm) -> list[tuple[str, str]]:
    """Those who may be in danger with their work phones."""
    people = [member.staff for member in alarm.crew.members.all()] if alarm.crew else []
    people = people or [each for each in (alarm.raised_by,) if each is not None]
    phones = Particulars.objects.filter(staff__in=people).values_list("staff_id", "phone")
    known = dict(phones)
    return [(str(each), known.get(each.pk, "")) for each in people]


def _address(request: StaffRequest, alarm: Alarm, *, full: bool) -> str:
    """Where it is: in full for those who must send help, which is put on record."""
    if alarm.visit is None or alarm.visit.address is None:
        return ""
    text = alarm.visit.address.text
    if not full:
        return mask_address(text)
    PersonalDataAccess.objects.create(
        staff=request.user, borrower_id=alarm.visit.case.borrower_id, what="address",
        purpose=_("Alarm %(number)s: where help is to go") % {"number": alarm.pk},
        at=clock.now(),
    )  # fmt: skip
    return text


def _next_level(alarm: Alarm) -> str | Promise:
    levels = emergency().levels
    if alarm.next_at is None or alarm.level >= len(levels):
        return ""
    return LEVELS[levels[alarm.level].code]


def _steps(alarm: Alarm) -> Sequence[StepLine]:
    done: Mapping[str, Mapping[str, Any]] = alarm.steps_done
    ids = {ticked["by"] for ticked in done.values()}
    names = {each.pk: str(each) for each in Staff.objects.filter(pk__in=ids)} if ids else {}
    language = language_code(get_language() or settings.LANGUAGE_CODE)
    return [
        StepLine(
            step.code,
            step.words[language],
            names.get(done[step.code]["by"], "") if step.code in done else "",
            datetime.fromisoformat(done[step.code]["at"]) if step.code in done else None,
        )
        for step in emergency().steps
    ]


@needs(Permission.TAKE_ALARMS)
@require_POST
def alarm_taken(request: StaffRequest, alarm_id: int) -> HttpResponse:
    """Take the alarm: I see to it."""
    return _done(request, alarm_id, lambda a: alarm_take(alarm=a, by=request.user, at=clock.now()))


@needs(Permission.TAKE_ALARMS)
@require_POST
def alarm_step(request: StaffRequest, alarm_id: int) -> HttpResponse:
    """Tick a step of the plan."""
    step = request.POST.get("step", "")
    return _done(
        request,
        alarm_id,
        lambda a: alarm_step_tick(alarm=a, step=step, by=request.user, at=clock.now()),
    )


@needs(Permission.TAKE_ALARMS)
@require_POST
def alarm_ended(request: StaffRequest, alarm_id: int) -> HttpResponse:
    """The alarm is over: how, what it was, and when the crew is talked with."""
    sent = request.POST
    weight = sent.get("weight", "")
    factors = [code for code in sent.getlist("factor") if code in TABLE.factors]

    def deed(found: Alarm) -> None:
        alarm_end(
            alarm=found, how=sent.get("how", ""), by=request.user, at=clock.now(),
            on=clock.today(settings.TIME_ZONE),
            weight=Weight(int(weight)) if weight in {str(w) for w in Weight.values} else None,
            follow_up_on=_day(sent.get("follow_up_on", "")), factors=factors,
        )  # fmt: skip

    return _done(request, alarm_id, deed)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _done(request: StaffRequest, alarm_id: int, deed: Callable[[Alarm], object]) -> HttpResponse:
    found = _alarm_or_404(request.user, alarm_id)
    try:
        deed(found)
    except DoorstepError as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, _("Kept."))
    return redirect("office:alarm", alarm_id)
