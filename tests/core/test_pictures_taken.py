"""Strangers' photos: what is taken, and how large its master is."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from core.pictures import masters
from core.pictures.masters import MAX_BYTES
from tests.core import pictures
from tests.core.masters import FORMATS, PHP, decoded, is_near, make_master, size_of
from tests.core.pictures import RED, opened, plain, saved


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
    assert size_of(decoded(saved(plain(RED, size=given_size), form))) == size


@pytest.mark.parametrize(
    ("size", "by"),
    [((200, 200), decoded), ((32_000, 200), decoded), ((200, 32_000), decoded), ((8000, 6250), make_master)],
)
def test_size_within_the_limits_is_taken(size, by):
    longer = max(size)
    scale = min(1, 2560 / longer)
    assert size_of(by(pictures.black_png(*size))) == tuple(int(side * scale) for side in size)


def test_jpeg_of_the_largest_file_is_taken():
    jpeg = saved(plain(RED), "JPEG")
    assert size_of(decoded(jpeg.ljust(MAX_BYTES, b"\0"))) == (240, 200)


def test_jpeg_with_php_behind_it_loses_the_php():
    jpeg = saved(plain(RED), "JPEG", comment=PHP) + PHP
    assert jpeg.count(PHP) == 2
    master = decoded(jpeg)
    assert b"<?php" not in master.jpeg
    assert master.jpeg[-2:] == b"\xff\xd9"


@pytest.mark.parametrize("size", [(8064, 6048), (16_320, 12_240), (16_000, 2_400)])
def test_jpeg_of_a_phone_is_never_too_large(size):
    longer = max(size)
    jpeg = saved(plain(RED, size=size), "JPEG", quality=50)

    assert size_of(make_master(jpeg)) == tuple(side * 2560 // longer for side in size)
