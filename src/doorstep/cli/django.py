"""Commands that need the database prepare Django only when they run."""

from __future__ import annotations

import os


def setup() -> None:
    """Prepare Django with the program's settings."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "doorstep.settings")
    import django

    django.setup()
