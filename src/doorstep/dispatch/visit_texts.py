"""Texts about visits as acts at the one door: written for each person, put to the guard, queued.

One person's text is no mass send: whoever may propose visits sends it, in words that two people
approved (`outreach.services.template_approve`). The guard clears every one at its moment.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from doorstep.dispatch.clearing import why_of
from doorstep.dispatch.deciding import acts_screen
from doorstep.dispatch.models import Act, ActState
from doorstep.dispatch.points import Point, points_choose
from doorstep.dispatch.proposals import act_of, may_go
from doorstep.dispatch.rulebook import rulebook_current
from doorstep.evidence.entry import Entry
from doorstep.evidence.services import evidence_append
from doorstep.kernel.errors import DoorstepError
from doorstep.kernel.masking import mask_address
from doorstep.outreach.gathering import Beside, Known, facts_gather
from doorstep.outreach.render import Value, message_render
from doorstep.outreach.selectors import lender_current, template_choose, templates_in_force
from doorstep.outreach.template import Template
from doorstep.outreach.words import Kind, Medium, Tone
from doorstep.visits.appointments import Span
from doorstep.visits.models import Appointment, CrewMember, PlannedVisit
from doorstep.visits.models.days import VisitState
from doorstep.visits.selectors.in_force import visits_in_force
from doorstep.workforce.models import Staff

LETTER_AHEAD = timedelta(days=4)
NO_POINT = "NO_POINT"
TONES = {Kind.VISIT_NOTICE: Tone.PLAIN_FACTS}
PLACES = {
    "work": {"zh-Hans": "您的工作单位", "zh-Hant": "您的工作單位", "en": "your place of work"},
    "home": {"zh-Hans": "您的住址", "zh-Hant": "您的住址", "en": "your home"},
    "": {"zh-Hans": "您选定的地点", "zh-Hant": "您選定的地點", "en": "the place you chose"},
}


@dataclass(frozen=True)
class Wanted:
    """A text about one appointment: of a kind, with the time it names, not after `until`. `agents`
    are those who come: name and work id, the leader first."""

    appointment: Appointment
    kind: Kind
    span: Span
    until: datetime
    agents: tuple[tuple[str, str], ...] = ()
    media: tuple[Medium, ...] = (Medium.SMS, Medium.LETTER)


@dataclass
class Sent:
    """What was queued, by appointment, and for whom nothing could be: the first word on why."""

    acts: dict[int, Act] = field(default_factory=dict)
    left_out: dict[int, str] = field(default_factory=dict)


def texts_queue(*, wanted: Sequence[Wanted], by: Staff | None, at: datetime) -> Sent:
    """Queue each text by the first way that reaches its borrower: SMS, or a letter where there are
    days enough for the post. What the guard would not permit in its time is left out and named.

    A fixed number of queries. Raises Refused LENDER_UNKNOWN.
    """
    sent = Sent()
    if not wanted:
        return sent
    known = _known(wanted, at)
    inforce = templates_in_force()
    points = {
        medium: points_choose(
            borrower_ids=[each.appointment.case.borrower_id for each in wanted],
            channel=str(medium),
        )
        for medium in (Medium.SMS, Medium.LETTER)
    }  # fmt: skip
    acts: dict[int, Act] = {}
    for each in wanted:
        case = each.appointment.case
        medium = next((m for m in _ways(each, at) if case.borrower_id in points[m]), None)
        if medium is None:
            sent.left_out[each.appointment.pk] = NO_POINT
            continue
        try:
            acts[each.appointment.pk] = _act(
                each, medium, known[case.pk], inforce, points[medium][case.borrower_id], by, at
            )
        except DoorstepError as error:
            sent.left_out[each.appointment.pk] = error.code
    _screen(acts, sent, at)
    Act.objects.bulk_create(sent.acts.values())
    evidence_append(entries=[_entry(act, by) for act in sent.acts.values()], at=at)
    return sent


def _known(wanted: Sequence[Wanted], at: datetime) -> dict[int, Known]:
    facts = {each.appointment.case_id: _facts(each) for each in wanted}
    return facts_gather(
        cases=[each.appointment.case for each in wanted], lender=lender_current(),
        on=at.astimezone(ZoneInfo(settings.TIME_ZONE)).date(), beside=Beside(facts=facts),
    )  # fmt: skip


def _ways(wanted: Wanted, at: datetime) -> list[Medium]:
    """The ways that would arrive in time."""
    late = wanted.span[0] - at < LETTER_AHEAD
    return [medium for medium in wanted.media if medium is not Medium.LETTER or not late]


def _act(
    wanted: Wanted,
    medium: Medium,
    known: Known,
    inforce: dict[str, Template],
    point: Point,
    by: Staff | None,
    at: datetime,
) -> Act:
    template = template_choose(
        templates=inforce, kind=wanted.kind, tone=TONES.get(wanted.kind, Tone.NEUTRAL),
        medium=medium, reading=known.reading,
    )  # fmt: skip
    text = message_render(template=template, facts=known.facts, language=known.language)
    act = act_of(wanted.appointment.case, template, text, point, at, wanted.until, by, at)
    act.state = ActState.QUEUED
    return act


def _screen(acts: Mapping[int, Act], sent: Sent, at: datetime) -> None:
    """Keep those that the guard would let go in their time."""
    verdicts = acts_screen(acts=list(acts.values()), at=at, rulebook=rulebook_current())
    for (key, act), verdict in zip(acts.items(), verdicts, strict=True):
        if may_go(act, verdict):
            sent.acts[key] = act
        else:
            sent.left_out[key] = why_of(verdict)


def _facts(wanted: Wanted) -> dict[str, Value]:
    """What a text names of the visit, on the borrower's clock; the place is masked."""
    appointment = wanted.appointment
    zone = ZoneInfo(appointment.case.borrower.time_zone)
    begins, ends = (moment.astimezone(zone) for moment in wanted.span)
    return {
        "visit_on": begins.date(),
        "visit_from": begins.time(),
        "visit_to": ends.time(),
        "visit_place": place_words(appointment),
        "visit_agents": _agents(wanted.agents),
        "visit_code": appointment.code,
    }


def place_words(appointment: Appointment) -> dict[str, str]:
    """Where the visit is, as a text may say it: what kind of place, and how its address begins."""
    address = appointment.address
    kind = "" if address is None else "work" if address.kind == "work" else "home"
    text = mask_address(address.text if address is not None else appointment.place)
    return {
        language: f"{words} ({text})" if language == "en" else f"{words}（{text}）"
        for language, words in PLACES[kind].items()
    }


def _agents(agents: Sequence[tuple[str, str]]) -> dict[str, str] | None:
    if not agents:
        return None
    return {
        "zh-Hans": "、".join(f"{name}（工号{work_id}）" for name, work_id in agents),
        "zh-Hant": "、".join(f"{name}（工號{work_id}）" for name, work_id in agents),
        "en": ", ".join(f"{name} (no. {work_id})" for name, work_id in agents),
    }


def agents_of(*, crew_ids: Collection[int]) -> dict[int, tuple[tuple[str, str], ...]]:
    """Names and work ids of the crews, the leader first; one query."""
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    rows = CrewMember.objects.filter(crew__any_of=list(crew_ids)).order_by("-leads", "pk")
    for crew_id, name, work_id in rows.values_list(
        "crew_id", "staff__display_name", "staff__particulars__work_id"
    ):
        found[crew_id].append((name, work_id or ""))
    return {crew_id: tuple(members) for crew_id, members in found.items()}


def planned_of(*, appointment_ids: Collection[int]) -> dict[int, PlannedVisit]:
    """The visit of a published plan that is to keep each appointment; one query."""
    rows = visits_in_force().filter(
        appointment__any_of=list(appointment_ids), state=VisitState.PLANNED
    )
    return {
        row.appointment_id: row
        for row in rows.select_related("plan", "crew").order_by("begins_at")
        if row.appointment_id is not None
    }


def _entry(act: Act, by: Staff | None) -> Entry:
    return Entry(
        kind="act.queued",
        subject=act.borrower_id,
        case=str(act.case_id),
        agent=by.username if by else "",
        body={
            "reference": act.reference,
            "template": f"{act.template}/{act.template_version}",
            "channel": act.channel,
            "content_sha256": act.content_sha256,
            "planned_until": act.planned_until.isoformat(),
        },
    )
