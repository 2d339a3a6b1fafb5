"""Refusals are read in English here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def in_english(fresh_surroundings: None) -> Iterator[None]:
    """The language of the messages these tests name."""
    with translation.override("en"):
        yield
