"""A day is planned: from rosters, cases and the guard to crews with visits at lawful hours."""

from __future__ import annotations

import pytest

from doorstep.dispatch.visit_making import plan_work
from doorstep.dispatch.visit_plans import plan_publish
from doorstep.visits.models import FieldPlan, PlannedVisit
from tests.dispatch.field_world import (
    make_appointment,
    make_crew,
    make_field_branch,
    make_manager,
    make_open_plan,
    make_visit_case,
)
from tests.dispatch.outbox import Clock
from tests.factories import AT

pytestmark = pytest.mark.django_db


def planned(plan: FieldPlan) -> list[PlannedVisit]:
    return list(PlannedVisit.objects.filter(plan=plan, state="planned").order_by("begins_at"))


def test_a_day_is_planned_and_published() -> None:
    branch, manager = make_field_branch(), make_manager()
    make_crew(branch=branch)
    cases = [make_visit_case(branch=branch, north=n, east=n % 3) for n in range(1, 6)]
    make_appointment(case=cases[0], by=manager)
    plan = plan_work(plan=make_open_plan(branch=branch, by=manager), clock=Clock(AT))
    assert plan.state == "draft", plan.figures
    rows = planned(plan)
    assert len(rows) == 5, list(PlannedVisit.objects.values("why", "why_more"))
    plan_publish(plan=plan, by=manager, at=AT)
