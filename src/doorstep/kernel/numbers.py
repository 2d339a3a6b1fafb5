"""Numbers of papers: short enough to read aloud, and nobody can tell how many papers there are."""

from __future__ import annotations

import secrets
from collections.abc import Callable

FIGURES = 8


def number_new(
    *, prefix: str, taken: Callable[[str], bool], draw: Callable[[int], int] = secrets.randbelow
) -> str:
    """`prefix` and eight figures drawn anew until the number is not `taken`.

    Of 100,000 papers a year under one prefix, some fifty would meet but for the asking.
    """
    while taken(number := f"{prefix}{draw(10**FIGURES):0{FIGURES}d}"):
        pass
    return number
