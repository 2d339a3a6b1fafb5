"""The worklist's filter: what it picks, what it refuses, what it counts."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.http import QueryDict

from doorstep.cases.models import Case
from doorstep.cases.worklist import Filter, counts_of, filter_read, worklist
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Role
from tests.factories import (
    ON,
    make_borrower,
    make_branch,
    make_case,
    make_contact_point,
    make_loan,
    make_movement,
    make_staff,
    make_team,
)

pytestmark = pytest.mark.django_db


def read(address: str) -> Filter:
    return filter_read(dict(QueryDict(address).lists()))


def picked(address: str, staff: Staff) -> list[Case]:
    return list(worklist(read(address), staff=staff, night=ON))


@pytest.fixture
def manager() -> Staff:
    return make_staff(Role.COLLECTIONS_MANAGER)


def test_an_empty_address_shows_every_open_case_the_most_urgent_first(manager: Staff) -> None:
    low, high = make_case(priority=1), make_case(priority=9)
    make_case(status="closed", closed_on=ON)
    assert picked("", manager) == [high, low]


def test_each_part_of_the_address_narrows(manager: Staff) -> None:
    team = make_team()
    agent = make_staff(Role.DESK_AGENT, team=team)
    case = make_case(team=team, assignee=agent, step="call", bucket=2, dpd=40, due_total=500_000)
    held = make_case(step="wait", hold_kind="dispute")
    make_movement(borrower=case.borrower, kind="worse")
    for address in (
        "step=call", "bucket=2", f"branch={team.branch_id}", f"team={team.pk}",
        f"assignee={agent.pk}", "movement=worse", "hold=none", "dpd_min=40", "due_min=5000",
        f"q={case.borrower_id}", "step=call&bucket=2&dpd_min=40&dpd_max=40&due_max=5,000.00",
    ):  # fmt: skip
        assert picked(address, manager) == [case], address
    for address in (
        "step=wait", "bucket=1", "assignee=none", "hold=any", "hold=dispute", "dpd_max=39",
        "due_max=4999.99", "step=wait&step=review",
    ):  # fmt: skip
        assert picked(address, manager) == [held], address
    assert picked("assignee=me", agent) == [case]
    assert picked("assignee=me", manager) == []


def test_a_movement_of_an_earlier_night_does_not_count_as_todays(manager: Staff) -> None:
    case = make_case()
    make_movement(borrower=case.borrower, kind="entered", business_date=ON.replace(day=19))
    assert picked("movement=entered", manager) == []


@pytest.mark.parametrize(
    "address",
    [
        "step=shout", "bucket=x", "bucket=٣", "team=1.5", "assignee=bob", "movement=up", "hold=yes",
        "dpd_min=1e3", "dpd_max=99999999999", "due_min=abc", "due_max=NaN", "due_min=1e400",
        "sort=name;drop", "due_max=Infinity",
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_read_is_named_and_shows_nothing(
    address: str, manager: Staff
) -> None:
    """Showing everything instead would let a bulk deed hit cases nobody meant."""
    make_case()
    chosen = read(address)
    assert set(chosen.problems) == {address.partition("=")[0]}
    assert picked(address, manager) == []


def test_amounts_are_compared_in_whole_units_of_each_currency(manager: Staff) -> None:
    yuan = make_case(currency="CNY", due_total=100_000)
    yen = make_case(currency="JPY", due_total=1_000)
    make_case(currency="JPY", due_total=999)
    make_case(currency="CNY", due_total=99_999)
    assert read("due_min=1000").due_min == Decimal(1000)
    assert set(picked("due_min=1000", manager)) == {yuan, yen}


@pytest.mark.parametrize(
    "text", ["欧阳", "欧阳小明", "C-1", "L-1", "+8619900012345", "19900012345", "199 0001 2345"]
)
def test_a_borrower_is_found_by_name_number_loan_and_phone(text: str, manager: Staff) -> None:
    borrower = make_borrower(borrower_id="C-1", name="欧阳小明")
    make_loan(borrower=borrower, loan_id="L-1")
    make_contact_point(borrower=borrower, value="+8619900012345")
    case = make_case(borrower=borrower)
    make_case(borrower=make_borrower(name="司马小明"))
    assert list(worklist(Filter(q=text), staff=manager, night=ON)) == [case]


@pytest.mark.parametrize("text", ["阳小明", "%", "_", "' OR 1=1 --", "C-", "2345"])
def test_a_piece_from_the_middle_or_a_trick_finds_nobody(text: str, manager: Staff) -> None:
    make_case(borrower=make_borrower(borrower_id="C-1", name="欧阳小明"))
    assert list(worklist(Filter(q=text), staff=manager, night=ON)) == []


def test_counts_of_views_agree_with_their_lists_in_few_queries(
    manager: Staff, django_assert_num_queries: object
) -> None:
    make_case(step="call", assignee=manager)
    moved = make_case(step="call", hold_kind="dispute")
    make_movement(borrower=moved.borrower, kind="worse")
    make_case(step="remind", status="closed", closed_on=ON)
    views = {
        address: read(address)
        for address in (
            "step=call", "step=remind", "hold=any", "assignee=me", "movement=worse", "",
            "step=call&hold=none", "bucket=1&step=call", "bucket=2", "step=call&dpd_min=x",
        )
    }  # fmt: skip
    with django_assert_num_queries(2):  # type: ignore[operator]
        counts = counts_of(views, staff=manager, night=ON)
    assert counts == {address: len(picked(address, manager)) for address in views}
    assert counts[""] == 2


def test_counts_stay_within_the_scope() -> None:
    branch = make_branch()
    make_case(branch=branch)
    make_case(branch=make_branch())
    approver = make_staff(Role.APPROVER, branch=branch)
    assert counts_of({"all": Filter()}, staff=approver, night=None) == {"all": 1}


@pytest.mark.parametrize("sort", ["-priority", "due", "-due", "dpd", "-dpd", "opened", "-opened"])
def test_sorting_is_total_so_that_pages_never_repeat_a_row(sort: str, manager: Staff) -> None:
    made = {make_case().pk for _ in range(5)}
    listed = [case.pk for case in picked(f"sort={sort}", manager)]
    assert set(listed) == made
    assert listed == sorted(made, reverse=not sort.startswith("-"))


@pytest.mark.skipif(connection.vendor != "sqlite", reason="reads SQLite's plan")
@pytest.mark.parametrize(
    "address",
    [
        "", "sort=due", "sort=-due", "sort=dpd", "sort=-dpd", "sort=opened", "sort=-opened",
        "step=call", "bucket=2", "branch=B1", "team=1", "assignee=1", "assignee=me",
    ],
)  # fmt: skip
def test_each_order_comes_from_an_index_and_sorts_nothing(address: str, manager: Staff) -> None:
    listed = worklist(read(address), staff=manager, night=ON).values_list("pk", flat=True)
    plan = listed[:50].explain()
    assert "USING" in plan
    assert "TEMP B-TREE" not in plan, plan
