"""What every test may ask for by name. Rows to work with are made by `tests.factories`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import TransactionTestCase
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as examples
from pytest_django import Settings

from doorstep.evidence.triggers import triggers_drop
from doorstep.kernel import clock
from tests.factories import AT
from tests.guard.tally import pytest_terminal_summary  # noqa: F401 (found here by its name)

REPOSITORY = Path(__file__).resolve().parent.parent
OUTSIDE = REPOSITORY / ".." / "shared"

# A run finds what the run before found, however slow the machine; `--hypothesis-profile any` seeks.
SLOW_OR_NOT: Any = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
examples.register_profile("repeatable", derandomize=True, **SLOW_OR_NOT)
examples.register_profile("any", derandomize=False, print_blob=True, **SLOW_OR_NOT)
examples.load_profile("repeatable")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what touches the database, so that `-m database` repeats just that on another one."""
    for item in items:
        names = getattr(item, "fixturenames", [])
        if item.get_closest_marker("django_db") or {"db", "transactional_db"} & set(names):
            item.add_marker(pytest.mark.database)


@pytest.fixture(scope="session")
def repository() -> Path:
    """The top of the checkout."""
    return REPOSITORY


@pytest.fixture(scope="session")
def outside() -> Path:
    """The outside examples beside the repository; the test is skipped where there are none."""
    if not OUTSIDE.is_dir():
        pytest.skip("the outside examples are not beside the repository")
    return OUTSIDE.resolve()


@pytest.fixture(scope="session")
def tables(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any
) -> Path:
    """Every table of the program, empty, in a SQLite file to be copied for programs that run by
    themselves: making them anew takes half a minute. For tests without a database of their own."""
    file = tmp_path_factory.mktemp("tables") / "doorstep.sqlite3"
    if connection.vendor != "sqlite":
        pytest.skip("the tables are copied from the suite's own SQLite file")
    with django_db_blocker.unblock(), closing(sqlite3.connect(file)) as copy:
        connection.ensure_connection()
        connection.connection.backup(copy)
    return file


@pytest.fixture(autouse=True)
def fresh_surroundings() -> Iterator[None]:
    """No test inherits a language or a rate-limit counter from the one before."""
    cache.clear()
    with translation.override("zh-hans"):
        yield


@pytest.fixture(autouse=True)
def working_hours(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The afternoon of a working day, at which most acts are lawful, whenever the tests run; the
    clock goes on. What shares a clock with another program is marked `own_clock`."""
    if not request.node.get_closest_marker("own_clock"):
        began = monotonic()
        monkeypatch.setattr(clock, "now", lambda: AT + timedelta(seconds=monotonic() - began))


@pytest.fixture(autouse=True, scope="session")
def log_that_can_be_emptied() -> Iterator[None]:
    """After a test with real transactions every table is emptied, which the triggers of the
    evidence log refuse; the signal after emptying sets them again."""
    empty = TransactionTestCase._fixture_teardown

    def without_triggers(case: TransactionTestCase) -> None:
        triggers_drop(connection)
        empty(case)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", without_triggers)
        yield


@pytest.fixture
def home(tmp_path: Path, settings: Settings) -> Path:
    """A state directory of this test alone."""
    settings.HOME = tmp_path
    return tmp_path
