"""The layout in words, its templates, and the example mapping."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from doorstep.portfolio.intake.mapping import mapping_read
from doorstep.portfolio.schema import TABLES
from doorstep.sites.office.book_layout import EXAMPLE_MAPPING, column_meaning
from doorstep.sites.office.layout_words import traditional
from doorstep.workforce.roles import Role
from tests.factories import make_staff

COLUMNS = [column for table in TABLES.values() for column in table.columns]


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.name)
def test_every_column_is_named_in_characters_that_traditional_readers_know(column: object) -> None:
    """Big5 holds no simplified character."""
    traditional(column.zh).encode("big5")  # type: ignore[attr-defined]


def test_a_columns_meaning_follows_the_language_of_the_page() -> None:
    column = TABLES["loans"].column("loan_id")
    meanings = []
    for language in ("zh-hans", "zh-hant", "en"):
        with override(language):
            meanings.append(column_meaning(column))
    assert meanings == ["借据号", "借據號", "the lender's loan number"]


def test_the_example_mapping_is_one_that_can_be_used(tmp_path: Path) -> None:
    path = tmp_path / "example.toml"
    path.write_text(EXAMPLE_MAPPING, "utf-8")
    assert [block.table for block in mapping_read(path).blocks] == ["borrowers", "loans"]


@pytest.mark.django_db
def test_the_page_names_every_table_column_and_code(client: Client) -> None:
    client.force_login(make_staff(Role.ANALYST))
    page = client.get(reverse("office:book_layout")).content.decode()
    for table in TABLES.values():
        assert f"<code>{table.name}</code>" in page
        for column in table.columns:
            assert f"<code>{column.name}</code>" in page
            assert all(f"<code>{code}</code>" in page for code in column.codes)


@pytest.mark.django_db
@pytest.mark.parametrize("name", TABLES)
def test_a_template_holds_the_headings_of_its_table(client: Client, name: str) -> None:
    client.force_login(make_staff(Role.ANALYST))
    answer = client.get(reverse("office:book_template", args=[name]))
    assert answer["Content-Disposition"] == f'attachment; filename="{name}.csv"'
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows == [[column.name for column in TABLES[name].columns]]


@pytest.mark.django_db
def test_there_is_no_template_of_a_table_nobody_knows(client: Client) -> None:
    client.force_login(make_staff(Role.ANALYST))
    assert client.get(reverse("office:book_template", args=["secrets"])).status_code == 404


@pytest.mark.django_db
def test_who_may_not_see_books_does_not_see_their_layout(client: Client) -> None:
    client.force_login(make_staff(Role.DESK_AGENT))
    assert client.get(reverse("office:book_layout")).status_code == 403
