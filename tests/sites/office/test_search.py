"""Ctrl-K: what is found, and by whom."""

from __future__ import annotations

import pytest
from django.test import Client

from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Role
from tests.factories import make_borrower, make_case, make_cases, make_contact_point, make_staff

pytestmark = pytest.mark.django_db


def results(staff: Staff, words: str, *, fragment: bool = True) -> str:
    client = Client(headers={"accept-language": "en"})
    client.force_login(staff)
    headers = {"HX-Request": "true"} if fragment else None
    answer = client.get("/search/", {"q": words}, headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("words", ["C0042", "欧阳", " 欧阳小 ", "13900001234", "+86 139 0000 1234"])
def test_a_customer_is_found_by_number_name_or_phone(words: str) -> None:
    case = make_case(borrower=make_borrower(borrower_id="C0042", name="欧阳小明"))
    make_contact_point(borrower=case.borrower, value="+8613900001234")
    text = results(make_staff(Role.COLLECTIONS_MANAGER), words)
    assert f'href="/cases/{case.pk}/"' in text
    assert "小明" not in text


def test_part_of_a_phone_number_finds_nobody() -> None:
    case = make_case()
    make_contact_point(borrower=case.borrower, value="+8613900001234")
    assert "Nothing found" in results(make_staff(Role.COLLECTIONS_MANAGER), "1390000")


def test_a_customer_outside_the_scope_is_not_found() -> None:
    make_case(borrower=make_borrower(borrower_id="C0042"))
    assert "C0042</span>" not in results(make_staff(Role.DESK_AGENT), "C0042")
    assert "Nothing found" in results(make_staff(Role.ADMINISTRATOR), "C0042")


def test_pages_are_found_by_their_names_if_they_may_be_opened() -> None:
    assert 'href="/staff/"' in results(make_staff(Role.ADMINISTRATOR), "sta")
    assert 'href="/staff/"' not in results(make_staff(Role.DESK_AGENT), "sta")


def test_many_customers_lead_to_the_worklist() -> None:
    make_cases(count=13)
    text = results(make_staff(Role.COLLECTIONS_MANAGER), "欧阳")
    assert text.count('href="/cases/') == 13
    assert "/cases/?q=%E6%AC%A7%E9%98%B3" in text


def test_without_javascript_the_search_is_a_page() -> None:
    text = results(make_staff(Role.DESK_AGENT), "<b>x", fragment=False)
    assert "<html" in text
    assert 'value="&lt;b&gt;x"' in text


@pytest.mark.parametrize("words", ["", "   ", "\x01", "%", "'", "x" * 5000, "😀", "\u202e"])
def test_any_text_can_be_searched_for(words: str) -> None:
    results(make_staff(Role.COLLECTIONS_MANAGER), words)
