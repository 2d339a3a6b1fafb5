"""A signature drawn on a screen: the strokes as they were drawn, made into a picture here.

No picture is taken in: what arrives is points, so that nothing can hide in it. Pure.
"""

from __future__ import annotations

import json
from io import BytesIO
from itertools import pairwise
from math import hypot
from typing import Any

from PIL import Image, ImageDraw

from doorstep.kernel.errors import InputError, Where

WIDE, HIGH = 900, 300
SCALE = 2  # drawn larger and made smaller, so that lines are smooth
PEN = 5
INK = (16, 24, 72, 255)
MOST_STROKES = 200
MOST_POINTS = 8000
MOST_TEXT = 400_000
LEAST_LENGTH = 150  # of all strokes together: a dot is no signature

Point = tuple[float, float]
Strokes = tuple[tuple[Point, ...], ...]


def strokes_read(text: str) -> Strokes:
    """Strokes as the page sends them: lists of [x, y] on a field of 900 x 300.

    Raises InputError NOT_SIGNED for none or hardly any, BAD_STROKES for what are no strokes.
    """
    if not text.strip():
        raise _nothing()
    try:
        raw = json.loads(text) if len(text) <= MOST_TEXT else None
    except (ValueError, RecursionError):
        raw = None
    strokes = _read(raw)
    if sum(hypot(b[0] - a[0], b[1] - a[1]) for each in strokes for a, b in pairwise(each)) < (
        LEAST_LENGTH
    ):
        raise _nothing()
    return strokes


def _read(raw: Any) -> Strokes:
    if not isinstance(raw, list) or len(raw) > MOST_STROKES:
        raise _bad()
    if not all(isinstance(each, list) for each in raw) or sum(map(len, raw)) > MOST_POINTS:
        raise _bad()
    return tuple(tuple(_point(point) for point in each) for each in raw)


def _point(raw: Any) -> Point:
    if not isinstance(raw, list) or len(raw) != 2:
        raise _bad()
    x, y = raw
    if any(isinstance(each, bool) or not isinstance(each, int | float) for each in raw):
        raise _bad()
    if not (0 <= x <= WIDE and 0 <= y <= HIGH):
        raise _bad()
    return float(x), float(y)


def strokes_png(strokes: Strokes) -> bytes:
    """The strokes as ink on nothing: a PNG of 900 x 300."""
    paper = Image.new("RGBA", (WIDE * SCALE, HIGH * SCALE), (*INK[:3], 0))
    pen = ImageDraw.Draw(paper)
    for stroke in strokes:
        line = [(x * SCALE, y * SCALE) for x, y in stroke]
        if len(line) > 1:
            pen.line(line, fill=INK, width=PEN * SCALE, joint="curve")
        for x, y in line[:: len(line) - 1 or 1]:
            round_end = PEN * SCALE / 2
            pen.ellipse((x - round_end, y - round_end, x + round_end, y + round_end), fill=INK)
    written = BytesIO()
    paper.resize((WIDE, HIGH), Image.Resampling.LANCZOS).save(written, "PNG", optimize=True)
    return written.getvalue()


def _nothing() -> InputError:
    return InputError(
        "Nothing was drawn that could be a signature.",
        code="NOT_SIGNED",
        hint="Draw the signature in the field, or type the name.",
        where=Where(field="strokes"),
    )


def _bad() -> InputError:
    return InputError(
        "The drawing cannot be read.",
        code="BAD_STROKES",
        hint="Load the page again and sign once more.",
        where=Where(field="strokes"),
    )
