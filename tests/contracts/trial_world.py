"""A small world for the access matrix: one person of a role, and cases near and far from them."""

from __future__ import annotations

from dataclasses import dataclass, field

from doorstep.cases.models import Case
from doorstep.dispatch.models import Act
from doorstep.kernel import clock
from doorstep.sites.office.list_registry import LISTS
from doorstep.workforce.models import Branch, LetterDocument, Staff
from doorstep.workforce.roles import Role
from tests.agreements.offers import make_offer, make_paper
from tests.agreements.plans import make_what_follows
from tests.agreements.signing import make_agreement_rows
from tests.contracts.access_table import WHOSE
from tests.dispatch.outbox import make_act, make_inbound, make_incident, make_proposal
from tests.factories import (
    AT,
    make_branch,
    make_case,
    make_contact_point,
    make_evidence,
    make_export,
    make_hold,
    make_instalments,
    make_loan,
    make_machine_key,
    make_protections,
    make_rule_change,
    make_run,
    make_saved_view,
    make_staff,
    make_team,
    make_template_version,
    make_verification_task,
)
from tests.visits.appointments import make_appointment, make_risk
from tests.visits.checks import make_impostor_report
from tests.visits.door.rows import make_conflict, make_door_event
from tests.visits.doors import make_record
from tests.visits.fieldwork import make_alarm, make_crew, make_field_plan, make_visit
from tests.visits.taping import make_held_recording, make_phone, make_playback, make_review
from tests.workforce.people import make_letter, make_roster_day, make_sitting


@dataclass
class World:
    """Who asks, and the key of each kind of thing: `keys[about][whose]`.

    Things that belong to no case have the same key whosever case is asked about.
    """

    staff: Staff
    keys: dict[str, dict[str, str | int]] = field(default_factory=dict)

    def key(self, about: str, whose: str) -> str | int:
        """The key of a thing of that kind."""
        return self.keys[about][whose]

    def put(self, about: str, whose: str, key: str | int) -> None:
        """Remember a thing."""
        self.keys.setdefault(about, {})[whose] = key


def world_made(*, role: Role) -> World:
    """Two branches; in the first, two teams; the one who asks is in the first team of it."""
    here, elsewhere = make_branch(code="HERE"), make_branch(code="ELSEWHERE")
    team, other_team = make_team(branch=here), make_team(branch=here)
    staff = make_staff(role, team=team)
    colleague = make_staff(Role.DESK_AGENT, team=team)
    cases = {
        "own": make_case(team=team, assignee=staff),
        "team": make_case(team=team, assignee=colleague),
        "branch": make_case(team=other_team),
        "elsewhere": make_case(team=make_team(branch=elsewhere)),
    }
    world = World(staff=staff)
    for whose, case in cases.items():
        _things_of_case(world, whose=whose, case=case)
    _field_days(world, here=here, elsewhere=elsewhere, cases=cases)
    run = make_run()
    shared: dict[str, str | int] = {
        "run": run.pk,
        "book": run.book.pk,
        "staff": colleague.pk,
        "table": "loans",
        "text": "reminder_friendly_sms",
        "text_language": "zh-Hans",
        "text_version": make_template_version(by=colleague).number,
        "rule": "CN-GBT-VOICE-3",
        "rule_change": make_rule_change(by=colleague).pk,
        "token": "0" * 32,
        "task": "00000000-0000-4000-8000-000000000000",
        "proposal": make_proposal(by=colleague).pk,
        "inbound": make_inbound().pk,
        "saved_view": make_saved_view(staff=staff).pk,
        "export": make_export(staff=staff, state="gone").pk,
        "hardships": "hardship",
        "letter": (letter := make_letter(staff=colleague)).pk,
        "roster": make_roster_day(letter=letter).pk,
        "course": "law",
        "party": "borrower",
        "machine_key": make_machine_key().pk,
        "phone": str(make_phone(colleague).device.pk),
        **{f"{name}_list": name for name in LISTS},
        "sitting": make_sitting(staff=staff).pk,
        "entry": make_evidence()[0],
        "impostor": make_impostor_report().pk,
        "alarm": make_alarm(branch=here, taken_by=staff, taken_at=AT).pk,
    }
    for about, key in shared.items():
        for whose in WHOSE:
            world.put(about, whose, key)
    return world


def _field_days(world: World, *, here: Branch, elsewhere: Branch, cases: dict[str, Case]) -> None:
    """A published day of either branch: here in two crews, the own one and the team's."""
    now = clock.now()  # a crew opens the papers of its day until the day is over
    plans = {
        "own": make_field_plan(branch=here, at=now),
        "branch": make_field_plan(branch=elsewhere, at=now),
    }
    for whose in WHOSE:
        plan = plans["own" if whose in ("own", "team") else "branch"]
        pair = [make_staff(Role.FIELD_AGENT, branch=plan.branch) for _agent in "ab"]
        members = [world.staff, pair[0]] if whose == "own" else pair
        crew = make_crew(plan=plan, members=members, at=now)
        world.put("plan", whose, plan.pk)
        world.put("crew", whose, crew.pk)
        letter = make_letter(staff=members[0])
        LetterDocument.objects.create(letter=letter, pdf=b"%PDF-", sha256="0" * 64)
        world.put("crew_letter", whose, letter.pk)
        visit = make_visit(crew=crew, case=cases[whose])
        world.put("planned_visit", whose, visit.pk)
        world.put("door_conflict", whose, make_conflict(visit=visit).pk)
        world.put("door_event", whose, str(make_door_event(visit=visit, state="refused").pk))
        recording = make_held_recording(visit=visit)
        world.put("recording", whose, str(recording.pk))
        world.put("playback", whose, make_playback(recording=recording, by=world.staff).pk)
        world.put("review", whose, make_review(recording=recording, by=world.staff).pk)


def _things_of_case(world: World, *, whose: str, case: Case) -> None:
    borrower = case.borrower
    point = make_contact_point(borrower=borrower)
    loan = make_loan(borrower=borrower)
    make_instalments(loan=loan)
    world.put("case", whose, case.pk)
    world.put("borrower", whose, borrower.pk)
    world.put("contact_point", whose, point.pk)
    world.put("loan", whose, loan.pk)
    world.put("hold", whose, make_hold(borrower=borrower).pk)
    task = make_verification_task(borrower=borrower, contact_point=point)
    world.put("verification_task", whose, task.pk)
    world.put("act", whose, make_act(case=case, contact_point=point).pk)
    call = make_act(case=case, contact_point=point, kind="call", channel="phone")
    Act.objects.filter(pk=call.pk).update(proposed_by=world.staff)
    world.put("call", whose, call.pk)
    world.put("incident", whose, make_incident(case=case, by=world.staff).pk)
    world.put("appointment", whose, make_appointment(case=case).pk)
    world.put("risk", whose, make_risk(case=case).pk)
    world.put("offer", whose, make_offer(case=case, loan=loan).pk)
    world.put("paper", whose, make_paper(case=case).pk)
    open_agreement, sealed = make_agreement_rows(case=case)
    record = make_record(case=case, by=world.staff, offer=open_agreement.offer_id)
    world.put("record", whose, record.pk)
    world.put("agreement", whose, open_agreement.pk)
    world.put("approved_offer", whose, open_agreement.offer_id)
    world.put("sealed", whose, sealed.pk)
    for about, key in make_what_follows(case=case, loan=loan, by=world.staff).items():
        world.put(about, whose, key)
    for about, key in make_protections(borrower=borrower, loan=loan).items():
        world.put(about, whose, key)
