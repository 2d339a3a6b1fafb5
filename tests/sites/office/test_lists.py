"""The lists about plans and money behave as the worklist does: views, filter, keys, file."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries

from doorstep.agreements.models import Agreement, LegalReferral, PaymentIn, PlanWatch
from doorstep.cases.models import Case, Export, SavedView
from doorstep.cases.services import MOST_VIEWS
from doorstep.sites.office.list_registry import LISTS
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Role
from tests.agreements.plans import make_agreement
from tests.factories import AT, ON, make_borrower, make_case, make_promise, make_staff

pytestmark = pytest.mark.django_db

LISTED = [name for name in LISTS if name != "cases"]


@pytest.fixture(autouse=True)
def on_the_day(monkeypatch: pytest.MonkeyPatch, settings: Any, home: Path) -> None:
    """It is ON, and what the worker does is done on the spot."""
    monkeypatch.setattr("doorstep.kernel.clock.today", lambda _zone: ON)
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}


@pytest.fixture
def manager() -> Staff:
    return make_staff(Role.COLLECTIONS_MANAGER)


@pytest.fixture
def client(manager: Staff) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(manager)
    return client


def plan(health: str, *, state: str = "in_force", case: Case | None = None) -> Agreement:
    ended = {} if state == "in_force" else {"ended_at": AT}
    made = make_agreement(case=case, state=state, **ended)
    PlanWatch.objects.update_or_create(
        agreement=made, defaults={"health": health, "looked_on": ON, "behind": 86_000}
    )
    return made


def follows(case: Case) -> None:
    """The case goes to court; and there is a payment that is nobody's."""
    LegalReferral.objects.create(
        case=case, borrower_id=case.borrower_id, reason="两期未还", amount=100_000,
        currency=case.currency, maker=make_staff(Role.TEAM_LEADER), made_at=AT,
    )  # fmt: skip
    PaymentIn.objects.create(
        reference=f"U{case.pk}", amount=500, currency="CNY", paid_on=ON, state="unmatched",
        why="nothing_fits", taken_at=AT,
    )  # fmt: skip


def text(client: Client, name: str, query: str = "") -> str:
    return client.get(f"{reverse(LISTS[name].address)}?{query}").content.decode()


def count_of(page: str, label: str) -> int:
    found = re.search(rf'>{re.escape(label)} <span class="view-count">(\d+)<', page)
    assert found is not None, label
    return int(found.group(1))


def rows_of(page: str) -> int:
    return len(re.findall(r"data-opens(?!-)", page))


def test_health_is_drawn_and_every_bar_leads_to_its_rows(client: Client) -> None:
    for health, state in (
        ("on_track", "in_force"), ("on_track", "in_force"), ("at_risk", "in_force"),
        ("broken", "broken"),
    ):  # fmt: skip
        plan(health, state=state)
    page = text(client, "agreements")
    assert "2 of 4 plans are on track" in page
    for label, view, count in (("On track", "on_track", 2), ("At risk", "at_risk", 1),
                               ("Broken", "broken", 1)):  # fmt: skip
        assert f"?view={view}" in page
        assert count_of(page, label) == count
        assert rows_of(text(client, "agreements", f"view={view}")) == count
    assert client.get("/agreements/documents/?export=health").content.startswith(b"PK")


def test_without_a_plan_nothing_is_drawn(client: Client) -> None:
    assert "data-chart" not in text(client, "agreements")


def test_a_filter_narrows_by_the_case_as_in_the_worklist(client: Client, manager: Staff) -> None:
    mine = plan("at_risk", case=make_case(assignee=manager))
    plan("at_risk")
    page = text(client, "agreements", "view=at_risk&assignee=me")
    assert rows_of(page) == 1
    assert mine.number in page
    borrower = mine.case.borrower_id
    assert rows_of(text(client, "agreements", f"view=at_risk&q={borrower}")) == 1
    assert rows_of(text(client, "agreements", "view=at_risk&q=nobody-of-that-name")) == 0


@pytest.mark.parametrize("query", ["view=nonsense", "sort=up", "team=seven", "assignee=x"])
@pytest.mark.parametrize("name", LISTED)
def test_what_cannot_be_read_shows_nothing_and_says_so(
    client: Client, name: str, query: str
) -> None:
    plan("at_risk")
    follows(make_case())
    query = query.replace("view", "what") if name == "promises" else query
    page = text(client, name, query)
    assert "cannot be read" in page
    assert rows_of(page) == 0


def test_a_view_is_kept_counted_shown_and_forgotten(client: Client, manager: Staff) -> None:
    plan("at_risk", case=make_case(assignee=manager))
    plan("at_risk")
    save = reverse("office:view_save", args=["agreements"])
    answer = client.post(save, {"name": "Look at these", "query": "view=at_risk&assignee=me&x=1"})
    view = SavedView.objects.get()
    assert (view.of, view.query) == ("agreements", "view=at_risk&assignee=me")
    assert answer.url.endswith("?view=at_risk&assignee=me")
    page = text(client, "agreements", view.query)
    assert count_of(page, "Look at these") == 1
    assert "Look at these" not in text(client, "offers"), "each list keeps its own"
    assert "Look at these" not in client.get(reverse("office:worklist")).content.decode()
    client.post(reverse("office:view_delete", args=["agreements", view.pk]))
    assert not SavedView.objects.exists()


def test_somebody_elses_view_is_neither_shown_nor_forgotten(client: Client) -> None:
    other = SavedView.objects.create(
        staff=make_staff(Role.TEAM_LEADER), of="offers", name="Theirs", query="view=late"
    )
    assert "Theirs" not in text(client, "offers")
    client.post(reverse("office:view_delete", args=["offers", other.pk]))
    assert SavedView.objects.filter(pk=other.pk).exists()


def test_a_list_holds_as_many_views_as_the_worklist(client: Client, manager: Staff) -> None:
    for number in range(MOST_VIEWS):
        SavedView.objects.create(staff=manager, of="offers", name=f"{number}", query="view=late")
    client.post(reverse("office:view_save", args=["offers"]), {"name": "One more"})
    assert SavedView.objects.filter(of="offers").count() == MOST_VIEWS
    client.post(reverse("office:view_save", args=["payments"]), {"name": "One more"})
    assert SavedView.objects.filter(of="payments").count() == 1


@pytest.mark.parametrize(
    ("name", "query"),
    [("agreements", "view=at_risk"), ("promises", "what=promises&when=today"),
     ("promises", "what=instalments&when=late"), ("payments", "view=unmatched"),
     ("referrals", "view=preparing")],
)  # fmt: skip
def test_the_whole_filter_leaves_as_a_file_with_masked_names(
    client: Client, name: str, query: str
) -> None:
    borrower = make_borrower(name="欧阳晓明")
    case = make_case(borrower=borrower)
    plan("at_risk", case=case)
    make_agreement(case=case, dues=[(ON - timedelta(days=3), 86_000)])
    make_promise(borrower=borrower, due_on=ON, state="running", kind="promise")
    follows(case)
    client.post(reverse("office:export_start", args=[name]), {"query": query + "&page=2"})
    export = Export.objects.get()
    assert (export.of, export.query, export.state) == (name, query, "ready")
    answer: Any = client.get(reverse("office:export_file", args=[export.pk]))
    sheet = load_workbook(BytesIO(b"".join(answer))).active
    head, *rows = list(sheet.iter_rows(values_only=True))
    assert len(head) == len(rows[0])
    assert len(rows) == export.rows >= 1
    assert "欧阳晓明" not in str(rows)
    assert (
        LISTS[name].page(query).replace("&", "&amp;")
        in client.get(reverse("office:exports")).content.decode()
    )


def test_who_may_not_export_sees_no_button_and_gets_no_file() -> None:
    leader = Client()
    leader.force_login(make_staff(Role.TEAM_LEADER))
    assert "/lists/offers/export/" not in text(leader, "offers")
    assert leader.post(reverse("office:export_start", args=["offers"])).status_code == 403
    assert not Export.objects.exists()


def test_a_list_nobody_knows_and_one_out_of_reach(client: Client) -> None:
    assert (
        client.post(reverse("office:view_save", args=["loans"]), {"name": "x"}).status_code == 404
    )
    analyst = Client()
    analyst.force_login(make_staff(Role.ANALYST))  # sees cases, no agreements
    assert analyst.post(reverse("office:view_save", args=["offers"])).status_code == 403


@pytest.mark.parametrize("name", LISTED)
def test_every_list_has_the_keys_and_the_views_of_the_worklist(client: Client, name: str) -> None:
    page = text(client, name)
    assert "data-list-filter" in page, "/ goes to the filter"
    assert 'id="view-name"' in page
    assert f"/lists/{name}/export/" in page
    assert page.count('aria-current="page"') >= 1
    assert page.count('class="view-count"') >= len(LISTS[name].views)


@pytest.mark.parametrize("name", LISTED)
def test_a_list_of_many_asks_no_more_than_one_of_few(
    client: Client, manager: Staff, name: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    first = {"promises": "what=instalments&when=soon", "agreements": "view=at_risk"}
    query = first.get(name, LISTS[name].default)
    SavedView.objects.create(staff=manager, of=name, name="Own", query=query)
    text(client, name, query)
    for _number in range(2):
        one_more(manager)
    few = _asked(client, name, query)
    for _number in range(12):
        one_more(manager)
    with django_assert_num_queries(few):
        text(client, name, query)


def one_more(manager: Staff) -> None:
    case = make_case()
    plan("at_risk", case=case)
    make_agreement(case=case, dues=[(ON + timedelta(days=3), 86_000)])
    make_promise(borrower=case.borrower, due_on=ON, state="running", kind="promise")
    follows(case)


def _asked(client: Client, name: str, query: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        text(client, name, query)
    return len(asked)


def test_cases_of_ticked_agreements_are_given_after_a_look_and_back_to_the_list(
    client: Client,
) -> None:
    made, to = plan("at_risk"), make_staff(Role.DESK_AGENT)
    form = {
        "case": made.case_id, "to": to.pk, "of": "agreements", "query": "view=at_risk&sort=behind",
    }  # fmt: skip
    look = client.post(reverse("office:assign"), form).content.decode()
    assert "/agreements/documents/?view=at_risk&amp;sort=behind" in look
    done = client.post(reverse("office:assign"), form | {"confirmed": "1"})
    assert done.url == "/agreements/documents/?view=at_risk&sort=behind"
    assert Case.objects.get(pk=made.case_id).assignee_id == to.pk


def test_all_that_match_of_another_list_is_no_filter_of_cases(client: Client) -> None:
    plan("at_risk")
    to = make_staff(Role.DESK_AGENT)
    form = {"all": "1", "to": to.pk, "of": "agreements", "query": "q=x", "confirmed": "1"}
    assert client.post(reverse("office:assign"), form).status_code == 302
    assert not Case.objects.filter(assignee=to).exists()
