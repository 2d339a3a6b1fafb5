"""Every test of the phone's interface has keys and a second place of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings


@pytest.fixture(autouse=True)
def own_keys(home: Path, settings: Settings) -> Path:
    """The keys of this test."""
    settings.EVIDENCE_KEYS = home / "keys.toml"
    settings.CHECKPOINT_PLACE = home / "checkpoints"
    return home
