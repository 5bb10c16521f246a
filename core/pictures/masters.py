"""Makes a safe master picture from an uploaded file, and public renditions from a master.

What arrived is never stored, and never decoded in this process: `pageant/decoder.py` runs in one of its own.
"""

import io
import json
import logging
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from xml.sax.saxutils import escape

from django.conf import settings
from django.utils.formats import number_format
from django.utils.functional import Promise, lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from PIL import Image

from core.pictures import decoder
from core.pictures.decoder import MASTER_SIDE, MAX_BYTES, MAX_PIXELS, MAX_SIDE, MIN_SIDE, Refusal

WIDTHS = (320, 640, 1280)

# Two fingerprints at most this far apart belong to the same picture.
SAME_PICTURE = 6

DECODER = Path(decoder.__file__)
DECODER_SECONDS = 30
MAX_ANSWER = 32 * 1024 * 1024  # a master of pure noise has 13 MB

MESSAGES = {
    Refusal.EMPTY: _("This file is empty. Please choose the photo again."),
    Refusal.TOO_MANY_BYTES: format_lazy(
        _("This file is larger than {megabytes} MB. Please make the photo smaller and choose it again."),
        megabytes=MAX_BYTES // 1024**2,
    ),
    Refusal.NOT_A_PICTURE: _(
        "This file is not a picture we can read. Please choose a JPEG, PNG, WebP or AVIF picture; "
        "save a HEIC photo as JPEG first."
    ),
    Refusal.TOO_MANY_PIXELS: format_lazy(
        _("This picture has more than {millions} million pixels. Please make it smaller and choose it again."),
        millions=MAX_PIXELS // 10**6,
    ),
    Refusal.TOO_LARGE_SIDE: format_lazy(
        _("This picture is more than {side} pixels wide or high. Please make it smaller and choose it again."),
        side=lazy(number_format, str)(MAX_SIDE),
    ),
    Refusal.TOO_SMALL_SIDE: format_lazy(
        _("This picture is less than {side} pixels wide or high. Please choose a larger one."), side=MIN_SIDE
    ),
    Refusal.BROKEN: _(
        "We could not read this picture: it is damaged or too complicated. "
        "Please save it anew as JPEG, or choose another one."
    ),
}

# Whose site a published picture is from, and IPTC's and PLUS's way to say that it is not for data mining.
# https://iptc.org/std/photometadata/specification/IPTC-PhotoMetadata#data-mining
# Not xmpRights:WebStatement, which search engines take for an offer to license the picture.
XMP = """\
<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\
<x:xmpmeta xmlns:x="adobe:ns:meta/">\
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" \
xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/">\
<dc:publisher><rdf:Bag><rdf:li>{publisher}</rdf:li></rdf:Bag></dc:publisher>\
<plus:DataMining>http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED</plus:DataMining>\
</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>"""

logger = logging.getLogger(__name__)


class PhotoRefused(Exception):
    """The file is not taken; `message` tells the visitor why and what to do, `refusal` tells code."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal
        self.message: str | Promise = MESSAGES[refusal]

    def __str__(self) -> str:
        return str(self.message)


@dataclass(frozen=True)
class Master:
    """An upright sRGB picture without metadata, its longer side at most 2560 pixels.

    `colour` is the dominant one as "#rrggbb". `fingerprint` is a signed number of 64 bits to be compared with
    `distance`, or None for a picture too plain to have one.
    """

    jpeg: bytes
    width: int
    height: int
    colour: str
    fingerprint: int | None


@dataclass(frozen=True)
class Rendition:
    """A file for the public: `extension` is "avif" or "jpg"."""

    width: int
    extension: str
    data: bytes


def make_master(file: BinaryIO) -> Master:
    """The master for an uploaded file; raises PhotoRefused for whatever cannot become one."""
    with tempfile.TemporaryFile() as upload:  # has no name, so that nothing stays behind
        copy_within_limits(file, upload)
        return read_answer(ask_decoder(upload))


def copy_within_limits(file: BinaryIO, upload: BinaryIO) -> None:
    """Copies all of `file` and rewinds the copy. It counts bytes, as a declared size proves nothing."""
    file.seek(0)
    size = 0
    while part := file.read(64 * 1024):
        size += len(part)
        if size > MAX_BYTES:
            raise PhotoRefused(Refusal.TOO_MANY_BYTES)
        upload.write(part)
    if not size:
        raise PhotoRefused(Refusal.EMPTY)
    upload.seek(0)


def ask_decoder(upload: BinaryIO) -> bytes:
    """What the decoder says about the file, or nothing if it did not end well, or in time."""
    command = [sys.executable, "-I", "-B", DECODER]
    with subprocess.Popen(  # noqa: S603 - the command is our own; the upload is only its input
        command, stdin=upload, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}, cwd="/"
    ) as child:
        timer = threading.Timer(DECODER_SECONDS, child.kill)
        timer.start()
        try:
            # Not communicate(), which would take in as much as a decoder gone wild cares to say.
            answer = child.stdout.read(MAX_ANSWER)
            child.stdout.close()
            status = child.wait()
        finally:
            timer.cancel()
            child.kill()
    if status:
        logger.warning("The photo decoder ended with status %s", status)
        return b""
    return answer


def read_answer(answer: bytes) -> Master:
    """Believes nothing it did not check: a hostile file may have taken over the decoder."""
    line, _newline, jpeg = answer.partition(b"\n")
    try:
        facts = json.loads(line)
        if "refused" in facts:
            raise PhotoRefused(Refusal(facts["refused"]))
        master = Master(jpeg=jpeg, **facts)
    except (ValueError, TypeError, RecursionError):
        raise PhotoRefused(Refusal.BROKEN) from None
    if not is_sound(master):
        raise PhotoRefused(Refusal.BROKEN)
    return master


def is_sound(master: Master) -> bool:
    return (
        all(type(side) is int and 1 <= side <= MASTER_SIDE for side in (master.width, master.height))
        and type(master.colour) is str
        and re.fullmatch("#[0-9a-f]{6}", master.colour) is not None
        and (master.fingerprint is None or (type(master.fingerprint) is int and -(2**63) <= master.fingerprint < 2**63))
        and master.jpeg.startswith(b"\xff\xd8\xff")
        and master.jpeg.endswith(b"\xff\xd9")
    )


def distance(a: int, b: int) -> int:
    """The number of bits, of 64, in which two fingerprints differ."""
    return ((a ^ b) & (2**64 - 1)).bit_count()


def rendition_widths(width: int) -> tuple[int, ...]:
    """The widths, rising, that renditions of a master have; none is wider than the master."""
    return tuple(sorted({min(width, wanted) for wanted in WIDTHS}))


def height_at(width: int, *, of_width: int, of_height: int) -> int:
    """The height of a picture scaled to `width`."""
    return max(1, round(width * of_height / of_width))


def make_renditions(master: BinaryIO) -> Iterator[Rendition]:
    """Each width as AVIF and as JPEG, the widest first. `master` must be one of ours: it is decoded here."""
    picture = Image.open(master, formats=["JPEG"])
    size = picture.size
    xmp = XMP.format(publisher=escape(settings.SITE_URL)).encode()
    for width in reversed(rendition_widths(picture.width)):
        picture = scaled(picture, width, size)
        yield Rendition(width, "avif", encoded(picture, "AVIF", quality=60, speed=8, xmp=xmp))
        yield Rendition(width, "jpg", encoded(picture, "JPEG", quality=75, progressive=True, optimize=True, xmp=xmp))


def make_preview(master: BinaryIO, *, width: int) -> bytes:
    """A plain JPEG at most `width` wide, for pages the public does not see. `master` must be one of ours."""
    picture = Image.open(master, formats=["JPEG"])
    return encoded(scaled(picture, min(width, picture.width), picture.size), "JPEG", quality=75)


def scaled(picture: Image.Image, width: int, proportions: tuple[int, int]) -> Image.Image:
    """`proportions` are those of the first picture in a row of ever smaller ones, lest rounding add up."""
    picture.draft("RGB", (width, 1))  # by width alone, as the height may be rounded up past a clean half
    size = (width, height_at(width, of_width=proportions[0], of_height=proportions[1]))
    return picture.resize(size, Image.Resampling.LANCZOS)


def encoded(picture: Image.Image, form: str, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, form, **options)
    return file.getvalue()
