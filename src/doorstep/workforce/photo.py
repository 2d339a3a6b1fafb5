"""A photograph somebody sent, made into one of ours: a portrait of one size. Pure."""

from __future__ import annotations

from PIL import Image, ImageOps

from doorstep.kernel.errors import InputError, Where
from doorstep.kernel.pictures import MOST_BYTES, picture_clean

__all__ = ["MOST_BYTES", "SIZE", "photo_clean"]
LEAST = (300, 400)
SIZE = (480, 640)
FIELD = "photograph"
HINT = "Send a portrait of at least 300 x 400 as JPEG, PNG or WebP."


def photo_clean(raw: bytes) -> bytes:
    """The photograph as a JPEG of 480 x 640. Raises InputError: PHOTO_TOO_LARGE, NOT_A_PHOTO (by
    what is in it, not by its name), PHOTO_TOO_SMALL."""
    return picture_clean(raw, shape=_face, field=FIELD, hint=HINT)


def _face(picture: Image.Image) -> Image.Image:
    if picture.width < LEAST[0] or picture.height < LEAST[1]:
        raise InputError(
            "The picture is smaller than 300 x 400.",
            code="PHOTO_TOO_SMALL",
            hint=HINT,
            where=Where(field=FIELD),
        )
    return ImageOps.fit(picture, SIZE, centering=(0.5, 0.35))
