"""What crews were told of visits that changed, on the first page of the day."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from doorstep.kernel import clock
from doorstep.visits.models import CrewTidings, CrewTold
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Role
from tests.dispatch.field_world import make_crew as rostered
from tests.dispatch.field_world import make_field_branch, make_visit_case
from tests.factories import AT, make_staff
from tests.visits.appointments import FOUR
from tests.visits.fieldwork import make_crew, make_field_plan, make_visit

pytestmark = pytest.mark.django_db
CUT = "These are the next ones"


@pytest.fixture(autouse=True)
def at_four(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the afternoon of the factories' day."""
    monkeypatch.setattr(clock, "now", lambda: AT)


@pytest.fixture
def crew() -> list[Staff]:
    """Two agents on the road, not told of anything yet."""
    return list(rostered(branch=make_field_branch()))


def told(crew: list[Staff], *, of: int, what: str = CrewTidings.GIVEN) -> None:
    """Each of the crew is told of so many visits of the day, one after the other."""
    branch = crew[0].branch
    assert branch is not None
    plan = make_field_plan(branch=branch, first_day=FOUR.date())
    day = make_crew(plan=plan, at=FOUR, members=crew)
    for number in range(of):
        visit = make_visit(
            crew=day, case=make_visit_case(branch=branch), at=FOUR + timedelta(minutes=number)
        )
        CrewTold.objects.bulk_create(
            CrewTold(visit=visit, staff=each, what=what, at=AT) for each in crew
        )


def first_page(staff: Staff) -> str:
    client = Client(headers={"accept-language": "en"})
    client.force_login(staff)
    return client.get("/").content.decode()


def test_a_manager_sees_a_few_at_once_and_opens_the_others(crew: list[Staff]) -> None:
    told(crew, of=5)
    page = first_page(make_staff(Role.COLLECTIONS_MANAGER))
    at_once, _summary, rest = page.partition("2 more visits</summary>")
    assert (at_once.count("New visit"), rest.count("New visit")) == (3, 2)
    assert "New for you" not in page
    assert CUT not in page


def test_three_need_no_opening(crew: list[Staff]) -> None:
    told(crew, of=3)
    page = first_page(make_staff(Role.COLLECTIONS_MANAGER))
    assert page.count("New visit") == 3
    assert "more visit" not in page


def test_a_visit_nobody_may_make_any_more_stands_first(crew: list[Staff]) -> None:
    told(crew, of=4)
    CrewTold.objects.filter(visit=CrewTold.objects.latest("pk").visit).update(
        what=CrewTidings.WITHDRAWN
    )
    page = first_page(make_staff(Role.COLLECTIONS_MANAGER))
    assert page.index("Withdrawn: do not go") < page.index("New visit")


def test_an_agent_sees_every_line_of_their_own(crew: list[Staff]) -> None:
    told(crew, of=5)
    page = first_page(crew[0])
    assert page.count("New for you") == 5
    assert "more visit" not in page


def test_a_page_that_does_not_show_all_says_so(crew: list[Staff]) -> None:
    told(crew, of=20)
    manager = make_staff(Role.COLLECTIONS_MANAGER)
    page = first_page(manager)
    assert "17 more visits</summary>" in page
    assert CUT not in page
    more = CrewTold.objects.latest("pk")
    assert more.visit.crew is not None
    assert crew[0].branch is not None
    case = make_visit_case(branch=crew[0].branch)
    visit = make_visit(crew=more.visit.crew, case=case, at=FOUR + timedelta(hours=1))
    CrewTold.objects.create(visit=visit, staff=crew[0], what=CrewTidings.GIVEN, at=AT)
    assert CUT in first_page(manager)
