"""The worklist page: what it shows, to whom, and in how many queries."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from doorstep.cases.models import Case, SavedView
from doorstep.workforce.roles import Role
from tests.factories import (
    make_branch,
    make_case,
    make_cases,
    make_run,
    make_saved_view,
    make_staff,
    make_team,
    make_work_item,
)

pytestmark = pytest.mark.django_db


def signed_in(role: Role, **fields: object) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(make_staff(role, **fields))  # type: ignore[arg-type]
    return client


def page(client: Client, query: str = "") -> str:
    answer = client.get(f"{reverse('office:worklist')}?{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_each_row_says_who_why_and_what_comes_next() -> None:
    case = make_case()
    make_work_item(case=case)
    text = page(signed_in(Role.COLLECTIONS_MANAGER))
    assert "欧***" in text
    assert case.borrower_id in text
    assert "12 days past due, CNY 1,234.56; 2 instalments late in the last 12 months" in text
    assert "Send a reminder with the amount and how to pay." in text
    assert "¥1,234.56" in text
    assert "M1" in text


def test_nothing_personal_is_shown_in_full() -> None:
    case = make_case()
    text = page(signed_in(Role.COLLECTIONS_MANAGER), f"q={case.borrower.id_number}")
    text += page(signed_in(Role.COLLECTIONS_MANAGER))
    assert case.borrower.name not in text
    assert "小明" not in text


def test_cases_outside_the_scope_are_neither_listed_nor_counted() -> None:
    team = make_team()
    ours, theirs = make_case(team=team), make_case(team=make_team())
    text = page(signed_in(Role.TEAM_LEADER, team=team))
    assert ours.borrower_id in text
    assert theirs.borrower_id not in text
    assert "1 case<" in text


def test_an_account_without_cases_cannot_open_the_list() -> None:
    answer = signed_in(Role.ADMINISTRATOR).get(reverse("office:worklist"))
    assert answer.status_code == 403
    assert Client().get(reverse("office:worklist")).status_code == 302


def test_a_filter_that_cannot_be_read_is_named_and_shows_no_rows() -> None:
    case = make_case()
    text = page(signed_in(Role.COLLECTIONS_MANAGER), "dpd_min=many")
    assert "dpd_min = many cannot be read, so nothing is shown." in text
    assert case.borrower_id not in text


def test_an_empty_list_says_why_and_what_to_do() -> None:
    text = page(signed_in(Role.COLLECTIONS_MANAGER))
    assert "No cases yet" in text
    make_case()
    assert "No case matches" in page(signed_in(Role.COLLECTIONS_MANAGER), "step=letter")


@pytest.mark.parametrize("number", ["0", "-1", "99999999999999999999", "abc", "２"])
def test_a_page_that_does_not_exist_shows_the_nearest(number: str) -> None:
    case = make_case()
    assert case.borrower_id in page(signed_in(Role.COLLECTIONS_MANAGER), f"page={number}")


def test_fifty_rows_a_page_and_the_rest_on_the_next() -> None:
    make_cases(count=51)
    client = signed_in(Role.COLLECTIONS_MANAGER)
    assert page(client).count("data-opens>") == 50
    assert page(client, "page=2").count("data-opens>") == 1


def test_sixty_cases_need_as_many_queries_as_ten() -> None:
    make_run()
    team = make_team()
    agent = make_staff(Role.DESK_AGENT, team=team)
    client = signed_in(Role.COLLECTIONS_MANAGER)
    counts = []
    for many in (10, 50):
        for case in make_cases(count=many, team=team, assignee=agent):
            make_work_item(case=case)
        page(client)
        with CaptureQueriesContext(connection) as queries:
            page(client)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= 24


def test_columns_are_chosen_in_the_address() -> None:
    make_case(branch=make_branch(name="松林支行"))
    client = signed_in(Role.COLLECTIONS_MANAGER)
    assert "<td>松林支行</td>" not in page(client)
    text = page(client, "columns=branch&columns=dpd&columns=nonsense")
    assert "<td>松林支行</td>" in text
    assert "¥1,234.56" not in text


def test_a_view_is_kept_shown_with_its_count_and_forgotten() -> None:
    make_case(step="call")
    client = signed_in(Role.COLLECTIONS_MANAGER)
    client.post(
        reverse("office:view_save", args=["cases"]),
        {"name": "My calls", "query": "page=2&step=call&dpd_min=&csrf=x&sort=-due"},
    )
    view = SavedView.objects.get()
    assert view.query == "step=call&sort=-due"
    assert "My calls" in page(client)
    client.post(reverse("office:view_delete", args=["cases", view.pk]))
    assert not SavedView.objects.exists()


def test_nobody_sees_or_forgets_anybody_elses_view() -> None:
    view = make_saved_view(staff=make_staff(Role.DESK_AGENT), name="Not yours")
    client = signed_in(Role.COLLECTIONS_MANAGER)
    assert "Not yours" not in page(client)
    client.post(reverse("office:view_delete", args=["cases", view.pk]))
    assert SavedView.objects.filter(pk=view.pk).exists()


def test_assigning_shows_what_would_happen_before_it_happens() -> None:
    here = make_branch()
    agent = make_staff(Role.DESK_AGENT, branch=here)
    can, cannot = make_case(branch=here), make_case(branch=make_branch())
    client = signed_in(Role.COLLECTIONS_MANAGER)
    form = {"to": agent.pk, "case": [can.pk, cannot.pk], "query": ""}
    text = client.post(reverse("office:assign"), form).content.decode()
    assert "<strong>1</strong> case can be assigned." in text
    assert "1 · belongs to another branch" in text
    assert not Case.objects.filter(assignee=agent).exists()
    answer = client.post(reverse("office:assign"), form | {"confirmed": "1"}, follow=True)
    assert "1 case assigned to" in answer.content.decode()
    assert list(Case.objects.filter(assignee=agent)) == [can]


def test_assigning_all_that_match_goes_by_the_filter_on_the_server() -> None:
    agent = make_staff(Role.DESK_AGENT)
    make_cases(count=3, step="call")
    other = make_case(step="letter")
    client = signed_in(Role.COLLECTIONS_MANAGER)
    form = {"to": agent.pk, "all": "1", "query": "step=call", "confirmed": "3"}
    client.post(reverse("office:assign"), form)
    assert Case.objects.filter(assignee=agent).count() == 3
    other.refresh_from_db()
    assert other.assignee is None


def test_what_changed_since_the_look_is_shown_again_and_not_done() -> None:
    agent, case = make_staff(Role.DESK_AGENT), make_case()
    client = signed_in(Role.COLLECTIONS_MANAGER)
    form = {"to": agent.pk, "case": [case.pk], "confirmed": "2", "query": ""}
    text = client.post(reverse("office:assign"), form).content.decode()
    assert "The cases have changed since you looked." in text
    assert not Case.objects.filter(assignee=agent).exists()


@pytest.mark.parametrize(
    "form",
    [
        {"to": "none"},
        {"to": "", "case": ["1"]},
        {"to": "none", "case": ["x", "1e3", "9" * 30]},
        {"to": "none", "all": "1", "query": "dpd_min=x"},
    ],
)
def test_an_assignment_that_says_nothing_useful_is_refused(form: dict[str, object]) -> None:
    make_case()
    client = signed_in(Role.COLLECTIONS_MANAGER)
    answer = client.post(reverse("office:assign"), {**form, "confirmed": "1"}, follow=True)
    assert answer.status_code == 200
    assert "message-error" in answer.content.decode()


def test_a_desk_agent_cannot_assign() -> None:
    agent = make_staff(Role.DESK_AGENT)
    case = make_case(assignee=agent)
    client = Client()
    client.force_login(agent)
    answer = client.post(reverse("office:assign"), {"to": "none", "case": [case.pk]})
    assert answer.status_code == 403
