"""Every test of agreements has its own seal and keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings


@pytest.fixture
def own_files(home: Path, settings: Settings) -> None:
    settings.SEAL = home / "seal.pem"
    settings.EVIDENCE_KEYS = home / "keys.toml"
