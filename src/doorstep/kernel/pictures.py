"""Pictures that somebody sent, made into ours: sniffed, capped, upright, and drawn anew.

What comes out holds no place, no camera and no other file that was hidden in what was sent. Pure.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from doorstep.kernel.errors import InputError, Where

MOST_BYTES = 8 * 1024**2
MOST_PIXELS = 40_000_000
QUALITY = 85
PALE = 200
STARTS = {b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n\x1a\n": "PNG", b"RIFF": "WEBP"}


def picture_clean(
    raw: bytes,
    *,
    shape: Callable[[Image.Image], Image.Image],
    field: str,
    hint: str,
    form: str = "JPEG",
) -> bytes:
    """The picture as a JPEG (or PNG, by `form`), shaped by `shape` (upright and opaque when it gets
    it). Raises InputError about `field`: PHOTO_TOO_LARGE, or NOT_A_PHOTO by what is in it, not by
    its name; and what `shape` raises."""
    if len(raw) > MOST_BYTES:
        raise _unusable("PHOTO_TOO_LARGE", "The file is larger than 8 MB.", field, hint)
    kind = next((name for start, name in STARTS.items() if raw.startswith(start)), None)
    if kind is None:
        raise _unusable("NOT_A_PHOTO", "The file is no JPEG, PNG or WebP picture.", field, hint)
    many = _unusable("PHOTO_TOO_LARGE", "The picture has more than 40 million pixels.", field, hint)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(raw), formats=[kind]) as opened:
                if opened.width * opened.height > MOST_PIXELS:
                    raise many
                return _written(shape(_opaque(ImageOps.exif_transpose(opened))), form)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise _unusable("NOT_A_PHOTO", "The picture is broken.", field, hint) from None
    except Image.DecompressionBombWarning:
        raise many from None


def page_clean(raw: bytes, *, field: str, longest: int = 2400, least: int = 200) -> bytes:
    """A photographed or scanned page as a JPEG whose longer side has at most `longest` pixels.
    Raises InputError as `picture_clean`, and PHOTO_TOO_SMALL where nobody could read it."""
    hint = "Send a picture of the page as JPEG, PNG or WebP, of 8 MB at most."

    def shape(picture: Image.Image) -> Image.Image:
        if min(picture.size) < least:
            raise _unusable("PHOTO_TOO_SMALL", "Nobody could read this picture.", field, hint)
        picture.thumbnail((longest, longest))
        return picture

    return picture_clean(raw, shape=shape, field=field, hint=hint)


def drawing_clean(raw: bytes, *, field: str, wide: int = 900, high: int = 300) -> bytes:
    """A signature drawn elsewhere, as a PNG of dark ink on white of at most `wide` by `high`.
    Raises InputError as `picture_clean`, and NOT_SIGNED where nothing is drawn."""
    hint = "Let it be signed once more."

    def shape(picture: Image.Image) -> Image.Image:
        ink = picture.convert("L")
        if ink.getextrema()[0] > PALE:  # type: ignore[operator]
            raise _unusable(
                "NOT_SIGNED", "Nothing was drawn that could be a signature.", field, hint
            )
        ink.thumbnail((wide, high))
        return ink

    return picture_clean(raw, shape=shape, field=field, hint=hint, form="PNG")


def _opaque(picture: Image.Image) -> Image.Image:
    if "A" not in picture.getbands() and "transparency" not in picture.info:
        return picture.convert("RGB")
    clear = picture.convert("RGBA")
    paper = Image.new("RGBA", clear.size, "white")
    return Image.alpha_composite(paper, clear).convert("RGB")


def _written(picture: Image.Image, form: str) -> bytes:
    written = BytesIO()
    picture.save(written, form, quality=QUALITY, optimize=True)
    return written.getvalue()


def _unusable(code: str, why: str, field: str, hint: str) -> InputError:
    return InputError(why, code=code, hint=hint, where=Where(field=field))
