"""Strangers' photos stand upright, as in browsers."""

import pytest
from PIL.PngImagePlugin import PngInfo

from tests.core import pictures
from tests.core.masters import decoded, is_near, size_of
from tests.core.pictures import BLUE, GREEN, RED, WHITE, opened, plain, saved

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
    master = decoded(data)
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
    assert size_of(decoded(data)) == (300, 220)


def test_heif_is_turned_once():
    data = saved(pictures.corners(), "HEIF", exif=pictures.orientation_exif(6))

    assert size_of(decoded(data)) == (220, 300)
