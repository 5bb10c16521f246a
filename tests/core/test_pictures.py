"""Strangers' photos: what is taken, what is refused, what becomes of it, and what the public gets."""

import html
import io
import itertools
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from core.pictures import decoder, fingerprints, masters, renditions
from core.pictures.decoder import Refusal
from core.pictures.masters import MAX_BYTES, Master, PhotoRefused
from core.pictures.renditions import Rendition
from tests.core import pictures
from tests.core.pictures import BLUE, GREEN, RED, WHITE, opened, plain, saved

FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "HEIF", "GIF", "BMP", "TIFF")
PHP = b"<?php system($_GET['c']); ?>"


def make_master(data: bytes) -> Master:
    return masters.make_master(io.BytesIO(data))


def refusal_of(data: bytes) -> Refusal:
    with pytest.raises(PhotoRefused) as refused:
        make_master(data)
    return refused.value.refusal


def size_of(master: Master) -> tuple[int, int]:
    assert opened(master.jpeg).size == (master.width, master.height)
    return master.width, master.height


def is_near(one: tuple[int, ...], other: tuple[int, ...], *, within: int = 8) -> bool:
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) <= within


def colour_of(data: bytes) -> tuple[int, int, int]:
    """The colour in the middle of the master that the decoder, here in this process, makes of a file."""
    picture = opened(masters.read_answer(decoder.answer(data)).jpeg)
    assert (picture.format, picture.mode) == ("JPEG", "RGB")
    return picture.getpixel((picture.width // 2, picture.height // 2))


# What is taken


@pytest.mark.parametrize("form", FORMATS)
def test_master_of_each_format_is_made(form):
    master = masters.make_master(SimpleUploadedFile("a.exe", saved(plain(RED), form), "text/html"))
    assert size_of(master) == (240, 200)
    assert is_near(opened(master.jpeg).getpixel((9, 9)), RED)


def test_master_of_a_file_already_read_is_made():
    file = io.BytesIO(saved(plain(RED), "PNG"))
    file.read()
    assert size_of(masters.make_master(file)) == (240, 200)


@pytest.mark.parametrize(
    ("given_size", "size"),
    [
        ((2560, 300), (2560, 300)),
        ((2561, 600), (2560, 599)),
        ((400, 5120), (200, 2560)),
        ((5121, 3415), (2560, 1707)),
        ((200, 10_000), (51, 2560)),
    ],
)
@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_master_is_at_most_2560_pixels_long(form, given_size, size):
    assert size_of(make_master(saved(plain(RED, size=given_size), form))) == size


@pytest.mark.parametrize("size", [(200, 200), (32_000, 200), (200, 32_000), (8000, 6250)])
def test_size_within_the_limits_is_taken(size):
    longer = max(size)
    scale = min(1, 2560 / longer)
    assert size_of(make_master(pictures.black_png(*size))) == tuple(int(side * scale) for side in size)


def test_jpeg_of_the_largest_file_is_taken():
    jpeg = saved(plain(RED), "JPEG")
    assert size_of(make_master(jpeg.ljust(MAX_BYTES, b"\0"))) == (240, 200)


def test_jpeg_with_php_behind_it_loses_the_php():
    jpeg = saved(plain(RED), "JPEG", comment=PHP) + PHP
    assert jpeg.count(PHP) == 2
    master = make_master(jpeg)
    assert b"<?php" not in master.jpeg
    assert master.jpeg[-2:] == b"\xff\xd9"


# What is refused

EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 300 300\n%%EndComments\n(/etc/passwd) run\nshowpage\n"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="300" height="300"><script>alert(1)</script></svg>'
NOT_PICTURES = {
    "text": b"Xin chao, this is a text.",
    "one byte": b"\xff",
    "noise": bytes(pictures.random.Random(7).randbytes(1024)),
    "ICO": saved(plain(RED), "ICO", sizes=[(240, 200)]),
    "JPEG 2000": saved(plain(RED), "JPEG2000"),
    "EPS": EPS,
    "SVG": SVG,
    "HEIC": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(300),
    "PHP with a GIF's head": b"GIF89a" + PHP,
    "PNG's head alone": b"\x89PNG\r\n\x1a\n",
}


@pytest.mark.parametrize("data", NOT_PICTURES.values(), ids=NOT_PICTURES.keys())
def test_file_of_another_kind_named_jpg_is_refused(data):
    with pytest.raises(PhotoRefused) as refused:
        masters.make_master(SimpleUploadedFile("photo.jpg", data, "image/jpeg"))
    assert refused.value.refusal == Refusal.NOT_A_PICTURE


@pytest.mark.parametrize(
    ("size", "refusal"),
    [
        ((199, 300), Refusal.TOO_SMALL_SIDE),
        ((300, 199), Refusal.TOO_SMALL_SIDE),
        ((32_001, 300), Refusal.TOO_LARGE_SIDE),
        ((300, 32_001), Refusal.TOO_LARGE_SIDE),
        ((8000, 6251), Refusal.TOO_MANY_PIXELS),
    ],
)
def test_size_beyond_the_limits_is_refused(size, refusal):
    assert refusal_of(pictures.black_png(*size)) == refusal


def test_png_of_178_megapixels_in_22_kilobytes_is_refused():
    bomb = pictures.black_png(13_342, 13_342)
    assert len(bomb) < 22_000
    assert refusal_of(bomb) == Refusal.TOO_MANY_PIXELS


def test_webp_that_claims_a_huge_canvas_is_refused():
    webp = bytearray(saved(plain((255, 0, 0, 9), mode="RGBA"), "WEBP", exif=pictures.orientation_exif(1)))
    assert webp[12:16] == b"VP8X"
    webp[24:30] = (12_999).to_bytes(3, "little") * 2  # Pillow alone would let it try to get 1.3 GiB
    assert refusal_of(bytes(webp)) == Refusal.TOO_MANY_PIXELS


def test_empty_file_is_refused():
    assert refusal_of(b"") == Refusal.EMPTY


def test_file_of_more_than_15_megabytes_is_refused():
    jpeg = saved(plain(RED), "JPEG")
    assert refusal_of(jpeg.ljust(15 * 1024 * 1024 + 1, b"\0")) == Refusal.TOO_MANY_BYTES


@pytest.mark.parametrize("refusal", Refusal)
def test_message_for_each_refusal_tells_what_to_do(refusal):
    with translation.override("en"):
        message = str(PhotoRefused(refusal))
    assert ("Please" in message, "{" in message) == (True, False)


@pytest.mark.parametrize("form", [form for form in FORMATS if form not in {"JPEG", "GIF"}])
@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_truncated_picture_is_refused(form, part):
    data = saved(pictures.photo(), form)
    assert refusal_of(data[: int(len(data) * part)]) in {Refusal.BROKEN, Refusal.NOT_A_PICTURE}


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("part", [0.1, 0.5])
def test_jpeg_cut_by_half_is_refused_as_that(part, progressive):
    data = saved(pictures.photo(), "JPEG", progressive=progressive)
    assert refusal_of(data[: int(len(data) * part)]) == Refusal.CUT_OFF


@pytest.mark.parametrize("progressive", [False, True])
def test_jpeg_is_taken_without_its_last_bytes(progressive):
    data = saved(pictures.photo(size=(600, 400)), "JPEG", progressive=progressive)

    master = make_master(data[: int(len(data) * 0.98)])

    assert (master.width, 380 <= master.height <= 400) == (600, True)
    below = opened(master.jpeg).convert("L").crop((0, master.height - 4, 600, master.height))
    assert below.getextrema()[1] > 30  # a picture down to its last row


OTHER_KINDS = {
    Refusal.PDF: saved(plain(RED), "PDF"),
    Refusal.FILM: b"\0\0\0\x18ftypmp42" + bytes(300),
    Refusal.JPEG_XL: b"\xff\x0a" + bytes(300),
    Refusal.RAW: saved(plain(RED), "TIFF", tiffinfo={0xC612: b"\1\4\0\0"}),
}


@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_what_people_take_for_a_photo_hears_what_it_is(kind):
    assert refusal_of(OTHER_KINDS[kind]) == kind


@pytest.mark.parametrize("size", [(8064, 6048), (16_320, 12_240), (16_000, 2_400)])
def test_jpeg_of_a_phone_is_never_too_large(size):
    longer = max(size)
    jpeg = saved(plain(RED, size=size), "JPEG", quality=50)

    assert size_of(make_master(jpeg)) == tuple(side * 2560 // longer for side in size)


def test_progressive_jpeg_keeps_a_limit_as_all_of_it_is_in_memory():
    assert refusal_of(pictures.progressive_bomb(10_100, scans=2)) == Refusal.TOO_MANY_PIXELS


XMP_TURNED = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/></rdf:RDF></x:xmpmeta>'
)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_xmp_turns_nothing_as_in_browsers(form):
    text = PngInfo()
    text.add_itxt("XML:com.adobe.xmp", XMP_TURNED.decode())
    options = {"pnginfo": text} if form == "PNG" else {"xmp": XMP_TURNED}
    data = saved(plain(RED, size=(300, 220)), form, **options)

    assert b"tiff:Orientation" in data
    assert size_of(make_master(data)) == (300, 220)


def test_heif_is_turned_once():
    data = saved(pictures.corners(), "HEIF", exif=pictures.orientation_exif(6))

    assert size_of(make_master(data)) == (220, 300)


def assert_refused_or_picture(answer: bytes) -> None:
    line, _, jpeg = answer.partition(b"\n")
    facts = json.loads(line)
    if "refused" in facts:
        assert (facts, jpeg) == ({"refused": Refusal(facts["refused"])}, b"")
    else:
        opened(jpeg).load()
        assert opened(jpeg).size == (facts["width"], facts["height"])


SMALL = {form: saved(pictures.photo(size=(240, 200)), form) for form in FORMATS}


@pytest.mark.parametrize("form", FORMATS)
@hypothesis_settings(deadline=None, max_examples=40, database=None)
@given(data=st.data())
def test_any_beginning_of_a_picture_is_refused_or_a_picture(form, data):
    length = data.draw(st.integers(0, len(SMALL[form])))
    assert_refused_or_picture(decoder.answer(SMALL[form][:length]))


@pytest.mark.parametrize("form", FORMATS)
@hypothesis_settings(deadline=None, max_examples=40, database=None)
@given(data=st.data())
def test_any_damaged_picture_is_refused_or_a_picture(form, data):
    damaged = bytearray(SMALL[form])
    for _ in range(data.draw(st.integers(1, 4))):
        # Most of the damage goes where the structure is.
        last = data.draw(st.sampled_from([64, 512, len(damaged)])) - 1
        damaged[data.draw(st.integers(0, last))] = data.draw(st.integers(0, 255))
    assert_refused_or_picture(decoder.answer(bytes(damaged)))


# Upright

# Where an orientation, by the Exif standard, says that the stored first row and first column belong.
SIDES = {
    1: ("top", "left"),
    2: ("top", "right"),
    3: ("bottom", "right"),
    4: ("bottom", "left"),
    5: ("left", "top"),
    6: ("right", "top"),
    7: ("right", "bottom"),
    8: ("left", "bottom"),
}
OPPOSITE = {"top": "bottom", "bottom": "top", "left": "right", "right": "left"}


def upright_corners(orientation: int) -> dict[frozenset[str], tuple[int, ...]]:
    """The colours of `pictures.corners()` by where they should be seen."""
    row, column = SIDES[orientation]
    return {
        frozenset({row, column}): RED,
        frozenset({row, OPPOSITE[column]}): GREEN,
        frozenset({OPPOSITE[row], column}): BLUE,
        frozenset({OPPOSITE[row], OPPOSITE[column]}): WHITE,
    }


def assert_upright(data: bytes, orientation: int) -> None:
    master = make_master(data)
    assert size_of(master) == ((300, 220) if orientation < 5 else (220, 300))
    picture = opened(master.jpeg)
    places = {"left": 20, "right": master.width - 20, "top": 20, "bottom": master.height - 20}
    for sides, colour in upright_corners(orientation).items():
        (x,) = (places[side] for side in sides & {"left", "right"})
        (y,) = (places[side] for side in sides & {"top", "bottom"})
        assert is_near(picture.getpixel((x, y)), colour)


@pytest.mark.parametrize("orientation", SIDES)
def test_jpeg_of_each_orientation_comes_out_upright(orientation):
    exif = pictures.orientation_exif(orientation)
    assert_upright(saved(pictures.corners(), "JPEG", quality=95, exif=exif), orientation)


@pytest.mark.parametrize("form", ["PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize("orientation", [5, 6])
def test_other_format_with_an_orientation_comes_out_upright(form, orientation):
    exif = pictures.orientation_exif(orientation)
    assert_upright(saved(pictures.corners(), form, quality=95, exif=exif), orientation)


@pytest.mark.parametrize("orientation", [0, 9, 65_535])
def test_unknown_orientation_is_ignored(orientation):
    exif = pictures.orientation_exif(orientation)
    assert_upright(saved(pictures.corners(), "JPEG", quality=95, exif=exif), 1)


@pytest.mark.parametrize("exif", [b"", b"MM", b"garbage, not a TIFF header", b"II*\0\xff\xff\xff\xff"])
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_broken_exif_is_ignored(form, exif):
    assert_upright(saved(pictures.corners(), form, quality=95, exif=b"Exif\0\0" + exif), 1)


# Without metadata


@pytest.fixture
def read_tags(tmp_path):
    """Reads and writes tags with exiftool, which shares no code with Pillow."""
    if not shutil.which("exiftool"):
        if os.environ.get("CI"):
            pytest.fail("exiftool is missing: install libimage-exiftool-perl")
        pytest.skip("exiftool is missing: install libimage-exiftool-perl")

    def run(data: bytes, *arguments: str) -> dict[str, object]:
        file = tmp_path / "picture"
        file.write_bytes(data)
        output = subprocess.run(
            ["exiftool", "-j", "-G1", "-a", "-n", *arguments, file], check=True, capture_output=True
        ).stdout
        (tags,) = json.loads(output)
        about_the_file = ("SourceFile", "ExifTool:", "System:", "Composite:")
        return {name: value for name, value in tags.items() if not name.startswith(about_the_file)}

    return run


@pytest.fixture
def write_tags(read_tags, tmp_path):
    def run(data: bytes, *arguments: str) -> bytes:
        source, target = tmp_path / "source", tmp_path / "target"
        source.write_bytes(data)
        target.unlink(missing_ok=True)
        subprocess.run(["exiftool", "-q", *arguments, "-o", target, source], check=True)
        return target.read_bytes()

    return run


# What a JPEG consists of, and nothing that anybody wrote.
JPEG_TAGS = {
    "File:BitsPerSample",
    "File:ColorComponents",
    "File:EncodingProcess",
    "File:FileType",
    "File:FileTypeExtension",
    "File:ImageHeight",
    "File:ImageWidth",
    "File:MIMEType",
    "File:YCbCrSubSampling",
    "JFIF:JFIFVersion",
    "JFIF:ResolutionUnit",
    "JFIF:XResolution",
    "JFIF:YResolution",
}


def groups_of(tags: dict[str, object]) -> set[str]:
    return {name.partition(":")[0] for name in tags}


def test_master_of_a_jpeg_full_of_metadata_has_none(read_tags, write_tags, tmp_path):
    thumbnail = tmp_path / "thumbnail.jpg"
    thumbnail.write_bytes(saved(plain(BLUE, size=(32, 32)), "JPEG"))
    given_tags = [
        "-GPSLatitude=10.77",
        "-GPSLatitudeRef=N",
        "-Artist=Lan",
        "-Comment=at home",
        "-City=Da Lat",
    ]
    given_tags += ["-XMP-dc:Creator=Lan", "-IPTC:Keywords=secret", f"-ThumbnailImage<={thumbnail}"]
    jpeg = saved(pictures.photo(), "JPEG", icc_profile=pictures.display_p3())
    jpeg = write_tags(jpeg, *given_tags)
    before = read_tags(jpeg)
    assert groups_of(before) >= {"GPS", "IFD0", "IFD1", "IPTC", "XMP-dc", "ICC_Profile"}
    assert before["File:Comment"] == "at home"
    assert set(read_tags(make_master(jpeg).jpeg)) == JPEG_TAGS


@pytest.mark.parametrize("form", ["PNG", "WEBP", "AVIF"])
def test_master_of_another_format_with_metadata_has_none(form, read_tags, write_tags):
    data = saved(pictures.photo(), form, icc_profile=pictures.display_p3())
    data = write_tags(data, "-EXIF:GPSLatitude=10.77", "-EXIF:GPSLatitudeRef=N", "-XMP-dc:Creator=Lan")
    assert groups_of(read_tags(data)) >= {"GPS", "XMP-dc", "ICC_Profile"}
    assert set(read_tags(make_master(data).jpeg)) == JPEG_TAGS


def test_master_of_a_png_with_text_has_none(read_tags):
    png = pictures.png(240, 200, bytes(240), extra=pictures.chunk(b"tEXt", b"Comment\0at home"))
    assert read_tags(png)["PNG:Comment"] == "at home"
    assert set(read_tags(make_master(png).jpeg)) == JPEG_TAGS


# Colours

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


# Facts about the master


def test_colour_is_the_commonest():
    picture = plain((10, 120, 200))
    picture.paste((250, 240, 10), (0, 0, 240, 60))
    colour = make_master(saved(picture, "PNG")).colour
    assert is_near(tuple(bytes.fromhex(colour[1:])), (10, 120, 200), within=2)


@pytest.mark.parametrize("colour", [(0, 0, 0), WHITE, (200, 30, 40)])
def test_fingerprint_of_a_plain_picture_is_none(colour):
    assert make_master(saved(plain(colour), "JPEG")).fingerprint is None


PHOTO = pictures.photo(size=(900, 600))
PHOTO_FINGERPRINT = decoder.fingerprint(PHOTO)
COPIES = {
    "JPEG of quality 20": saved(PHOTO, "JPEG", quality=20),
    "progressive JPEG": saved(PHOTO, "JPEG", quality=60, progressive=True),
    "PNG": saved(PHOTO, "PNG"),
    "WebP": saved(PHOTO, "WEBP", quality=40),
    "AVIF": saved(PHOTO, "AVIF", quality=40),
    "a third": saved(PHOTO.resize((300, 200)), "JPEG"),
    "odd size": saved(PHOTO.resize((611, 403)), "WEBP"),
    "enlarged": saved(PHOTO.resize((3100, 2066)), "JPEG"),
    "grey": saved(PHOTO.convert("L"), "JPEG"),
    "turned by Exif": saved(PHOTO.transpose(Image.Transpose.ROTATE_90), "JPEG", exif=pictures.orientation_exif(6)),
}


@pytest.mark.parametrize("copy", COPIES.values(), ids=COPIES.keys())
def test_fingerprint_of_a_copy_is_close(copy):
    assert fingerprints.distance(PHOTO_FINGERPRINT, make_master(copy).fingerprint) <= fingerprints.SAME_PICTURE


def test_fingerprints_of_different_pictures_are_far_apart():
    prints = [decoder.fingerprint(pictures.photo(seed)) for seed in range(30)]
    closest = min(fingerprints.distance(one, other) for one, other in itertools.combinations(prints, 2))
    assert closest > 2 * fingerprints.SAME_PICTURE


def test_fingerprint_ignores_grain_in_smooth_areas():
    skies = [pictures.photo_with_sky(seed) for seed in range(5)]
    prints = {decoder.fingerprint(sky) for sky in skies}
    assert len({sky.tobytes() for sky in skies}) == 5
    assert max(fingerprints.distance(one, other) for one in prints for other in prints) <= 2


def test_fingerprint_fits_a_signed_column():
    prints = [decoder.fingerprint(pictures.photo(seed)) for seed in range(30)]
    assert {number < 0 for number in prints} == {True, False}
    assert all(-(2**63) <= number < 2**63 for number in prints)


@pytest.mark.parametrize(
    ("a", "b", "bits"),
    [(0, 0, 0), (0, 1, 1), (-1, 0, 64), (-1, -2, 1), (2**63 - 1, -(2**63), 64), (5, -(2**63) + 5, 1)],
)
def test_distance_counts_differing_bits(a, b, bits):
    assert (fingerprints.distance(a, b), fingerprints.distance(b, a)) == (bits, bits)


# A decoder in trouble


def test_progressive_bomb_is_refused_in_time_and_memory():
    few, many = (pictures.progressive_bomb(6300, scans=scans) for scans in (2, 5000))
    assert size_of(make_master(few)) == (2560, 2560)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.monotonic()
    assert refusal_of(many) == Refusal.BROKEN
    assert time.monotonic() - start < masters.DECODER_SECONDS + 5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 32 * 1024  # in KiB


def running_decoder() -> int | None:
    """The process id of the decoder that this process started."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            command = (folder / "cmdline").read_bytes()
        except OSError:
            continue  # ended meanwhile
        if parent == os.getpid() and b"decoder.py" in command:
            return int(folder.name)
    return None


def kill_the_decoder() -> None:
    for _ in range(500):
        if process := running_decoder():
            os.kill(process, signal.SIGSEGV)
            return
        time.sleep(0.01)


def test_decoder_killed_by_a_signal_is_a_refusal(caplog):
    bomb = pictures.progressive_bomb(6300, scans=5000)  # long enough at work to be found
    killer = threading.Thread(target=kill_the_decoder)
    killer.start()
    assert refusal_of(bomb) == Refusal.BROKEN
    killer.join()
    assert caplog.messages == [f"The photo decoder ended with status {-signal.SIGSEGV}"]


GOOD_FACTS = {"width": 240, "height": 200, "colour": "#ff0000", "fingerprint": None}
GOOD_JPEG = saved(plain(RED), "JPEG")


def answer_of(facts: object, jpeg: bytes = GOOD_JPEG) -> bytes:
    return json.dumps(facts).encode() + b"\n" + jpeg


def test_sound_answer_is_believed():
    assert masters.read_answer(answer_of(GOOD_FACTS)) == Master(jpeg=GOOD_JPEG, **GOOD_FACTS)


BAD_ANSWERS = {
    "nothing": b"",
    "no JSON": b"\xff\xfe\n",
    "deep JSON": b"[" * 200_000,
    "a number": b"1\n",
    "a list": b"[]\n",
    "a word": b'"refused"\n',
    "unknown refusal": answer_of({"refused": "because"}),
    "odd refusal": answer_of({"refused": [1]}),
    "missing fact": answer_of({"width": 240, "height": 200, "colour": "#ff0000"}),
    "additional fact": answer_of(GOOD_FACTS | {"admin": True}),
    "width of zero": answer_of(GOOD_FACTS | {"width": 0}),
    "height beyond the limit": answer_of(GOOD_FACTS | {"height": 2561}),
    "width in words": answer_of(GOOD_FACTS | {"width": "240"}),
    "width of true": answer_of(GOOD_FACTS | {"width": True}),
    "colour with more behind it": answer_of(GOOD_FACTS | {"colour": "#ff0000;x"}),
    "colour with a line break": answer_of(GOOD_FACTS | {"colour": "#ff0000\n"}),
    "no colour": answer_of(GOOD_FACTS | {"colour": None}),
    "fingerprint of 65 bits": answer_of(GOOD_FACTS | {"fingerprint": 2**63}),
    "fingerprint in words": answer_of(GOOD_FACTS | {"fingerprint": "1"}),
    "no JPEG": answer_of(GOOD_FACTS, b""),
    "a page": answer_of(GOOD_FACTS, SVG),
    "half a JPEG": answer_of(GOOD_FACTS, GOOD_JPEG[:200]),
}


@pytest.mark.parametrize("answer", BAD_ANSWERS.values(), ids=BAD_ANSWERS.keys())
def test_unsound_answer_is_a_refusal(answer):
    with pytest.raises(PhotoRefused) as refused:
        masters.read_answer(answer)
    assert refused.value.refusal == Refusal.BROKEN


GOOD_ANSWER = f"sys.stdout.buffer.write({answer_of(GOOD_FACTS)!r}); sys.stdout.flush()"
WILD_PROGRAMS = {
    "fails": "sys.exit(1)",
    "fails after a good answer": f"{GOOD_ANSWER}; sys.exit(1)",
    "crashes after a good answer": f"{GOOD_ANSWER}; os.kill(os.getpid(), signal.SIGSEGV)",
    "never ends": "time.sleep(60)",
    "never ends after a good answer": f"{GOOD_ANSWER}; os.close(1); time.sleep(60)",
    "never stops talking": "while True: os.write(1, b'x' * 65536)",
}


def run_instead_of_the_decoder(program: str, monkeypatch, tmp_path) -> None:
    file = tmp_path / "program.py"
    file.write_text(f"import os, signal, sys, time\n{program}\n")
    monkeypatch.setattr(masters, "DECODER", file)


@pytest.mark.parametrize("program", WILD_PROGRAMS.values(), ids=WILD_PROGRAMS.keys())
def test_decoder_gone_wild_is_a_refusal(program, monkeypatch, tmp_path):
    run_instead_of_the_decoder(program, monkeypatch, tmp_path)
    monkeypatch.setattr(masters, "DECODER_SECONDS", 1)
    start = time.monotonic()
    assert refusal_of(b"anything") == Refusal.BROKEN
    assert time.monotonic() - start < 20  # the programs take 60 or more


def test_program_that_answers_well_is_believed(monkeypatch, tmp_path):
    """Or else the tests above would show nothing."""
    run_instead_of_the_decoder(GOOD_ANSWER, monkeypatch, tmp_path)
    assert make_master(b"anything").jpeg == GOOD_JPEG


def test_decoder_sees_no_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("SECRET_KEY", "secret")
    run_instead_of_the_decoder(f"assert 'SECRET_KEY' not in os.environ; {GOOD_ANSWER}", monkeypatch, tmp_path)
    assert make_master(b"anything").jpeg == GOOD_JPEG


LIMITS = """
import json, resource, sys
sys.path.insert(0, sys.argv[1])
import decoder
decoder.give_up_rights()
limits = {name: resource.getrlimit(getattr(resource, name)) for name in sys.argv[2:]}
try:
    bytearray(2 * 1024**3)
except MemoryError:
    limits["memory"] = "refused"
print(json.dumps(limits))
"""


def test_decoder_gives_up_its_rights():
    expected = {
        "RLIMIT_AS": [decoder.ADDRESS_SPACE] * 2,
        "RLIMIT_CPU": [decoder.CPU_SECONDS] * 2,
        "RLIMIT_CORE": [0, 0],
        "RLIMIT_FSIZE": [0, 0],
        "RLIMIT_NPROC": [0, 0],
    }
    command = [sys.executable, "-I", "-B", "-c", LIMITS, masters.DECODER.parent, *expected]
    output = subprocess.run(command, check=True, capture_output=True).stdout
    assert json.loads(output) == expected | {"memory": "refused"}


def test_decoder_knows_nothing_of_the_site():
    code = "import sys; sys.path.insert(0, sys.argv[1]); import decoder; print(*sys.modules)"
    command = [sys.executable, "-I", "-B", "-c", code, masters.DECODER.parent]
    modules = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    assert {name.partition(".")[0] for name in modules} & {"django", "vietmusic", "pageant", "PIL"} == {"PIL"}


# What the public gets


def master_file(size: tuple[int, int] = (2560, 1707)) -> io.BytesIO:
    return io.BytesIO(make_master(saved(pictures.photo(size=size), "JPEG")).jpeg)


@pytest.mark.parametrize(
    ("width", "widths"),
    [
        (51, (51,)),
        (250, (250,)),
        (320, (320,)),
        (500, (320, 500)),
        (640, (320, 640)),
        (1000, (320, 640, 1000)),
        (1280, (320, 640, 1280)),
        (2560, (320, 640, 1280)),
    ],
)
def test_rendition_widths_never_enlarge(width, widths):
    assert renditions.rendition_widths(width) == widths


@pytest.mark.parametrize(
    ("width", "size", "height"),
    [(320, (2560, 1707), 213), (640, (2560, 1707), 427), (1280, (2560, 1707), 854), (1, (2560, 100), 1)],
)
def test_height_at_keeps_the_proportions(width, size, height):
    assert renditions.height_at(width, of_width=size[0], of_height=size[1]) == height


def described(rendition: Rendition) -> tuple[str, str, tuple[int, int], bool]:
    picture = opened(rendition.data)
    progressive = bool(picture.info.get("progressive"))
    assert picture.width == rendition.width
    return rendition.extension, picture.format, picture.size, progressive


@pytest.mark.parametrize(
    ("size", "sizes"),
    [
        ((2560, 1707), [(1280, 854), (640, 427), (320, 213)]),
        ((1000, 700), [(1000, 700), (640, 448), (320, 224)]),
        ((240, 300), [(240, 300)]),
    ],
)
def test_renditions_exist_in_both_formats_and_each_size(size, sizes):
    expected = [kind for s in sizes for kind in (("avif", "AVIF", s, False), ("jpg", "JPEG", s, True))]
    assert [described(rendition) for rendition in renditions.make_renditions(master_file(size))] == expected


def test_renditions_show_the_picture():
    master = io.BytesIO(make_master(saved(pictures.corners((1600, 1200)), "PNG")).jpeg)
    for rendition in renditions.make_renditions(master):
        picture = opened(rendition.data).convert("RGB")
        right, bottom = picture.width - 20, picture.height - 20
        seen = [picture.getpixel(place) for place in ((20, 20), (right, 20), (20, bottom), (right, bottom))]
        assert all(map(is_near, seen, (RED, GREEN, BLUE, WHITE)))


def test_renditions_of_noise_fit_their_buffers():
    noise = Image.frombytes("RGB", (1280, 1280), pictures.random.Random(3).randbytes(1280 * 1280 * 3))
    master = io.BytesIO(saved(noise, "JPEG", quality=92, subsampling=0))
    assert len(list(renditions.make_renditions(master))) == 6


@pytest.mark.parametrize("site", ["https://vietmusic.example", "https://a.example:8000/?a&<b>"])
def test_renditions_carry_our_metadata_and_no_other(site, settings, read_tags):
    settings.SITE_URL = site
    for rendition in renditions.make_renditions(master_file((400, 300))):
        tags = read_tags(rendition.data)
        groups = {"File", "JFIF"} if rendition.extension == "jpg" else {"File", "QuickTime", "Meta"}
        assert groups_of(tags) == groups | {"XMP-dc", "XMP-plus"}
        assert {name for name in tags if name.startswith("XMP-")} == {
            "XMP-dc:Publisher",
            "XMP-plus:DataMining",
        }
        assert tags["XMP-dc:Publisher"] == site
        assert html.escape(site).encode() in rendition.data  # exiftool would forgive bad XML
        # A newer exiftool knows this vocabulary and leaves the address of it out.
        assert tags["XMP-plus:DataMining"].rpartition("/")[2] == "DMI-PROHIBITED"
        assert b">http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED<" in rendition.data


def test_jpeg_renditions_have_the_tags_of_a_jpeg_and_ours(read_tags):
    jpegs = [made.data for made in renditions.make_renditions(master_file((700, 500))) if made.extension == "jpg"]
    assert [set(read_tags(jpeg)) - JPEG_TAGS for jpeg in jpegs] == [{"XMP-dc:Publisher", "XMP-plus:DataMining"}] * 3


def test_master_is_decoded_at_the_size_needed():
    file = master_file((2560, 1707))
    with Image.open(file) as picture:
        assert renditions.scaled(picture, 640, (2560, 1707)).size == (640, 427)
        assert picture.size == (640, 427)  # not 2560 by 1707: the decoder itself made it small


@pytest.mark.parametrize(("width", "size"), [(480, (480, 320)), (1000, (1000, 667)), (4000, (1200, 800))])
def test_preview_is_a_plain_jpeg_at_most_as_wide(width, size, read_tags):
    preview = renditions.make_preview(master_file((1200, 800)), width=width)
    assert (opened(preview).format, opened(preview).size) == ("JPEG", size)
    assert set(read_tags(preview)) == JPEG_TAGS
