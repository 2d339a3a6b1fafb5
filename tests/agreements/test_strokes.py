"""A drawn signature: points in, a picture of ours out, and nothing else gets in."""

from __future__ import annotations

import json
from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from doorstep.agreements.strokes import HIGH, WIDE, strokes_png, strokes_read
from doorstep.kernel.errors import InputError

LINE = [[[0, 0], [200, 100], [900, 300]]]


def test_what_was_drawn_is_what_is_seen() -> None:
    picture = Image.open(BytesIO(strokes_png(strokes_read(json.dumps(LINE)))))
    assert picture.size == (WIDE, HIGH)
    assert picture.getpixel((200, 100))[3] > 200  # ink where the pen was
    assert picture.getpixel((850, 20))[3] == 0  # and nothing elsewhere
    assert strokes_png(strokes_read(json.dumps(LINE))) == strokes_png(
        strokes_read(json.dumps(LINE))
    )


@pytest.mark.parametrize("text", ["", "  ", "[]", "[[]]", "[[[5,5]]]", "[[[5,5],[50,50]]]"])
def test_hardly_anything_is_no_signature(text: str) -> None:
    with pytest.raises(InputError) as caught:
        strokes_read(text)
    assert caught.value.code == "NOT_SIGNED"


@pytest.mark.parametrize(
    "text",
    [
        "nonsense", "{}", "7", "null", "[7]", "[[7]]", "[[[1]]]", "[[[1,2,3]]]", '[[["a","b"]]]',
        "[[[true,false],[900,300]]]", "[[[NaN,1],[900,300]]]", "[[[0,0],[901,1]]]", "[[[0,-1]]]",
        "[[[0,0],[1e400,1]]]", "[" * 10_000, json.dumps([[[0, 0]] * 8001]),
        json.dumps([[[0, 0]]] * 201),
    ],
)  # fmt: skip
def test_what_are_no_strokes_is_refused(text: str) -> None:
    with pytest.raises(InputError) as caught:
        strokes_read(text)
    assert caught.value.code in ("BAD_STROKES", "NOT_SIGNED")


@given(st.text(max_size=200) | st.recursive(st.integers() | st.text(), st.lists).map(json.dumps))
def test_whatever_is_sent_is_read_or_refused(text: str) -> None:
    with suppress(InputError):
        strokes_png(strokes_read(text))
