"""The export: the whole filter, masked, harmless to open, and on record."""

from __future__ import annotations

from io import BytesIO

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from doorstep.cases.models import Export
from doorstep.sites.office.export import safe_text
from doorstep.workforce.roles import Role
from tests.factories import make_borrower, make_case, make_cases, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager() -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(make_staff(Role.COLLECTIONS_MANAGER))
    return client


def rows(client: Client, query: str = "") -> list[tuple[object, ...]]:
    answer = client.get(f"{reverse('office:export')}?{query}")
    assert answer["Content-Disposition"].startswith("attachment; filename=")
    sheet = openpyxl.load_workbook(BytesIO(b"".join(answer))).active  # type: ignore[call-overload]
    return list(sheet.iter_rows(values_only=True))


def test_the_whole_filter_is_exported_and_not_only_a_page(manager: Client) -> None:
    make_cases(count=60, step="call")
    make_case(step="letter")
    heading, *exported = rows(manager, "step=call&page=2")
    assert heading[:4] == ("Case", "Customer number", "Customer", "Days past due")
    assert len(exported) == 60
    assert exported[0][6] == 1234.56
    record = Export.objects.get()
    assert (record.rows, record.query) == (60, "step=call")


def test_names_are_masked_and_numbers_of_people_are_not_there(manager: Client) -> None:
    case = make_case()
    text = str(rows(manager))
    assert "欧***" in text
    assert case.borrower.name not in text
    assert str(case.borrower.id_number) not in text


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_nothing_becomes_a_formula(manager: Client, text: str) -> None:
    assert safe_text(text) == f"'{text}"
    make_case(borrower=make_borrower(borrower_id=text))
    (exported,) = rows(manager)[1:]
    assert str(exported[1]).startswith("'")


def test_ordinary_text_is_left_as_it_is() -> None:
    assert safe_text("C-1 = ok") == "C-1 = ok"


def test_a_filter_that_cannot_be_read_exports_nothing(manager: Client) -> None:
    make_case()
    answer = manager.get(reverse("office:export"), {"dpd_min": "x"})
    assert answer.status_code == 302
    assert not Export.objects.exists()


@pytest.mark.parametrize("role", [Role.TEAM_LEADER, Role.DESK_AGENT, Role.AUDITOR])
def test_roles_without_the_permission_cannot_export(role: Role) -> None:
    client = Client()
    client.force_login(make_staff(role))
    assert client.get(reverse("office:export")).status_code == 403
    assert not Export.objects.exists()
