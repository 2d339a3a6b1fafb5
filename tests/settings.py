"""Settings of the suite: the program's own, with cheap hashes and a state directory of its own.

Whatever the machine has set for a real installation is put aside first, so that no test can touch
it. `DATABASE_URL` alone is kept: it chooses the database that the suite runs on.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path


def _state_directory() -> Path:
    """A new directory, removed at the end; each worker of a parallel run has one inside it."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker:
        return Path(os.environ["DOORSTEP_HOME"]) / worker
    made = Path(tempfile.mkdtemp(prefix="doorstep-tests-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


_home = _state_directory()
_asked = {name: value for name, value in os.environ.items() if name.startswith("DOORSTEP_TEST_")}
for _name in [name for name in os.environ if name.startswith("DOORSTEP_")]:
    del os.environ[_name]
os.environ["DOORSTEP_HOME"] = str(_home)
os.environ["DJANGO_SETTINGS_MODULE"] = "doorstep.settings"  # for programs that tests start

from doorstep.settings import *  # noqa: E402, F403
from doorstep.settings import DATABASES, HOME  # noqa: E402

os.environ.update(_asked)  # how long a run of the tests themselves is to be

PASSWORD_HASHERS = ["tests.hashing.CheapArgon2"]

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": str(HOME / "suite.sqlite3")}
    DATABASES["default"]["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"
