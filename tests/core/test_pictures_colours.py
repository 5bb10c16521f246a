"""Masters of strangers' photos have the colours that browsers show."""

import itertools
import struct
import zlib
from collections.abc import Sequence

import pytest

from tests.core import pictures
from tests.core.masters import colour_of, decoded, is_near
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


# Colours that are stated in numbers. What becomes of them is what Chromium 156 draws.

GIVEN = ((200, 60, 60), (60, 200, 60), (150, 140, 120))


def stating(*chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG of stripes of the colours GIVEN, with these chunks."""
    row = b"".join(bytes(colour) * 80 for colour in GIVEN)
    return pictures.png(240, 200, row, colours=2, extra=b"".join(itertools.starmap(pictures.chunk, chunks)))


def cicp(primaries: int, transfer: int) -> tuple[bytes, bytes]:
    return b"cICP", bytes((primaries, transfer, 0, 1))


def gamma(value: float) -> tuple[bytes, bytes]:
    return b"gAMA", struct.pack(">I", round(value * 100_000))


def chromaticities(*values: float) -> tuple[bytes, bytes]:
    return b"cHRM", struct.pack(">8I", *(round(value * 100_000) for value in values))


def with_nclx(form: str, primaries: int, transfer: int) -> bytes:
    """The same stripes in a file with such a box."""
    data = saved(opened(stating()), form, quality=100, subsampling="4:4:4")
    head, box, rest = data.partition(b"colrnclx")
    return head + box + struct.pack(">2H", primaries, transfer) + rest[4:]


def stripes_of(data: bytes) -> list[tuple[int, ...]]:
    picture = opened(decoded(data).jpeg)
    return [picture.getpixel((x, 100)) for x in (40, 120, 200)]


def are_near(colours: Sequence[tuple[int, ...]], others: Sequence[tuple[int, ...]], *, within: int) -> bool:
    return all(is_near(colour, other, within=within) for colour, other in zip(colours, others, strict=True))


ICC = b"iCCP", b"Adobe\0\0" + zlib.compress(pictures.adobe_rgb())
CHRM_P3 = chromaticities(0.3127, 0.3290, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06)
IN_SRGB = GIVEN
IN_P3 = ((217, 42, 52), (0, 203, 11), (152, 140, 118))
IN_BT2020 = ((247, 0, 53), (0, 211, 0), (153, 139, 117))
LINEAR = ((229, 133, 133), (133, 229, 133), (202, 196, 183))
GAMMA_2_4 = ((197, 49, 49), (49, 197, 49), (144, 134, 113))
PQ = ((255, 0, 0), (0, 255, 0), (212, 159, 105))
HLG = ((230, 0, 39), (0, 208, 0), (127, 110, 93))
IN_ADOBE = ((231, 57, 58), (0, 201, 37), (156, 141, 120))
STATED = {
    "cICP of Display P3": (stating(cicp(12, 13)), IN_P3),
    "cICP of BT.709": (stating(cicp(1, 1)), GAMMA_2_4),
    "cICP of linear light": (stating(cicp(1, 8)), LINEAR),
    "cICP of SMPTE 240M": (stating(cicp(7, 7)), ((201, 82, 77), (90, 204, 76), (161, 152, 134))),
    "cICP of digital cinema": (stating(cicp(11, 17)), ((213, 8, 33), (0, 204, 0), (145, 131, 107))),
    "cICP of PQ": (stating(cicp(9, 16)), PQ),
    "cICP of PQ in P3": (stating(cicp(12, 16)), ((255, 0, 0), (0, 255, 0), (200, 162, 107))),
    "cICP of HLG": (stating(cicp(9, 18)), HLG),
    "cICP before all others": (stating(cicp(12, 13), ICC, (b"sRGB", b"\0"), gamma(1)), IN_P3),
    "cICP of sRGB before a profile": (stating(cicp(1, 13), ICC), IN_SRGB),
    "iCCP before sRGB": (stating(ICC, (b"sRGB", b"\0")), IN_ADOBE),
    "sRGB before gAMA": (stating((b"sRGB", b"\0"), gamma(1), CHRM_P3), IN_SRGB),
    "gAMA": (stating(gamma(1)), LINEAR),
    "gAMA of sRGB, nearly": (stating(gamma(0.44)), IN_SRGB),
    "gAMA and cHRM": (stating(gamma(0.45455), CHRM_P3), ((219, 37, 49), (0, 205, 0), (153, 140, 118))),
    "cHRM alone": (stating(CHRM_P3), IN_SRGB),
    "AVIF in P3": (with_nclx("AVIF", 12, 13), IN_P3),
    "AVIF in BT.2020": (with_nclx("AVIF", 9, 14), IN_BT2020),
    "AVIF of BT.709": (with_nclx("AVIF", 1, 1), IN_SRGB),
    "AVIF of unspecified colours": (with_nclx("AVIF", 2, 2), IN_SRGB),
    "AVIF in PQ": (with_nclx("AVIF", 9, 16), PQ),
    "HEIC in P3": (with_nclx("HEIF", 12, 13), IN_P3),
    "HEIC in HLG": (with_nclx("HEIF", 9, 18), HLG),
}


@pytest.mark.parametrize(("data", "colours"), STATED.values(), ids=STATED.keys())
def test_stated_colours_are_those_of_browsers(data, colours):
    assert are_near(stripes_of(data), colours, within=8)  # AVIF and HEIC do not keep them exactly


ODD = {
    "cICP of reserved numbers": [cicp(77, 99)],
    "cICP of YCbCr": [(b"cICP", bytes((9, 16, 9, 1)))],
    "cICP of narrow range": [(b"cICP", bytes((9, 16, 0, 0)))],
    "short cICP": [(b"cICP", b"\t\x10")],
    "long cICP": [(b"cICP", bytes((9, 16, 0, 1, 0)))],
    "iCCP that is no profile": [(b"iCCP", b"a\0\0" + zlib.compress(b"no profile"))],
    "iCCP that does not unpack": [(b"iCCP", b"a\0\0garbage")],
    "iCCP of another method": [(b"iCCP", b"a\0\x07")],
    "empty iCCP": [(b"iCCP", b"")],
    "empty sRGB": [(b"sRGB", b"")],
    "short gAMA": [(b"gAMA", b"\0")],
    "gAMA of nothing": [gamma(0), CHRM_P3],
    "tiny gAMA": [gamma(0.00001)],
    "huge gAMA": [gamma(42_949)],
    "short cHRM": [gamma(1), (b"cHRM", bytes(31))],
    "cHRM of nothing": [gamma(1), chromaticities(*[0] * 8)],
    "cHRM without white": [gamma(1), chromaticities(0.3127, 0, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06)],
    "cHRM on a line": [gamma(1), chromaticities(*[0.33] * 8)],
    "cHRM nearly on a line": [gamma(1), chromaticities(0.3127, 0.329, 0.2, 0.2, 0.3, 0.3, 0.4, 0.401)],
    "cHRM outside the diagram": [gamma(1), chromaticities(0.3127, 0.329, 1.68, 0.32, 0.265, 0.69, 0.15, 0.06)],
    "cHRM as large as can be": [gamma(1), (b"cHRM", b"\xff" * 32)],
}


@pytest.mark.parametrize("chunks", ODD.values(), ids=ODD.keys())
def test_odd_statement_is_ignored(chunks):
    assert are_near(stripes_of(stating(*chunks)), GIVEN, within=2)


def test_chunk_with_a_wrong_checksum_is_ignored():
    data = stating(cicp(9, 16), (b"tEXt", b"a\0b"))
    for kind in (b"cICP", b"tEXt"):
        data = data.replace(kind + data[data.index(kind) + 4 :][:1], kind + b"?")
    assert are_near(stripes_of(data), GIVEN, within=2)


def test_text_that_unpacks_to_much_is_ignored():
    data = stating((b"zTXt", b"a\0\0" + zlib.compress(bytes(80_000_000))))
    assert are_near(stripes_of(data), GIVEN, within=2)
