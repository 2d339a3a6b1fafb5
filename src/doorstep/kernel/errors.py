"""What goes wrong and what to do about it.

DoorstepError
├── InputError        a file, setting or argument cannot be used (exit code 2)
├── Refused           the act is not allowed now; carries the reason (exit code 1)
└── NotFound          the named thing does not exist
"""

from __future__ import annotations

from dataclasses import dataclass


class DoorstepError(Exception):
    """Any failure that a person can read and act on.

    `code` is stable and upper-case; `message` says what happened; `hint` says what to do next.
    """

    def __init__(self, message: str, *, code: str = "ERROR", hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


@dataclass(frozen=True)
class Where:
    """The place of a fault in what was handed in; parts that are not known stay None."""

    file: str | None = None
    line: int | None = None
    field: str | None = None

    def __str__(self) -> str:
        parts = [self.file, f"line {self.line}" if self.line is not None else None, self.field]
        return ", ".join(part for part in parts if part)


class InputError(DoorstepError):
    """A file, setting or argument cannot be used. `where` names file, line and field."""

    def __init__(
        self,
        message: str,
        *,
        code: str = "BAD_INPUT",
        hint: str = "",
        where: Where | None = None,
    ) -> None:
        super().__init__(message, code=code, hint=hint)
        self.where = where or Where()

    def __str__(self) -> str:
        place = str(self.where)
        return f"{place}: {super().__str__()}" if place else super().__str__()


class Refused(DoorstepError):  # noqa: N818
    """The act is not allowed as things stand; the message is the reason."""


class NotFound(DoorstepError):  # noqa: N818
    """The named thing does not exist (or may not be seen by who asks)."""
