"""The written pages agree with the program: settings, commands, tables, links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.main import get_command

from doorstep import settings
from doorstep.cli import app, groups
from doorstep.portfolio.schema import TABLES


def commands() -> Iterator[str]:
    """Every command of the program as it is typed."""
    assert groups.app is app
    for name, command in get_command(app).commands.items():
        inner = getattr(command, "commands", None)
        yield from (f"doorstep {name} {each}" for each in inner) if inner else [f"doorstep {name}"]


def test_every_setting_has_its_row_and_no_row_is_of_the_past(repository: Path) -> None:
    page = (repository / "docs/reference/settings.md").read_text("utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row.split("|")[1])}
    assert named == settings._env.known


def test_every_command_is_described_and_none_of_the_past(repository: Path) -> None:
    page = (repository / "docs/reference/commands.md").read_text("utf-8")
    described = re.findall(r"^## `(doorstep [a-z -]+?)`$", page, re.MULTILINE)
    assert sorted(described) == sorted(commands())


def test_every_column_of_the_book_has_its_row(repository: Path) -> None:
    page = (repository / "docs/reference/book.md").read_text("utf-8")
    sections = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL))
    assert list(sections) == list(TABLES)
    for table in TABLES.values():
        rows = re.findall(r"^\| \**`(\w+)`", sections[table.name], re.MULTILINE)
        assert rows == [column.name for column in table.columns], table.name
        for column in table.columns:
            assert column.zh in sections[table.name], column.name


PAGES = sorted(
    path
    for path in Path(__file__).resolve().parents[2].rglob("*.md")
    if not {"node_modules", ".venv", ".state"} & set(path.parts)
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_on_a_page_is_one_of_the_program(page: Path) -> None:
    text = page.read_text("utf-8")
    typed = re.findall(r"^ {4}(?:\$ )?(?:[A-Z_]+=\S+ )*(?:\S*/)?(doorstep(?: [a-z]+)+)", text, re.M)
    known = set(commands())
    unknown = [line for line in typed if not any(line.startswith(name) for name in known)]
    assert unknown == []


def test_the_scripts_that_pages_name_are_there(repository: Path) -> None:
    for page in PAGES:
        for name in re.findall(r"\./(script/[a-z-]+)", page.read_text("utf-8")):
            assert (repository / name).is_file(), f"{page.name}: {name}"
