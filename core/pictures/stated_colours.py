"""The colour spaces that a file states, as browsers read them."""

import io
import struct
import zlib
from collections.abc import Iterator

from PIL import Image

from core.pictures import colour_spaces, png_chunks
from core.pictures.colour_spaces import BT709, SRGB, Primaries

MAX_PROFILE = 4 * 1024 * 1024
GAMMAS = 0.1, 10  # those that make a picture, not a black or white sheet
GAMMA_TOLERANCE = 0.05  # that of libpng


def stated_profiles(picture: Image.Image, data: bytes) -> Iterator[bytes]:
    """ICC profiles, or SRGB, in order of precedence: the next counts if the one before does not fit the pixels."""
    if picture.format == "PNG":
        yield from profiles_of_png(png_chunks.about_colours(data))
    elif profile := picture.info.get("icc_profile"):
        yield profile
    elif nclx := nclx_of(picture, data):
        yield colour_spaces.profile_of(nclx["color_primaries"], nclx["transfer_characteristics"])


# PNG, third edition, 4.3: cICP, then iCCP, then sRGB, then gAMA with cHRM


def profiles_of_png(chunks: dict[bytes, bytes]) -> Iterator[bytes]:
    match list(chunks.get(b"cICP", b"")):
        case [primaries, transfer, 0, 1] if colour_spaces.are_known(primaries, transfer):  # RGB of full range
            yield colour_spaces.profile_of(primaries, transfer, like_bt709=colour_spaces.power(2.4))  # as in Chromium
    if b"iCCP" in chunks:
        yield unpacked_profile(chunks[b"iCCP"])
    if b"sRGB" in chunks:
        yield SRGB
    yield profile_of_gamma(chunks.get(b"gAMA", b""), chunks.get(b"cHRM", b""))


def unpacked_profile(content: bytes) -> bytes:
    _name, _end, packed = content.partition(b"\0")
    try:
        return zlib.decompressobj().decompress(packed[1:], MAX_PROFILE)  # after the byte that names the only method
    except zlib.error:
        return b"broken"


def profile_of_gamma(gama: bytes, chrm: bytes) -> bytes:
    """cHRM counts only with gAMA."""
    least, most = GAMMAS
    gamma = int.from_bytes(gama) / 100_000
    if len(gama) != 4 or not least <= gamma <= most or len(chrm) not in {0, 32}:
        return SRGB
    if not chrm and abs(gamma * 2.2 - 1) < GAMMA_TOLERANCE:
        return SRGB
    try:
        return colour_spaces.matrix_profile(primaries_of(chrm), colour_spaces.power(1 / gamma))
    except ValueError:
        return SRGB


def primaries_of(chrm: bytes) -> Primaries:
    if not chrm:
        return BT709
    values = [value / 100_000 for value in struct.unpack(">8I", chrm)]
    return Primaries(*zip(values[::2], values[1::2], strict=True))


# AVIF and HEIC


def nclx_of(picture: Image.Image, data: bytes) -> dict[str, int] | None:
    """The nclx box of the picture itself, not that of its alpha channel or gain map."""
    if picture.format != "AVIF":
        return picture.info.get("nclx_profile")
    import pillow_heif  # noqa: PLC0415  most pictures do without

    try:
        # Pillow's AVIF plugin does not expose it. This reads boxes and decodes nothing.
        return pillow_heif.open_heif(io.BytesIO(data)).info.get("nclx_profile")
    except Exception:  # noqa: BLE001 - it raises many kinds of errors for files that libavif takes
        return None
