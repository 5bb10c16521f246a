"""Makes a safe master of a photo that a stranger sent.

The upload is never stored, and never decoded in this process (`core/pictures/decoding.py`).
"""

import io
import json
import re
import tempfile
from dataclasses import dataclass
from typing import BinaryIO

from django.utils.formats import number_format
from django.utils.functional import Promise, lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from PIL import Image

from core.pictures import decoder, renditions
from core.pictures.decoder import MASTER_SIDE, MAX_BYTES, MAX_PIXELS, MAX_SIDE, MIN_SIDE, Refusal
from core.pictures.decoding import Decoder

MESSAGES = {
    Refusal.EMPTY: _("This file is empty. Please choose the photo again."),
    Refusal.TOO_MANY_BYTES: format_lazy(
        _("This file is larger than {megabytes} MB. Please make the photo smaller and choose it again."),
        megabytes=MAX_BYTES // 1024**2,
    ),
    Refusal.NOT_A_PICTURE: _("We cannot read this file as a picture. Please choose a photo, such as a JPEG or HEIC."),
    Refusal.PDF: _("This is a PDF document. Please choose a photo, such as a JPEG or HEIC."),
    Refusal.FILM: _("This is a video. Please choose a photo, such as a JPEG or HEIC."),
    Refusal.JPEG_XL: _("This is a JPEG XL picture, which we cannot read. Please save it as JPEG first."),
    Refusal.RAW: _("This is a camera's raw file, which we cannot read. Please save it as JPEG first."),
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
    Refusal.CUT_OFF: _(
        "The end of this picture is missing, perhaps because it was not copied completely. Please choose it again."
    ),
    Refusal.BROKEN: _(
        "We could not read this picture: it is damaged or too complex. Please save it again as a JPEG, or choose "
        "another one."
    ),
}


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
    `fingerprints.distance`, or None for a picture too plain to have one.
    """

    jpeg: bytes
    width: int
    height: int
    colour: str
    fingerprint: int | None


def make_master(file: BinaryIO, *, by: Decoder | None = None) -> Master:
    """The master for an uploaded file, made by that decoder, or by one for this file alone.

    Raises PhotoRefused for whatever cannot become one, and TooBusy if the decoder has no time left.
    """
    if by is None:
        with Decoder() as for_one:
            return make_master(file, by=for_one)
    by.seconds_left()
    with tempfile.TemporaryFile() as upload:  # has no name, so that nothing stays behind
        copy_within_limits(file, upload)
        return read_answer(by.ask(upload))


def turned(jpeg: bytes, quarters: int) -> Master:
    """A master turned clockwise by one to three quarters. Raises FileNotFoundError if it is torn.

    It is ours, so it is decoded here.
    """
    # Pillow counts the other way round.
    transpose = {1: Image.Transpose.ROTATE_270, 2: Image.Transpose.ROTATE_180, 3: Image.Transpose.ROTATE_90}[quarters]
    picture = renditions.decoded(io.BytesIO(jpeg), MASTER_SIDE)[0].transpose(transpose)
    return Master(jpeg=decoder.encode(picture), **decoder.facts_of(picture))


def copy_within_limits(file: BinaryIO, upload: BinaryIO) -> None:
    """Copies `file` and rewinds the copy. Counts bytes, as a declared size proves nothing. Raises PhotoRefused."""
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


def read_answer(answer: bytes) -> Master:
    """Believes nothing unchecked: a hostile file may have taken over the decoder. Raises PhotoRefused."""
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
