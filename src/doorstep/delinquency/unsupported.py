"""What this arithmetic does not work out: it says so instead of giving a wrong number."""

from __future__ import annotations

from doorstep.kernel.errors import Refused


class Unsupported(Refused):
    """The terms or the history ask for something that is not worked out; the message says what."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="UNSUPPORTED")
