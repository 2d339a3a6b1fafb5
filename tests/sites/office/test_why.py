"""Why a borrower is in the list or not: the checks, within what may be seen."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from doorstep.portfolio.models import Borrower
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Role
from tests.factories import (
    ON,
    make_borrower,
    make_contact_point,
    make_hold,
    make_instalments,
    make_loan,
    make_run,
    make_staff,
    make_team,
)

pytestmark = pytest.mark.django_db


def ask(staff: Staff, text: str) -> str:
    client = Client(headers={"accept-language": "en"})
    client.force_login(staff)
    answer = client.get(reverse("office:why"), {"borrower": text})
    assert answer.status_code == 200
    return answer.content.decode()


def overdue(**fields: object) -> str:
    borrower = make_borrower(**fields)
    make_contact_point(borrower=borrower)
    rows = {"count": 1, "paid": 0, "first_due_on": ON - timedelta(days=12)}
    make_instalments(loan=make_loan(borrower=borrower), **rows)  # type: ignore[arg-type]
    make_run()
    return borrower.pk


def test_a_held_borrower_is_answered_with_the_hold() -> None:
    number = overdue()
    make_hold(borrower=Borrower.objects.get(pk=number))
    text = ask(make_staff(Role.COLLECTIONS_MANAGER), number)
    assert "Not acted on now." in text
    assert "Left alone until it is lifted" in text


def test_somebody_who_owes_nothing_is_answered_so() -> None:
    borrower = make_borrower()
    make_instalments(loan=make_loan(borrower=borrower), count=1, paid=1)
    make_run()
    text = ask(make_staff(Role.COLLECTIONS_MANAGER), borrower.pk)
    assert "Nothing is overdue on" in text


def test_outside_the_scope_the_answer_is_that_of_an_unknown_number() -> None:
    number = overdue()
    leader = make_staff(Role.TEAM_LEADER, team=make_team())
    real, unknown = ask(leader, number), ask(leader, "C-NOBODY")
    assert "Nobody you may see fits" in real
    assert real.replace(number, "#").count("") == unknown.replace("C-NOBODY", "#").count("")
    assert "overdue for" not in real


def test_several_of_one_name_are_offered_masked() -> None:
    first, second = overdue(name="欧阳小明"), make_borrower(name="欧阳小红").pk
    text = ask(make_staff(Role.COLLECTIONS_MANAGER), "欧阳")
    assert "Several fit." in text
    assert first in text
    assert second in text
    assert "小明" not in text


def test_nothing_asked_shows_only_the_question() -> None:
    text = ask(make_staff(Role.AUDITOR), "")
    assert "Nobody you may see fits" not in text
