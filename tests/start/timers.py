"""A field day with running timers in a home of its own, and what became of them; run as a program
in that home: `python -m tests.start.timers make COUNT FIRST LAST` and `... tell`."""

from __future__ import annotations

import json
import os
import sys
from datetime import timedelta


def make(count: int, first: float, last: float) -> None:
    """Timers whose grace ends between `first` and `last` seconds from now, evenly."""
    from doorstep.kernel import clock
    from doorstep.visits.models import SafetyTimer
    from doorstep.workforce.roles import Role
    from tests.factories import make_branch, make_staff
    from tests.visits.fieldwork import make_crew, make_field_plan, make_visit

    now, branch = clock.now(), make_branch()
    make_staff(Role.TEAM_LEADER, branch=branch)
    plan = make_field_plan(branch=branch, at=now)
    for number in range(count):
        crew = make_crew(plan=plan, at=now)
        due = now + timedelta(seconds=first + (last - first) * number / max(1, count - 1))
        SafetyTimer.objects.create(
            visit=make_visit(crew=crew, at=now, state="under_way"), crew=crew,
            began_at=now - timedelta(minutes=40), due_at=due, alarm_at=due,
        )  # fmt: skip


def tell() -> None:
    """When the grace of each alarm ended and when it was raised, as seconds of the machine's clock;
    timers without an alarm; how many people were alerted first."""
    from doorstep.visits.models import Alarm, AlarmStep, SafetyTimer

    alarms = list(Alarm.objects.select_related("timer"))
    told = {
        "raised": [[a.timer.alarm_at.timestamp(), a.raised_at.timestamp()] for a in alarms],
        "lost": SafetyTimer.objects.filter(alarm=None).count(),
        "alerts": AlarmStep.objects.filter(level=0).count(),
    }
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "doorstep.settings"
    import django

    django.setup()
    if sys.argv[1] == "make":
        make(int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4]))
    else:
        tell()
