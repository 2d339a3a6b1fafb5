"""The password of the demo accounts, which exist in demo mode only."""

from __future__ import annotations

PASSWORD = "open-the-door-kindly"  # noqa: S105 - shown at every start and on the sign-in page
