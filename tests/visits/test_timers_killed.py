"""`kill -9` of every program that watches, at any instant: 0 alarms lost, 0 doubled, none late.

Here the programs are forked and look every few milliseconds, so that kills fall into the middle of
their work; `tests/start/test_timers_killed.py` kills the real ones. A short run by default; the
whole promise: DOORSTEP_TEST_KILLS=100 pytest tests/visits/test_timers_killed.py
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from django.db import OperationalError

from doorstep.kernel import clock
from doorstep.visits.models import Alarm, AlarmStep, SafetyTimer
from doorstep.visits.safety import sos_key
from doorstep.visits.services.alarms import sos_raise
from doorstep.visits.services.safety import timer_end
from doorstep.visits.spool import Sos, sos_forget, sos_waiting, sos_write
from doorstep.visits.watch import Watch, watch_once
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Role
from tests.dispatch.killing import child
from tests.factories import make_branch, make_staff
from tests.visits.fieldwork import agents_of, make_crew, make_field_plan, make_visit

pytestmark = pytest.mark.django_db(transaction=True)
KILLS = int(os.environ.get("DOORSTEP_TEST_KILLS", "24"))
LATEST = timedelta(seconds=60)


def running_timers(*, count: int, seconds: float) -> list[SafetyTimer]:
    """Timers whose grace ends one after the other within `seconds` from now."""
    now, branch = clock.now(), make_branch()
    make_staff(Role.TEAM_LEADER, branch=branch)
    plan, timers = make_field_plan(branch=branch, at=now), []
    for number in range(count):
        crew = make_crew(plan=plan, at=now)
        due = now + timedelta(seconds=seconds * (number + 1) / count)
        visit = make_visit(crew=crew, at=now, state="under_way")
        began = now - timedelta(minutes=40)
        timers.append(
            SafetyTimer.objects.create(
                visit=visit, crew=crew, began_at=began, due_at=due, alarm_at=due
            )
        )
    return timers


def watching(home: Path) -> Callable[[], None]:
    return lambda: Watch(home=home, clock=clock.now, seconds=0.003).run()


def killed(works: list[Callable[[], None]], *, kills: int, seed: int) -> None:
    """Keep every work running in a process of its own; kill one of them, `kills` times."""
    rng = np.random.default_rng(seed)
    alive = [child(work) for work in works]
    for _ in range(kills):
        time.sleep(float(rng.uniform(0.004, 0.06)))
        place = int(rng.integers(len(works)))
        end(alive[place])
        alive[place] = child(works[place])
    for number in alive:
        end(number)


def end(number: int) -> None:
    os.kill(number, signal.SIGKILL)
    os.waitpid(number, 0)


def settled(home: Path) -> None:
    """One look in peace after the last timer is due."""
    while (left := latest_alarm() - clock.now()) > timedelta(0):
        time.sleep(left.total_seconds())
    watch_once(home=home, clock=clock.now)


def latest_alarm() -> datetime:
    return SafetyTimer.objects.order_by("-alarm_at").values_list("alarm_at", flat=True)[0]


def test_no_alarm_is_lost_doubled_or_late(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    timers = running_timers(count=KILLS, seconds=KILLS * 0.04)
    killed([watching(home), watching(home)], kills=KILLS, seed=11)
    settled(home)
    raised = {alarm.timer_id: alarm for alarm in Alarm.objects.all()}
    assert set(raised) == {timer.pk for timer in timers}
    assert Alarm.objects.count() == len(timers)
    assert Counter(AlarmStep.objects.values_list("alarm", flat=True)) == Counter(
        {alarm.pk: 1 for alarm in raised.values()}
    )
    late = sorted(raised[timer.pk].raised_at - timer.alarm_at for timer in timers)
    assert timedelta(0) <= late[0]
    assert late[-1] <= LATEST
    with capsys.disabled():
        sys.stderr.write(f"\n{KILLS} kills: the latest alarm {late[-1]} after grace\n")


def test_leaving_in_the_very_moment_is_either_in_time_or_an_alarm_never_both_or_none(
    home: Path,
) -> None:
    timers = running_timers(count=KILLS, seconds=KILLS * 0.02)
    crews = {timer.pk: agents_of(timer.crew)[0] for timer in timers}

    def leaving() -> None:
        for timer in timers:
            while clock.now() < timer.alarm_at:
                time.sleep(0.001)
            timer_end(timer=timer, by=crews[timer.pk], at=clock.now())

    killed([watching(home), leaving], kills=KILLS, seed=12)
    settled(home)
    for timer in SafetyTimer.objects.all():
        alarms = Alarm.objects.filter(timer=timer).count()
        assert (timer.ended_how, alarms) in {("left", 0), ("alarm", 1)}


def test_a_call_for_help_that_reached_the_disk_is_an_alarm_once(home: Path, tmp_path: Path) -> None:
    by = make_staff(Role.FIELD_AGENT, branch=make_branch())
    told = tmp_path / "told"

    def calling() -> None:
        for _ in range(1000):
            call_for_help(home=home, by=by, told=told)

    killed([watching(home), calling], kills=KILLS, seed=13)
    watch_once(home=home, clock=clock.now)
    keys = told.read_text("utf-8").split()
    kept = set(Alarm.objects.values_list("key", flat=True))
    assert keys
    assert {sos_key(staff_id=by.pk, key=key, at=clock.now()) for key in keys} <= kept
    assert Alarm.objects.count() == len(kept)
    assert not list(sos_waiting(home=home))


def call_for_help(*, home: Path, by: Staff, told: Path) -> None:
    """As the site does it: disk, told to the phone, database, disk tidied."""
    at, key = clock.now(), f"{os.getpid()}-{time.monotonic_ns()}"
    path = sos_write(home=home, name=key, sos=Sos(key=key, staff=by.pk, at=at))
    with told.open("a", encoding="utf-8") as lines:
        lines.write(f"{key}\n")
    try:
        sos_raise(key=key, by=by, at=at)
    except OperationalError:
        return
    sos_forget(path)
