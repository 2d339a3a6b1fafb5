"""The example bank's field agents: most papers in order, a few ending, nobody rostered without."""

from __future__ import annotations

from datetime import date

import pytest
from pytest_django import Settings

from doorstep.cli.demo_papers import papers_make
from doorstep.cli.demo_staff import staff_make
from doorstep.workforce.models import AuthorityLetter, Photograph, RosterDay
from doorstep.workforce.papers import Deed
from doorstep.workforce.selectors import agent_facts, endings
from tests.factories import AT

pytestmark = pytest.mark.django_db


def test_the_examples_agents_are_ready_and_a_second_start_changes_nothing(
    settings: Settings, home: object
) -> None:
    settings.MODE = "demo"
    staff = staff_make()
    told: list[float] = []
    papers_make(staff=staff, at=AT, progress=told.append)
    assert told[-1] == 1.0
    crew = [staff["field3"], staff["field4"]]
    facts = agent_facts(staff=crew, at=AT, deed=Deed.VISIT)
    assert facts["staff_qualified"].value is True
    assert facts["authorised_until"].value == date(2027, 2, 8)
    assert AuthorityLetter.objects.count() == Photograph.objects.count() - 1 == 17
    rows = RosterDay.objects.count()
    assert rows > 90
    assert not RosterDay.objects.exclude(withdrawn_at=None).exists()
    assert not RosterDay.objects.filter(staff__username="field11").exists()
    ending = {each.staff.username for each in endings(by=staff["manager"], on=AT.date(), at=AT)}
    assert ending == {"field2", "field6", "field11"}
    papers_make(staff=staff, at=AT, progress=told.append)
    assert RosterDay.objects.count() == rows
