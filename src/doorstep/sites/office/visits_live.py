"""The live board: where crews are while they work, at which step, who is overdue, who needs help.

The page asks for itself every few seconds, in a fixed number of queries however many crews are out.
Places are shown within working hours only, and nothing but the last one is known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError, InputError, Where
from doorstep.kernel.masking import mask_name
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.alarms import people_of
from doorstep.sites.office.quiet_session import quiet
from doorstep.sites.office.visits_live_map import Drawn, drawn
from doorstep.sites.office.visits_scope import HEAVY, branches_for
from doorstep.treatment.wording import language_code
from doorstep.visits.models import Alarm, CrewDay, DeskNote, PlannedVisit, Position, VisitRecord
from doorstep.visits.models.days import VisitState
from doorstep.visits.models.door import DoorEvent, DoorHead
from doorstep.visits.record_document import words
from doorstep.visits.safety import emergency, within_shift
from doorstep.visits.selectors.safety import alarms_within, crews_on
from doorstep.visits.services.desk import desk_tell
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission

SHOWN = (VisitState.PLANNED, VisitState.UNDER_WAY, VisitState.DONE)
OLD_PLACE = timedelta(minutes=20)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class LiveStop:
    """A stop of a crew now: what its phone said last, whether a word is overdue, its record."""

    visit: PlannedVisit
    who: str
    step: str
    step_at: datetime | None
    due_at: datetime | None
    overdue: bool
    record: int | None


@dataclass(frozen=True)
class LiveCrew:
    """A crew now. `place` only while it works; `place_old` where it is not fresh any more."""

    crew: CrewDay
    letter: str
    tone: int
    people: str
    at_work: bool
    place: Position | None
    place_old: bool
    stops: list[LiveStop]
    alarms: list[tuple[Alarm, list[tuple[str, str]]]]
    notes: list[DeskNote]

    @property
    def here(self) -> LiveStop | None:
        """The door it is at."""
        return next((each for each in self.stops if each.visit.state == "under_way"), None)

    @property
    def done(self) -> int:
        """How many stops it has made."""
        return sum(each.visit.state == "done" for each in self.stops)


@needs(Permission.SEE_FIELD)
@require_GET
def visits_live(request: StaffRequest) -> HttpResponse:
    """The board; its own asking every five seconds gets the moving part alone."""
    at = clock.now()
    crews = live_crews(staff=request.user, at=at)
    context: dict[str, Any] = {
        "crews": crews,
        "map": drawn_of(crews),
        "at": at,
        "overdue": sum(stop.overdue for crew in crews for stop in crew.stops),
        "alarms": sum(len(crew.alarms) for crew in crews),
        "out": sum(crew.at_work for crew in crews),
    }
    if request.headers.get("HX-Request"):
        return quiet(render(request, "office/visits/live_part.html", context))
    context["may_tell"] = request.user.may(Permission.TELL_CREWS)
    return render(request, "office/visits/live.html", context)


@needs(Permission.TELL_CREWS)
@require_POST
def crew_told(request: StaffRequest) -> HttpResponse:
    """Send a fact to a crew, about one of its visits or about the day."""
    crew, _stroke, visit = request.POST.get("to", "").partition("/")
    try:
        found = crews_today(request.user).filter(pk=_key(crew)).first()
        if found is None:
            raise InputError(_("Choose a crew."), where=Where(field="to"))
        about = PlannedVisit.objects.filter(pk=_key(visit), crew=found).select_related("case")
        desk_tell(
            crew=found, visit=about.first() if visit else None,
            text=request.POST.get("text", ""), by=request.user, at=clock.now(),
        )  # fmt: skip
        messages.success(request, _("Sent; it shows on the crew's phones."))
    except DoorstepError as error:
        messages.error(request, f"{error.message} {error.hint}".strip())
    return redirect("office:visits_live")


def crews_today(staff: Staff) -> QuerySet[CrewDay]:
    """The crews of today within somebody's sight."""
    found = crews_on(day=clock.today(settings.TIME_ZONE)).filter(
        plan__branch__in=branches_for(staff)
    )
    return found.select_related("plan__branch", "vehicle").defer(
        *(f"plan__{name}" for name in HEAVY)
    )


def live_crews(*, staff: Staff, at: datetime) -> list[LiveCrew]:
    """Every crew of today as it is now; eight queries."""
    rows = crews_today(staff).select_related("plan__branch", "vehicle", "position")
    crews = list(rows.prefetch_related("members__staff").order_by("plan__branch__name", "pk"))
    visits = list(
        PlannedVisit.objects.filter(crew__in=crews, state__in=SHOWN)
        .select_related("case__borrower", "timer")
        .order_by("begins_at", "pk")
    )
    last = _last_steps(visits)
    records = dict(VisitRecord.objects.filter(visit__in=visits).values_list("visit", "pk"))
    alarms = list(alarms_within(by=staff).filter(crew__in=crews, ended_at=None))
    steps = _incident_steps(alarms)
    notes = list(DeskNote.objects.filter(crew__in=crews).select_related("by").order_by("-pk")[:60])
    return [
        _live(
            crew, place, at,
            stops=[_stop(v, last, records, at) for v in visits if v.crew_id == crew.pk],
            alarms=[(a, steps[a.pk]) for a in alarms if a.crew_id == crew.pk],
            notes=[note for note in notes if note.crew_id == crew.pk][:3],
        )
        for place, crew in enumerate(crews)
    ]  # fmt: skip


def drawn_of(crews: Sequence[LiveCrew]) -> Drawn | None:
    """The board's drawing: crews at work and their stops, to one scale; None for nothing."""
    return drawn(
        crews=[
            (crew.letter, crew.tone, crew.place.longitude, crew.place.latitude)
            for crew in crews if crew.place is not None
        ],
        stops=[
            (crew.tone, stop.visit.state, stop.visit.longitude, stop.visit.latitude)
            for crew in crews for stop in crew.stops
            if stop.visit.longitude is not None and stop.visit.latitude is not None
        ],
    )  # fmt: skip


def _live(
    crew: CrewDay, place: int, at: datetime, *, stops: list[LiveStop],
    alarms: list[tuple[Alarm, list[tuple[str, str]]]], notes: list[DeskNote],
) -> LiveCrew:  # fmt: skip
    at_work = crew.off_at is None and within_shift(
        at=at, begins_at=crew.begins_at, ends_at=crew.ends_at, plan=emergency()
    )
    known = getattr(crew, "position", None) if at_work else None
    return LiveCrew(
        crew=crew, letter=LETTERS[place % 26], tone=place % 8 + 1, people=people_of(crew),
        at_work=at_work, place=known, place_old=known is not None and at - known.at > OLD_PLACE,
        stops=stops, alarms=alarms, notes=notes,
    )  # fmt: skip


def _stop(
    visit: PlannedVisit, last: Mapping[int, DoorEvent], records: Mapping[int, int],
    at: datetime,
) -> LiveStop:  # fmt: skip
    event = last.get(visit.case_id)
    timer = getattr(visit, "timer", None)
    running = timer is not None and timer.ended_at is None
    return LiveStop(
        visit=visit,
        who=mask_name(visit.case.borrower.name),
        step=_step_words(event) if event else "",
        step_at=event.at if event else None,
        due_at=timer.due_at if running and timer else None,
        overdue=bool(running and timer and timer.due_at <= at),
        record=records.get(visit.pk),
    )


def _last_steps(visits: Sequence[PlannedVisit]) -> dict[int, DoorEvent]:
    """The step each case's visit of today has come to, as its phones told it."""
    heads = DoorHead.objects.filter(
        case__in={visit.case_id for visit in visits}, day=clock.today(settings.TIME_ZONE),
        event__kind__in=("step", "report", "leave_now"),
    ).select_related("event").defer("event__body")  # fmt: skip
    found: dict[int, DoorEvent] = {}
    for head in heads:
        before = found.get(head.case_id)
        if before is None or (before.at, before.number) < (head.event.at, head.event.number):
            found[head.case_id] = head.event
    return found


def _step_words(event: DoorEvent) -> str:
    if event.kind == "leave_now":
        return _("Leaving now")
    if event.kind == "report":
        return _("Report written")
    code = event.topic.partition(":")[2]
    said = words()[language_code(get_language() or settings.LANGUAGE_CODE)]["steps"]
    return str(said.get(code, code))


def _incident_steps(alarms: Sequence[Alarm]) -> dict[int, list[tuple[str, str]]]:
    """The emergency plan's steps of each alarm, with who ticked them."""
    ids = {ticked["by"] for alarm in alarms for ticked in alarm.steps_done.values()}
    names = {each.pk: str(each) for each in Staff.objects.filter(pk__in=ids)}
    speech = language_code(get_language() or settings.LANGUAGE_CODE)
    return {
        alarm.pk: [
            (step.words[speech], names.get(alarm.steps_done.get(step.code, {}).get("by"), ""))
            for step in emergency().steps
        ]
        for alarm in alarms
    }


def _key(text: str) -> int:
    """The key a form names; 0, which is nobody's, where it names none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else 0
