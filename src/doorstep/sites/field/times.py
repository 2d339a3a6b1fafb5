"""Instants as the phone reads them."""

from __future__ import annotations

from datetime import UTC, datetime


def iso(at: datetime) -> str:
    """ISO 8601 in UTC with milliseconds, ending in Z."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def iso_or_none(at: datetime | None) -> str | None:
    """The same; None stays None."""
    return iso(at) if at is not None else None
