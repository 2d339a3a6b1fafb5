"""What the page on the borrower's phone says of door tokens: its own module, run by Node."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from doorstep.sites.portal import check
from tests.factories import AT

MODULE = Path(check.__file__).parent / "static" / "portal" / "door_token.mjs"
RUN = Path(__file__).parent / "tokens.mjs"


def page_says(texts: Sequence[str], *, kept: dict[str, Any], at: datetime = AT) -> list[str]:
    """One word a text: not, unknown, cannot, old or ours; by what the phone has kept."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is missing: run script/setup")
    asked = {"now": int(at.timestamp()), "visits": kept, "texts": list(texts)}
    done = subprocess.run(
        [node, str(RUN), str(MODULE)],
        input=json.dumps(asked), capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said: list[str] = json.loads(done.stdout)
    return said
