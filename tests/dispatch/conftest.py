"""Senders that a test opened are closed after it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.dispatch import outbox


@pytest.fixture(autouse=True)
def senders_closed() -> Iterator[None]:
    yield
    while outbox.OPEN:
        outbox.OPEN.pop().close()
