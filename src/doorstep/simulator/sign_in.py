"""The password of the demo accounts and the PIN of their people at doors, in demo mode only."""

from __future__ import annotations

PASSWORD = "open-the-door-kindly"  # noqa: S105 - shown at every start and on the sign-in page
DOOR_PIN = "271828"  # shown on the sign-in page
