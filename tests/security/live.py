"""Doorstep in live mode, in a program of its own: settings are read once a process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

LIVE = {
    "DOORSTEP_MODE": "live",
    "DOORSTEP_SECRET_KEY": "k" * 25 + "0123456789" * 4,
    "DOORSTEP_HOSTS": "desk.example",
    "DOORSTEP_ORIGINS": "https://desk.example",
    "DOORSTEP_EVIDENCE_KEYS": "/run/secrets/evidence-keys.toml",
    "DOORSTEP_SEAL": "/run/secrets/seal.pem",
}


def run_python(
    source: str, *, home: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Runs the source with just these of our and Django's variables, in its own state directory."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("DOORSTEP_", "DJANGO_")) and name != "DATABASE_URL"
    }
    return subprocess.run(
        [sys.executable, "-c", source],
        cwd=home,
        env={**kept, "DOORSTEP_HOME": str(home), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def settings_of(names: list[str], *, home: Path, environment: Mapping[str, str]) -> dict[str, Any]:
    """The named settings as that environment makes them."""
    source = (
        "import json; from doorstep import settings; "
        f"print(json.dumps({{name: getattr(settings, name, None) for name in {names!r}}}))"
    )
    run = run_python(source, home=home, environment=environment)
    assert run.returncode == 0, run.stderr
    return dict(json.loads(run.stdout))
