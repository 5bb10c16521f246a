"""Masters of strangers' photos have no metadata."""

import pytest

from tests.core import pictures
from tests.core.masters import JPEG_TAGS, decoded, groups_of
from tests.core.pictures import BLUE, plain, saved


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
    assert set(read_tags(decoded(jpeg).jpeg)) == JPEG_TAGS


@pytest.mark.parametrize("form", ["PNG", "WEBP", "AVIF"])
def test_master_of_another_format_with_metadata_has_none(form, read_tags, write_tags):
    data = saved(pictures.photo(), form, icc_profile=pictures.display_p3())
    data = write_tags(data, "-EXIF:GPSLatitude=10.77", "-EXIF:GPSLatitudeRef=N", "-XMP-dc:Creator=Lan")
    assert groups_of(read_tags(data)) >= {"GPS", "XMP-dc", "ICC_Profile"}
    assert set(read_tags(decoded(data).jpeg)) == JPEG_TAGS


def test_master_of_a_png_with_text_has_none(read_tags):
    png = pictures.png(240, 200, bytes(240), extra=pictures.chunk(b"tEXt", b"Comment\0at home"))
    assert read_tags(png)["PNG:Comment"] == "at home"
    assert set(read_tags(decoded(png).jpeg)) == JPEG_TAGS
