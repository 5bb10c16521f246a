"""What a master says of its picture: its commonest colour and its fingerprint."""

import itertools

import pytest
from PIL import Image

from core.pictures import decoder, fingerprints
from tests.core import pictures
from tests.core.masters import decoded, is_near
from tests.core.pictures import WHITE, plain, saved


def test_colour_is_the_commonest():
    picture = plain((10, 120, 200))
    picture.paste((250, 240, 10), (0, 0, 240, 60))
    colour = decoded(saved(picture, "PNG")).colour
    assert is_near(tuple(bytes.fromhex(colour[1:])), (10, 120, 200), within=2)


@pytest.mark.parametrize("colour", [(0, 0, 0), WHITE, (200, 30, 40)])
def test_fingerprint_of_a_plain_picture_is_none(colour):
    assert decoded(saved(plain(colour), "JPEG")).fingerprint is None


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
    assert fingerprints.distance(PHOTO_FINGERPRINT, decoded(copy).fingerprint) <= fingerprints.SAME_PICTURE


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
