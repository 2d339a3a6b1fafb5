"""Settings from the environment. A bad value is refused with the name of its variable."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from zoneinfo import available_timezones

from doorstep.kernel.errors import InputError, Where

T = TypeVar("T")
TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off"}


@dataclass
class Environment:
    """Reads named variables; remembers which were asked for, so that misspelt ones show."""

    values: Mapping[str, str]
    known: set[str] = field(default_factory=set)

    def text(self, name: str, default: str = "") -> str:
        """The variable's text, stripped; `default` when it is unset or empty."""
        self.known.add(name)
        return self.values.get(name, "").strip() or default

    def flag(self, name: str, default: bool) -> bool:
        """A yes or no: 1/true/yes/on or 0/false/no/off."""

        def read(text: str) -> bool:
            if text.lower() in TRUE | FALSE:
                return text.lower() in TRUE
            raise ValueError("use 1 or 0 (true/false, yes/no, on/off also read)")

        return self._read(name, default, read)

    def integer(self, name: str, default: int, *, least: int, most: int) -> int:
        """A whole number from `least` to `most`."""

        def read(text: str) -> int:
            if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
                raise ValueError(f"use a whole number from {least} to {most}")
            return int(text)

        return self._read(name, default, read)

    def listing(self, name: str, default: list[str]) -> list[str]:
        """Names separated by commas."""
        return self._read(
            name, default, lambda text: [part.strip() for part in text.split(",") if part.strip()]
        )

    def choice(self, name: str, default: str, choices: set[str]) -> str:
        """One of a few words."""

        def read(text: str) -> str:
            if text not in choices:
                raise ValueError(f"use one of {', '.join(sorted(choices))}")
            return text

        return self._read(name, default, read)

    def zone(self, name: str, default: str) -> str:
        """A time zone by its IANA name."""

        def read(text: str) -> str:
            if text not in available_timezones():
                raise ValueError("use an IANA name such as Asia/Shanghai")
            return text

        return self._read(name, default, read)

    def folder(self, name: str, default: Path) -> Path:
        """A folder, made when it is not there yet."""
        path = Path(self.text(name, str(default))).resolve()
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise refused(
                name,
                f"{path} cannot be made or is no folder ({error.strerror}).",
                hint="Name a folder that this account may write to.",
            ) from None
        return path

    def unknown(self, prefix: str) -> list[str]:
        """Variables with our prefix that nothing asked for: most likely misspelt."""
        return sorted(set(filter(lambda n: n.startswith(prefix), self.values)) - self.known)

    def _read(self, name: str, default: T, read: Callable[[str], T]) -> T:
        text = self.text(name)
        if not text:
            return default
        try:
            return read(text)
        except ValueError as error:
            raise refused(
                name,
                f"{text!r} cannot be used: {error}.",
                hint="Correct the variable or unset it to use the default.",
            ) from None


def refused(name: str, message: str, *, hint: str) -> InputError:
    """The error that says which variable cannot be used, why, and what to do."""
    return InputError(
        message,
        code="BAD_SETTING",
        hint=hint,
        where=Where(field=f"environment variable {name}"),
    )
