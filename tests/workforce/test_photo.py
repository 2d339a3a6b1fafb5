"""Photographs: only pictures, of a bearable size, with nothing left of the file that was sent."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from doorstep.kernel.errors import InputError
from doorstep.workforce.photo import MOST_BYTES, SIZE, photo_clean
from tests.workforce.people import a_picture


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_picture_becomes_a_jpeg_of_our_size(form: str) -> None:
    made = Image.open(BytesIO(photo_clean(a_picture(form=form))))
    assert (made.format, made.size, made.mode) == ("JPEG", SIZE, "RGB")


def test_place_camera_and_what_hides_behind_the_picture_are_gone() -> None:
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    sent = a_picture(exif=exif.tobytes()) + b"<script>hidden</script>"
    made = photo_clean(sent)
    assert b"SecretCamera" in sent
    assert b"SecretCamera" not in made
    assert b"hidden" not in made


def test_a_picture_taken_sideways_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    sideways = Image.new("RGB", (800, 600), "white")
    sideways.paste("black", (0, 0, 400, 600))
    written = BytesIO()
    sideways.save(written, "JPEG", exif=exif.tobytes())
    made = Image.open(BytesIO(photo_clean(written.getvalue())))
    top, bottom = made.getpixel((240, 40)), made.getpixel((240, 600))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert top[0] < 60 < 200 < bottom[0]


def test_what_is_clear_becomes_white_paper() -> None:
    made = Image.open(BytesIO(photo_clean(a_picture(form="PNG", mode="RGBA", colour=(0, 0, 0, 0)))))
    assert made.getpixel((10, 10)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "NOT_A_PHOTO"),
        (b"%PDF-1.7", "NOT_A_PHOTO"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "NOT_A_PHOTO"),
        (b"\xff\xd8\xff" + b"0" * 100, "NOT_A_PHOTO"),
        (a_picture()[:900], "NOT_A_PHOTO"),
        (a_picture(form="GIF", mode="L", colour=3), "NOT_A_PHOTO"),
        (b"\xff\xd8\xff" + b"0" * MOST_BYTES, "PHOTO_TOO_LARGE"),
        (a_picture(size=(299, 400)), "PHOTO_TOO_SMALL"),
        (a_picture(size=(300, 399)), "PHOTO_TOO_SMALL"),
        (a_picture(size=(6500, 6500), form="PNG", mode="1", colour=0), "PHOTO_TOO_LARGE"),
    ],
)
def test_anything_else_is_refused(raw: bytes, code: str) -> None:
    with pytest.raises(InputError) as caught:
        photo_clean(raw)
    assert caught.value.code == code


def test_the_smallest_that_is_enough_is_taken() -> None:
    assert photo_clean(a_picture(size=(300, 400)))
