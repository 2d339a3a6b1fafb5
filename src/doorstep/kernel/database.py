"""A database address (`DATABASE_URL`) as Django's settings."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from doorstep.kernel.errors import InputError, Where

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
    "PRAGMA cache_size=-65536; PRAGMA mmap_size=268435456; PRAGMA temp_store=MEMORY;"
)


def database_from_url(url: str) -> dict[str, Any]:
    """Settings for sqlite:///path or postgresql://user:password@host:port/name?option=value.

    SQLite runs in WAL with IMMEDIATE transactions, so that a writer waits at its start and never
    fails half-way. Raises InputError naming DATABASE_URL when the address is of neither form.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _refused() from None
    if parts.scheme == "sqlite" and parts.path:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": unquote(parts.path[1:]) if parts.path != "/:memory:" else ":memory:",
            "ATOMIC_REQUESTS": False,
            "OPTIONS": {
                "timeout": 30,
                "transaction_mode": "IMMEDIATE",
                "init_command": SQLITE_PRAGMAS,
            },
        }
    if parts.scheme in {"postgres", "postgresql"} and parts.path.strip("/"):
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": unquote(parts.hostname or ""),
            "PORT": str(port or ""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": dict(parse_qsl(parts.query)),
        }
    raise _refused()


def _refused() -> InputError:
    """Never shows the address: it may hold a password."""
    return InputError(
        "The database address is not one Doorstep can use.",
        code="BAD_SETTING",
        hint="Use sqlite:///path/to/file or postgresql://user:password@host/name.",
        where=Where(field="environment variable DATABASE_URL"),
    )
