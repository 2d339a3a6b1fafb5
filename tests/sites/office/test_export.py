"""The export: written by the worker, the whole filter, masked, harmless to open, on record, and
deleted after a day."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from doorstep.cases.exports import KEPT, export_path, exports_expire
from doorstep.cases.models import Export, ExportState
from doorstep.kernel import clock
from doorstep.sites.office import export_task
from doorstep.sites.office.export_sheet import safe_text
from doorstep.workforce.roles import Role
from tests.factories import make_borrower, make_case, make_cases, make_export, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_once(settings: Any, home: Path) -> None:
    """Background tasks run on the spot, in a state directory of this test."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}


@pytest.fixture
def later(settings: Any) -> None:
    """No worker is there to do what is asked."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.dummy.DummyBackend"}}


def signed_in(role: Role = Role.COLLECTIONS_MANAGER) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(make_staff(role))
    return client


@pytest.fixture
def manager() -> Client:
    return signed_in()


def ask(client: Client, query: str = "") -> Any:
    return client.post(reverse("office:export_start", args=["cases"]), {"query": query})


def take(client: Client, export: Export) -> Any:
    return client.get(reverse("office:export_file", args=[export.pk]))


def page(client: Client) -> str:
    return client.get(reverse("office:exports")).content.decode()


def rows(client: Client, query: str = "") -> list[tuple[object, ...]]:
    ask(client, query)
    answer = take(client, Export.objects.get())
    assert answer["Content-Disposition"].startswith("attachment; filename=")
    sheet: Any = openpyxl.load_workbook(BytesIO(b"".join(answer))).active
    return list(sheet.iter_rows(values_only=True))


def test_the_whole_filter_is_exported_and_not_only_a_page(manager: Client) -> None:
    make_cases(count=60, step="call")
    make_case(step="letter")
    heading, *exported = rows(manager, "step=call&page=2")
    assert heading[:4] == ("Case", "Customer number", "Customer", "Days past due")
    assert len(exported) == 60
    assert exported[0][6] == 1234.56
    record = Export.objects.get()
    assert (record.rows, record.expected, record.query) == (60, 60, "step=call")


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


def test_the_file_is_in_the_language_of_who_asked(manager: Client) -> None:
    make_case()
    manager.cookies["doorstep_language"] = "zh-hans"
    assert rows(manager)[0][0] == "案件"


def test_asking_waits_for_nothing_and_the_page_tells_how_far_it_is(
    manager: Client, later: None
) -> None:
    make_case()
    assert ask(manager).url == reverse("office:exports")
    assert "Waits for the worker" in page(manager)
    Export.objects.update(state=ExportState.WRITING, rows=2000, expected=100_000)
    assert "2,000 of 100,000 rows" in page(manager)
    assert 'hx-trigger="every 1s"' in page(manager)
    export = Export.objects.get()
    assert take(manager, export).status_code == 404
    ask(manager)
    assert Export.objects.count() == 1, "the one under way is enough"


def test_what_a_killed_worker_left_is_written_anew(manager: Client, later: None) -> None:
    make_case()
    ask(manager)
    Export.objects.update(state=ExportState.WRITING, rows=1)
    export = Export.objects.get()
    export_path(export).parent.mkdir(parents=True)
    export_path(export).with_suffix(".partial").write_bytes(b"half")
    export_task.write_export.func(export.pk)
    assert take(manager, export).status_code == 200
    assert [path.name for path in export_path(export).parent.iterdir()] == [f"{export.pk}.xlsx"]


def test_a_failure_is_told_and_leaves_no_file(
    manager: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_task, "MOST_ROWS", -1)  # which no query takes
    make_case()
    ask(manager)
    export = Export.objects.get()
    assert export.state == ExportState.FAILED
    assert "It could not be written." in page(manager)
    assert not list(export_path(export).parent.iterdir())


def test_a_file_is_its_owners_alone_and_each_taking_is_on_record(manager: Client) -> None:
    make_case()
    ask(manager)
    export = Export.objects.get()
    assert take(signed_in(), export).status_code == 404
    assert f"/{export.pk}/file/" not in page(signed_in())
    for _ in range(2):
        assert take(manager, export).status_code == 200
    export.refresh_from_db()
    assert (export.taken, export.taken_at is not None) == (2, True)


def test_a_file_is_deleted_after_a_day(manager: Client) -> None:
    make_case()
    ask(manager)
    export = Export.objects.get()
    assert export.ready_at is not None
    assert exports_expire(at=export.ready_at + KEPT) == 0
    assert exports_expire(at=export.ready_at + KEPT + timedelta(seconds=1)) == 1
    assert not export_path(export).exists()
    assert take(manager, export).status_code == 404
    assert "File deleted" in page(manager)
    assert Export.objects.get().rows == 1, "that it was exported stays on record"


def test_a_filter_that_cannot_be_read_exports_nothing(manager: Client) -> None:
    make_case()
    assert ask(manager, "dpd_min=x").url == reverse("office:worklist")
    assert not Export.objects.exists()


@pytest.mark.parametrize("role", [Role.TEAM_LEADER, Role.DESK_AGENT, Role.AUDITOR])
def test_roles_without_the_permission_cannot_export(role: Role) -> None:
    client = signed_in(role)
    assert ask(client).status_code == 403
    assert client.get(reverse("office:exports")).status_code == 403
    assert not Export.objects.exists()


def test_the_page_asks_a_fixed_number_of_questions(
    manager: Client, django_assert_num_queries: Any
) -> None:
    staff = make_staff(Role.COLLECTIONS_MANAGER)
    manager.force_login(staff)
    for _ in range(15):
        make_export(staff=staff, at=clock.now(), state="ready", ready_at=clock.now())
    page(manager)
    with django_assert_num_queries(PAGE_QUERIES):
        page(manager)


PAGE_QUERIES = 9
