"""A photograph somebody sent, made into one of ours: sniffed, capped, upright, cut and re-encoded.

What comes out is a new JPEG of one size: no place, no camera, no other file hidden in it. Pure.
"""

from __future__ import annotations

import warnings
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from doorstep.kernel.errors import InputError, Where

MOST_BYTES = 8 * 1024**2
MOST_PIXELS = 40_000_000
LEAST = (300, 400)
SIZE = (480, 640)
QUALITY = 85
STARTS = {b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n\x1a\n": "PNG", b"RIFF": "WEBP"}


def photo_clean(raw: bytes) -> bytes:
    """The photograph as a JPEG of 480 x 640. Raises InputError: PHOTO_TOO_LARGE, NOT_A_PHOTO (by
    what is in it, not by its name), PHOTO_TOO_SMALL."""
    if len(raw) > MOST_BYTES:
        raise _unusable("PHOTO_TOO_LARGE", "The file is larger than 8 MB.")
    kind = next((name for start, name in STARTS.items() if raw.startswith(start)), None)
    if kind is None:
        raise _unusable("NOT_A_PHOTO", "The file is no JPEG, PNG or WebP picture.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _made(raw, kind)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise _unusable("NOT_A_PHOTO", "The picture is broken.") from None
    except Image.DecompressionBombWarning:
        raise _too_many() from None


def _made(raw: bytes, kind: str) -> bytes:
    with Image.open(BytesIO(raw), formats=[kind]) as opened:
        if opened.width * opened.height > MOST_PIXELS:
            raise _too_many()
        picture = ImageOps.exif_transpose(opened)
        if picture.width < LEAST[0] or picture.height < LEAST[1]:
            raise _unusable("PHOTO_TOO_SMALL", "The picture is smaller than 300 x 400.")
        face = ImageOps.fit(_opaque(picture), SIZE, centering=(0.5, 0.35))
    written = BytesIO()
    face.save(written, "JPEG", quality=QUALITY)
    return written.getvalue()


def _opaque(picture: Image.Image) -> Image.Image:
    if "A" not in picture.getbands() and "transparency" not in picture.info:
        return picture.convert("RGB")
    clear = picture.convert("RGBA")
    paper = Image.new("RGBA", clear.size, "white")
    return Image.alpha_composite(paper, clear).convert("RGB")


def _too_many() -> InputError:
    return _unusable("PHOTO_TOO_LARGE", "The picture has more than 40 million pixels.")


def _unusable(code: str, why: str) -> InputError:
    return InputError(
        why,
        code=code,
        hint="Send a portrait of at least 300 x 400 as JPEG, PNG or WebP.",
        where=Where(field="photograph"),
    )
