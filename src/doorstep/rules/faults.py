"""What is wrong with a rule file: collected for the linter, raised one by one for the program."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from doorstep.kernel.errors import InputError, Where


@dataclass(frozen=True, order=True)
class Fault:
    """One fault. `file` is relative to the folder of packs; a notice does not stop anybody."""

    file: str
    line: int
    field: str
    code: str
    message: str
    hint: str = ""
    notice: bool = False

    def __str__(self) -> str:
        place = ", ".join(
            part
            for part in (self.file, f"line {self.line}" if self.line else "", self.field)
            if part
        )
        return f"{place}: {self.code}: {self.message} {self.hint}".rstrip()

    def error(self) -> InputError:
        """The fault as the error a command ends with."""
        where = Where(file=self.file, line=self.line or None, field=self.field or None)
        return InputError(self.message, code=self.code, hint=self.hint, where=where)


class Faults:
    """Collects the faults of one file; knows on which line a field stands."""

    def __init__(self, file: str, text: str = "") -> None:
        self.file, self.text = file, text
        self.found: list[Fault] = []

    def add(
        self, code: str, field: str, message: str, hint: str = "", *, notice: bool = False
    ) -> None:
        """Notes a fault at a field (dotted, `good[1].facts.local_time`)."""
        line = line_of(self.text, field)
        self.found.append(Fault(self.file, line, field, code, message, hint, notice))

    @property
    def fatal(self) -> bool:
        """Whether anything but notices was found."""
        return any(not fault.notice for fault in self.found)


def line_of(text: str, field: str) -> int:
    """The line of a dotted field in a TOML text, as near as it can be told; 0 when it cannot."""
    lines = text.splitlines()
    start = 0
    best = 0
    for part in field.split("."):
        name, _, index = part.partition("[")
        number = int(index.rstrip("]")) if index else 0
        pattern = re.compile(
            rf"^\s*(\[\[?([\w.-]+\.)?{re.escape(name)}\]\]?|\"?{re.escape(name)}\"?\s*=)"
        )
        hits = [n for n, line in enumerate(lines[start:], start) if pattern.match(line)]
        if number < len(hits):
            start = hits[number]
            best = start + 1
    return best


def relative(path: Path, folder: Path) -> str:
    """The path as faults name it."""
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.name
