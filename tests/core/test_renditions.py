"""What the public gets of a master."""

import html
import io
from functools import cache

import pytest
from PIL import Image

from core.pictures import masters, renditions
from core.pictures.renditions import Rendition
from tests.core import pictures
from tests.core.masters import (
    JPEG_TAGS,
    decoded,
    groups_of,
    is_near,
)
from tests.core.pictures import BLUE, GREEN, RED, WHITE, opened, saved


@cache
def master_of(size: tuple[int, int]) -> bytes:
    return decoded(saved(pictures.photo(size=size), "JPEG")).jpeg


def master_file(size: tuple[int, int] = (2560, 1707)) -> io.BytesIO:
    return io.BytesIO(master_of(size))


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
    master = io.BytesIO(decoded(saved(pictures.corners((1600, 1200)), "PNG")).jpeg)
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
    picture, size = renditions.decoded(master_file((2560, 1707)), 640)

    assert (picture.size, size) == ((640, 427), (2560, 1707))  # the decoder itself made it small


def of_size(jpeg: bytes, side: int) -> bytes:
    """As if a bit of the size in the header had been flipped."""
    frame = max(jpeg.find(b"\xff\xc0"), jpeg.find(b"\xff\xc2"))
    return jpeg[: frame + 5] + side.to_bytes(2) * 2 + jpeg[frame + 9 :]


@pytest.mark.parametrize(
    "tear",
    [
        lambda jpeg: b"",
        lambda jpeg: bytes(len(jpeg)),
        lambda jpeg: jpeg[:-2000],
        lambda jpeg: jpeg[:40],
        lambda jpeg: of_size(jpeg, 65_535),
        lambda jpeg: of_size(jpeg, 7_000),
    ],
)
def test_torn_master_is_as_good_as_none(tear):
    torn = tear(master_file((800, 600)).read())

    with pytest.raises(FileNotFoundError):
        list(renditions.make_renditions(io.BytesIO(torn)))
    with pytest.raises(FileNotFoundError):
        renditions.make_preview(io.BytesIO(torn), width=320)
    with pytest.raises(FileNotFoundError):
        masters.turned(torn, 1)


@pytest.mark.parametrize(("width", "size"), [(480, (480, 320)), (1000, (1000, 667)), (4000, (1200, 800))])
def test_preview_is_a_plain_jpeg_at_most_as_wide(width, size, read_tags):
    preview = renditions.make_preview(master_file((1200, 800)), width=width)
    assert (opened(preview).format, opened(preview).size) == ("JPEG", size)
    assert set(read_tags(preview)) == JPEG_TAGS
