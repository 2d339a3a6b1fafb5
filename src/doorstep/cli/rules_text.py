"""`doorstep rules lint-text`: what must not be said, one text a line."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import typer

from doorstep.cli.rules import JSON, app
from doorstep.kernel.errors import InputError, Where

if TYPE_CHECKING:
    from doorstep.outreach.wording import Wording

AT_ONCE = 500
LIKELY = 0.5
FILE = typer.Argument(None, help="UTF-8, one text a line; standard input if absent or -.")


@app.command("lint-text")
def lint_text(file: Path | None = FILE, json_: bool = JSON) -> None:
    """Find forbidden behaviours and abuse in texts; without --json, exit 1 where there are any."""
    from doorstep.outreach.wording import texts_check

    looks = 0
    for first, texts in _groups(file):
        for number, (text, wording) in enumerate(
            zip(texts, texts_check(texts), strict=True), first
        ):
            looks += wording.needs_a_look
            for line in [_row(number, wording)] if json_ else _told(number, text, wording):
                print(line)
    if not json_:
        print(f"{looks} texts need a person's look")
        raise typer.Exit(1 if looks else 0)


def _row(number: int, wording: Wording) -> str:
    return json.dumps(
        {
            "line": number,
            "behaviours": wording.behaviours,
            "abusive": round(wording.abusive, 4),
        }
    )


def _told(number: int, text: str, wording: Wording) -> Iterator[str]:
    for finding in wording.findings:
        words = text[finding.start : finding.end]
        yield f"{number:>6} {finding.behaviour:18} {words} | {finding.why['zh']}"
    if wording.abusive >= LIKELY:
        yield f"{number:>6} {'abusive':18} {wording.abusive:.2f}"


def _groups(file: Path | None) -> Iterator[tuple[int, list[str]]]:
    """Lines in groups with the number of the first."""
    if file is None or str(file) == "-":
        yield from _numbered(sys.stdin.buffer, "standard input")
        return
    try:
        with file.open("rb") as opened:
            yield from _numbered(opened, file.name)
    except OSError as error:
        raise InputError(
            f"The file cannot be read ({error.strerror}).",
            code="NO_FILE",
            where=Where(file=str(file)),
        ) from None


def _numbered(lines: BinaryIO, name: str) -> Iterator[tuple[int, list[str]]]:
    first = 1
    while group := list(islice(lines, AT_ONCE)):
        yield first, [_text(line, name, number) for number, line in enumerate(group, first)]
        first += len(group)


def _text(line: bytes, name: str, number: int) -> str:
    try:
        return line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        raise InputError(
            "The text is not UTF-8.",
            code="NOT_UTF8",
            hint="Convert the file to UTF-8 first.",
            where=Where(file=name, line=number),
        ) from None
