"""Masters of strangers' photos have the colours that browsers show."""

import pytest

from tests.core import pictures
from tests.core.masters import colour_of, is_near
from tests.core.pictures import BLUE, GREEN, RED, WHITE, opened, plain, saved

# sRGB's red in Display P3 and its green in Adobe RGB, as colour tables give them.
P3_RED, ADOBE_GREEN = (234, 51, 35), (144, 255, 60)


@pytest.mark.parametrize(
    ("picture", "profile", "colour"),
    [
        (plain(P3_RED), pictures.display_p3(), RED),
        (plain((*P3_RED, 255), mode="RGBA"), pictures.display_p3(), RED),
        (plain(P3_RED).quantize(2), pictures.display_p3(), RED),
        (plain(ADOBE_GREEN), pictures.adobe_rgb(), GREEN),
        (plain(128, mode="L"), pictures.linear_grey(), (188, 188, 188)),
        (plain((128, 255), mode="LA"), pictures.linear_grey(), (188, 188, 188)),
    ],
    ids=["P3", "P3 and alpha", "P3 in a palette", "Adobe RGB", "grey", "grey and alpha"],
)
def test_profile_is_applied(picture, profile, colour):
    assert is_near(colour_of(saved(picture, "PNG", icc_profile=profile)), colour, within=3)


@pytest.mark.parametrize("form", ["JPEG", "WEBP", "AVIF"])
def test_profile_in_another_format_is_applied(form):
    data = saved(plain(P3_RED), form, quality=95, icc_profile=pictures.display_p3())
    assert is_near(colour_of(data), RED)


@pytest.mark.parametrize(
    "profile",
    [b"no profile", pictures.display_p3()[:200], pictures.green_ink(), pictures.linear_grey()],
    ids=["garbage", "truncated", "for CMYK", "for grey"],
)
def test_profile_that_does_not_fit_is_ignored(profile):
    assert is_near(colour_of(saved(plain(ADOBE_GREEN), "PNG", icc_profile=profile)), ADOBE_GREEN, within=3)


def test_grey_picture_goes_through_a_profile_for_rgb():
    data = saved(plain(128, mode="L"), "PNG", icc_profile=pictures.linear_rgb())
    assert is_near(colour_of(data), (188, 188, 188), within=3)


@pytest.mark.parametrize(
    ("profile", "colour"),
    [(None, (0, 255, 255)), (pictures.green_ink(), GREEN), (b"no profile", (0, 255, 255))],
    ids=["no profile", "profile", "broken profile"],
)
def test_cmyk_becomes_rgb(profile, colour):
    data = saved(plain((255, 0, 0, 0), mode="CMYK"), "JPEG", quality=95, icc_profile=profile)
    assert is_near(colour_of(data), colour, within=30)


def test_grey_jpeg_becomes_rgb():
    assert is_near(colour_of(saved(plain(77, mode="L"), "JPEG")), (77, 77, 77))


GREY_KEY = pictures.chunk(b"tRNS", b"\x00\x80")  # another grey of 16 bits, but like the pixel's upper 8
PALETTE = pictures.chunk(b"PLTE", bytes(RED) + bytes(BLUE))
SHAPES = {
    "grey of 16 bits": ({"row": b"\x80\x00" * 240, "depth": 16}, (128, 128, 128)),
    "bright grey of 16 bits": ({"row": b"\xff\xff" * 240, "depth": 16}, WHITE),
    "keyed grey of 16 bits": ({"row": b"\x80\x00" * 240, "depth": 16, "extra": GREY_KEY}, (128, 128, 128)),
    "grey and alpha of 16 bits": ({"row": b"\0\0\x80\0" * 240, "depth": 16, "colours": 4}, (127, 127, 127)),
    "RGB of 16 bits": ({"row": b"\x80\0\0\0\xff\xff" * 240, "depth": 16, "colours": 2}, (128, 0, 255)),
    "RGBA of 16 bits": ({"row": b"\xff\xff\0\0\0\0\0\0" * 240, "depth": 16, "colours": 6}, WHITE),
    "one bit": ({"row": b"\xff" * 30, "depth": 1}, WHITE),
    "two bits": ({"row": b"\x55" * 60, "depth": 2}, (85, 85, 85)),
    "grey and alpha": ({"row": b"\0\x40" * 240, "colours": 4}, (191, 191, 191)),
    "transparent grey": ({"row": bytes(240), "extra": pictures.chunk(b"tRNS", b"\0\0")}, WHITE),
    "other grey transparent": ({"row": bytes(240), "extra": pictures.chunk(b"tRNS", b"\0\1")}, (0, 0, 0)),
    "RGBA": ({"row": b"\xff\0\0\x80" * 240, "colours": 6}, (255, 127, 127)),
    "transparent RGBA": ({"row": b"\xff\0\0\0" * 240, "colours": 6}, WHITE),
    "transparent RGB": (
        {"row": b"\xff\0\0" * 240, "colours": 2, "extra": pictures.chunk(b"tRNS", b"\0\xff\0\0\0\0")},
        WHITE,
    ),
    "palette": ({"row": b"\1" * 240, "colours": 3, "extra": PALETTE}, BLUE),
    "palette with a transparent colour": (
        {"row": b"\1" * 240, "colours": 3, "extra": PALETTE + pictures.chunk(b"tRNS", b"\xff\0")},
        WHITE,
    ),
    "palette with half transparent colours": (
        {"row": b"\1" * 240, "colours": 3, "extra": PALETTE + pictures.chunk(b"tRNS", b"\x20\x80")},
        (127, 127, 255),
    ),
}


@pytest.mark.parametrize(("shape", "colour"), SHAPES.values(), ids=SHAPES.keys())
def test_png_of_any_shape_becomes_rgb_on_white(shape, colour):
    assert is_near(colour_of(pictures.png(240, 200, **shape)), colour, within=3)


@pytest.mark.parametrize("form", ["PNG", "WEBP", "AVIF"])
def test_animated_picture_shows_its_first_frame(form):
    options = {"lossless": True} if form == "WEBP" else {}
    data = saved(plain(RED), form, save_all=True, append_images=[plain(GREEN), plain(BLUE)], **options)
    assert opened(data).n_frames == 3
    assert is_near(colour_of(data), RED)
