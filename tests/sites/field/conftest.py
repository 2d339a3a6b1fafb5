"""Every test of the phone's interface has keys, a second place and an afternoon of its own."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from time import monotonic

import pytest
from pytest_django import Settings

from doorstep.kernel import clock
from tests.factories import AT


@pytest.fixture(autouse=True)
def own_keys(home: Path, settings: Settings) -> Path:
    """The keys of this test."""
    settings.EVIDENCE_KEYS = home / "keys.toml"
    settings.CHECKPOINT_PLACE = home / "checkpoints"
    return home


@pytest.fixture(autouse=True)
def afternoon(monkeypatch: pytest.MonkeyPatch) -> None:
    """An hour at which visits are lawful, whenever the tests run; the clock goes on."""
    began = monotonic()
    monkeypatch.setattr(clock, "now", lambda: AT + timedelta(seconds=monotonic() - began))
