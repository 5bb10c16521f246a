"""Masters of pictures, as tests make them and look at them."""

import io
import json
import warnings
from collections.abc import Callable

import pytest

from core.pictures import decoder, masters
from core.pictures.decoder import Refusal
from core.pictures.masters import Master, PhotoRefused
from tests.core.pictures import RED, opened, plain, saved

FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "HEIF", "GIF", "BMP", "TIFF")
PHP = b"<?php system($_GET['c']); ?>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="300" height="300"><script>alert(1)</script></svg>'


def make_master(data: bytes) -> Master:
    """By a decoder in a process of its own, as on the site."""
    return masters.make_master(io.BytesIO(data))


def decoded(data: bytes) -> Master:
    """The same by the decoder's code in this process, which is quicker. Its warnings reach nobody there either."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return masters.read_answer(decoder.answer(data))


def refusal_of(data: bytes, *, by: Callable[[bytes], Master] = decoded) -> Refusal:
    with pytest.raises(PhotoRefused) as refused:
        by(data)
    return refused.value.refusal


def size_of(master: Master) -> tuple[int, int]:
    assert opened(master.jpeg).size == (master.width, master.height)
    return master.width, master.height


def is_near(one: tuple[int, ...], other: tuple[int, ...], *, within: int = 8) -> bool:
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) <= within


def colour_of(data: bytes) -> tuple[int, int, int]:
    """The colour in the middle of its master."""
    picture = opened(decoded(data).jpeg)
    assert (picture.format, picture.mode) == ("JPEG", "RGB")
    return picture.getpixel((picture.width // 2, picture.height // 2))


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


GOOD_FACTS = {"width": 240, "height": 200, "colour": "#ff0000", "fingerprint": None}
GOOD_JPEG = saved(plain(RED), "JPEG")


def answer_of(facts: object, jpeg: bytes = GOOD_JPEG) -> bytes:
    return json.dumps(facts).encode() + b"\n" + jpeg
