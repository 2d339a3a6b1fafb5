"""The database address: two forms are read, any other is refused without showing its password."""

from __future__ import annotations

import pytest

from doorstep.kernel.database import database_from_url
from doorstep.kernel.errors import InputError


def test_sqlite_waits_for_the_writer_before_it_and_keeps_what_it_acknowledged() -> None:
    made = database_from_url("sqlite:////var/lib/doorstep/book.sqlite3")
    assert made["NAME"] == "/var/lib/doorstep/book.sqlite3"
    assert made["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        assert pragma in made["OPTIONS"]["init_command"]


def test_sqlite_may_stand_in_the_working_directory_or_in_memory() -> None:
    assert database_from_url("sqlite:///book.sqlite3")["NAME"] == "book.sqlite3"
    assert database_from_url("sqlite:///:memory:")["NAME"] == ":memory:"


def test_a_postgresql_address_is_taken_apart_and_its_escapes_undone() -> None:
    made = database_from_url("postgresql://desk:p%40ss%2Fword@db.example:6432/book?sslmode=require")
    assert made["ENGINE"] == "django.db.backends.postgresql"
    assert (made["USER"], made["PASSWORD"]) == ("desk", "p@ss/word")
    assert (made["HOST"], made["PORT"], made["NAME"]) == ("db.example", "6432", "book")
    assert made["OPTIONS"] == {"sslmode": "require"}


def test_a_postgresql_socket_is_named_by_its_folder() -> None:
    made = database_from_url("postgresql:///book?host=/run/postgresql")
    assert (made["HOST"], made["OPTIONS"]["host"]) == ("", "/run/postgresql")


@pytest.mark.parametrize(
    "url",
    [
        "mysql://root:secret@db/book",
        "postgresql://root:secret@db",
        "postgresql://root:secret@db/",
        "postgresql://root:secret@db:port/book",
        "postgresql://root:secret@[db/book",
        "sqlite://",
        "book.sqlite3",
    ],
)
def test_an_address_of_another_form_is_refused_by_the_name_of_its_variable(url: str) -> None:
    with pytest.raises(InputError, match="DATABASE_URL") as refused:
        database_from_url(url)
    assert "secret" not in str(refused.value)
