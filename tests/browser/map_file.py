"""A map file of one picture, as an operator's would begin (PMTiles, version 3)."""

from __future__ import annotations

import struct
from io import BytesIO

from PIL import Image

HEADER = 127
NO_COMPRESSION, PNG = 1, 2


def a_map_file() -> bytes:
    """The whole world as one green picture at zoom 0."""
    picture = BytesIO()
    Image.new("RGB", (256, 256), "#9bc29b").save(picture, "PNG")
    tile, about = picture.getvalue(), b"{}"
    directory = b"".join(_varint(each) for each in (1, 0, 1, len(tile), 1))
    sections = (directory, about, b"", tile)
    starts = [HEADER + sum(map(len, sections[:at])) for at in range(len(sections))]
    spans = [part for pair in zip(starts, map(len, sections), strict=True) for part in pair]
    box = [round(degrees * 10_000_000) for degrees in (-180, -85, 180, 85)]
    header = struct.pack(
        "<7sB11Q6B4iB2i", b"PMTiles", 3, *spans, 1, 1, 1, 1, NO_COMPRESSION, NO_COMPRESSION, PNG,
        0, 0, *box, 0, 0, 0,
    )  # fmt: skip
    return header + b"".join(sections)


def _varint(number: int) -> bytes:
    """A number in groups of seven bits, the lowest first."""
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*found, number])
