"""Strangers' photos: what is refused, and why."""

import struct

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

from core.pictures import masters
from core.pictures.decoder import Refusal
from core.pictures.masters import PhotoRefused
from tests.core import pictures
from tests.core.masters import FORMATS, PHP, SVG, colour_of, decoded, is_near, make_master, refusal_of, size_of
from tests.core.pictures import RED, opened, plain, saved

EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 300 300\n%%EndComments\n(/etc/passwd) run\nshowpage\n"
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
def test_file_of_another_kind_is_refused(data):
    assert refusal_of(data) == Refusal.NOT_A_PICTURE


def test_name_and_type_do_not_make_a_picture():
    with pytest.raises(PhotoRefused) as refused:
        masters.make_master(SimpleUploadedFile("photo.jpg", SVG, "image/jpeg"))
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
    assert refusal_of(bomb, by=make_master) == Refusal.TOO_MANY_PIXELS


def test_webp_that_claims_a_huge_canvas_is_refused():
    webp = bytearray(saved(plain((255, 0, 0, 9), mode="RGBA"), "WEBP", exif=pictures.orientation_exif(1)))
    assert webp[12:16] == b"VP8X"
    webp[24:30] = (12_999).to_bytes(3, "little") * 2  # Pillow alone would let it try to get 1.3 GiB
    assert refusal_of(bytes(webp), by=make_master) == Refusal.TOO_MANY_PIXELS


def test_empty_file_is_refused():
    assert refusal_of(b"", by=make_master) == Refusal.EMPTY


def test_file_of_more_than_15_megabytes_is_refused():
    jpeg = saved(plain(RED), "JPEG")
    assert refusal_of(jpeg.ljust(15 * 1024 * 1024 + 1, b"\0"), by=make_master) == Refusal.TOO_MANY_BYTES


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


# A foot that is all of one colour looks like rows that were not decoded.
FEET = [(mode, foot) for mode, feet in {"L": (0, 128), "RGB": ("black", "grey")}.items() for foot in feet]
FEET.append(("CMYK", (255, 255, 255, 255)))


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize(("mode", "foot"), FEET)
def test_jpeg_is_taken_without_its_last_bytes_whatever_they_show(mode, foot, progressive):
    picture = pictures.photo(size=(600, 400)).convert(mode)
    picture.paste(foot, (0, 300, 600, 400))
    data = saved(picture, "JPEG", progressive=progressive)

    assert size_of(decoded(data)) == (600, 400)
    master = decoded(data[:-2])
    assert (master.width, 380 <= master.height <= 400) == (600, True)
    below = opened(master.jpeg).crop((0, master.height - 4, 600, master.height))
    assert is_near(below.getpixel((0, 0)), colour_of(saved(plain(foot, mode=mode), "JPEG")))


def test_jpeg_with_a_black_foot_is_refused_if_the_foot_is_missing():
    picture = pictures.photo(size=(600, 400))
    picture.paste("black", (0, 200, 600, 400))
    data = saved(picture, "JPEG")
    assert refusal_of(data[: int(len(data) * 0.6)]) == Refusal.CUT_OFF


def test_jpeg_cut_before_its_pixels_is_refused_as_that():
    data = saved(pictures.photo(), "JPEG")
    assert refusal_of(data[: data.index(b"\xff\xda")]) == Refusal.CUT_OFF


def test_jpeg_that_is_damaged_not_cut_is_refused_as_damaged():
    data = saved(pictures.photo(), "JPEG")
    assert refusal_of(data[:3000] + b"\xff\xc4\0\3" + data[3004:]) == Refusal.BROKEN


OTHER_KINDS = {
    Refusal.PDF: saved(plain(RED), "PDF"),
    Refusal.FILM: b"\0\0\0\x18ftypmp42" + bytes(300),
    Refusal.JPEG_XL: b"\xff\x0a" + bytes(300),
    Refusal.RAW: saved(plain(RED), "TIFF", tiffinfo={0xC612: b"\1\4\0\0"}),
}


@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_what_people_take_for_a_photo_hears_what_it_is(kind):
    assert refusal_of(OTHER_KINDS[kind]) == kind


def test_progressive_jpeg_keeps_a_limit_as_all_of_it_is_in_memory():
    jpeg = saved(plain(RED), "JPEG", progressive=True)
    frame = jpeg.index(b"\xff\xc2") + 5
    large = jpeg[:frame] + struct.pack(">HH", 10_100, 10_100) + jpeg[frame + 4 :]
    assert refusal_of(large) == Refusal.TOO_MANY_PIXELS
